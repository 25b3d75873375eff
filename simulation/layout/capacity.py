"""How many people are on duty when: heads over time, met with opening hours."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.calendars import OpeningHours
from simulation.layout.eras import ALWAYS_THERE, Era
from simulation.scenario.places import Place, among_first
from simulation.scenario.quantities import share_of
from simulation.scenario.scenario import Scenario
from simulation.scenario.teams import Squeeze, StaffGroup

__all__ = ["StaffUnit", "TeamUnit", "make_staff"]

Steps = list[tuple[float, int, float]]
"""Moments (hours) with heads and pace from then on."""


@dataclass(frozen=True)
class StaffUnit:
    """A staff group of one team.

    From `times[k]` on, `capacity[k]` heads are on duty, `planned[k]` heads exist whether it is open or not,
    and each of them works at `pace[k]`. In a layout every post is filled and nobody is away; a roster says
    who is really there.
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
    """Heads that exist, and are paid, from each moment on, whether open or not."""
    pace: NDArray[np.float64]
    """Work done by a head per hour, from each moment on."""
    hours: OpeningHours
    """Opening hours of the group."""
    skills: frozenset[int]
    """Needs that it can serve; empty: all."""
    annual_cost: float
    """Cost of a head, yuan a year."""
    overtime_cost: float = 0.0
    """Cost of an hour worked outside opening hours, yuan."""
    volunteer: bool = False
    """Whether its people are volunteers."""
    settled: tuple[tuple[float, int], ...] = ()
    """Posts that are there from the start, or from the moment (hours) on at which their team is formed out of
    others; those that come later first have to be filled."""
    eras: tuple[Era, ...] = ()
    """What holds of its people over time; empty where posts are always filled and nothing else is said."""

    @property
    def held(self) -> bool:
        """Whether its posts may be empty, or their holders away or learning."""
        return any(era.workforce != ALWAYS_THERE for era in self.eras)

    def era(self, now: float) -> Era:
        """Find what holds of its people at a moment (hours); there must be eras."""
        current = self.eras[0]
        for era in self.eras[1:]:
            if era.begin > now:
                break
            current = era
        return current

    def proficiency(self, need: int, now: float) -> float:
        """Return the factor on the speed of work for a need at a moment (hours)."""
        factors = self.era(now).proficiency if self.eras else ()
        return factors[need] if factors else 1.0

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
    squeeze: Squeeze | None = None
    """How work is hurried when many wait."""
    caseload: float = float("inf")
    """How many open cases each head in post may hold; infinite without a limit."""

    def hours_for(self, need: int) -> OpeningHours:
        """When any of its staff groups that can serve a need is open; of all where none can."""
        able = tuple(n for n, unit in enumerate(self.staff) if not unit.skills or need in unit.skills)
        if able not in self._hours_for:
            units = [self.staff[n] for n in able] or self.staff
            self._hours_for[able] = OpeningHours.any_of(unit.hours for unit in units)
        return self._hours_for[able]

    @cached_property
    def _hours_for(self) -> dict[tuple[int, ...], OpeningHours]:
        return {}

    @cached_property
    def in_post(self) -> list[tuple[float, int]]:
        """Heads in post in all groups, open or not, from each moment (hours) of change on."""
        if not self.staff:  # a team split off without anybody
            return [(0.0, 0)]
        times = np.unique(np.concatenate([unit.times for unit in self.staff]))
        heads = np.zeros(len(times), np.int64)
        for unit in self.staff:
            heads += unit.planned[np.searchsorted(unit.times, times, side="right") - 1]
        kept = np.append(True, np.diff(heads) != 0)
        return list(zip(times[kept].tolist(), heads[kept].tolist(), strict=True))

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

    The group's heads, pace and workforce may differ between phases; its calendar, skills and cost are those
    of the last phase.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> system = single_queue(servers=3)
    >>> hours = {"always": system.calendar("always").hours(system.start, 24.0)}
    >>> make_staff("doctors", "clinic", "doctor", 0, ((0.0, system),), hours, {}, 24.0, {}).on_duty(5.0)
    3
    """
    steps, eras, last, settled = _through_phases(role, group_id, place_id, systems, needs, horizon, cache)
    shape = (last.calendar, tuple(steps))
    if shape not in cache:
        cache[shape] = _on_duty(steps, hours[last.calendar], horizon)
    times, capacity, planned, pace = cache[shape]
    return StaffUnit(
        id=f"{role}@{place_id}.{group_id}",
        group=group_id,
        team=team,
        times=times,
        capacity=capacity,
        planned=planned,
        pace=pace,
        hours=hours[last.calendar],
        skills=frozenset(needs[name] for name in last.skills),
        annual_cost=last.annual_cost,
        overtime_cost=last.overtime_cost,
        volunteer=last.volunteer,
        settled=tuple(settled),
        eras=tuple(eras) if any(era.speaks for era in eras) else (),
    )


def _through_phases(
    role: str,
    group_id: str,
    place_id: str,
    systems: tuple[tuple[float, Scenario], ...],
    needs: dict[str, int],
    horizon: float,
    cache: dict[Any, Any],
) -> tuple[Steps, list[Era], StaffGroup, list[tuple[float, int]]]:
    """Follow a staff group through the phases: heads and pace, eras, its last form, the posts not to fill.

    Where people work already, a team that was not there before is formed by them; elsewhere it has to find
    them.
    """
    steps: Steps = []
    eras: list[Era] = []
    last: StaffGroup | None = None
    settled: list[tuple[float, int]] = []
    for index, (begin, system) in enumerate(systems):
        end = systems[index + 1][0] if index + 1 < len(systems) else horizon
        place = _place(cache, index, system, place_id)
        group, first = _group(system, role, group_id)
        if group is None or not place.staffed:
            steps.append((begin, 0, 1.0))
            continue
        last = group
        count = _first_count(group, first, place, cache, index)
        if index == 0 or _is_formed(role, place_id, systems[index - 1][1], cache, index - 1):
            settled.append((begin, count))
        steps += _heads(group, count, place_id, system, begin, end)
        eras.append(_era(begin, group, needs))
    if last is None:
        raise LookupError(f"staff group {group_id} of {role} exists in no phase")
    return steps, eras, last, settled


def _is_formed(role: str, place_id: str, before: Scenario, cache: dict[Any, Any], index: int) -> bool:
    """Tell whether a team that is not in the system before is formed at a place where people worked."""
    known = any(team.id == role for team in before.teams)
    return not known and _place(cache, index, before, place_id).staffed


def _group(system: Scenario, role: str, group_id: str) -> tuple[StaffGroup | None, bool]:
    """Find a staff group, and whether it is the first of its team."""
    for team in system.teams:
        if team.id == role:
            found = next((group for group in team.staff if group.id == group_id), None)
            return found, team.staff[0] is found
    return None, False


def _era(begin: float, group: StaffGroup, needs: dict[str, int]) -> Era:
    factors = tuple(share_of(group.proficiency, need, 1.0) for need in needs) if group.proficiency else ()
    return Era(begin, group.workforce or ALWAYS_THERE, group.overtime, factors)


def _place(cache: dict[Any, Any], index: int, system: Scenario, place_id: str) -> Place:
    by_id: dict[str, Place] = cache.setdefault(("by_id", index), {})
    if not by_id:
        by_id.update((place.id, place) for place in system.places)
    return by_id[place_id]


def _first_count(group: StaffGroup, first: bool, place: Place, cache: dict[Any, Any], index: int) -> int:
    """Heads of a group at a place before any change: the place's own number, by veterans, or the count."""
    if place.staff is not None and first:
        return place.staff
    if group.per_veterans is None:
        return group.count
    return math.floor(_veterans(cache, index)[place.id] / group.per_veterans + 0.5)


