"""What more costs more: cost and effect of every system against the baseline, and who is dominated.

Sources: Drummond et al. (2015), *Methods for the Economic Evaluation of Health Care Programmes*, 4th ed.,
ch. 4 (incremental ratios, dominance and extended dominance); Law (2015), ch. 10 (paired differences).
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd

from simulation.analysis.comparison import Measure, compare

__all__ = ["frontier", "incremental"]

Point = tuple[float, float]
COLUMNS: Final = (
    "scenario", "replications", "cost", "effect", "cost_difference", "cost_low", "cost_high",
    "effect_difference", "effect_low", "effect_high", "against_baseline", "per_effect", "status",
    "dominated_by", "step_per_effect",
)  # fmt: skip
WORDS: Final = {
    (-1, 1): "saves and gains",
    (1, 1): "pays and gains",
    (-1, -1): "saves and loses",
    (1, -1): "pays and loses",
}


def incremental(
    results: pd.DataFrame, baseline: str, cost: Measure, effect: Measure, confidence: float = 0.95
) -> pd.DataFrame:
    """Set what every scenario costs beside what it brings about, the baseline included.

    Differences from the baseline are taken replication by replication, and their intervals hold together over
    scenarios, cost and effect (Bonferroni). Who is dominated is decided by the means.

    Parameters
    ----------
    results
        Columns scenario, replication, kpi, dimension, level, value; only the dimension ``all`` is read.
    baseline
        Scenario with which the others are compared.
    cost
        The KPI of what is spent, such as ``cost``.
    effect
        The KPI of what is gained, more being better, such as ``resolved``.
    confidence
        Probability that all intervals cover.

    Returns
    -------
    DataFrame
        One row per scenario, by rising cost: replications; cost and effect, means; cost_difference and
        effect_difference with low and high; against_baseline: ``saves and gains``, ``pays and gains``,
        ``saves and loses`` or ``pays and loses`` where both intervals exclude zero, else ``not established``;
        per_effect: additional cost per additional unit of effect against the baseline, NaN unless both are
        above zero; status: ``on the frontier``, ``dominated`` (another costs no more and brings about no
        less) or ``extendedly dominated`` (a mix of two others does so); dominated_by: the others, joined by
        " and "; step_per_effect: additional cost per additional unit against the next cheaper on the
        frontier.

    Raises
    ------
    ValueError
        More of the effect is not better, or as `compare`.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> cost, effect = (SimpleNamespace(id=i, direction=d, indifference=0) for i, d in (("c", -1), ("e", 1)))
    >>> numbers = {"base": (10, 100), "more": (30, 110), "waste": (40, 105)}
    >>> rows = [(name, r, kpi, "all", "", value + r) for name, pair in numbers.items() for r in (0, 1)
    ...         for kpi, value in zip("ce", pair)]
    >>> columns = ["scenario", "replication", "kpi", "dimension", "level", "value"]
    >>> incremental(pd.DataFrame(rows, columns=columns), "base", cost, effect)[
    ...     ["scenario", "per_effect", "status", "dominated_by"]].values.tolist()[1:]
    [['more', 2.0, 'on the frontier', ''], ['waste', 6.0, 'dominated', 'more']]
    """
    if effect.direction != 1:
        raise ValueError(
            f"effect: of {effect.id!r} more is not better (direction {effect.direction}); use the number of "
            "needs resolved, or another KPI of direction 1"
        )
    table = compare(results, baseline, [cost, effect], confidence)
    costs, effects = (table[table["kpi"] == kpi.id].set_index("scenario") for kpi in (cost, effect))
    rows: dict[str, dict[str, object]] = {baseline: {"against_baseline": "", "per_effect": np.nan}}
    points: dict[str, Point] = {baseline: _baseline_means(results, baseline, cost, effect)}
    for name in costs.index:
        money, gain = costs.loc[name], effects.loc[name]
        signs = tuple(_sign(row["low"], row["high"]) for row in (money, gain))
        dearer = money["difference"] > 0 and gain["difference"] > 0
        rows[name] = {
            "replications": min(money["replications"], gain["replications"]),
            **{f"cost_{column}": money[column] for column in ("difference", "low", "high")},
            **{f"effect_{column}": gain[column] for column in ("difference", "low", "high")},
            "against_baseline": WORDS.get((signs[0], signs[1]), "not established"),
            "per_effect": money["difference"] / gain["difference"] if dearer else np.nan,
        }
        points[name] = (money["mean"], gain["mean"])
    found = frontier(points)
    for name, (spent, brought) in points.items():
        rows[name] |= {"scenario": name, "cost": spent, "effect": brought}
        rows[name] |= dict(zip(("status", "dominated_by", "step_per_effect"), found[name], strict=True))
    runs = results.loc[results["scenario"] == baseline, "replication"].nunique()
    zero = dict.fromkeys((column for column in COLUMNS[4:10]), 0.0)
    rows[baseline] |= {"replications": runs, **zero}
    ordered = pd.DataFrame([rows[name] for name in points], columns=list(COLUMNS))
    return ordered.sort_values(["cost", "effect"], ascending=[True, False], kind="stable", ignore_index=True)


def frontier(points: Mapping[str, Point]) -> dict[str, tuple[str, str, float]]:
    """Tell which of several (cost, effect) are worth their cost at some price of the effect.

    Parameters
    ----------
    points
        Cost and effect by name; more effect is better. Of equal points the first counts.

    Returns
    -------
    dict
        By name: status, the names that dominate it joined by " and ", and on the frontier the additional
        cost per additional unit of effect against the next cheaper one (NaN for the cheapest).

    Examples
    --------
    >>> points = {"none": (0.0, 0.0), "half": (8.0, 4.0), "full": (10.0, 10.0), "waste": (11.0, 9.0)}
    >>> found = frontier(points)
    >>> found["half"], found["full"], found["waste"][1]
    (('extendedly dominated', 'none and full', nan), ('on the frontier', '', 1.0), 'full')
    """
    order = sorted(points, key=lambda name: (points[name][0], -points[name][1]))
    found: dict[str, tuple[str, str, float]] = {}
    kept: list[str] = []
    for name in order:
        if kept and points[name][1] <= points[kept[-1]][1]:
            found[name] = ("dominated", kept[-1], np.nan)
        else:
            kept.append(name)
    hull: list[str] = []
    for name in kept:
        while len(hull) > 1 and _price(points, hull[-2], hull[-1]) > _price(points, hull[-1], name):
            hull.pop()
        hull.append(name)
    for name in set(kept) - set(hull):
        below = max((one for one in hull if points[one][0] < points[name][0]), key=hull.index)
        above = hull[hull.index(below) + 1]
        found[name] = ("extendedly dominated", f"{below} and {above}", np.nan)
    steps: Sequence[float] = [np.nan, *(_price(points, *pair) for pair in pairwise(hull))]
    for name, step in zip(hull, steps, strict=True):
        found[name] = ("on the frontier", "", step)
    return found


def _price(points: Mapping[str, Point], cheaper: str, dearer: str) -> float:
    (low, few), (high, many) = points[cheaper], points[dearer]
    return (high - low) / (many - few)


def _sign(low: float, high: float) -> int:
    return 1 if low > 0 else -1 if high < 0 else 0


def _baseline_means(results: pd.DataFrame, baseline: str, cost: Measure, effect: Measure) -> Point:
    rows = results[(results["scenario"] == baseline) & (results["dimension"] == "all")]
    means = [float(rows.loc[rows["kpi"] == kpi.id, "value"].mean()) for kpi in (cost, effect)]
    return means[0], means[1]
