"""KPIs of coverage: who lives where a station is staffed, and how far the others have to go."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from simulation.kpis.measured import Measured
from simulation.kpis.measures import Amount

if TYPE_CHECKING:
    from simulation.layout import Phase

__all__ = ["distance_to_station", "veterans_covered"]


def veterans_covered(measured: Measured) -> Amount:
    """Veterans registered at a place whose own station is staffed, of all veterans, over the window.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(veterans_covered)
    1.0
    """
    return _per_veteran(measured, lambda phase, place: float(phase.staffed[place]))


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
    tree = measured.layout.tree

    def way(phase: Phase, place: int) -> float:
        up = tree.above(place)
        station = next((number for number, at in enumerate(up) if phase.staffed[at]), len(up) - 1)
        return sum(tree.places[at].distance for at in up[:station])

    return _per_veteran(measured, way)


def _per_veteran(measured: Measured, value: Callable[[Phase, int], float]) -> Amount:
    """Average a property of places over their veterans, and over the phases by their time in the window."""
    layout, window = measured.layout, measured.window
    heads = np.array([place.veterans for place in layout.tree.places], dtype=np.float64)
    homes = np.flatnonzero(heads)
    if not len(homes):
        return Amount(float("nan"), 0)
    ends = [*(phase.start for phase in layout.phases[1:]), np.inf]
    total = 0.0
    for phase, end in zip(layout.phases, ends, strict=True):
        hours = min(end, window.end) - max(phase.start, window.start)
        if hours > 0:
            values = np.array([value(phase, place) for place in homes.tolist()])
            total += hours / window.hours * float(values @ heads[homes]) / float(heads.sum())
    return Amount(total, int(heads.sum()))