def _veterans(cache: dict[Any, Any], index: int) -> dict[str, int]:
    """Veterans registered at each place and at all below it."""
    total: dict[str, int] = cache.setdefault(("veterans", index), {})
    if not total:
        places: dict[str, Place] = cache["by_id", index]
        total.update(dict.fromkeys(places, 0))
        for place in places.values():
            above: str | None = place.id
            while above is not None:
                total[above] += place.veterans
                above = places[above].parent
    return total


def _heads(group: StaffGroup, count: int, place_id: str, system: Scenario, begin: float, end: float) -> Steps:
    """Heads and pace from each moment of change on, within one phase."""
    moves: list[tuple[float, int]] = []
    for change in group.changes:
        elsewhere = change.places and place_id not in change.places
        if elsewhere or not among_first(place_id, change.share):
            continue
        moves.append(((change.from_ - system.start).days * 24.0, change.add))
        if change.to is not None:
            moves.append((((change.to - system.start).days + 1) * 24.0, -change.add))
    moments = sorted({begin, *(moment for moment, _ in moves if begin < moment < end)})
    pace = group.pace
    return [
        (moment, max(0, count + sum(add for at, add in moves if at <= moment)), pace) for moment in moments
    ]


def _on_duty(
    steps: Steps, hours: OpeningHours, horizon: float
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Meet heads and pace over time with opening hours."""
    moments = np.array([moment for moment, _, _ in steps])
    heads = np.array([count for _, count, _ in steps], dtype=np.int64)
    paces = np.array([pace for _, _, pace in steps])
    times = np.unique(np.concatenate(([0.0], moments, hours.opens, hours.closes)))
    times = times[times < horizon]
    step = np.searchsorted(moments, times, side="right") - 1
    planned, pace = heads[step], paces[step]
    capacity = np.where(hours.open_at(times), planned, 0)
    changes = (np.diff(capacity) != 0) | (np.diff(planned) != 0) | (np.diff(pace) != 0)
    kept = np.append(True, changes)
    return times[kept], capacity[kept], planned[kept], pace[kept]
