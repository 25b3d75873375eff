"""When something is due: deadlines in hours, days or working days, for many moments at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulation.calendars import OpeningHours
from simulation.scenario.pathways import Step
from simulation.scenario.quantities import Duration

if TYPE_CHECKING:
    from simulation.layout import Layout

__all__ = ["Calendars", "Limits", "case_limits", "due", "flatten", "make_calendars", "stage_limits"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Hours = tuple[Floats, Floats, Floats, Ints, Ints, Ints]
ALWAYS = -1
"""Number of the calendar on which time always passes."""


@dataclass(frozen=True)
class Calendars:
    """Opening hours of several calendars, one behind the other; each ends with an interval that never opens.

    Build it with `flatten`.
    """

    hours: Hours
    """When intervals open and close; the open hours before each, at the last the total; where each calendar
    begins, and where the last one ends; the same of its days; the first interval that opens on each day or
    later."""
    named: Mapping[str, int]
    """Numbers of the calendars that have a name."""
    staff: Ints
    """Number of the calendar of each staff group."""


@dataclass(frozen=True)
class Limits:
    """Time limits, an item for each kind of what has one."""

    calendar: Ints
    """Number of the calendar on which the time passes, `ALWAYS` for always."""
    work: Floats
    """Hours allowed; NaN without a limit."""


def flatten(
    several: Sequence[OpeningHours], named: Mapping[str, int] | None = None, staff: Sequence[int] = ()
) -> Calendars:
    """Lay calendars one behind the other.

    Parameters
    ----------
    several
        Opening hours.
    named
        Numbers of those that have a name.
    staff
        Number of the calendar of each staff group.

    Examples
    --------
    >>> desk = OpeningHours.from_minutes([(540, 720), (780, 1020)], end=24.0)
    >>> flatten([desk, desk]).hours[0].tolist()
    [9.0, 13.0, inf, 9.0, 13.0, inf]
    """
    never = [np.inf]
    first = np.cumsum([0, *(len(hours.before) for hours in several)])
    days = [np.arange(0.0, hours.opens.max(initial=0.0) + 24.0, 24.0) for hours in several]
    table = (
        np.concatenate([part for hours in several for part in (hours.opens, never)]),
        np.concatenate([part for hours in several for part in (hours.closes, never)]),
        np.concatenate([hours.before for hours in several]),
        first,
        np.cumsum([0, *(len(each) for each in days)]),
        np.concatenate(
            [np.searchsorted(h.opens, d) + at for h, d, at in zip(several, days, first[:-1], strict=True)]
        ),
    )
    return Calendars(table, named or {}, np.array(staff, dtype=np.int64))


def make_calendars(layout: Layout) -> Calendars:
    """Return the calendars of a layout: those with a name, and those of staff groups.

    Examples
    --------
    >>> from simulation.kpis.examples import town
    >>> from simulation.layout import make_layout
    >>> calendars = make_calendars(make_layout(town(), 24.0))
    >>> calendars.staff.tolist() == [calendars.named["office"]] * 2
    True
    """
    units = [unit.hours for team in layout.teams for unit in team.staff]
    several = list({id(hours): hours for hours in (*layout.hours.values(), *units)}.values())
    number = {id(hours): n for n, hours in enumerate(several)}
    named = {name: number[id(hours)] for name, hours in layout.hours.items()}
    return flatten(several, named, [number[id(hours)] for hours in units])


def case_limits(layout: Layout, calendars: Calendars) -> Limits:
    """Return the deadlines of needs.

    Examples
    --------
    >>> from simulation.kpis.examples import town
    >>> from simulation.layout import make_layout
    >>> layout = make_layout(town(), 24.0)
    >>> case_limits(layout, make_calendars(layout)).work.tolist()
    [3.0, 1.0, nan]
    """
    needs = layout.scenario.needs
    return _limits(layout, calendars, [(need.deadline, need.deadline_calendar) for need in needs])


def stage_limits(layout: Layout, calendars: Calendars, steps: Mapping[str, Step]) -> Limits:
    """Return the time limits of activities.

    Parameters
    ----------
    layout, calendars
        The scenario written out, and its calendars.
    steps
        Steps by the name of their activity.

    Examples
    --------
    >>> from simulation.kpis.examples import town
    >>> from simulation.layout import make_layout
    >>> layout = make_layout(town(), 24.0)
    >>> sent = {f"claim.{step.id}": step for step in layout.scenario.pathways[0].steps}
    >>> limits = stage_limits(layout, make_calendars(layout), sent)
    >>> limits.work[layout.names.activities.index("claim.bureau")].item()
    2.0
    """
    known = [steps.get(name) for name in layout.names.activities]
    none = (None, "always")
    written = [none if step is None else (step.deadline, step.deadline_calendar) for step in known]
    return _limits(layout, calendars, written)


def _limits(layout: Layout, calendars: Calendars, deadlines: Sequence[tuple[Duration | None, str]]) -> Limits:
    """Working days pass on the calendar, one being its mean open hours; other units pass always."""
    calendar = np.full(len(deadlines), ALWAYS, np.int64)
    work = np.full(len(deadlines), np.nan)
    for number, (deadline, name) in enumerate(deadlines):
        if deadline is not None and deadline.unit == "wd":
            calendar[number] = calendars.named[name]
            work[number] = deadline.hours(layout.scenario.calendar(name).day_hours)
        elif deadline is not None:
            work[number] = deadline.hours(24.0)
    return Limits(calendar, work)


def due(calendars: Calendars, limits: Limits, kinds: NDArray[np.int32], moments: Floats) -> Floats:
    """Return when each of many is due; infinity beyond its calendar, NaN without a limit.

    Parameters
    ----------
    calendars
        Calendars on which time passes.
    limits
        Time limits by kind.
    kinds
        Kind of each item.
    moments
        Hours from which its time counts.

    Examples
    --------
    >>> desk = flatten([OpeningHours.from_minutes([(540, 720), (780, 1020)], end=24.0)])
    >>> two_hours = Limits(np.array([0]), np.array([2.0]))
    >>> due(desk, two_hours, np.zeros(3, np.int32), np.array([8.0, 11.0, 16.0])).tolist()
    [11.0, 14.0, inf]
    """
    from simulation.kpis._loops.hours import add_moments

    found = np.empty(len(moments))
    add_moments(calendars.hours, kinds, moments, limits.calendar, limits.work, found)
    return found
