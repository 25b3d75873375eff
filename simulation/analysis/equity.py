"""Who is better off under a policy, and who is worse off: by group, by place, by distance."""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from simulation.analysis.comparison import Measure, differences

__all__ = ["for_whom", "gainers_and_losers"]

GAIN: Final = {"better": "better", "worse": "worse", "no evidence": "alike", "too noisy": "not_known"}


def for_whom(
    results: pd.DataFrame,
    baseline: str,
    kpis: Sequence[Measure],
    dimensions: Sequence[str] = ("group", "place"),
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Compare every scenario with the baseline on every level of several dimensions at once.

    All intervals hold together, over scenarios x KPIs x the levels of all the dimensions, so that any row may
    be picked out after the fact: the group that loses, the place that gains most.

    Parameters
    ----------
    results, baseline, kpis, confidence
        As in `compare`; KPIs of direction 0 cannot say who is better off.
    dimensions
        Dimensions of the KPI table; those that the results do not have, such as ``distance`` in a scenario
        without any, are left out.

    Returns
    -------
    DataFrame
        The rows of `differences`, and ``gain``: how much better off the level is, in the unit of the KPI,
        below zero when it is worse off.

    Raises
    ------
    ValueError
        As `differences`, or when a KPI has no direction.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> rows = [(name, r, "wait", "group", level, days + r) for name, level, days in
    ...         (("base", "old", 9.0), ("base", "young", 9.0), ("app", "old", 12.0), ("app", "young", 4.0))
    ...         for r in (0, 1)]
    >>> frame = pd.DataFrame(rows, columns=["scenario", "replication", "kpi", "dimension", "level", "value"])
    >>> wait = SimpleNamespace(id="wait", direction=-1, indifference=0.5)
    >>> for_whom(frame, "base", [wait])[["level", "gain", "verdict"]].values.tolist()
    [['old', -3.0, 'worse'], ['young', 5.0, 'better']]
    """
    directions = {kpi.id: kpi.direction for kpi in kpis}
    aimless = [name for name, direction in directions.items() if direction == 0]
    if aimless:
        raise ValueError(f"kpis: {aimless[0]!r} has no direction; leave it out to say who is better off")
    known = set(results["dimension"].unique())
    table = differences(results, baseline, kpis, [name for name in dimensions if name in known], confidence)
    return table.assign(gain=table["difference"] * table["kpi"].map(directions).astype(float))


def gainers_and_losers(table: pd.DataFrame) -> pd.DataFrame:
    """Count the levels that are better or worse off, and name the one that gains most and the one least.

    Parameters
    ----------
    table
        The frame of `for_whom`.

    Returns
    -------
    DataFrame
        One row per scenario, KPI and dimension: better, worse, alike, not_known (numbers of levels); most,
        most_gain, least, least_gain: the levels and what they gain. Levels without a value are not counted.

    Examples
    --------
    >>> columns = {"scenario": "app", "kpi": "wait", "dimension": "group", "level": ["old", "young"]}
    >>> table = pd.DataFrame({**columns, "gain": [-3.0, 5.0], "verdict": ["worse", "better"]})
    >>> gainers_and_losers(table)[["better", "worse", "most", "least", "least_gain"]].values.tolist()
    [[1, 1, 'young', 'old', -3.0]]
    """
    rows = []
    for key, part in table[table["gain"].notna()].groupby(["scenario", "kpi", "dimension"], sort=False):
        ordered = part.sort_values("gain", kind="stable")
        levels, gains = ordered["level"].tolist(), ordered["gain"].tolist()
        counts = {name: int((part["verdict"] == verdict).sum()) for verdict, name in GAIN.items()}
        named = dict(zip(("scenario", "kpi", "dimension"), key, strict=True))
        ends = {"most": levels[-1], "most_gain": gains[-1], "least": levels[0], "least_gain": gains[0]}
        rows.append({**named, **counts, **ends})
    columns = ["scenario", "kpi", "dimension", *GAIN.values(), "most", "most_gain", "least", "least_gain"]
    return pd.DataFrame(rows, columns=columns)
