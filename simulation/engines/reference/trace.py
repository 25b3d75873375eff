"""What a run writes down: the state of each case, and a line per visit."""

from __future__ import annotations

import math
from collections.abc import Iterator
from operator import attrgetter
from typing import Any

import numpy as np
import simpy

from simulation.demand import Demand
from simulation.engines.ordering import place
from simulation.layout import JOIN_TARGET, CaseFacts, Layout, exit_target
from simulation.records import CASE, VISIT, Exit, Outcome, Records

__all__ = ["IN_SERVICE", "WAITING", "CaseState", "Fork", "Trace", "Visit"]

RESOLVED = exit_target(Exit.resolved)
OPEN = int(Exit.open)
WAITING, IN_SERVICE = int(Outcome.waiting), int(Outcome.in_service)
IDENTITY = ("key", "parent", "veteran", "need", "group", "origin", "contact", "channel", "persons", "arrival")


class CaseState:
    """A case under way."""

    key: int
    need: int
    arrival: float

    __slots__ = (
        "arrival", "branches", "dropout", "ended", "exit", "facts", "identity", "key", "need", "number",
        "places", "repeats", "rounds", "visits",
    )  # fmt: skip

    def __init__(self, number: int, identity: tuple[Any, ...], facts: CaseFacts, dropout: float) -> None:
        self.number = number
        self.identity = identity
        self.key, _, _, self.need, _, origin, contact, _, _, self.arrival = identity
        self.places = (origin, contact)
        self.facts = facts
        self.dropout = dropout
        self.ended = math.nan
        self.exit = OPEN
        self.rounds = 0
        self.visits = 0
        self.branches = 0
        self.repeats: dict[int, int] = {}

    def close(self, now: float, exit_: int) -> None:
        """End the case."""
        self.ended = now
        self.exit = exit_


class Visit:
    """One pass of a case through one activity."""

    queued = math.nan
    started = math.nan
    ended = math.nan
    outcome = WAITING
    team = -1
    group = -1
    work = 0.0
    gives_up = math.inf
    pauses = False
    priority = 0
    done: simpy.Event
    desks: tuple[int, ...]
    """Teams that serve it together, by number."""
    held: list[int]
    """The staff group of each of those teams that serves it."""

    def __init__(self, case: CaseState, branch: int, activity: int, now: float) -> None:
        self.case = case
        self.branch = branch
        self.activity = activity
        self.place = place(case.number, branch)
        self.number = case.visits
        case.visits += 1
        self.repeat = repeat = case.repeats.get(activity, 0)
        case.repeats[activity] = repeat + 1
        self.sent = now

    def start(self, now: float) -> None:
        """Begin."""
        self.started = now
        self.outcome = IN_SERVICE

    def end(self, now: float, outcome: int) -> None:
        """End, one way or another."""
        self.ended = now
        self.outcome = outcome


class Fork:
    """A case that is at several activities at the same time, until all branches have joined."""

    def __init__(self, visit: Visit, outer: Fork | None, branches: int) -> None:
        self.visit = visit
        self.outer = outer
        self.first_branch = visit.case.branches + 1
        visit.case.branches += branches
        self.under_way = branches
        self.failures: dict[int, int] = {}

    def join(self, branch: int, target: int) -> bool:
        """End a branch by a target; return whether it was the last one under way."""
        if target not in (JOIN_TARGET, RESOLVED):
            self.failures[branch] = target
        self.under_way -= 1
        return self.under_way == 0

    def failure(self) -> int | None:
        """Return the exit of the first branch that failed; none when all have joined."""
        return self.failures[min(self.failures)] if self.failures else None


class Trace:
    """Everything that will be in the records."""

    def __init__(self, layout: Layout, demand: Demand) -> None:
        self.layout = layout
        self.latent = demand.cases
        self.cases: list[CaseState] = []
        self.visits: list[Visit] = []
        self._demand = demand
        self._opened = 0

    def presented(self) -> Iterator[CaseState]:
        """Yield the cases that are presented, in the order in which they arise."""
        numbers = np.flatnonzero(self.latent["exit"] == OPEN)
        rows = self.latent[numbers]
        columns = (rows[column].tolist() for column in IDENTITY)
        dues, dropouts = self._demand.due[numbers].tolist(), self._demand.dropout[numbers].tolist()
        for number, due, dropout, *identity in zip(numbers.tolist(), dues, dropouts, *columns, strict=True):
            yield self._add(number, tuple(identity), due, dropout)

    def open_case(self, parent: CaseState, key: int, need: int, now: float, dropout: float) -> CaseState:
        """Begin a case of another need for the same veteran."""
        _, _, veteran, _, group, origin, contact, channel, persons, _ = parent.identity
        identity = (key, parent.number, veteran, need, group, origin, contact, channel, persons, now)
        number = len(self.latent) + self._opened
        self._opened += 1
        return self._add(number, identity, self.layout.due(need, now), dropout)

    def _add(self, number: int, identity: tuple[Any, ...], due: float, dropout: float) -> CaseState:
        _, _, _, _, group, _, contact, channel, _, arrival = identity
        facts = self.layout.facts(self.layout.phase_at(arrival), channel, group, contact, due)
        case = CaseState(number, identity, facts, dropout)
        self.cases.append(case)
        return case

    def open_visit(self, case: CaseState, branch: int, activity: int, now: float) -> Visit:
        """Begin a line for a case that is sent to an activity."""
        visit = Visit(case, branch, activity, now)
        self.visits.append(visit)
        return visit

    def records(self, seed: int, replication: int) -> Records:
        """Write everything as records."""
        cases = np.concatenate([self.latent, np.zeros(self._opened, CASE)])
        numbers = np.array([case.number for case in self.cases], dtype=np.int64)
        for column in ("rounds", "ended", "exit"):
            cases[column][numbers] = list(map(attrgetter(column), self.cases))
        opened = sorted((c for c in self.cases if c.number >= len(self.latent)), key=lambda c: c.number)
        for position, column in enumerate(IDENTITY):
            cases[column][len(self.latent) :] = [case.identity[position] for case in opened]
        visits = np.zeros(len(self.visits), VISIT)
        visits["case"] = list(map(attrgetter("case.number"), self.visits))
        visits["visit"] = list(map(attrgetter("number"), self.visits))
        for column in ("branch", "activity", "team", "sent", "queued", "started", "ended", "outcome"):
            visits[column] = list(map(attrgetter(column), self.visits))
        group = np.array(list(map(attrgetter("group"), self.visits)), dtype=np.int64)
        first = np.array([*self.layout.first_staff, 0])[visits["team"]]
        visits["staff"] = np.where(group >= 0, first + group, -1)
        visits = visits[np.lexsort((visits["visit"], visits["case"]))]
        return Records(visits, cases, self.layout.names, self.layout.horizon, seed, replication)
