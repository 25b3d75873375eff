"""What drives an effect: the effect of a policy shared among its parts, with intervals over replications.

Each replication is a game: its value for a set of parts is that of a KPI when these alone are carried out.
All sets spend the same random numbers, so that what a part adds is a paired difference. See
`simulation.analysis.games` for the shares and their sources.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulation.analysis.comparison import Measure, verdicts
from simulation.analysis.estimates import Floats, half_widths, moments
from simulation.analysis.games import Orders, along, interactions, shapley, shapley_along

__all__ = ["EXACT", "Attribution", "attribute", "waterfall"]

EXACT: Final = 8
"""Players up to which all coalitions are evaluated: 256 of them."""


Columns = dict[str, NDArray[Any]]


class Attribution(NamedTuple):
    """What all parts do together, what each brings, and which help or hinder each other."""

    totals: pd.DataFrame
    """By KPI: replications, baseline_mean, mean, difference, low, high, verdict; beyond, the difference less
    the sum of what each part does alone, with beyond_low and beyond_high."""
    contributions: pd.DataFrame
    """By KPI and player: replications, contribution (the Shapley value), low, high, verdict; first, what it
    does alone, and last, what is lost without it, with first_low, first_high, last_low and last_high."""
    pairs: pd.DataFrame
    """By KPI and pair of player and other: interaction, low, high, verdict; empty where orders were drawn."""


def attribute(
    results: pd.DataFrame,
    players: Sequence[str],
    kpis: Sequence[Measure],
    confidence: float = 0.95,
    drawn: Mapping[int, Orders] | None = None,
) -> Attribution:
    """Share the difference that a policy makes among its parts.

    With all coalitions, contributions are exact within a replication, and the intervals cover the luck of the
    replications. With orders that were drawn anew for each replication, a replication gives an unbiased
    estimate that is independent of the others, so that the same intervals cover both: luck and sampling.

    The intervals of a column hold together over players x KPIs (Bonferroni), those of the totals over KPIs,
    those of the pairs over pairs x KPIs.

    Parameters
    ----------
    results
        Columns coalition (a number, see `games`), replication, kpi, value: for each replication nobody, all,
        each player alone, all but each, and all other coalitions, or those along the orders of that
        replication. A replication in which a value is not finite is left out for that KPI.
    players
        The parts; player i is bit i of a coalition.
    kpis
        The KPIs wanted, in order.
    confidence
        Probability that all intervals of a family cover.
    drawn
        The orders of each replication; none: all coalitions are there.

    Raises
    ------
    ValueError
        When a coalition is missing.

    Examples
    --------
    Two players who bring 1 and 2 alone and 5 together, give or take the luck of a replication:

    >>> from types import SimpleNamespace
    >>> rows = [(s, r, "solved", 10 * r + worth) for r in (0, 1, 2) for s, worth in enumerate((0, 1, 2, 5))]
    >>> frame = pd.DataFrame(rows, columns=["coalition", "replication", "kpi", "value"])
    >>> solved = SimpleNamespace(id="solved", direction=1, indifference=0.5)
    >>> found = attribute(frame, ["a", "b"], [solved])
    >>> found.contributions[["player", "contribution", "first", "last", "verdict"]].values.tolist()
    [['a', 2.0, 1.0, 3.0, 'better'], ['b', 3.0, 2.0, 4.0, 'better']]
    >>> found.pairs[["player", "other", "interaction"]].values.tolist()
    [['a', 'b', 2.0]]
    """
    family = len(players) * len(kpis)
    pairs = list(combinations(players, 2)) if drawn is None else []
    totals, contributions, interacting = [], [], []
    for kpi in kpis:
        game = _game(results, kpi.id, len(players), drawn)
        levels = moments(np.stack([game.nobody, game.everybody]))
        effect = game.everybody - game.nobody
        row = {"baseline_mean": levels.mean[:1], "mean": levels.mean[1:]}
        row |= _stated("difference", effect[None], kpi, confidence, len(kpis))
        row |= _bounded("beyond", effect[None] - game.first.sum(axis=0), confidence, len(kpis))
        totals.append(_table(kpi.id, row))
        row = {"player": np.array(players, dtype=object)}
        row |= _stated("contribution", game.shares, kpi, confidence, family)
        row |= _bounded("first", game.first, confidence, family)
        row |= _bounded("last", game.last, confidence, family)
        contributions.append(_table(kpi.id, row))
        sides = np.array(pairs, dtype=object).reshape(-1, 2)
        row = {"player": sides[:, 0], "other": sides[:, 1]}
        row |= _stated("interaction", game.pairs, kpi, confidence, max(1, len(pairs) * len(kpis)))
        interacting.append(_table(kpi.id, row))
    return Attribution(
        *(pd.concat(parts, ignore_index=True) for parts in (totals, contributions, interacting))
    )


def waterfall(attribution: Attribution, kpi: str) -> pd.DataFrame:
    """Lay out the way from the mean without a policy to the mean with it, a step for each part.

    Parameters
    ----------
    attribution
        What `attribute` found.
    kpi
        One of its KPIs.

    Returns
    -------
    DataFrame
        A row per player: player, start, end, contribution, low, high, verdict, the largest gain first and the
        largest loss last. The first start is the mean of the baseline and the last end that of the policy,
        to the bit; each start is the end before it.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> rows = [(s, r, "solved", 10 * r + worth) for r in (0, 1, 2) for s, worth in enumerate((0, 1, 2, 5))]
    >>> frame = pd.DataFrame(rows, columns=["coalition", "replication", "kpi", "value"])
    >>> solved = SimpleNamespace(id="solved", direction=1, indifference=0.5)
    >>> steps = waterfall(attribute(frame, ["a", "b"], [solved]), "solved")
    >>> steps[["player", "start", "end"]].values.tolist()
    [['b', 10.0, 13.0], ['a', 13.0, 15.0]]
    """
    total = attribution.totals.set_index("kpi").loc[kpi]
    steps = attribution.contributions.query("kpi == @kpi")
    sign = -1.0 if total["difference"] < 0 else 1.0
    steps = steps.assign(along=sign * steps["contribution"]).sort_values(
        "along", ascending=False, kind="stable"
    )
    ends = total["baseline_mean"] + steps["contribution"].cumsum().to_numpy()
    ends[-1] = total["mean"]  # efficiency: nothing but rounding is between
    starts = np.concatenate([[total["baseline_mean"]], ends[:-1]])
    kept = ["player", "contribution", "low", "high", "verdict"]
    return steps[kept].assign(start=starts, end=ends).reset_index(drop=True)


class _Game(NamedTuple):
    """One KPI: a row per player or pair, a column per replication; NaN where a value is missing."""

    nobody: Floats
    everybody: Floats
    first: Floats
    last: Floats
    shares: Floats
    pairs: Floats


def _game(results: pd.DataFrame, kpi: str, players: int, drawn: Mapping[int, Orders] | None) -> _Game:
    """Read the values of one KPI; see `attribute`."""
    everybody, alone = 2**players - 1, 1 << np.arange(players)
    sides = np.concatenate([[0, everybody], alone, everybody ^ alone])
    parts = []
    for run, rows in results[results["kpi"] == kpi].groupby("replication"):
        known = rows.set_index("coalition")["value"].astype(np.float64)
        ends = _values(known, kpi, run, sides)
        if drawn is None:
            every = _values(known, kpi, run, np.arange(2**players))
            shares, pairs = shapley(every), interactions(every)
        else:
            order = drawn[int(str(run))]
            every = _values(known, kpi, run, along(order))
            shares, pairs = shapley_along(every, order), np.empty(0)
        usable = np.isfinite(ends).all() and np.isfinite(every).all()
        parts.append(np.concatenate([ends, shares, pairs]) + (0.0 if usable else np.nan))
    if not parts:
        raise ValueError(f"kpis: {kpi!r} has no row in the results; measure it, or leave it out")
    cuts = np.cumsum([1, 1, players, players, players])
    nobody, full, ones, others, shares, pairs = np.split(np.stack(parts, axis=1), cuts)
    return _Game(nobody[0], full[0], ones - nobody, full - others, shares, pairs)


def _values(known: pd.Series, kpi: str, run: object, coalitions: Orders) -> Floats:
    absent = np.setdiff1d(coalitions, known.index)
    if len(absent):
        raise ValueError(
            f"results: coalition {absent[0]} ({len(absent)} in all) has no value of {kpi!r} in replication "
            f"{run}; run it"
        )
    return known.to_numpy()[known.index.get_indexer(pd.Index(coalitions.ravel()))].reshape(coalitions.shape)


def _table(kpi: str, columns: Columns) -> pd.DataFrame:
    table = pd.DataFrame(columns)
    table.insert(0, "kpi", kpi)
    return table


def _bounded(name: str, values: Floats, confidence: float, family: int) -> Columns:
    """Mean of each row with its interval, as columns."""
    found = moments(values)
    half = half_widths(found, confidence, family)
    return {name: found.mean, f"{name}_low": found.mean - half, f"{name}_high": found.mean + half}


def _stated(name: str, values: Floats, kpi: Measure, confidence: float, family: int) -> Columns:
    """Give the same with the number of replications and a verdict."""
    found = moments(values)
    half = half_widths(found, confidence, family)
    directions, zones = np.full(len(values), kpi.direction), np.full(len(values), kpi.indifference)
    return {
        "replications": found.number,
        name: found.mean,
        "low": found.mean - half,
        "high": found.mean + half,
        "verdict": verdicts(found.mean, half, directions, zones),
    }
