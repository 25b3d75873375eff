"""What a run writes down: the state of each case, and a row per visit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from struct import Struct
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulation.demand import Demand
from simulation.engines.ordering import place
from simulation.engines.reference.clock import Clock, Happening
from simulation.layout import JOIN_TARGET, CaseFacts, Layout, exit_target
from simulation.records import CASE, VISIT, Exit, Outcome, Records

if TYPE_CHECKING:
    from simulation.engines.reference.desk import Desk, Posts

__all__ = ["IN_SERVICE", "OPEN", "WAITING", "CaseState", "Fork", "Trace", "Visit"]

RESOLVED = exit_target(Exit.resolved)
OPEN, DROPPED_OUT = int(Exit.open), int(Exit.dropped_out)
WAITING, IN_SERVICE = int(Outcome.waiting), int(Outcome.in_service)
STATE = ("key", "need", "group", "origin", "contact", "channel", "arrival")
"""Columns of the latent cases that an engine asks for."""
ROW = Struct("=qiiiiiiddddb").pack
"""A row of `records.VISIT`, byte for byte."""


class CaseState:
    """A case under way."""

    __slots__ = (
        "arrival", "branches", "channel", "contact", "dropout", "due", "facts", "group", "hurried", "key",
        "marks", "need", "number", "origin", "place", "repeats", "rounds", "staff", "team", "visits",
    )  # fmt: skip

    def __init__(
        self,
        number: int,
        due: float,
        dropout: float,
        key: int,
        need: int,
        group: int,
        origin: int,
        contact: int,
        channel: int,
        arrival: float,
    ) -> None:
        self.number = number
        self.place = place(number)
        self.due = due
        self.dropout = dropout
        self.key = key
        self.need = need
        self.group = group
        self.origin = origin
        self.contact = contact
        self.channel = channel
        self.arrival = arrival
        self.rounds = 0
        self.visits = 0
        self.branches = 0
        self.repeats: dict[int, int] = {}
        self.marks = 0
        self.team = -1
        self.staff = -1
        self.hurried = False
        self.facts: CaseFacts | None = None


class Visit(Happening):
    """One pass of a case through one activity; as an event it happens when the visit ends."""

    queued = math.nan
    started = math.nan
    outcome = WAITING
    team = -1
    staff = -1
    work = 0.0
    way_on = 0.0
    gives_up = math.inf
    pauses = False
    hurried = False
    """The work was begun under a squeeze."""
    priority = 0
    companions: tuple[tuple[int, int, int], ...] = ()
    """The other teams at joint work under way: number of the visit that is theirs, team, staff group."""
    desks: tuple[Desk, ...] = ()
    """Teams that serve it together."""
    held: Posts
    """Each of those teams with the staff group that serves it."""

    def __init__(self, clock: Clock, case: CaseState, branch: int, activity: int, like: int) -> None:
        self.env = clock
        self.callbacks = []
        self.case = case
        self.branch = branch
        self.activity = activity
        self.place = place(case.number, branch) if branch else case.place
        self.number = case.visits
        case.visits += 1
        self.repeat = repeat = case.repeats.get(like, 0)
        case.repeats[like] = repeat + 1
        self.sent = clock.now

    def joined_by(self, teams: Sequence[tuple[int, int]]) -> None:
        """Let other teams, each with a staff group, join the work; each has a visit of its own."""
        first, case = self.case.visits, self.case
        self.companions = tuple((first + n, *team) for n, team in enumerate(teams))
        case.visits += len(teams)

    def start(self, now: float) -> None:
        """Begin."""
        self.started = now
        self.outcome = IN_SERVICE


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
        self.rounds = [0] * len(demand.cases)
        self.ended: list[float] = demand.cases["ended"].tolist()
        self.exit: list[int] = demand.cases["exit"].tolist()
        self._silent: list[int] = demand.silent.tolist()
        self._demand = demand
        self._opened: list[tuple[Any, ...]] = []
        self._rows = bytearray()
        self.under_way: set[Visit] = set()
        """Visits that have not ended."""

    def presented(self) -> Iterator[CaseState]:
        """Give the cases that are presented, in the order in which they arise."""
        latent = self._demand.cases
        numbers = np.flatnonzero(latent["exit"] == OPEN)
        dues, dropouts = self._demand.due[numbers].tolist(), self._demand.dropout[numbers].tolist()
        columns = (latent[column][numbers].tolist() for column in STATE)
        return map(CaseState, numbers.tolist(), dues, dropouts, *columns)

    def open_case(
        self, parent: CaseState, key: int, need: int, now: float, dropout: float, silent: int, contact: int
    ) -> CaseState:
        """Begin a case of another need for the same veteran, presented at a place."""
        latent = self._demand.cases
        number = len(self.exit)
        ancestor = parent.number
        while ancestor >= len(latent):
            ancestor = self._opened[ancestor - len(latent)][1]
        veteran, persons = int(latent["veteran"][ancestor]), int(latent["persons"][ancestor])
        where = (parent.group, parent.origin, contact, parent.channel)
        self._opened.append((key, parent.number, veteran, need, *where, persons, 0, now, math.nan, OPEN))
        self.rounds.append(0)
        self.ended.append(math.nan)
        self.exit.append(OPEN)
        self._silent.append(silent)
        return CaseState(number, self.layout.due(need, now), dropout, key, need, *where, now)

    def close(self, case: CaseState, now: float, exit_: int) -> int:
        """End a case; return the exit, by which it ended silently if it had."""
        if exit_ == DROPPED_OUT and now >= case.dropout:
            exit_ = self._silent[case.number]
        self.ended[case.number] = now
        self.exit[case.number] = exit_
        return exit_

    def come_back(self, case: CaseState) -> None:
        """Count one more return of a case."""
        case.rounds += 1
        case.facts = None
        self.rounds[case.number] = case.rounds

    def end(self, visit: Visit, now: float, outcome: int) -> None:
        """Write down how and when a visit ended."""
        self.under_way.remove(visit)
        self._rows += ROW(
            visit.case.number,
            visit.number,
            visit.branch,
            -1,
            visit.activity,
            visit.team,
            visit.staff,
            visit.sent,
            visit.queued,
            visit.started,
            now,
            outcome,
        )
        for number, team, staff in visit.companions:
            self._rows += ROW(
                visit.case.number,
                number,
                visit.branch,
                visit.number,
                visit.activity,
                team,
                staff,
                visit.sent,
                visit.queued,
                visit.started,
                now,
                outcome,
            )

    def records(self, seed: int, replication: int, switches: NDArray[Any]) -> Records:
        """Write everything as records."""
        for visit in self.under_way.copy():
            self.end(visit, math.nan, visit.outcome)
        cases = np.concatenate([self._demand.cases, np.array(self._opened, CASE)])
        cases["rounds"], cases["ended"], cases["exit"] = self.rounds, self.ended, self.exit
        visits = np.frombuffer(self._rows, VISIT)
        visits = np.take(visits, np.lexsort((visits["visit"], visits["case"])))
        opening, layout = len(self._demand.begins), self.layout
        return Records(
            visits, cases, layout.names, layout.horizon, seed, replication, opening, switches=switches
        )
