"""A team at work: its queue, its staff, and how it gives out work."""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Sequence

from simulation.engines.ordering import Kind, queue_key, rank
from simulation.engines.reference.clock import Clock
from simulation.engines.reference.trace import Visit
from simulation.layout import TeamUnit
from simulation.records import Outcome

__all__ = ["Desk"]


class Desk:
    """The queue and the staff of one team."""

    def __init__(self, number: int, unit: TeamUnit, clock: Clock, desks: Sequence[Desk]) -> None:
        self.number = number
        self.unit = unit
        self.clock = clock
        self.desks = desks
        self.queue: list[tuple[int, float, int, int, Visit]] = []
        self.busy = [0] * len(unit.staff)
        self.newcomers: list[Visit] = []
        self.called = False
        self.wakes_at = -1.0
        self.skilled = any(group.skills for group in unit.staff)

    def load(self) -> int:
        """Cases waiting and in service."""
        return len(self.queue) + sum(self.busy)

    def on_duty(self) -> int:
        """Heads on duty now."""
        return self.unit.on_duty(self.clock.now)

    def waiting(self) -> int:
        """Cases that nobody on duty could begin now."""
        return max(0, self.load() - self.on_duty())

    def is_full(self) -> bool:
        """Whether a newcomer would be one more waiting than the queue allows."""
        return self.unit.queue_limit < math.inf and self.load() >= self.on_duty() + self.unit.queue_limit

    def join(self, visit: Visit, priority: int) -> None:
        """Put a case into the queue."""
        case = visit.case
        key = queue_key(
            self.unit.discipline, priority, visit.queued, case.facts.due, case.number, visit.branch
        )
        insort(self.queue, (*key, visit))
        if visit.desks[0] == self.number and visit.gives_up < math.inf:
            self.newcomers.append(visit)
        self.call()

    def leave(self, visit: Visit) -> None:
        """Take a case out of the queue."""
        self.queue = [entry for entry in self.queue if entry[4] is not visit]

    def call(self) -> None:
        """Ask the team to give out work at the end of this instant."""
        if not self.called:
            self.called = True
            self.clock.when(self.clock.now, rank(Kind.dispatch, self.number), self.give_out_work)

    def free_group(self, need: int) -> int:
        """The preferred staff group with a free head that can serve the need, -1 for none."""
        now = self.clock.now
        for index, group in enumerate(self.unit.staff):
            if (not group.skills or need in group.skills) and self.busy[index] < group.on_duty(now):
                return index
        return -1

    def give_out_work(self) -> None:
        """Start every case that somebody free can serve, in the order of the queue."""
        self.called = False
        position = 0
        while position < len(self.queue):
            visit = self.queue[position][4]
            groups = [self.desks[number].free_group(visit.case.need) for number in visit.desks]
            if min(groups) >= 0:
                self._start(visit, groups)
            elif self.skilled or len(visit.desks) > 1:
                position += 1
            else:
                break
        for visit in self.newcomers:
            if visit.outcome == Outcome.waiting:
                place = rank(Kind.renege, visit.case.number, visit.branch)
                self.clock.when(visit.gives_up, place, lambda visit=visit: self.give_up(visit))
        self.newcomers.clear()
        if self.queue:
            self._wake_when_more_come()

    def _start(self, visit: Visit, groups: list[int]) -> None:
        """Begin the service, or find that the veteran has silently given up the case."""
        now, case = self.clock.now, visit.case
        for number in visit.desks:
            self.desks[number].leave(visit)
        if now >= case.dropout:
            self._end_waiting(visit, Kind.dispatch)
            return
        for number, group in zip(visit.desks, groups, strict=True):
            self.desks[number].busy[group] += 1
        visit.start(now)
        visit.team, visit.group = visit.desks[0], groups[0]
        visit.held = groups
        staff = self.desks[visit.team].unit.staff[visit.group]
        duration = visit.work / staff.pace
        ends = staff.hours.add(now, duration) if visit.pauses else now + duration
        self.clock.at(ends, rank(Kind.completion, case.number, visit.branch), visit.done)

    def release(self, visit: Visit) -> None:
        """Free everybody who served a case."""
        for number, group in zip(visit.desks, visit.held, strict=True):
            self.desks[number].busy[group] -= 1
            self.desks[number].call()

    def give_up(self, visit: Visit) -> None:
        """The patience of a case has ended; if it still waits, it leaves."""
        if visit.outcome == Outcome.waiting:
            for number in visit.desks:
                self.desks[number].leave(visit)
            self._end_waiting(visit, Kind.renege)

    def _end_waiting(self, visit: Visit, kind: Kind) -> None:
        visit.end(self.clock.now, Outcome.reneged)
        self.clock.at(self.clock.now, rank(kind, visit.case.number, visit.branch), visit.done)

    def _wake_when_more_come(self) -> None:
        """Give out work again when more heads come on duty."""
        rise = self.unit.next_rise(self.clock.now)
        if rise is not None and rise != self.wakes_at:
            self.wakes_at = rise
            self.clock.when(rise, rank(Kind.capacity, self.number), self.call)
