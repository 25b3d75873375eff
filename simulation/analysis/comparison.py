"""Several systems against a baseline: paired differences, simultaneous intervals, verdicts."""

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulation.analysis.estimates import Floats, half_widths, moments, replications_for

__all__ = ["Measure", "compare", "differences", "pairwise", "verdicts"]

ALL: Final = "all"
COLUMNS: Final = (
    "scenario", "kpi", "dimension", "level", "replications", "baseline_mean", "mean", "difference",
    "half_width", "low", "high", "variance_reduction", "verdict", "replications_needed",
)  # fmt: skip


class Measure(Protocol):
    """What a verdict has to know about a KPI."""

    @property
    def id(self) -> str:
        """Name in the column `kpi`."""

    @property
    def direction(self) -> int:
        """+1 when higher is better, -1 when lower is better, 0 when neither is."""

    @property
    def indifference(self) -> float:
        """Smallest difference that matters, in the unit of the KPI."""


def compare(
    results: pd.DataFrame, baseline: str, kpis: Sequence[Measure], confidence: float = 0.95
) -> pd.DataFrame:
    """Compare every scenario with the baseline on every KPI, all intervals holding together.

    Differences are taken replication by replication (paired-t), because common random numbers make both sides
    of a pair rise and fall together; the intervals are simultaneous over scenarios x KPIs (Bonferroni): with
    probability `confidence` none of them misses. The first rule that holds gives the verdict:

    - ``no evidence``: the whole interval lies within the indifference zone;
    - ``better`` or ``worse``: it excludes zero on that side (``differs`` for a KPI without direction);
    - ``too noisy``: it includes zero and reaches beyond the zone. The replications are given with which one
      of the others would hold, were the mean and the spread to stay as they are.

    Parameters
    ----------
    results
        Columns scenario, replication, kpi, dimension, level, value; only the dimension ``all`` is read.
    baseline
        Scenario with which the others are compared.
    kpis
        The KPIs compared, in the order wanted: they make up the family of intervals.
    confidence
        Probability that all intervals cover.

    Returns
    -------
    DataFrame
        One row per scenario and KPI: replications (pairs in which both values are finite), baseline_mean,
        mean, difference, half_width, low, high, variance_reduction (variance of the difference if both were
        independent, over its variance when paired), verdict, replications_needed (for ``too noisy``). With
        fewer than two pairs the interval is NaN and the verdict ``too noisy``.

    Raises
    ------
    ValueError
        The baseline, a KPI or a replication of a scenario is missing, or a row occurs twice.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> rows = [("a", 0, 5.0), ("a", 1, 7.0), ("a", 2, 6.0), ("b", 0, 8.0), ("b", 1, 10.5), ("b", 2, 8.5)]
    >>> frame = pd.DataFrame(rows, columns=["scenario", "replication", "value"])
    >>> frame = frame.assign(kpi="solved", dimension="all", level="")
    >>> compare(frame, "a", [SimpleNamespace(id="solved", direction=1, indifference=0.5)])[
    ...     ["scenario", "difference", "verdict"]].values.tolist()
    [['b', 3.0, 'better']]
    """
    wide = _by_replication(results, baseline, kpis, ALL)
    others = [name for name in wide.columns.unique(level=0) if name != baseline]
    table = _paired(wide, baseline, others, kpis, ALL, confidence, len(others) * len(wide))
    return table.drop(columns=["dimension", "level"])


