"""How an outcome answers to what is varied: at each point, along each axis, and where two axes act together.

The same luck is spent at every point (common random numbers), so everything is worked out within each
replication first, and intervals are over replications: they cover the luck of the simulation, nothing else.

Sources: Law (2015), *Simulation Modeling and Analysis*, 5th ed., ch. 12 (designs, effects, interactions);
Kleijnen (2015), *Design and Analysis of Simulation Experiments*, 2nd ed., ch. 2 (regression metamodels under
common random numbers: fit each replication, then average).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulation.analysis.estimates import interval

__all__ = ["Metamodel", "at_points", "cube", "metamodel", "positions", "responses"]

BINS: Final = 8
"""Groups at most into which points are put along an axis on which each has a value of its own."""

Array = NDArray[np.float64]


def cube(values: pd.DataFrame, kpi: str, policies: Sequence[str], count: int) -> Array:
    """Arrange the values of one KPI as points x policies x replications; NaN where something failed.

    Parameters
    ----------
    values
        point, policy, replication, kpi, value.
    kpi
        Which one.
    policies
        In this order.
    count
        Number of points.

    Examples
    --------
    >>> row = {"point": 0, "policy": "baseline", "kpi": "fulfilment"}
    >>> values = pd.DataFrame([{**row, "replication": r, "value": v} for r, v in ((0, 0.5), (1, 0.7))])
    >>> cube(values, "fulfilment", ["baseline"], 1).tolist()
    [[[0.5, 0.7]]]
    """
    own = values[values["kpi"] == kpi]
    runs = int(own["replication"].max()) + 1 if len(own) else 1
    found = np.full((count, len(policies), runs), np.nan)
    places = own["policy"].map({name: place for place, name in enumerate(policies)})
    index = [column.to_numpy(dtype=np.int64) for column in (own["point"], places, own["replication"])]
    found[tuple(index)] = own["value"].to_numpy(dtype=np.float64)
    return found


def at_points(found: Array, policies: Sequence[str]) -> pd.DataFrame:
    """Estimate the mean at every point, and the gain over the first policy, replication by replication.

    Parameters
    ----------
    found
        As `cube` gives it.
    policies
        Their names, the baseline first.

    Returns
    -------
    DataFrame
        point, policy, mean, half_width, gain, gain_half_width, replications; NaN where there is too little.

    Examples
    --------
    >>> table = at_points(np.array([[[1.0, 2.0], [2.0, 3.0]]]), ["baseline", "more"])
    >>> table[["policy", "mean", "gain", "gain_half_width"]].values.tolist()
    [['baseline', 1.5, 0.0, 0.0], ['more', 2.5, 1.0, 0.0]]
    """
    rows = []
    for point, by_policy in enumerate(found):
        for place, policy in enumerate(policies):
            mean, half = _estimate(by_policy[place])
            gain, gain_half = _estimate(by_policy[place] - by_policy[0])
            rows.append(
                {
                    "point": point,
                    "policy": policy,
                    "mean": mean,
                    "half_width": half,
                    "gain": gain,
                    "gain_half_width": gain_half,
                    "replications": int(np.isfinite(by_policy[place]).sum()),
                }
            )
    return pd.DataFrame(rows)


def _estimate(runs: Array) -> tuple[float, float]:
    there = runs[np.isfinite(runs)]
    if not len(there):
        return float("nan"), float("nan")
    found = interval(list(there))
    return float(found.mean), float(found.half_width)


def responses(found: Array, values: Sequence[Any], policies: Sequence[str]) -> pd.DataFrame:
    """Follow each policy along one axis: means over the points that share a value, or lie close together.

    Points at which the axis is as configured are left out, unless it always is. Where there are more than
    eight values, neighbours are grouped evenly, and stand at the mean of their values.

    Parameters
    ----------
    found
        As `cube` gives it.
    values
        The value of the axis at each point.
    policies
        Their names, the baseline first.

    Returns
    -------
    DataFrame
        level (from 0), value, policy, mean, half_width, gain, gain_half_width, points.

    Examples
    --------
    >>> found = np.array([[[1.0, 2.0]], [[3.0, 4.0]], [[5.0, 6.0]]])
    >>> responses(found, [10, 10, 20], ["baseline"])[["value", "mean", "points"]].values.tolist()
    [[10.0, 2.5, 2.0], [20.0, 5.5, 1.0]]
    """
    rows = []
    for level, (value, members) in enumerate(_levels(values)):
        with np.errstate(invalid="ignore"):
            here = _mean_of_points(found[members])
        table = at_points(here[None], policies)
        rows += [
            {"level": level, "value": value, **row, "points": len(members)}
            for row in table.to_dict("records")
        ]
    frame = pd.DataFrame(rows)
    return frame[["level", "value", "policy", "mean", "half_width", "gain", "gain_half_width", "points"]]


def _mean_of_points(some: Array) -> Array:
    """Average over points within each replication; one in which a point failed is left out."""
    return np.asarray(some.mean(axis=0))


def _levels(values: Sequence[Any]) -> list[tuple[Any, list[int]]]:
    """Group points by the value of an axis, in order: numbers by size, words as they come."""
    groups: dict[str, tuple[Any, list[int]]] = {}
    for point, value in enumerate(values):
        if value is not None:
            groups.setdefault(repr(value), (value, []))[1].append(point)
    levels = list(groups.values())
    if not all(_is_number(value) for value, _ in levels):
        return levels
    levels.sort(key=lambda level: float(level[0]))
    if len(levels) <= BINS:
        return levels
    bins = np.array_split(np.arange(len(levels)), BINS)
    return [
        (float(np.mean([levels[n][0] for n in some])), [point for n in some for point in levels[n][1]])
        for some in bins
    ]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def positions(values: Sequence[Any]) -> Array:
    """Place the values of an axis between -1 (lowest) and 1 (highest); words in the order in which they come.

    Where it is as configured, the position is NaN.

    Examples
    --------
    >>> positions([10, 20, 15, None]).tolist(), positions(["paper", "online"]).tolist()
    ([-1.0, 1.0, 0.0, nan], [-1.0, 1.0])
    """
    known = [value for value in values if value is not None]
    if all(_is_number(value) for value in known):
        at = np.array([np.nan if value is None else float(value) for value in values])
    else:
        order = {name: place for place, name in enumerate(dict.fromkeys(map(repr, known)))}
        at = np.array([np.nan if value is None else float(order[repr(value)]) for value in values])
    low, high = np.nanmin(at), np.nanmax(at)
    return np.asarray((2 * at - low - high) / (high - low)) if high > low else np.zeros(len(at))


class Metamodel(NamedTuple):
    """An outcome as a plane of the axes, and the products of two of them."""

    effects: pd.DataFrame
    """axis, other (empty for a main effect), effect, low, high. A main effect is the change from the lowest
    to the highest value of the axis, the others in the middle; an interaction is how much larger that change
    is at the highest value of the other axis than at its lowest. Main effects first, the largest before."""
    explained: float
    """Share of the variance between points that it explains (R squared)."""


def metamodel(outcome: Array, at: Mapping[str, Array], confidence: float = 0.95) -> Metamodel | None:
    """Fit a plane with products to each replication, and average: effects with their intervals.

    Parameters
    ----------
    outcome
        Points x replications.
    at
        Positions of the points on each axis, as `positions` gives them.
    confidence
        Of each interval by itself.

    Returns
    -------
    Metamodel or None
        None where there are too few points, replications, or different values.

    Examples
    --------
    >>> a, b = (axis.ravel() for axis in np.meshgrid([-1.0, 0, 1], [-1.0, 0, 1]))
    >>> outcome = np.stack([3 * a + b + 2 * a * b, 3 * a + b + 2 * a * b], axis=1)
    >>> found = metamodel(outcome, {"a": a, "b": b})
    >>> found.effects[["axis", "other", "effect"]].values.tolist(), round(found.explained, 6)
    ([['a', '', 6.0], ['b', '', 2.0], ['a', 'b', 8.0]], 1.0)
    """
    names = [name for name, places in at.items() if np.isfinite(places).all() and np.ptp(places) > 0]
    runs = np.isfinite(outcome).all(axis=0)
    some = outcome[:, runs]
    pairs = list(combinations(names, 2))
    terms = [*((name, "") for name in names), *pairs]
    if not names or some.shape[1] < 2:
        return None
    matrix = _matrix(at, terms, len(outcome))
    if np.linalg.matrix_rank(matrix) < matrix.shape[1]:  # products cannot be told apart: a plane alone
        terms = terms[: len(names)]
        matrix = _matrix(at, terms, len(outcome))
        if np.linalg.matrix_rank(matrix) < matrix.shape[1] or len(outcome) <= matrix.shape[1]:
            return None
    fitted = np.linalg.lstsq(matrix, some, rcond=None)[0]
    centred = some.mean(axis=1)
    rest = centred - matrix @ fitted.mean(axis=1)
    spread = float(((centred - centred.mean()) ** 2).sum())
    rows = []
    for (axis, other), coefficients in zip(terms, fitted[1:], strict=True):
        found = interval(list(coefficients * (4.0 if other else 2.0)), confidence)
        low, high = found.mean - found.half_width, found.mean + found.half_width
        rows.append({"axis": axis, "other": other, "effect": found.mean, "low": low, "high": high})
    table = pd.DataFrame(rows)
    table = table.assign(second=table["other"] != "", size=-table["effect"].abs())
    effects = table.sort_values(["second", "size"], kind="stable", ignore_index=True)
    explained = 1.0 - float(rest @ rest) / spread if spread > 0 else float("nan")
    return Metamodel(effects.drop(columns=["second", "size"]), explained)


def _matrix(at: Mapping[str, Array], terms: Sequence[tuple[str, str]], count: int) -> Array:
    columns = [at[axis] * (at[other] if other else 1.0) for axis, other in terms]
    return np.column_stack([np.ones(count), *columns])
