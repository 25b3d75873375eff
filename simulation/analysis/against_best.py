"""Every system against the best of the others, and the probability of being the best.

Sources: Hsu (1984, 1996), *Multiple Comparisons: Theory and Methods*, ch. 4 (constrained intervals, and the
set of those that may be best); Clark and Yang (1986) and Nelson and Matejcik (1995), *Management Science*
41(12) (the same under common random numbers); Geisser and Cornfield (1963), *J. R. Statist. Soc. B* 25 (the
posterior of a mean vector under the prior |Sigma|^-k, which agrees with every paired t).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd
from scipy import special

from simulation.analysis.comparison import Measure
from simulation.analysis.estimates import Floats

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Against", "Chances", "against_the_best", "best", "by_scenario", "chances", "standings"]

DRAWS: Final = 4000
"""Draws from the posterior; the standard error of a probability is at most 0.8 percentage points."""
PORTION: Final = 500
"""Draws held at a time."""


class Against(NamedTuple):
    """Of each system: its mean less that of the best of the others, and the ends of its interval."""

    difference: Floats
    low: Floats
    high: Floats


class Chances(NamedTuple):
    """Of each system: probability of having the best mean, and of being within the zone of the best."""

    best: Floats
    good: Floats


def against_the_best(values: Floats, confidence: float = 0.95) -> Against:
    """Compare every system with the best of the others: multiple comparisons with the best.

    All intervals hold together with probability `confidence`, whatever the variances and however the systems
    rise and fall together: each difference is taken replication by replication, and the bounds of a system
    against its k - 1 rivals hold together by Bonferroni's inequality, one-sided (of k - 1 bounds and not of
    all pairs, for only those of the unknown best need to hold). An interval that ends at zero shows that a
    system is not the best; one that begins there, that it is.

    Parameters
    ----------
    values
        A row per replication, a column per system; more is better. Every value is finite.
    confidence
        Probability that no interval misses.

    Returns
    -------
    Against
        In the order of the columns; with one replication the interval has no end.

    Examples
    --------
    >>> found = against_the_best(np.array([[5.0, 8.0, 1.0], [7.0, 10.5, 3.0], [6.0, 8.5, 2.0]]))
    >>> found.difference.tolist()
    [-3.0, 3.0, -7.0]
    >>> found.low.round(2).tolist(), found.high.round(2).tolist()
    ([-4.24, 0.0, -8.24], [0.0, 4.24, 0.0])
    """
    number, systems = values.shape
    if systems == 1:
        return Against(np.zeros(1), np.zeros(1), np.zeros(1))
    lead, sd = paired(values)
    with np.errstate(invalid="ignore"):
        width = _reach(number, systems, confidence) * sd / np.sqrt(number)
    width = np.where(np.isnan(width), np.inf, width)  # one replication tells nothing
    itself = np.eye(systems, dtype=bool)
    high = np.maximum(np.where(itself, np.inf, lead + width).min(axis=1), 0.0)
    rivals = (high > 0) & ~itself
    low = np.where(rivals, lead - width, np.inf).min(axis=1)
    low = np.where(rivals.any(axis=1), np.minimum(low, 0.0), 0.0)
    return Against(np.where(itself, np.inf, lead).min(axis=1), low, high)


def paired(values: Floats) -> tuple[Floats, Floats]:
    """Mean lead of each system (row) over each other (column), and the sd of that difference.

    Parameters
    ----------
    values
        A row per replication, a column per system.

    Examples
    --------
    >>> lead, sd = paired(np.array([[5.0, 8.0], [7.0, 10.5], [6.0, 8.5]]))
    >>> float(lead[1, 0]), float(sd[1, 0])
    (3.0, 0.5)
    """
    apart = values[:, :, None] - values[:, None, :]
    mean = apart.mean(axis=0)
    if len(values) < 2:
        return mean, np.full_like(mean, np.nan)
    return mean, np.where((apart == apart[:1]).all(axis=0), 0.0, apart.std(axis=0, ddof=1))


def chances(values: Floats, zone: float, rng: np.random.Generator) -> Chances:
    """Draw mean vectors from their posterior, and count who has the best, and who is near it.

    The posterior is a multivariate t with n - 1 degrees of freedom about the means, scaled by their estimated
    covariance, so that what systems have in common under the same luck counts as such, and of two systems the
    probability is one minus the p-value of the one-sided paired t-test. It needs no more replications than
    systems. Systems with the same values in every replication share the probability of being best.

    Parameters
    ----------
    values
        A row per replication, a column per system; more is better. Every value is finite.
    zone
        Difference that does not matter, at least 0.
    rng
        Where the draws come from.

    Returns
    -------
    Chances
        In the order of the columns; NaN with fewer than two replications.

    Examples
    --------
    >>> from simulation.streams import generator
    >>> rng = generator(1, "example")
    >>> found = chances(np.array([[5.0, 8.0], [7.0, 10.5], [6.0, 8.5]]), 0.5, rng)
    >>> found.best.round(2).tolist()
    [0.0, 1.0]
    """
    number, systems = values.shape
    if number < 2:
        return Chances(np.full(systems, np.nan), np.full(systems, np.nan))
    distinct, which = np.unique(values, axis=1, return_inverse=True)
    mean = distinct.mean(axis=0)
    spread = (distinct - mean) / np.sqrt((number - 1) * number)
    firsts, near = np.zeros(len(mean)), np.zeros(len(mean))
    for _ in range(DRAWS // PORTION):
        scale = np.sqrt((number - 1) / rng.chisquare(number - 1, size=(PORTION, 1)))
        drawn = mean + scale * (rng.standard_normal((PORTION, number)) @ spread)
        firsts += np.bincount(drawn.argmax(axis=1), minlength=len(mean))
        near += (drawn >= drawn.max(axis=1, keepdims=True) - zone).sum(axis=0)
    share = np.bincount(which.ravel())
    return Chances((firsts / share / DRAWS)[which.ravel()], (near / DRAWS)[which.ravel()])


def standings(found: Against, zone: float) -> list[str]:
    """Say what an interval against the best shows; the first rule that holds.

    - ``best``: no other may be the best;
    - ``as good as the best``: short of the best by no more than the indifference zone, if at all;
    - ``not the best``: another is better;
    - ``may be the best``: none of these is shown.

    Parameters
    ----------
    found
        Intervals against the best.
    zone
        Difference that does not matter.

    Examples
    --------
    >>> low, high = np.array([-3.0, 0.0, -0.4]), np.array([0.0, 2.0, 0.0])
    >>> standings(Against(low, low, high), 0.5)
    ['not the best', 'best', 'as good as the best']
    """
    alone = (found.high > 0).sum() == 1
    return [
        "best"
        if alone and high > 0
        else "as good as the best"
        if low >= -zone
        else "not the best"
        if high <= 0
        else "may be the best"
        for low, high in zip(found.low, found.high, strict=True)
    ]


def by_scenario(results: pd.DataFrame, kpi: Measure) -> pd.DataFrame:
    """Lay one KPI out over all: a row per replication that all scenarios have a value in, a column for each.

    Parameters
    ----------
    results
        Columns scenario, replication, kpi, dimension, level, value; only the dimension ``all`` is read.
    kpi
        The KPI.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> frame = pd.DataFrame({"scenario": ["b", "a"], "replication": 0, "kpi": "solved", "dimension": "all",
    ...                       "level": "", "value": [2.0, 1.0]})
    >>> by_scenario(frame, SimpleNamespace(id="solved", direction=1, indifference=0.5)).to_dict("list")
    {'b': [2.0], 'a': [1.0]}
    """
    rows = results[(results["kpi"] == kpi.id) & (results["dimension"] == "all")]
    rows = rows.astype({"scenario": object})
    wide = rows.pivot(index="replication", columns="scenario", values="value").astype(np.float64)
    wide = wide[list(rows["scenario"].unique())]
    whole: pd.DataFrame = wide[np.isfinite(wide.to_numpy()).all(axis=1)]
    return whole


def best(
    results: pd.DataFrame,
    kpis: Sequence[Measure],
    confidence: float,
    rng: Callable[[str], np.random.Generator],
) -> pd.DataFrame:
    """Compare every scenario with the best of the others on every KPI that has a direction.

    The intervals of one KPI hold together; those of several KPIs are several families.

    Parameters
    ----------
    results
        As in `by_scenario`.
    kpis
        The KPIs, in the order wanted.
    confidence
        Probability that all intervals of a KPI cover.
    rng
        Gives the generator of the draws for the KPI of this id.

    Returns
    -------
    DataFrame
        One row per KPI and scenario: replications; mean; difference from the best of the others (above zero
        for the best, whatever the direction: how much better it is), low, high; probability_best and
        probability_good (within the indifference zone of the best); standing, as in `standings`.

    Examples
    --------
    >>> from simulation.streams import generator
    >>> from types import SimpleNamespace
    >>> rows = [("a", 0, 5.0), ("a", 1, 7.0), ("a", 2, 6.0), ("b", 0, 8.0), ("b", 1, 10.5), ("b", 2, 8.5)]
    >>> frame = pd.DataFrame(rows, columns=["scenario", "replication", "value"])
    >>> frame = frame.assign(kpi="wait", dimension="all", level="")
    >>> wait = SimpleNamespace(id="wait", direction=-1, indifference=0.5)
    >>> best(frame, [wait], 0.95, lambda name: generator(1, "example"))[
    ...     ["scenario", "difference", "standing"]].values.tolist()
    [['a', 3.0, 'best'], ['b', -3.0, 'not the best']]
    """
    tables = [pd.DataFrame(columns=list(COLUMNS))]
    for kpi in kpis:
        wide = by_scenario(results, kpi)
        if not kpi.direction or wide.empty:
            continue
        towards = kpi.direction * wide.to_numpy()
        found = against_the_best(towards, confidence)
        chance = chances(towards, kpi.indifference, rng(kpi.id))
        columns = (
            kpi.id, list(wide.columns), len(wide), wide.mean().to_numpy(), *found, *chance,
            standings(found, kpi.indifference),
        )  # fmt: skip
        tables.append(pd.DataFrame(dict(zip(COLUMNS, columns, strict=True))))
    return pd.concat(tables[1:], ignore_index=True) if tables[1:] else tables[0]


COLUMNS: Final = (
    "kpi", "scenario", "replications", "mean", "difference", "low", "high", "probability_best",
    "probability_good", "standing",
)  # fmt: skip


def _reach(number: int, systems: int, confidence: float) -> float:
    """One-sided t quantile of one out of k - 1 comparisons; NaN with one replication."""
    if number < 2:
        return float("nan")
    return float(special.stdtrit(number - 1, 1 - (1 - confidence) / (systems - 1)))
