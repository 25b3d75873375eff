"""KPIs of co-production: what volunteers work, and what it takes to supervise them."""

from __future__ import annotations

import numpy as np

from simulation.kpis.measured import Measured
from simulation.kpis.measures import Amount, Floats, Total
from simulation.kpis.workload import PER_YEAR

__all__ = [
    "supervision_hours",
    "volunteer_hours",
    "volunteer_hours_net",
    "volunteer_part",
]

PER_VETERANS = 1000.0


def volunteer_hours(measured: Measured) -> Total:
    """Hours that volunteers worked on cases in the window.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(volunteer_hours)
    0.0
    """
    return _hours(measured, _given(measured))


def supervision_hours(measured: Measured) -> Total:
    """Hours worked in the window on supervising volunteers: on cases of needs initiated by supervision.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(supervision_hours)
    0.0
    """
    return _hours(measured, _taken(measured))


def volunteer_hours_net(measured: Measured) -> Total:
    """Hours that volunteers worked in the window, less the hours that supervising them took.

    Below zero, volunteers cost the staff more time than they give. The hours of a volunteer count in full,
    however fast they work.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(volunteer_hours_net)
    0.0
    """
    return _hours(measured, _given(measured) - _taken(measured))


def volunteer_part(measured: Measured) -> Amount:
    """Hours that volunteers worked in the window, per 1,000 veterans and year: how far veterans take part.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(volunteer_part)
    0.0
    """
    veterans = sum(place.veterans for place in measured.layout.tree.places)
    if not veterans:
        return Amount(float("nan"), 0)
    years = measured.window.hours / PER_YEAR
    return Amount(float(_given(measured).sum()) * PER_VETERANS / veterans / years, veterans)


def _hours(measured: Measured, hours: Floats) -> Total:
    load = measured.workload
    return Total(hours, load.spells, load.unfinished, of="staff")


def _given(measured: Measured) -> Floats:
    """Hours of volunteers; an item per staff group."""
    return np.where(measured.scheme.staff.volunteer, measured.workload.worked, 0.0)


def _taken(measured: Measured) -> Floats:
    """Hours of supervision by those who are no volunteers; an item per staff group."""
    return np.where(measured.scheme.staff.volunteer, 0.0, measured.workload.supervising)