def differences(
    results: pd.DataFrame,
    baseline: str,
    kpis: Sequence[Measure],
    dimension: str | Sequence[str],
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Compare every scenario with the baseline within each level of a dimension: for whom, and where.

    Parameters
    ----------
    results, baseline, kpis, confidence
        As in `compare`. The family of intervals is scenarios x KPIs x levels of these dimensions.
    dimension
        One or several of the dimensions of the KPI table: ``group``, ``tier``, ``place``, ``need`` ...

    Returns
    -------
    DataFrame
        The columns of `compare` and dimension, level.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> rows = [("a", 0, 5.0), ("a", 1, 7.0), ("a", 2, 6.0), ("b", 0, 5.0), ("b", 1, 7.0), ("b", 2, 6.0)]
    >>> frame = pd.DataFrame(rows, columns=["scenario", "replication", "value"])
    >>> frame = frame.assign(kpi="solved", dimension="group", level="under 60")
    >>> differences(frame, "a", [SimpleNamespace(id="solved", direction=1, indifference=0.5)], "group")[
    ...     ["level", "difference", "half_width", "verdict"]].values.tolist()
    [['under 60', 0.0, 0.0, 'no evidence']]
    """
    names = [dimension] if isinstance(dimension, str) else list(dimension)
    parts = [_by_replication(results, baseline, kpis, name) for name in names]
    others = [name for name in results["scenario"].unique() if name != baseline]
    family = len(others) * sum(len(wide) for wide in parts)
    tables = [
        _paired(wide, baseline, others, kpis, name, confidence, family)
        for name, wide in zip(names, parts, strict=True)
    ]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(COLUMNS))


def pairwise(
    results: pd.DataFrame, scenarios: Sequence[str], kpi: Measure, confidence: float = 0.95
) -> pd.DataFrame:
    """Compare every two scenarios with each other on one KPI: whether the lead of one is established.

    All intervals hold together (Bonferroni over the pairs), so that the lead of the scenario that came out
    best may be read off although it was chosen after seeing the results.

    Parameters
    ----------
    results, confidence
        As in `compare`.
    scenarios
        The scenarios to compare with each other, at least one.
    kpi
        The KPI that decides.

    Returns
    -------
    DataFrame
        The columns of `compare` and ``other``: a row for each ordered pair; the difference is that of
        ``scenario`` from ``other``.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> rows = [("a", 0, 5.0), ("a", 1, 7.0), ("a", 2, 6.0), ("b", 0, 8.0), ("b", 1, 10.5), ("b", 2, 8.5)]
    >>> frame = pd.DataFrame(rows, columns=["scenario", "replication", "value"])
    >>> frame = frame.assign(kpi="solved", dimension="all", level="")
    >>> pairwise(frame, ["a", "b"], SimpleNamespace(id="solved", direction=1, indifference=0.5))[
    ...     ["scenario", "other", "difference", "verdict"]].values.tolist()
    [['b', 'a', 3.0, 'better'], ['a', 'b', -3.0, 'worse']]
    """
    wide = _by_replication(results, scenarios[0], [kpi], ALL)
    pairs = max(1, len(scenarios) * (len(scenarios) - 1) // 2)
    tables = [
        _paired(wide, name, [other for other in scenarios if other != name], [kpi], ALL, confidence, pairs)
        .drop(columns=["dimension", "level"])
        .assign(other=name)
        for name in scenarios
    ]
    return pd.concat(tables, ignore_index=True)


def _paired(
    wide: pd.DataFrame,
    baseline: str,
    others: Sequence[str],
    kpis: Sequence[Measure],
    dimension: str,
    confidence: float,
    comparisons: int,
) -> pd.DataFrame:
    """Difference from the baseline, one row per scenario, KPI and level; see `compare`."""
    measures = [kpi for kpi in kpis for key in wide.index if key[0] == kpi.id]
    standard = wide[baseline].to_numpy()
    directions = np.array([kpi.direction for kpi in measures])
    zones = np.array([kpi.indifference for kpi in measures])
    tables = [pd.DataFrame(columns=list(COLUMNS))]
    for name in others:
        values = wide[name].to_numpy()
        both = np.isfinite(values) & np.isfinite(standard)
        before, after = (moments(np.where(both, side, np.nan)) for side in (standard, values))
        with np.errstate(invalid="ignore"):  # inf - inf is left out by `both`
            change = moments(np.where(both, values - standard, np.nan))
        half = half_widths(change, confidence, comparisons)
        said = verdicts(change.mean, half, directions, zones)
        with np.errstate(divide="ignore", invalid="ignore"):
            reduction = (before.sd**2 + after.sd**2) / change.sd**2
        ask = (said == "too noisy") & np.isfinite(change.sd) & (zones > 0)
        telling = np.maximum(np.abs(change.mean), zones - np.abs(change.mean))
        needed = [
            replications_for(sd, width, confidence, comparisons) if wanted else pd.NA
            for sd, width, wanted in zip(change.sd, telling, ask, strict=True)
        ]
        columns = (
            name, [key[0] for key in wide.index], dimension, [key[1] for key in wide.index], change.number,
            before.mean, after.mean, change.mean, half, change.mean - half, change.mean + half, reduction,
            said, pd.array(needed, dtype="Int64"),
        )  # fmt: skip
        tables.append(pd.DataFrame(dict(zip(COLUMNS, columns, strict=True))))
    return pd.concat(tables[1:], ignore_index=True) if others else tables[0]


def verdicts(
    difference: Floats, half: Floats, directions: NDArray[np.int64], zones: Floats
) -> NDArray[np.str_]:
    """Say in words what an interval shows; the order of the rules is that of the docstring of `compare`.

    Parameters
    ----------
    difference, half
        The middle and the half-width of each interval; NaN where it is not known.
    directions, zones
        Direction of each KPI, and the smallest difference that matters.

    Examples
    --------
    >>> verdicts(np.array([3.0, 0.1]), np.array([1.0, 0.2]), np.array([1, 1]), np.array([0.5, 0.5])).tolist()
    ['better', 'no evidence']
    """
    low, high = difference - half, difference + half
    gain = np.where(directions == 0, "differs", np.where(directions * difference > 0, "better", "worse"))
    return np.select(
        [np.isnan(half), (low >= -zones) & (high <= zones), (low > 0) | (high < 0)],
        ["too noisy", "no evidence", gain],
        default="too noisy",
    )


def _by_replication(
    results: pd.DataFrame, baseline: str, kpis: Sequence[Measure], dimension: str
) -> pd.DataFrame:
    """Lay the values out: a row per (kpi, level), in that order, and a column per (scenario, replication)."""
    keys = ["kpi", "level", "scenario", "replication"]
    ids = [kpi.id for kpi in kpis]
    rows = results.loc[results["kpi"].isin(ids) & (results["dimension"] == dimension), [*keys, "value"]]
    rows = rows.astype({"kpi": object, "level": object, "scenario": object, "value": np.float64})
    absent = [name for name in ids if name not in set(rows["kpi"])]
    if absent:
        known = sorted(set(results.loc[results["dimension"] == dimension, "kpi"]))
        raise ValueError(
            f"kpis: {absent[0]!r} has no row of dimension {dimension!r}; use {', '.join(known) or 'another'}"
        )
    scenarios = list(rows["scenario"].unique())
    if baseline not in scenarios:
        raise ValueError(f"baseline: {baseline!r} is not in the results; there are {', '.join(scenarios)}")
    twice = rows[rows.duplicated(keys)]
    if len(twice):
        raise ValueError(f"results: {tuple(twice.iloc[0][keys])} occurs twice; give each replication once")
    _check_pairs(rows, baseline)
    wide = rows.pivot(index=["kpi", "level"], columns=["scenario", "replication"], values="value")
    order = rows[["kpi", "level"]].drop_duplicates()
    order = order.assign(place=order["kpi"].map(ids.index)).sort_values("place", kind="stable")
    return wide.loc[pd.MultiIndex.from_frame(order[["kpi", "level"]]), scenarios]


def _check_pairs(rows: pd.DataFrame, baseline: str) -> None:
    """Refuse scenarios that did not run the replications of the baseline: they cannot be paired."""
    ran = rows.groupby("scenario", sort=False)["replication"].agg(set)
    for name, replications in ran.items():
        odd = sorted(replications ^ ran[baseline])
        if odd:
            raise ValueError(
                f"results: scenario {name!r} and baseline {baseline!r} differ in replication {odd[0]} "
                f"({len(odd)} in all); run the same replications of both"
            )
