"""How busy staff were: work clipped to the window and to opening hours, against the heads on duty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulation.kpis.measures import Dimension, Floats
from simulation.kpis.window import Window

if TYPE_CHECKING:
    from simulation.kpis.measured import Measured

__all__ = ["Workload", "make_workload", "month_edges"]

PER_YEAR = 8760.0
"""Hours of the year for which a head's annual cost is paid."""


@dataclass(frozen=True)
class Workload:
    """Work in the window; arrays have an item per staff group unless they say otherwise.

    A spell is a visit on which a team began to work, alone or with others, cut at the edges of the window.
    """

    busy: Floats
    """Hours worked within opening hours."""
    overtime: Floats
    """Hours worked outside opening hours, none where work pauses at closing time."""
    worked: Floats
    """Hours worked, both together."""
    supervising: Floats
    """Hours of these on needs that are the supervision of volunteers."""
    spells: Floats
    unfinished: Floats
    """Spells still under way at the horizon."""
    duty: Floats
    """Head-hours on duty."""
    pay: Floats
    """Cost of the heads, yuan, on duty or not, and of overtime.

    Nobody is paid for an empty post; whoever is away is paid."""
    months: tuple[int | str, ...]
    """The months that the window touches: their numbers; year and month in a window of more than twelve."""
    monthly_busy: Floats
    """Hours within opening hours: a row per role, a column per month."""
    monthly_duty: Floats
    """Head-hours on duty: the same."""
    dimensions: tuple[Dimension, ...]
    """How staff groups are divided into levels."""


def month_edges(start: date, window: Window) -> tuple[Floats, tuple[int | str, ...]]:
    """Return the edges of the months that the window touches, cut to it (hours), and how they are called.

    Parameters
    ----------
    start
        The day at which time 0 begins.
    window
        The measured stretch.

    Examples
    --------
    >>> edges, months = month_edges(date(2026, 1, 5), Window(24.0, 60 * 24.0))
    >>> edges.tolist(), months
    ([24.0, 648.0, 1320.0, 1440.0], (1, 2, 3))
    """
    day = (start + timedelta(hours=window.start)).replace(day=1)
    edges, firsts = [window.start], [day]
    while True:
        day = (day + timedelta(days=31)).replace(day=1)
        hour = (day - start).days * 24.0
        if hour >= window.end:
            break
        edges.append(hour)
        firsts.append(day)
    named = tuple(first.month if len(firsts) <= 12 else f"{first:%Y-%m}" for first in firsts)
    return np.array([*edges, window.end], dtype=np.float64), named


def make_workload(measured: Measured) -> Workload:
    """Add up the work in the window.

    Examples
    --------
    >>> from simulation.kpis.examples import worked_example
    >>> make_workload(worked_example()).busy.tolist()
    [2.0, 4.0]
    """
    from simulation.kpis._loops.hours import add_work

    scheme, visits = measured.scheme, measured.visits
    calendars, staff = scheme.calendars, scheme.staff
    edges, months = month_edges(measured.scenario.start, measured.window)
    totals = np.zeros((6, len(staff.role)))
    busy, duty = np.zeros((2, len(staff.roles), len(months)))
    add_work(
        calendars.hours, calendars.staff, visits["case"], visits["activity"], visits["staff"],
        visits["started"], visits["ended"],
        scheme.activities.pausing, scheme.supervision[measured.cases["need"]], measured.records.horizon,
        edges, staff.role, totals, busy,
    )  # fmt: skip
    units = measured.roster.staff
    on_duty = _integrals([(unit.times, unit.capacity) for unit in units], edges)
    in_post = _integrals([(unit.times, unit.planned) for unit in units], edges[[0, -1]])
    np.add.at(duty, staff.role, np.diff(on_duty))
    pay = np.diff(in_post)[:, 0] * staff.annual_cost / PER_YEAR + totals[1] * staff.overtime_cost
    hours = on_duty[:, -1] - on_duty[:, 0]
    within, outside, both, supervising, spells, unfinished = totals
    return Workload(
        busy=within,
        overtime=outside,
        worked=both,
        supervising=supervising,
        spells=spells,
        unfinished=unfinished,
        duty=hours,
        pay=pay,
        months=months,
        monthly_busy=busy,
        monthly_duty=duty,
        dimensions=staff.dimensions,
    )


def _integrals(heads: Sequence[tuple[Floats, NDArray[np.int64]]], edges: Floats) -> Floats:
    """Integrate steps of heads from time 0 to the edges: head-hours, a row for each."""
    from simulation.kpis._loops.hours import add_heads

    hours = np.empty((len(heads), len(edges)))
    for (times, number), row in zip(heads, hours, strict=True):
        add_heads(times, number, edges, row)
    return hours
