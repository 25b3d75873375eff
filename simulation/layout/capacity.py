"""How many people are on duty when: heads over time, met with opening hours."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.calendars import OpeningHours
from simulation.scenario.places import Place, among_first
from simulation.scenario.scenario import Scenario
from simulation.scenario.teams import StaffGroup, Team

__all__ = ["StaffUnit", "TeamUnit", "make_staff"]


@dataclass(frozen=True)
class StaffUnit:
    """A staff group of one team.

    `capacity[k]` heads are on duty from `times[k]` on, `planned[k]` heads exist whether it is open or not.
    """

    id: str
    """"role@place.group"."""
    group: str
    """The group's id within its team."""
    team: int
    """Number of its team."""
    times: NDArray[np.float64]
    """Moments of change, hours, the first 0."""
    capacity: NDArray[np.int64]
    """Heads on duty from each moment on; 0 while closed."""
    planned: NDArray[np.int64]
    """Heads that exist from each moment on, whether open or not."""
    hours: OpeningHours
    """Opening hours of the group."""
    pace: float
    """Work done per hour."""
    skills: frozenset[int]
    """Needs that it can serve; empty: all."""
    annual_cost: float
    """Cost of a head, yuan a year."""

    @cached_property
    def _times(self) -> list[float]:
        return [float(time) for time in self.times]

    @cached_property
    def _capacity(self) -> list[int]:
        return [int(heads) for heads in self.capacity]

    def on_duty(self, now: float) -> int:
        """Heads on duty at a moment (hours)."""
        return self._capacity[bisect_right(self._times, now) - 1]


@dataclass(frozen=True)
class TeamUnit:
    """A team at its place."""

    id: str
    """"role@place"."""
    role: str
    """The team's id in the scenario."""
    place: int
    """Number of its place."""
    tier: str
    """Tier of its place."""
    staff: tuple[StaffUnit, ...]
    """Staff groups, the preferred first."""
    discipline: str
    """Order within a priority: fifo, lifo or deadline."""
    queue_limit: float
    """How many may wait; infinite without a limit."""
    slot: float = 0.0
    """Length of a slot for bookings, hours; 0: none are taken."""
    day_hours: float = 24.0
    """Length of a working day of its first staff group, hours."""

    @cached_property
    def rises(self) -> list[float]:
        """Moments at which a staff group gains heads on duty, hours, ascending."""
        moments: set[float] = set()
        for unit in self.staff:
            moments.update(float(t) for t in unit.times[1:][np.diff(unit.capacity) > 0])
        return sorted(moments)

    def on_duty(self, now: float) -> int:
        """Heads on duty in all groups at a moment (hours)."""
        return sum(unit.on_duty(now) for unit in self.staff)

    def next_rise(self, now: float) -> float | None:
        """Find the first moment after `now` at which heads on duty are gained; none: never again."""
        position = bisect_right(self.rises, now)
        return self.rises[position] if position < len(self.rises) else None


def make_staff(
    role: str,
    place_id: str,
    group_id: str,
    team: int,
    systems: tuple[tuple[float, Scenario], ...],
    hours: dict[str, OpeningHours],
    needs: dict[str, int],
    horizon: float,
    cache: dict[Any, Any],
) -> StaffUnit:
    """Lay a staff group of a role at a place out over all phases of the system.

    The group's heads may differ between phases; its calendar, pace and skills are those of the last phase.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> system = single_queue(servers=3)
    >>> hours = {"always": system.calendar("always").hours(system.start, 24.0)}
    >>> make_staff("doctors", "clinic", "doctor", 0, ((0.0, system),), hours, {}, 24.0, {}).on_duty(5.0)
    3
    """
    steps: list[tuple[float, int]] = []
    last: StaffGroup | None = None
    for index, (begin, system) in enumerate(systems):
        end = systems[index + 1][0] if index + 1 < len(systems) else horizon
        spec = next((t for t in system.teams if t.id == role), None)
        place = _place(cache, index, system, place_id)
        group = None if spec is None else next((g for g in spec.staff if g.id == group_id), None)
        if spec is None or group is None or not place.staffed:
            steps.append((begin, 0))
            continue
        last = group
        steps += _heads(group, _first_count(spec, group, place), place_id, system, begin, end)
    if last is None:
        raise LookupError(f"staff group {group_id} of {role} exists in no phase")
    shape = (last.calendar, tuple(steps))
    if shape not in cache:
        cache[shape] = _on_duty(steps, hours[last.calendar], horizon)
    times, capacity, planned = cache[shape]
    return StaffUnit(
        id=f"{role}@{place_id}.{group_id}",
        group=group_id,
        team=team,
        times=times,
        capacity=capacity,
        planned=planned,
        hours=hours[last.calendar],
        pace=last.pace,
        skills=frozenset(needs[name] for name in last.skills),
        annual_cost=last.annual_cost,
    )


def _place(cache: dict[Any, Any], index: int, system: Scenario, place_id: str) -> Place:
    by_id: dict[str, Place] = cache.setdefault(("by_id", index), {})
    if not by_id:
        by_id.update((place.id, place) for place in system.places)
    return by_id[place_id]


def _first_count(team: Team, group: StaffGroup, place: Place) -> int:
    is_first = team.staff[0].id == group.id
    return place.staff if is_first and place.staff is not None else group.count


def _heads(
    group: StaffGroup, count: int, place_id: str, system: Scenario, begin: float, end: float
) -> list[tuple[float, int]]:
    """Heads from each moment of change on, within one phase."""
    moves: list[tuple[float, int]] = []
    for change in group.changes:
        if not among_first(place_id, change.share):
            continue
        moves.append(((change.from_ - system.start).days * 24.0, change.add))
        if change.to is not None:
            moves.append((((change.to - system.start).days + 1) * 24.0, -change.add))
    moments = sorted({begin, *(moment for moment, _ in moves if begin < moment < end)})
    return [(moment, max(0, count + sum(add for at, add in moves if at <= moment))) for moment in moments]


def _on_duty(
    steps: list[tuple[float, int]], hours: OpeningHours, horizon: float
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Meet a head count over time with opening hours."""
    moments = np.array([moment for moment, _ in steps])
    heads = np.array([count for _, count in steps], dtype=np.int64)
    times = np.unique(np.concatenate(([0.0], moments, hours.opens, hours.closes)))
    times = times[times <= horizon]
    planned = heads[np.searchsorted(moments, times, side="right") - 1]
    interval = np.searchsorted(hours.opens, times, side="right") - 1
    is_open = (interval >= 0) & (times < np.append(hours.closes, np.inf)[interval])
    capacity = np.where(is_open, planned, 0)
    kept = np.append(True, (np.diff(capacity) != 0) | (np.diff(planned) != 0))
    return times[kept], capacity[kept], planned[kept]
