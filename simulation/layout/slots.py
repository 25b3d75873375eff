"""The slots of a team that takes bookings, laid out over the run and a year beyond it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from simulation.calendars import SLACK, OpeningHours
from simulation.layout.capacity import TeamUnit
from simulation.scenario.appointments import Appointments, SlotPlaces
from simulation.scenario.quantities import Duration
from simulation.scenario.scenario import Scenario

__all__ = ["Slots", "make_slots"]

DAY = 24.0
Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Slots:
    """The diary of a team as it is before anybody is booked."""

    starts: Floats
    """When each slot begins, hours, ascending."""
    open: Counts
    """Places of each slot that anybody may take."""
    kept: Counts
    """Places of each slot that are carved out for urgent cases."""
    urgent_priority: int
    """Rank up to which a case is urgent."""
    released: Duration | None
    """How long before its slot a place that was carved out is open to anybody; none: never."""
    hours: OpeningHours
    """Opening hours on which working days pass."""
    day_hours: float
    """Length of a working day, hours."""

    def ahead(self, now: float, duration: Duration) -> float:
        """Return the moment that lies a duration ahead; working days are counted in open hours."""
        length = duration.hours(self.day_hours)
        return self.hours.add(now, length) if duration.unit == "wd" else now + length


def make_slots(
    team: TeamUnit,
    place: str,
    systems: Sequence[tuple[float, Scenario]],
    hours: Mapping[str, OpeningHours],
    end: float,
) -> Slots | None:
    """Lay out the slots of a team; none when it takes no bookings in any phase.

    A slot is as the system of its own moment has it: who books before a change of the system sees it coming.

    Parameters
    ----------
    team
        The team, with its heads until `end`.
    place
        Where it works.
    systems
        The system from each moment (hours) on.
    hours
        Opening hours by calendar, until `end`.
    end
        Hours until which there are slots.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> queue = single_queue(servers=1)
    >>> doctors = queue.teams[0].model_copy(update={"appointments": Appointments(slot=1.0, urgent_share=0.4)})
    >>> slots = make_layout(queue.model_copy(update={"teams": (doctors,)}), 24.0).diaries[0]
    >>> slots.starts[:5].tolist(), slots.kept[:5].tolist()
    ([0.0, 1.0, 2.0, 3.0, 4.0], [0, 0, 1, 0, 1])
    """
    stretches = []
    last: Appointments | None = None
    first_staff = "always"
    for number, (begin, system) in enumerate(systems):
        until = systems[number + 1][0] if number + 1 < len(systems) else end
        spec = next((spec for spec in system.teams if spec.id == team.role), None)
        if spec is not None and spec.appointments is not None:
            last, first_staff = spec.appointments, spec.staff[0].calendar
            calendar, places = last.sessions(place)
            starts = _cut(hours[calendar or first_staff], last.slot)
            starts = starts[(starts >= begin) & (starts < until)]
            counts = _places(team, starts, places, system.start)
            stretches.append((starts, counts, last.urgent_share * counts, last.overbooked * counts))
    if last is None:
        return None
    starts, counts, urgent, extra = (np.concatenate(parts) for parts in zip(*stretches, strict=True))
    kept = _whole(urgent)
    return Slots(
        starts=starts,
        open=counts - kept + _whole(extra),
        kept=kept,
        urgent_priority=last.urgent_priority,
        released=last.urgent_released,
        hours=hours[first_staff],
        day_hours=systems[0][1].calendar(first_staff).day_hours,
    )


def _cut(hours: OpeningHours, length: float) -> Floats:
    """Cut each session into slots from its beginning."""
    slots = np.floor((hours.closes - hours.opens + SLACK) / length).astype(np.int64)
    within = np.arange(slots.sum()) - np.repeat(np.cumsum(slots) - slots, slots)
    return np.repeat(hours.opens, slots) + within * length


def _places(team: TeamUnit, starts: Floats, places: SlotPlaces | None, first: date) -> Counts:
    """Count the places of each slot: of its weekday where somebody is in post, or one for each on duty."""
    now = [(unit, np.searchsorted(unit.times, starts, side="right") - 1) for unit in team.staff]
    if places is None:
        return sum((unit.capacity[at] for unit, at in now), start=np.zeros(len(starts), np.int64))
    in_post = sum((unit.planned[at] for unit, at in now), start=np.zeros(len(starts), np.int64))
    weekdays = (first.weekday() + np.floor(starts / DAY).astype(np.int64)) % 7
    by_day = np.array([places.on(day) for day in range(7)], dtype=np.int64)
    return np.where(in_post > 0, by_day[weekdays], 0)


def _whole(parts: Floats) -> Counts:
    """Turn parts of places into whole ones, each when the parts so far have added up to it."""
    reached = np.floor(np.cumsum(parts) + SLACK).astype(np.int64)
    return np.diff(reached, prepend=0)
