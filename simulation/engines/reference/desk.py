"""A team at work: its queue, its staff, and how it gives out work."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from operator import itemgetter

import simpy

from simulation.engines.ordering import CAPACITY, COMPLETION, RENEGE, place, queue_key
from simulation.engines.reference.clock import Clock
from simulation.engines.reference.trace import WAITING, Visit
from simulation.layout import TeamUnit
from simulation.records import Outcome

__all__ = ["Desk"]

RENEGED = int(Outcome.reneged)


class Desk:
    """The queue and the staff of one team."""

    def __init__(self, number: int, unit: TeamUnit, clock: Clock, desks: Sequence[Desk]) -> None:
        self.number = number
        self.unit = unit
        self.clock = clock
        self.desks = desks
        self.queue: list[tuple[int, float, int, Visit]] = []
        self.busy = [0] * len(unit.staff)
        self.duty = [(group.skills, group.times.tolist(), group.capacity.tolist()) for group in unit.staff]
        self.skilled = any(group.skills for group in unit.staff)
        self.limited = unit.queue_limit < math.inf
        self.newcomers: list[Visit] = []
        self.called = False
        self.wakes_at = -1.0

    # --- who is there --------------------------------------------------------------------------------------

    def load(self) -> int:
        """Count the cases waiting and in service."""
        return len(self.queue) + sum(self.busy)

    def on_duty(self) -> int:
        """Count the heads on duty."""
        return self.unit.on_duty(self.clock.now)

    def waiting(self) -> int:
        """Count the cases that nobody on duty could begin now."""
        return max(0, self.load() - self.on_duty())

    def is_full(self) -> bool:
        """Tell whether a newcomer would be one more waiting than the queue allows."""
        return self.limited and self.load() >= self.on_duty() + self.unit.queue_limit

    def free_group(self, need: int) -> int:
        """Find the preferred staff group with a free head that can serve the need; -1 for none."""
        now, busy = self.clock.now, self.busy
        for index, (skills, times, heads) in enumerate(self.duty):
            if busy[index] < heads[bisect_right(times, now) - 1] and (not skills or need in skills):
                return index
        return -1

    def _anybody_free(self) -> bool:
        now = self.clock.now
        return any(
            busy < heads[bisect_right(times, now) - 1]
            for busy, (_, times, heads) in zip(self.busy, self.duty, strict=True)
        )

    # --- coming and going ----------------------------------------------------------------------------------

    def _key(self, visit: Visit) -> tuple[int, float, int]:
        due = visit.case.facts.due
        return queue_key(self.unit.discipline, visit.priority, visit.queued, due, visit.place)

    def join(self, visit: Visit) -> None:
        """Put a case into the queue."""
        insort(self.queue, (*self._key(visit), visit))
        if visit.gives_up < math.inf and visit.desks[0] == self.number:
            self.newcomers.append(visit)
        self.call()

    def leave(self, visit: Visit) -> None:
        """Take a case out of the queue."""
        del self.queue[bisect_left(self.queue, self._key(visit), key=itemgetter(0, 1, 2))]

    def give_up(self, visit: Visit) -> None:
        """Let a case leave whose patience has ended, if it still waits."""
        if visit.outcome == WAITING:
            for number in visit.desks:
                self.desks[number].leave(visit)
            self._end_waiting(visit)

    def release(self, visit: Visit) -> None:
        """Free everybody who served a case."""
        for number, group in zip(visit.desks, visit.held, strict=True):
            desk = self.desks[number]
            desk.busy[group] -= 1
            desk.call()

    # --- giving out work -----------------------------------------------------------------------------------

    def call(self) -> None:
        """Ask the team to give out work at the end of this instant."""
        if not self.called:
            self.called = True
            self.clock.at_end_of_instant(self.number, self.give_out_work)

    def give_out_work(self) -> None:
        """Start every case that somebody free can serve, in the order of the queue."""
        self.called = False
        position = 0
        while position < len(self.queue):
            visit = self.queue[position][3]
            groups = [self.desks[number].free_group(visit.case.need) for number in visit.desks]
            if min(groups) >= 0:
                del self.queue[position]
                self._start(visit, groups)
            elif (self.skilled and self._anybody_free()) or len(groups) > 1:
                position += 1
            else:
                break
        for visit in self.newcomers:
            if visit.outcome == WAITING:
                self.clock.when(visit.gives_up, RENEGE + visit.place, _GiveUp(self, visit))
        self.newcomers.clear()
        if self.queue:
            self._wake_when_more_come()

    def _start(self, visit: Visit, groups: list[int]) -> None:
        """Begin the service, or find that the veteran has silently given up the case."""
        now = self.clock.now
        for number in visit.desks:
            if number != self.number:
                self.desks[number].leave(visit)
        if now >= visit.case.dropout:
            self._end_waiting(visit)
            return
        for number, group in zip(visit.desks, groups, strict=True):
            self.desks[number].busy[group] += 1
        visit.start(now)
        visit.team, visit.group, visit.held = visit.desks[0], groups[0], groups
        staff = self.desks[visit.team].unit.staff[visit.group]
        duration = visit.work / staff.pace
        ends = staff.hours.add(now, duration) if visit.pauses else now + duration
        self.clock.at(ends, COMPLETION + visit.place, visit.done)

    def _end_waiting(self, visit: Visit) -> None:
        visit.end(self.clock.now, RENEGED)
        self.clock.at(self.clock.now, RENEGE + visit.place, visit.done)

    def _wake_when_more_come(self) -> None:
        """Give out work again when more heads come on duty."""
        rise = self.unit.next_rise(self.clock.now)
        if rise is not None and rise != self.wakes_at:
            self.wakes_at = rise
            self.clock.when(rise, CAPACITY + place(self.number), self._wake)

    def _wake(self, _: simpy.Event) -> None:
        self.call()


class _GiveUp:
    """The end of a case's patience."""

    def __init__(self, desk: Desk, visit: Visit) -> None:
        self.desk = desk
        self.visit = visit

    def __call__(self, _: simpy.Event) -> None:
        self.desk.give_up(self.visit)
