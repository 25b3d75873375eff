"""Phases: the system between two moments at which levers take effect, with everything numbered."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulation.calendars import OpeningHours
from simulation.distributions import Exponential
from simulation.layout.capacity import TeamUnit
from simulation.layout.conditions import Index, Route
from simulation.layout.escalation import FollowUp, FollowUps, follow_ups
from simulation.layout.places import PlaceTree, local_practice, reach
from simulation.layout.steps import Activity, Sampler, make_activity
from simulation.records import Exit
from simulation.scenario.needs import Need
from simulation.scenario.pathways import Pathway
from simulation.scenario.places import Practice
from simulation.scenario.scenario import Scenario

__all__ = ["STANDARDS", "Numbers", "Phase", "Phases", "ReturnRule", "activity_names"]

WEEK = 168.0
STANDARDS = ("below", "standard", "model")
Where = tuple[Pathway, int, int]
"""A pathway, its number among all that differ, and the position of a step in it."""


@dataclass(frozen=True)
class ReturnRule:
    """How a case that was not served comes back."""

    after: frozenset[int]
    """Exits after which it may."""
    probability: float
    delay: int
    """Number of the distribution of the time away."""
    limit: int
    marks: int = 0
    """Marks that a case bears from its coming back on, as the bits of a number."""


@dataclass(frozen=True)
class Phase:
    """The system between two moments at which levers take effect."""

    start: float
    """Hour from which it holds."""
    system: Scenario
    activities: tuple[Activity, ...]
    first: tuple[tuple[Route, ...], ...]
    """Routes into the pathway, by need."""
    priority: tuple[int, ...]
    """Rank in queues, by need."""
    returns: tuple[ReturnRule | None, ...]
    """By need."""
    dropout: tuple[int, ...]
    """Number of the distribution of the time until a case is silently given up, by need; -1: never."""
    standard: tuple[int, ...]
    """Number of the standard, by place."""
    staffed: tuple[bool, ...]
    """By place."""
    exists: tuple[bool, ...]
    """Whether there is such a team in this phase, by team."""
    resolves: tuple[int, ...] = ()
    """Number of the distribution of the time until a need is met without the service, by need; -1: never."""
    overdue: tuple[tuple[FollowUp, ...], ...] = ()
    """What cases set off that are open too long, by need."""
    unmet: tuple[tuple[FollowUp, ...], ...] = ()
    """What cases set off that end unmet, by need."""
    contact: tuple[OpeningHours | None, ...] = ()
    """When contact can be made, by channel, None for always; empty: always over all."""
    practice: tuple[Practice, ...] = ()
    """How places work, by place; empty: all as the standard says."""


@dataclass(frozen=True)
class Numbers:
    """What names stand for, in all phases alike."""

    index: Index
    """Of the names that conditions use."""
    needs: Mapping[str, int]
    activities: Mapping[str, int]
    hours: Mapping[str, OpeningHours]


def activity_names(systems: Sequence[Scenario]) -> tuple[str, ...]:
    """List the activities of all phases, "pathway.step", in the order in which they first occur.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> activity_names([single_queue()])
    ('visit.consult',)
    """
    pathways = [pathway for system in systems for pathway in system.pathways]
    return tuple(dict.fromkeys(f"{pathway.id}.{step.id}" for pathway in pathways for step in pathway.steps))


class Phases:
    """Makes the phases of a scenario; what does not change from one to another is made once and shared.

    An activity that a system does not have stays as it was for the cases that are still in it, or will be as
    it first comes to be.
    """

    def __init__(
        self, systems: Sequence[Scenario], tree: PlaceTree, teams: Sequence[TeamUnit], numbers: Numbers
    ) -> None:
        self.tree = tree
        self.teams = teams
        self.numbers = numbers
        self.sampler = Sampler()
        self._timed: dict[str, OpeningHours | None] = {**numbers.hours, "always": None}
        self._known: dict[str, Where] = {}
        self._pathways: dict[Pathway, int] = {}
        self._existing: dict[tuple[bool, ...], int] = {}
        self._made: dict[tuple[int, int, int], Activity] = {}
        self._there: dict[tuple[str, int], int] = {}
        """Where a role stands in a version of the system, as a number: the same where it stands alike."""
        self._places: dict[tuple[int, ...], int] = {}
        self._reached: dict[tuple[str, str, int], list[tuple[int, ...]]] = {}
        for system in reversed(systems):
            self._learn(system)

    def make(self, start: float, system: Scenario) -> Phase:
        """Make the phase that begins at a moment (hours); call it in the order of time."""
        specs = {team.id: team for team in system.teams}
        places = system.places
        exists = tuple(
            unit.role in specs and specs[unit.role].works_at(places[unit.place]) for unit in self.teams
        )
        self._learn(system)
        staffed = tuple(place.staffed for place in places)
        version = self._existing.setdefault((*exists, *staffed), len(self._existing))
        names = self.numbers.activities
        first = {pathway.id: self._first(pathway) for pathway in system.pathways}
        follow = [self._follow_ups(need, staffed) for need in system.needs]
        practice = local_practice(self.tree, places)
        contact = tuple(self._timed[channel.calendar] for channel in system.channels)
        return Phase(
            start=start,
            system=system,
            activities=tuple(self._activity(system, name, exists, version) for name in names),
            first=tuple(first[need.pathway] for need in system.needs),
            priority=tuple(need.priority for need in system.needs),
            returns=tuple(self._return_rule(need) for need in system.needs),
            dropout=tuple(self._until(need.dropout_per_week) for need in system.needs),
            standard=tuple(STANDARDS.index(place.standard) for place in places),
            staffed=staffed,
            exists=exists,
            resolves=tuple(self._until(need.resolves_itself_per_week) for need in system.needs),
            overdue=tuple(overdue for overdue, _ in follow),
            unmet=tuple(unmet for _, unmet in follow),
            contact=contact if any(contact) else (),
            practice=practice if any(each != Practice() for each in practice) else (),
        )

    def _return_rule(self, need: Need) -> ReturnRule | None:
        rule = need.returns
        if rule is None:
            return None
        after, marks = frozenset(int(Exit[name]) for name in rule.after), self.numbers.index.bits(rule.marks)
        return ReturnRule(after, rule.probability, self.sampler.number(rule.delay), rule.limit, marks)

    def _follow_ups(self, need: Need, staffed: tuple[bool, ...]) -> FollowUps:
        numbers = self.numbers
        return follow_ups(need, self.tree, staffed, numbers.needs, self.sampler, numbers.index.bits)

    def _until(self, per_week: float) -> int:
        """Return the number of the law of the time until something with a probability per week happens."""
        if per_week == 0:
            return -1
        stays = max(1.0 - per_week, 1e-12)
        return self.sampler.number(Exponential(kind="exponential", mean=-WEEK / math.log(stays)))

    def _first(self, pathway: Pathway) -> tuple[Route, ...]:
        numbers = self.numbers
        steps = {step.id: numbers.activities[f"{pathway.id}.{step.id}"] for step in pathway.steps}
        return numbers.index.routes(pathway.first_routes(), steps)

    def _learn(self, system: Scenario) -> None:
        """Know the steps of a system, with a number for each pathway: equal ones have the same."""
        for pathway in system.pathways:
            number = self._pathways.setdefault(pathway, len(self._pathways))
            for position, step in enumerate(pathway.steps):
                self._known[f"{pathway.id}.{step.id}"] = (pathway, number, position)

    def _activity(self, system: Scenario, name: str, exists: tuple[bool, ...], version: int) -> Activity:
        pathway, number, position = self._known[name]
        key = (number, position, version)
        if key not in self._made:
            numbers = self.numbers

            def reached(role: str, at: str) -> list[tuple[int, ...]]:
                return self._reach(role, at, exists, version)

            self._made[key] = make_activity(
                system,
                pathway,
                position,
                self._timed,
                numbers.index,
                numbers.needs,
                numbers.activities,
                self.sampler,
                reached,
                self.tree,
            )
        return self._made[key]

    def _reach(self, role: str, at: str, exists: tuple[bool, ...], version: int) -> list[tuple[int, ...]]:
        if (role, version) not in self._there:
            there = tuple(n for n, unit in enumerate(self.teams) if exists[n] and unit.role == role)
            self._there[role, version] = self._places.setdefault(there, len(self._places))
        key = (role, at, self._there[role, version])
        if key not in self._reached:
            teams_at = {
                (role, unit.place): n for n, unit in enumerate(self.teams) if exists[n] and unit.role == role
            }
            self._reached[key] = reach(self.tree, teams_at, role, at)
        return self._reached[key]
