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

    def outlook(self) -> tuple[int, list[int]]:
        """Foresee what giving out work now would leave: cases still waiting, free heads by staff group."""
        now = self.clock.now
        free = [
            max(0, heads[bisect_right(times, now) - 1] - busy)
            for (_, times, heads), busy in zip(self.duty, self.busy, strict=True)
        ]
        waiting = len(self.queue)
        for *_, visit in self.queue if any(free) else ():
            index = self._takes(free, visit.case.need)
            others = (self.desks[number] for number in visit.desks if number != self.number)
            if index >= 0 and all(desk.free_group(visit.case.need) >= 0 for desk in others):
                free[index] -= 1
                waiting -= 1
        return waiting, free

    def _takes(self, free: Sequence[int], need: int) -> int:
        for index, (skills, _, _) in enumerate(self.duty):
            if free[index] and (not skills or need in skills):
                return index
        return -1

    def waiting(self) -> int:
        """Count the cases that nobody on duty could begin now."""
        return self.outlook()[0]

    def is_available(self, need: int) -> bool:
        """Tell whether somebody could begin a case of the need at once, those already here served first."""
        return self._takes(self.outlook()[1], need) >= 0

    def is_full(self, need: int) -> bool:
        """Tell whether a newcomer would be one more waiting than the queue allows."""
        if not self.limited:
            return False
        waiting, free = self.outlook()
        return waiting >= self.unit.queue_limit and self._takes(free, need) < 0

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
            need = visit.case.need
            if len(visit.desks) == 1:
                groups = [self.free_group(need)]
            else:
                groups = [self.desks[number].free_group(need) for number in visit.desks]
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
