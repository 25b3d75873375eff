"""What one more unit of something brings, for what it costs; and which of several is taken next.

Sources: Fox (1966), "Discrete optimization via marginal analysis", *Management Science* 13(3) (take the unit
with the largest gain for its cost); Law (2015), ch. 10 and 11 (paired differences, common random numbers).
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from simulation.analysis.comparison import Measure, compare
from simulation.analysis.estimates import Floats
from simulation.analysis.incremental import frontier

__all__ = ["SUM", "cheapest_gain", "frontiers", "marginal"]

SUM = 10_000.0
"""Yuan for which an effect is stated."""


def marginal(
    results: pd.DataFrame,
    baseline: str,
    kpis: Sequence[Measure],
    costs: Mapping[str, float],
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Compare every change with the baseline on every KPI, also for what it costs.

    Parameters
    ----------
    results, baseline, kpis, confidence
        As in `compare`: paired differences, all intervals holding together.
    costs
        Known cost of each scenario more than the baseline's, yuan; below zero where it saves.

    Returns
    -------
    DataFrame
        The columns of `compare`, then cost, and gain with gain_low and gain_high: how much better for 10,000
        yuan spent, in the unit of the KPI; below zero where it is worse; for what saves: how much better for
        10,000 yuan saved. NaN where there is no cost, or the KPI has no direction.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> rows = [("now", 0, 5.0), ("now", 1, 7.0), ("more", 0, 4.0), ("more", 1, 6.0)]
    >>> frame = pd.DataFrame(rows, columns=["scenario", "replication", "value"])
    >>> frame = frame.assign(kpi="wait", dimension="all", level="")
    >>> wait = SimpleNamespace(id="wait", direction=-1, indifference=0.25)
    >>> marginal(frame, "now", [wait], {"more": 50_000.0})[["difference", "cost", "gain"]].values.tolist()
    [[-1.0, 50000.0, 0.2]]
    """
    table = compare(results, baseline, kpis, confidence)
    signs = table["kpi"].map({kpi.id: float(kpi.direction) for kpi in kpis})
    spent = table["scenario"].map(costs).astype(np.float64)
    each = (signs / (spent.abs() / SUM)).where((spent != 0.0) & (signs != 0.0))
    ends = pd.DataFrame({"one": table["low"] * each, "other": table["high"] * each})
    return table.assign(
        cost=spent,
        gain=table["difference"] * each,
        gain_low=ends.min(axis=1, skipna=False),
        gain_high=ends.max(axis=1, skipna=False),
    )


def cheapest_gain(
    values: Mapping[str, Sequence[float] | Floats],
    now: Sequence[float] | Floats,
    limits: Sequence[float],
    zones: Sequence[float],
    costs: Mapping[str, float],
) -> str | None:
    """Choose the change that brings most, for its cost, towards limits that are not kept.

    A gain counts as far as the limit and no further, measured in the zone of its limit, and the gains of all
    limits are added (Fox 1966).

    Parameters
    ----------
    values
        For each change, the mean of each quantity with it; each shall be at most its limit.
    now, limits, zones
        The means without a change, the limits, and the smallest differences that matter.
    costs
        What each change costs, above zero.

    Returns
    -------
    str or None
        The change; of equals the first. None where none brings anything.

    Examples
    --------
    >>> cheapest_gain({"dear": [6.0], "cheap": [8.0]}, [12.0], [5.0], [1.0], {"dear": 3.0, "cheap": 1.0})
    'cheap'
    """
    over = np.maximum(0.0, np.subtract(now, limits))
    best, most = None, 0.0
    for name, means in values.items():
        left = np.maximum(0.0, np.subtract(means, limits))
        with np.errstate(invalid="ignore"):  # what was infinite and stays so brings nothing
            gain = float(np.nansum(np.minimum((over - left) / np.asarray(zones), 1e6))) / costs[name]
        if gain > most:
            best, most = name, gain
    return best


def frontiers(
    means: pd.DataFrame, kpis: Sequence[Measure], costs: Mapping[str, float]
) -> dict[str, tuple[str, ...]]:
    """Find, for each KPI, the scenarios that none beats: no other costs no more and is no worse.

    Parameters
    ----------
    means
        A row for each scenario, a column for each KPI.
    kpis
        The KPIs; those without a direction have no frontier.
    costs
        Cost of each scenario.

    Returns
    -------
    dict
        By KPI: the scenarios that are not dominated, by rising cost.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> wait = SimpleNamespace(id="wait", direction=-1, indifference=0.25)
    >>> means = pd.DataFrame({"wait": [5.0, 5.5, 4.0]}, index=["now", "waste", "more"])
    >>> frontiers(means, [wait], {"now": 0.0, "waste": 2.0, "more": 3.0})
    {'wait': ('now', 'more')}
    """
    found = {}
    for kpi in kpis:
        column = means[kpi.id]
        points = {
            str(name): (costs[str(name)], kpi.direction * float(value))
            for name, value in column.items()
            if np.isfinite(value)
        }
        if kpi.direction and points:
            kept = [name for name, (status, _, _) in frontier(points).items() if status != "dominated"]
            found[kpi.id] = tuple(sorted(kept, key=lambda name: points[name]))
    return found
