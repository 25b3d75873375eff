"""The layout: a scenario written out for a horizon, with everything numbered that engines and KPIs count."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.calendars import OpeningHours
from simulation.distributions import encode
from simulation.layout.beyond import hours_beyond
from simulation.layout.capacity import TeamUnit, make_staff
from simulation.layout.conditions import CaseFacts, Index
from simulation.layout.deadlines import Deadlines
from simulation.layout.phases import STANDARDS, Numbers, Phase, Phases, activity_names
from simulation.layout.places import PlaceTree
from simulation.layout.slots import Slots, make_slots
from simulation.layout.triggers import TriggerRule, make_triggers
from simulation.records import Names
from simulation.scenario.marks import marks_of
from simulation.scenario.phases import variants
from simulation.scenario.places import Channel, Group
from simulation.scenario.scenario import Scenario
from simulation.spec import InputError, Problem

__all__ = ["Layout", "make_layout"]

WEEK = 168.0
YEAR = 8760.0


@dataclass(frozen=True, eq=False)
class Layout:
    """A scenario written out for a horizon.

    Each layout equals itself alone, so that what is worked out of it can be kept with it.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> layout = make_layout(single_queue(servers=3), horizon=100.0)
    >>> layout.names.teams, layout.teams[0].on_duty(50.0)
    (('doctors@clinic',), 3)
    """

    scenario: Scenario
    horizon: float
    names: Names
    tree: PlaceTree
    tiers: tuple[str, ...]
    """Names of the tiers, sorted."""
    tier: tuple[int, ...]
    """Number of the tier, by place."""
    groups: tuple[Group, ...]
    channels: tuple[Channel, ...]
    teams: tuple[TeamUnit, ...]
    variants: tuple[dict[int, Phase], ...]
    """In each stretch of time, the phase for each set of levers that triggers have switched on: the bits of
    the key are the triggers."""
    triggers: tuple[TriggerRule, ...]
    table: NDArray[np.float64]
    """All distributions, for `streams.variate`."""
    starts: tuple[int, ...]
    """Where each distribution begins in the table."""
    hours: dict[str, OpeningHours] = field(repr=False)
    """Opening hours by calendar, `always` included."""

    @cached_property
    def phases(self) -> tuple[Phase, ...]:
        """The phases, no lever with a trigger being on."""
        return tuple(variants[0] for variants in self.variants)

    @property
    def systems(self) -> tuple[Scenario, ...]:
        """The systems of all phases, with and without levers that have a trigger."""
        return tuple(phase.system for variants in self.variants for phase in variants.values())

    @cached_property
    def first_staff(self) -> tuple[int, ...]:
        """Number of the first staff group of each team, in the names of the staff."""
        sizes = [len(team.staff) for team in self.teams]
        return tuple(int(first) for first in np.cumsum([0, *sizes])[:-1])

    @property
    def away(self) -> tuple[int, ...]:
        """Number of the activity that stands for being away before coming back, by need."""
        first = len(self.names.activities) - len(self.names.needs)
        return tuple(range(first, len(self.names.activities)))

    @cached_property
    def contact(self) -> tuple[int, ...]:
        """Number of the activity that stands for waiting until contact can be made, by need; empty: none."""
        if not _contacts(self.scenario):
            return ()
        return tuple(number - len(self.names.needs) for number in self.away)

    def phase_at(self, now: float) -> Phase:
        """Find the phase that holds at a moment (hours)."""
        current = self.phases[0]
        for phase in self.phases[1:]:
            if phase.start > now:
                break
            current = phase
        return current

    def due(self, need: int, arrival: float) -> float:
        """Work out the deadline of a case of a need that arises at a moment; infinite without one."""
        spec = self.scenario.needs[need]
        if spec.deadline is None:
            return math.inf
        return self.deadlines.after(arrival, spec.deadline, spec.deadline_calendar)

    def due_each(self, need: int, arrivals: NDArray[np.float64]) -> NDArray[np.float64]:
        """Work out the deadlines of many cases of a need, as `due` does for one."""
        spec = self.scenario.needs[need]
        if spec.deadline is None:
            return np.full(len(arrivals), np.inf)
        return self.deadlines.after_each(arrivals, spec.deadline, spec.deadline_calendar)

    @cached_property
    def deadlines(self) -> Deadlines:
        """Count time until deadlines."""
        return Deadlines(self.scenario, self.horizon)

    @cached_property
    def diaries(self) -> tuple[Slots | None, ...]:
        """The slots of each team until a year beyond the horizon; none where it takes no bookings."""
        systems = tuple((phase.start, phase.system) for phase in self.phases)
        if not any(team.appointments for _, system in systems for team in system.teams):
            return (None,) * len(self.teams)
        scenario, end = self.scenario, self.horizon + YEAR
        hours = {
            name: hours_beyond(scenario.calendar(name), scenario.start, self.horizon, end)
            for name in _calendars(scenario)
        }
        needs = {name: number for number, name in enumerate(self.names.needs)}
        places = self.names.places
        teams = _make_teams(systems, self.tree, hours, needs, end)
        return tuple(make_slots(team, places[team.place], systems, hours, end) for team in teams)

    def facts(self, phase: Phase, channel: int, group: int, contact: int, due: float, need: int) -> CaseFacts:
        """Gather what conditions may ask of a case in a phase, as long as it bears no marks."""
        return CaseFacts(channel, group, phase.standard[contact], self.tier[contact], due, need)


def make_layout(scenario: Scenario, horizon: float) -> Layout:
    """Write a scenario out for a horizon.

    Parameters
    ----------
    scenario
        The specification, levers included.
    horizon
        Hours from the start that will be simulated.

    Raises
    ------
    InputError
        When the horizon reaches a year whose public holidays have not been announced.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> make_layout(single_queue(), 24.0).names.activities
    ('visit.consult', 'away.illness')
    """
    stretches = variants(scenario)
    systems = tuple((start, system) for start, several in stretches for system in several.values())
    tree = PlaceTree(scenario.places)
    groups = scenario.groups or (Group(id="all", share=1.0),)
    channels = scenario.channels or (Channel(id="in_person"),)
    tiers = tuple(sorted({place.tier for place in scenario.places}))
    hours = {name: _hours(scenario, name, horizon) for name in _calendars(scenario)}
    steps = activity_names([system for _, system in systems])
    need_numbers = {need.id: n for n, need in enumerate(scenario.needs)}
    plain = tuple((start, several[0]) for start, several in stretches)
    teams = _make_teams(plain, tree, hours, need_numbers, horizon)
    index = _make_index(systems, channels, groups, tiers, need_numbers, teams)
    numbers = Numbers(index, need_numbers, {name: n for n, name in enumerate(steps)}, hours)
    made = Phases([system for _, system in systems], tree, teams, numbers)
    phased = tuple(
        {mask: made.make(start, system) for mask, system in several.items()} for start, several in stretches
    )
    triggers = make_triggers(scenario, tuple(start for start, _ in stretches), need_numbers, hours, horizon)
    table, starts = encode(made.sampler.entries())
    return Layout(
        scenario=scenario,
        horizon=horizon,
        names=Names(
            needs=tuple(need_numbers),
            groups=tuple(group.id for group in groups),
            places=tuple(place.id for place in scenario.places),
            channels=tuple(channel.id for channel in channels),
            activities=(*steps, *_contacts(scenario), *(f"away.{need}" for need in need_numbers)),
            teams=tuple(team.id for team in teams),
            staff=tuple(unit.id for team in teams for unit in team.staff),
            levers=tuple(rule.lever for rule in triggers),
        ),
        tree=tree,
        tiers=tiers,
        tier=tuple(tiers.index(place.tier) for place in scenario.places),
        groups=groups,
        channels=channels,
        teams=teams,
        variants=phased,
        triggers=triggers,
        table=table,
        starts=tuple(int(start) for start in starts),
        hours=hours,
    )


def _make_index(
    systems: tuple[tuple[float, Scenario], ...],
    channels: tuple[Channel, ...],
    groups: tuple[Group, ...],
    tiers: tuple[str, ...],
    needs: dict[str, int],
    teams: tuple[TeamUnit, ...],
) -> Index:
    marks = sorted({mark for _, system in systems for mark in marks_of(system.pathways, system.needs)})
    by_role: dict[str, set[int]] = {}
    by_group: dict[str, set[int]] = {}
    units = ((number, team.role, unit.group) for number, team in enumerate(teams) for unit in team.staff)
    for staff, (number, role, group) in enumerate(units):
        by_role.setdefault(role, set()).add(number)
        by_group.setdefault(group, set()).add(staff)
    return Index(
        channels={channel.id: n for n, channel in enumerate(channels)},
        groups={group.id: n for n, group in enumerate(groups)},
        standards={name: n for n, name in enumerate(STANDARDS)},
        tiers={name: n for n, name in enumerate(tiers)},
        needs=needs,
        marks={name: n for n, name in enumerate(marks)},
        teams={role: frozenset(numbers) for role, numbers in by_role.items()},
        staff={group: frozenset(numbers) for group, numbers in by_group.items()},
    )


def _contacts(scenario: Scenario) -> list[str]:
    """Name the activities that stand for waiting until a channel opens; none when all are always open."""
    closes = any(channel.calendar != "always" for channel in scenario.channels)
    return [f"contact.{need.id}" for need in scenario.needs] if closes else []


def _hours(scenario: Scenario, name: str, horizon: float) -> OpeningHours:
    try:
        return scenario.calendar(name).hours(scenario.start, horizon)
    except ValueError as error:
        raise InputError([Problem(f"calendars.{name}", scenario.start.isoformat(), str(error))]) from None


def _calendars(scenario: Scenario) -> list[str]:
    return sorted({"always", *(calendar.id for calendar in scenario.calendars)})


def _make_teams(
    systems: tuple[tuple[float, Scenario], ...],
    tree: PlaceTree,
    hours: dict[str, OpeningHours],
    needs: dict[str, int],
    horizon: float,
) -> tuple[TeamUnit, ...]:
    specs: dict[str, Any] = {}
    groups: dict[str, dict[str, int]] = {}
    where: set[tuple[str, str]] = set()
    for _, system in systems:
        for team in system.teams:
            specs[team.id] = team
            groups.setdefault(team.id, {}).update((group.id, group.rank) for group in team.staff)
            for place in system.places:
                if team.works_at(place):
                    where.add((f"{team.id}@{place.id}", place.id))
    cache: dict[Any, Any] = {}
    teams = []
    for number, (name, place_id) in enumerate(sorted(where)):
        role = name.split("@")[0]
        spec = specs[role]
        ordered = sorted(groups[role], key=lambda group: (groups[role][group], group))
        staff = tuple(
            make_staff(role, place_id, group, number, systems, hours, needs, horizon, cache)
            for group in ordered
        )
        place_number = tree.number[place_id]
        limit = float("inf") if spec.queue_limit is None else float(spec.queue_limit)
        tier = tree.places[place_number].tier
        order = spec.discipline
        held = float("inf") if spec.caseload is None else float(spec.caseload)
        teams.append(TeamUnit(name, role, place_number, tier, staff, order, limit, spec.squeeze, held))
    return tuple(teams)
