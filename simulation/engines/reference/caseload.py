"""Caseloads: how many open cases a team holds, and who waits for a place among them."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections.abc import Generator, Sequence
from functools import partial
from heapq import heappush

import simpy

from simulation.engines.ordering import CAPACITY, COMPLETION, RENEGE, place, queue_key
from simulation.engines.reference.clock import Clock, Happening
from simulation.engines.reference.decisions import Decisions
from simulation.engines.reference.desk import Desk
from simulation.engines.reference.trace import WAITING, CaseState, Trace, Visit
from simulation.layout import Activity, Phase, TeamUnit, exit_target
from simulation.records import Exit, Outcome

__all__ = ["Caseload", "Caseloads"]

NEVER = math.inf
DROPPED_OUT = exit_target(Exit.dropped_out)
COMPLETED, RENEGED_VISIT, REFUSED_VISIT = (
    int(outcome) for outcome in (Outcome.completed, Outcome.reneged, Outcome.refused)
)
Register = dict[int, list["Caseload"]]
"""The caseloads that hold a case, by the number of the case."""


class Caseload:
    """The cases of one team, and those that wait to be taken on."""

    def __init__(self, number: int, after: int, unit: TeamUnit, register: Register, clock: Clock) -> None:
        self.number = number
        self.after = after
        self.unit = unit
        self.register = register
        self.clock = clock
        self.held = 0
        self.queue: list[tuple[int, float, int, Visit]] = []
        self.newcomers: list[Visit] = []
        self.called = False
        self.wakes_at = -1.0

    def to_spare(self) -> float:
        """Count the places left once those who wait have theirs; below zero when too many are held."""
        if self.unit.caseload == NEVER:
            return NEVER
        in_post = self.unit.in_post
        heads = in_post[bisect_right(in_post, (self.clock.now, NEVER)) - 1][1]
        return heads * self.unit.caseload - self.held - len(self.queue)

    def take(self, case: CaseState) -> None:
        """Hold a case."""
        self.held += 1
        self.register.setdefault(case.number, []).append(self)

    def drop(self) -> None:
        """Hold one case less."""
        self.held -= 1
        if self.queue:
            self.call()

    def holds(self, case: CaseState) -> bool:
        """Tell whether the team holds a case."""
        return self in self.register.get(case.number, ())

    # --- waiting for a place -------------------------------------------------------------------------------

    def _key(self, visit: Visit) -> tuple[int, float, int]:
        due = visit.case.due
        return queue_key(self.unit.discipline, visit.priority, visit.queued, due, visit.place)

    def join(self, visit: Visit) -> None:
        """Let a case wait for a place."""
        insort(self.queue, (*self._key(visit), visit))
        if visit.gives_up < NEVER:
            self.newcomers.append(visit)
        self.call()

    def call(self) -> None:
        """Ask for places to be given out at the end of this instant, after the work of all teams."""
        if not self.called:
            self.called = True
            heappush(self.clock.called, (self.after + self.number, self.give_out_places))

    def give_out_places(self) -> None:
        """Take on those who wait, in their order, while there are places."""
        self.called = False
        while self.queue and self.to_spare() + len(self.queue) > 0:
            self._take_on(self.queue.pop(0)[3])
        for visit in self.newcomers:
            if visit.outcome == WAITING:
                self.clock.when(visit.gives_up, RENEGE + visit.place, partial(self._give_up, visit))
        self.newcomers.clear()
        if self.queue and self.wakes_at <= self.clock.now:
            self._wake_when_more_come()

    def _take_on(self, visit: Visit) -> None:
        now = self.clock.now
        if now >= visit.case.dropout:
            self._end_waiting(visit)
            return
        self.take(visit.case)
        self.let_pass(visit)
        if visit.branch:  # other branches of the case may have asked for the same place
            for other in [entry[3] for entry in self.queue if entry[3].case is visit.case]:
                self._leave(other)
                self.let_pass(other)

    def let_pass(self, visit: Visit) -> None:
        """Let a case that is held go on, at the end of this instant."""
        visit.start(self.clock.now)
        self.clock.at(self.clock.now, COMPLETION + visit.place, visit)

    def _leave(self, visit: Visit) -> None:
        del self.queue[bisect_left(self.queue, self._key(visit))]

    def _give_up(self, visit: Visit, _: simpy.Event) -> None:
        if visit.outcome == WAITING and visit.team == self.number:
            self._leave(visit)
            self._end_waiting(visit)

    def _end_waiting(self, visit: Visit) -> None:
        visit.outcome = RENEGED_VISIT
        self.clock.at(self.clock.now, RENEGE + visit.place, visit)

    def _wake_when_more_come(self) -> None:
        """Give out places again when more heads are in post."""
        in_post = self.unit.in_post
        later = bisect_right(in_post, (self.clock.now, NEVER))
        while later < len(in_post) and in_post[later][1] <= in_post[later - 1][1]:
            later += 1
        self.wakes_at = in_post[later][0] if later < len(in_post) else NEVER
        if self.wakes_at < NEVER:
            self.clock.when(self.wakes_at, CAPACITY + place(self.number), lambda _: self.call())


class Caseloads:
    """The caseloads of all teams, and the steps by which cases come onto them and leave them."""

    def __init__(self, desks: Sequence[Desk], clock: Clock, decide: Decisions, trace: Trace) -> None:
        self.clock = clock
        self.decide = decide
        self.trace = trace
        self.register: Register = {}
        self.of_team = [Caseload(desk.number, len(desks), desk.unit, self.register, clock) for desk in desks]

    def assign(self, visit: Visit, activity: Activity) -> Generator[Happening, None, int]:
        """Wait until a team holds the case; where to then."""
        case, now = visit.case, self.clock.now
        visit.queued = now
        caseload = self._asked(visit, activity)
        if caseload is None:
            self.trace.end(visit, now, REFUSED_VISIT)
            return activity.refused_to
        visit.team = caseload.number
        _, patience = self.decide.time_and_patience(visit)
        patience = self.decide.patience(patience, case, activity)
        if caseload.holds(case):
            visit.start(now)
        elif caseload.unit.caseload == NEVER:
            caseload.take(case)
            visit.start(now)
        else:
            yield from self._wait(visit, activity, caseload, patience)
        return self._go_on(visit)

    def _asked(self, visit: Visit, activity: Activity) -> Caseload | None:
        """Choose the team that is asked to hold a case; none when nobody takes cases on."""
        asked = [self.of_team[desk.number] for desk in self.decide.open_to(visit, activity)]
        if activity.join == "available":
            asked = [each for each in asked if each.to_spare() > 0] or asked
        return asked[0] if asked else None

    def _wait(
        self, visit: Visit, activity: Activity, caseload: Caseload, patience: float
    ) -> Generator[Happening, None, None]:
        now = self.clock.now
        if patience < NEVER:
            opened = caseload.unit.hours_for(visit.case.need) if activity.patience_open else None
            visit.gives_up = now + patience if opened is None else opened.add(now, patience)
        visit.priority = self.decide.rank(visit.case, activity)
        caseload.join(visit)
        yield visit

    def _go_on(self, visit: Visit) -> int:
        now = self.clock.now
        if visit.outcome == RENEGED_VISIT:
            self.trace.end(visit, now, RENEGED_VISIT)
            activity = self.decide.phase.activities[visit.activity]
            return DROPPED_OUT if now >= visit.case.dropout else activity.patience_to
        if visit.outcome == REFUSED_VISIT:  # its team was dissolved
            self.trace.end(visit, now, REFUSED_VISIT)
            return self.decide.phase.activities[visit.activity].refused_to
        self.trace.end(visit, now, COMPLETED)
        return self.decide.way_on(visit, now)

    def send_on(self, phase: Phase) -> None:
        """Send those who wait for a team that is there no more to the one that now takes cases on."""
        for caseload in self.of_team:
            while caseload.queue and not phase.exists[caseload.number]:
                visit = caseload.queue.pop(0)[3]
                found = self._asked(visit, phase.activities[visit.activity])
                if found is None:
                    visit.outcome = REFUSED_VISIT
                    self.clock.at(self.clock.now, RENEGE + visit.place, visit)
                    continue
                visit.team = found.number
                if found.holds(visit.case):
                    found.let_pass(visit)
                else:
                    found.join(visit)

    def release(self, visit: Visit, activity: Activity) -> int:
        """Take a case off caseloads; where to then."""
        now = self.clock.now
        self.let_go(visit.case, activity.roles)
        self.decide.time_and_patience(visit)
        visit.queued = now
        visit.start(now)
        self.trace.end(visit, now, COMPLETED)
        return self.decide.way_on(visit, now)

    def let_go(self, case: CaseState, roles: frozenset[str] = frozenset()) -> None:
        """Take a case off the caseloads of some roles, or of all."""
        if not self.register:
            return
        held = self.register.pop(case.number, [])
        kept = [caseload for caseload in held if roles and caseload.unit.role not in roles]
        if kept:
            self.register[case.number] = kept
        for caseload in held:
            if caseload not in kept:
                caseload.drop()
