"""KPIs of equity: how unequal fulfilment and waiting are between groups, tiers, places and distances."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulation.kpis.contacts import WAIT_LIMIT, wait_first_contact
from simulation.kpis.measured import Measured
from simulation.kpis.measures import Across, Amount, Floats, Ratio, Wait
from simulation.kpis.needs import fulfilment
from simulation.kpis.survival import levels_of, restricted_means
from simulation.kpis.tabulation import tabulate

__all__ = [
    "ENOUGH",
    "fulfilment_gap",
    "fulfilment_gini",
    "fulfilment_ratio",
    "fulfilment_worst_tenth",
    "wait_gap",
    "wait_gini",
    "wait_ratio",
    "wait_worst_tenth",
]

ENOUGH = 0.01
"""A level with a smaller share of the needs than this is not compared with the others."""
DIMENSIONS = ("place", "group", "tier", "distance")
TENTH = 0.1


def fulfilment_gap(measured: Measured) -> Across:
    """Share of needs resolved where it is highest, less that where it is lowest.

    Over all, between places; and between groups, between tiers of first contact and between near and far. A
    level with less than a hundredth of the needs is left out.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(fulfilment_gap)
    0.0
    """
    return _across(measured, fulfilment(measured), _gap)


def fulfilment_ratio(measured: Measured) -> Across:
    """Share of needs resolved where it is lowest, over that where it is highest; 1 when all fare alike.

    Over all, between places; and between groups, between tiers of first contact and between near and far. A
    level with less than a hundredth of the needs is left out.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(fulfilment_ratio)
    1.0
    """
    return _across(measured, fulfilment(measured), _ratio)


def fulfilment_gini(measured: Measured) -> Amount:
    """Gini coefficient of the share of needs resolved, over the places where needs arise, by their needs.

    0 when every place fares alike, near 1 when all that is resolved is resolved at one. Part of it is chance,
    since a small place has few needs; it is the same chance under every policy.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(fulfilment_gini)
    0.0
    """
    return _gini(measured, *_fulfilment_at(measured))


def fulfilment_worst_tenth(measured: Measured) -> Amount:
    """Share of needs resolved in the places worst off that have a tenth of all needs between them.

    Of the last of these places only the part that makes up the tenth counts.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(fulfilment_worst_tenth)
    0.5
    """
    values, needs = _fulfilment_at(measured)
    return _worst_tenth(measured, values, needs, values)


def wait_gap(measured: Measured) -> Across:
    """Mean wait for the first contact where it is longest, less that where it is shortest, days.

    Waits are those of the KPI of the mean wait, those who were never met included. Over all, between places;
    and between groups, between tiers of first contact and between near and far. A level with less than a
    hundredth of the needs presented is left out.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(wait_gap)
    0.0
    """
    return _across(measured, wait_first_contact(measured, "mean"), _gap)


def wait_ratio(measured: Measured) -> Across:
    """Mean wait for the first contact where it is shortest, over that where it is longest; 1 when all alike.

    Waits are those of the KPI of the mean wait, those who were never met included. Over all, between places;
    and between groups, between tiers of first contact and between near and far. A level with less than a
    hundredth of the needs presented is left out.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(wait_ratio)
    1.0
    """
    return _across(measured, wait_first_contact(measured, "mean"), _ratio)


def wait_gini(measured: Measured) -> Amount:
    """Gini coefficient of the mean wait for the first contact, over the places where needs arise, by needs.

    0 when the wait is the same everywhere, near 1 when all the waiting is done at one place. Part of it is
    chance, since a small place has few needs; it is the same chance under every policy.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(wait_gini)
    0.0
    """
    return _gini(measured, *_waits_at(measured))


def wait_worst_tenth(measured: Measured) -> Amount:
    """Mean wait for the first contact in the places worst off that have a tenth of all needs between them.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> round(overall(wait_worst_tenth), 3)
    30.014
    """
    values, needs = _waits_at(measured)
    return _worst_tenth(measured, values, needs, -values)


def _across(measured: Measured, measure: Ratio | Wait, unequal: Callable[[Floats], float]) -> Across:
    found = {levels.dimension: levels for levels in tabulate(measured, measure)}
    names = tuple(name for name in DIMENSIONS if name in found)
    values = []
    for name in names:
        enough = (found[name].n > 0) & (found[name].n >= ENOUGH * found[name].n.sum())
        values.append(unequal(found[name].values[enough]))
    overall = found["all"]
    return Across(names, tuple(values), int(overall.n[0]), int(overall.censored[0]))


def _gap(values: Floats) -> float:
    return float(np.ptp(values)) if len(values) else float("nan")


def _ratio(values: Floats) -> float:
    if not len(values):
        return float("nan")
    return float(values.min() / values.max()) if values.max() > 0 else 1.0


def _fulfilment_at(measured: Measured) -> tuple[Floats, Floats]:
    """Share resolved and number of needs of every place where some arose."""
    chosen = measured.core
    origin = measured.cases["origin"]
    needs = np.bincount(origin[chosen]).astype(np.float64)
    resolved = np.bincount(origin[chosen & measured.resolved], minlength=len(needs))
    some = needs > 0
    return resolved[some] / needs[some], needs[some]


def _waits_at(measured: Measured) -> tuple[Floats, Floats]:
    """Mean wait and number of presented needs of every place where some arose."""
    times = measured.times("first contact")
    place = levels_of(times.case, measured.cases["origin"], measured.headline)
    count = len(measured.records.names.places)
    means = restricted_means(times.days, times.happened, place, count, WAIT_LIMIT)
    needs = np.bincount(place + 1, minlength=count + 1)[1:].astype(np.float64)
    return means[needs > 0], needs[needs > 0]


def _amount(measured: Measured, value: float) -> Amount:
    core = measured.core
    return Amount(value, int(core.sum()), int(np.sum(core & measured.open)))


def _gini(measured: Measured, values: Floats, weights: Floats) -> Amount:
    """Area between the line of equality and the Lorenz curve, doubled."""
    if not len(values):
        return _amount(measured, float("nan"))
    order = np.argsort(values, kind="stable")
    share = weights[order] / weights.sum()
    held = np.concatenate(([0.0], np.cumsum(share * values[order])))
    if held[-1] <= 0.0:
        return _amount(measured, 0.0)
    return _amount(measured, max(0.0, 1.0 - float(share @ (held[1:] + held[:-1])) / float(held[-1])))


def _worst_tenth(measured: Measured, values: Floats, weights: Floats, rank: Floats) -> Amount:
    """Mean over the places of lowest rank that hold a tenth of the weights."""
    if not len(values):
        return _amount(measured, float("nan"))
    order = np.argsort(rank, kind="stable")
    upto = np.minimum(np.cumsum(weights[order]) / weights.sum(), TENTH)
    parts = np.diff(upto, prepend=0.0)
    return _amount(measured, float(parts @ values[order]) / float(parts.sum()))
