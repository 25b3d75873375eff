"""KPIs of coverage: who lives where a station is staffed, and how far the others have to go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.kpis.measures import Amount, Floats

if TYPE_CHECKING:
    from simulation.kpis.measured import Measured
    from simulation.layout import Layout, Phase

__all__ = ["Stretch", "contact_covered", "distance_to_station", "make_stretches", "veterans_covered"]


class Stretch(NamedTuple):
    """Who is covered between two moments."""

    start: float
    """Hours; each ends where the next one begins."""
    contact: Floats
    """Share of the first contacts that are at a staffed station: a row per need, a column per origin."""
    veterans: int
    """How many there are."""
    covered: float
    """Those registered where the own station is staffed."""
    way: float
    """Ways of all to the nearest staffed station, added up."""


def make_stretches(layout: Layout) -> tuple[Stretch, ...]:
    """Return who is covered, phase by phase.

    Examples
    --------
    >>> from simulation.kpis.examples import town
    >>> from simulation.layout import make_layout
    >>> [(stretch.veterans, stretch.covered) for stretch in make_stretches(make_layout(town(), 24.0))]
    [(100, 100.0)]
    """
    tree = layout.tree
    heads = np.array([place.veterans for place in tree.places], dtype=np.float64)
    homes = np.flatnonzero(heads)
    ways = [tree.above(home) for home in homes.tolist()]
    legs = [[tree.places[at].distance for at in way] for way in ways]
    found = []
    for phase in layout.phases:
        here = np.array(phase.staffed, dtype=np.float64)
        stations = [_station(phase, way) for way in ways]
        far = np.array([sum(leg[:station]) for leg, station in zip(legs, stations, strict=True)], np.float64)
        covered, way = float(here[homes] @ heads[homes]), float(far @ heads[homes])
        found.append(Stretch(phase.start, _contact(layout, phase, here), int(heads.sum()), covered, way))
    return tuple(found)


def _station(phase: Phase, way: Sequence[int]) -> int:
    """Find the nearest staffed station on the way up, else its end."""
    return next((number for number, at in enumerate(way) if phase.staffed[at]), len(way) - 1)


def _contact(layout: Layout, phase: Phase, here: Floats) -> Floats:
    table = np.zeros((len(phase.system.needs), len(here)))
    for number, need in enumerate(phase.system.needs):
        if not need.first_contact:
            table[number] = here
        for share in need.first_contact:
            table[number] += share.share * here[np.array(layout.tree.all_at_tier(share.of))]
    return table


def veterans_covered(measured: Measured) -> Amount:
    """Veterans registered at a place whose own station is staffed, of all veterans, over the window.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(veterans_covered)
    1.0
    """
    return _per_veteran(measured, [stretch.covered for stretch in measured.scheme.stretches])


def distance_to_station(measured: Measured) -> Amount:
    """Mean way from where veterans are registered to the nearest staffed station above, over the window.

    Where the own place is staffed the way is zero; where no place above is staffed either, it is the way to
    the top.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(distance_to_station)
    0.0
    """
    return _per_veteran(measured, [stretch.way for stretch in measured.scheme.stretches])


def _per_veteran(measured: Measured, sums: Sequence[float]) -> Amount:
    """Average sums over the veterans, and over the stretches by their time in the window."""
    window, stretches = measured.window, measured.scheme.stretches
    veterans = stretches[0].veterans
    if not veterans:
        return Amount(float("nan"), 0)
    ends = [*(stretch.start for stretch in stretches[1:]), np.inf]
    total = 0.0
    for stretch, end, value in zip(stretches, ends, sums, strict=True):
        hours = min(end, window.end) - max(stretch.start, window.start)
        if hours > 0:
            total += hours / window.hours * value / float(veterans)
    return Amount(total, veterans)


def contact_covered(
    stretches: Sequence[Stretch], need: NDArray[np.int32], origin: NDArray[np.int32], arrival: Floats
) -> Floats:
    """Return the share of the first contacts of each case that are at a staffed station.

    Parameters
    ----------
    stretches
        Who is covered.
    need, origin, arrival
        Columns of the cases; a case that arose before the run has none.

    Examples
    --------
    >>> half = Stretch(0.0, np.array([[0.5]]), 1, 0.5, 0.0)
    >>> contact_covered([half], np.zeros(2, np.int32), np.zeros(2, np.int32), np.array([-1.0, 1.0])).tolist()
    [0.0, 0.5]
    """
    starts = np.array([stretch.start for stretch in stretches])
    tables = np.stack([np.zeros_like(stretches[0].contact), *(stretch.contact for stretch in stretches)])
    return np.asarray(tables[np.searchsorted(starts, arrival, side="right"), need, origin])
