"""A team at work: its queue, its staff, and how it gives out work."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Sequence
from functools import partial
from heapq import heappush

import simpy

from simulation.engines.ordering import CAPACITY, COMPLETION, RENEGE, place, queue_key
from simulation.engines.reference.clock import Clock
from simulation.engines.reference.diary import Diary
from simulation.engines.reference.trace import IN_SERVICE, WAITING, Visit
from simulation.layout import Slots, TeamUnit
from simulation.records import Outcome
from simulation.roster import make_duty

__all__ = ["Desk", "Posts"]

Posts = tuple[tuple["Desk", int], ...]
"""Teams, each with one of its staff groups."""

NEVER = math.inf
RENEGED = int(Outcome.reneged)


class Desk:
    """The queue and the staff of one team."""

    content: Callable[[Visit, int, int], float]
    """The content (hours at pace 1) of a visit that a staff group of a team begins; `Decisions` says it."""

    def __init__(
        self, number: int, unit: TeamUnit, slots: Slots | None, first_staff: int, clock: Clock
    ) -> None:
        self.number = number
        self.unit = unit
        self.first_staff = first_staff
        self.clock = clock
        self.queue: list[tuple[int, float, int, Visit]] = []
        self.busy = [0] * len(unit.staff)
        self.heads = [0] * len(unit.staff)
        self.heads_until = 0.0
        self.duty = [make_duty(group) for group in unit.staff]
        self.pace = [1.0] * len(unit.staff)
        self.closed = [NEVER] * len(unit.staff)
        self.proficient = [any(era.proficiency for era in group.eras) for group in unit.staff]
        self.posts: list[Posts] = [((self, group),) for group in range(len(unit.staff))]
        self.skills = [group.skills for group in unit.staff]
        self.overtime = any(duty.closed for duty in self.duty)
        self.choosy = any(self.skills) or self.overtime
        self.discipline = unit.discipline
        self.limited = unit.queue_limit < math.inf
        self.diary = None if slots is None else Diary(slots)
        self.newcomers: list[Visit] = []
        self.dissolved = False
        """Whether there is no such team in the present phase."""
        self.called = False
        self.wakes_at = -1.0

    # --- who is there --------------------------------------------------------------------------------------

    def load(self) -> int:
        """Count the cases waiting and in service."""
        return len(self.queue) + sum(self.busy)

    def outlook(self) -> tuple[int, list[int]]:
        """Foresee what giving out work now would leave: cases still waiting, free heads by staff group."""
        self._count_heads()
        free = [max(0, heads - busy) for heads, busy in zip(self.heads, self.busy, strict=True)]
        waiting = len(self.queue)
        for *_, visit in self.queue if any(free) else ():
            index = self._takes(free, visit.case.need, visit)
            if index >= 0 and all(desk.free_post(visit) for desk in visit.desks if desk is not self):
                free[index] -= 1
                waiting -= 1
        return waiting, free

    def _takes(self, free: Sequence[int], need: int, visit: Visit | None = None) -> int:
        """Find the preferred staff group with a free head for a case that waits, or else for a newcomer."""
        for index, skills in enumerate(self.skills):
            if free[index] and (not skills or need in skills):
                if not self.overtime or self.closed[index] == NEVER:
                    return index
                if visit is not None and not self._too_late(visit, index):
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

    def _too_late(self, visit: Visit, group: int) -> bool:
        """Tell whether a staff group is in overtime and does not begin a visit in it."""
        late = self.closed[group]
        return late < NEVER and (visit.queued >= late or visit.pauses)

    def free_post(self, visit: Visit) -> Posts:
        """Find the preferred staff group with a free head that may begin a visit now; none: empty."""
        if self.clock.now >= self.heads_until:
            self._count_heads()
        heads, skills = self.heads, self.skills
        for index, busy in enumerate(self.busy):
            if busy < heads[index] and (not skills[index] or visit.case.need in skills[index]):
                if self.overtime and self._too_late(visit, index):
                    continue
                return self.posts[index]
        return ()

    def _somebody_free(self) -> bool:
        return any(busy < heads for busy, heads in zip(self.busy, self.heads, strict=True))

    def _count_heads(self) -> None:
        """Know how many heads are on duty, until the next change in any group."""
        now, self.heads_until = self.clock.now, math.inf
        for index, (times, heads, pace, closed) in enumerate(self.duty):
            following = bisect_right(times, now)
            self.heads[index] = heads[following - 1]
            self.pace[index] = pace[following - 1]
            if closed:
                self.closed[index] = closed[following - 1]
            if following < len(times):
                self.heads_until = min(self.heads_until, times[following])

    # --- coming and going ----------------------------------------------------------------------------------

    def join(self, visit: Visit) -> None:
        """Put a newcomer into the queue, whose patience begins to count."""
        self.take_over(visit)
        if visit.gives_up < NEVER and visit.desks[0] is self:
            self.newcomers.append(visit)

    def take_over(self, visit: Visit) -> None:
        """Put a case into the queue."""
        queue, due = self.queue, visit.case.due
        key = queue_key(self.discipline, visit.priority, visit.queued, due, visit.place)
        entry = (*key, visit)
        if queue and entry < queue[-1]:
            insort(queue, entry)
        else:
            queue.append(entry)
        self.call()

    def leave(self, visit: Visit) -> None:
        """Take a case out of the queue."""
        key = queue_key(self.discipline, visit.priority, visit.queued, visit.case.due, visit.place)
        del self.queue[bisect_left(self.queue, key)]

    def _give_up(self, visit: Visit, _: simpy.Event) -> None:
        """Let a case leave whose patience has ended, if it still waits."""
        if visit.outcome == WAITING:
            for desk in visit.desks:
                desk.leave(visit)
            self._end_waiting(visit)

    def release(self, visit: Visit) -> None:
        """Free everybody who served a case."""
        for desk, group in visit.held:
            desk.busy[group] -= 1
            if desk.queue:
                desk.call()

    # --- giving out work -----------------------------------------------------------------------------------

    def call(self) -> None:
        """Ask the team to give out work at the end of this instant."""
        if not self.called:
            self.called = True
            heappush(self.clock.called, (self.number, self.give_out_work))

    def give_out_work(self) -> None:
        """Start every case that somebody free can serve, in the order of the queue."""
        self.called = False
        queue, position = self.queue, 0
        while position < len(queue):
            visit = queue[position][3]
            alone = len(visit.desks) == 1
            held = self.free_post(visit) if alone else self._free_posts(visit)
            if held:
                del queue[position]
                self._start(visit, held)
            elif (self.choosy or not alone) and self._somebody_free():
                position += 1  # the next one may be served sooner
            else:
                break
        for visit in self.newcomers:
            if visit.outcome == WAITING:
                self.clock.when(visit.gives_up, RENEGE + visit.place, partial(self._give_up, visit))
        self.newcomers.clear()
        if queue and self.wakes_at <= self.clock.now:
            self._wake_when_more_come()

    def _free_posts(self, visit: Visit) -> Posts:
        """Find a staff group with a free head at every team that the case needs; empty if one has none."""
        found = [desk.free_post(visit) for desk in visit.desks]
        return tuple(post for posts in found for post in posts) if all(found) else ()

    def _start(self, visit: Visit, held: Posts) -> None:
        """Begin the service, or find that the veteran has silently given up the case."""
        now = self.clock.now
        for desk, _ in held:
            if desk is not self:
                desk.leave(visit)
        if now >= visit.case.dropout:
            self._end_waiting(visit)
            return
        for desk, group in held:
            desk.busy[group] += 1
        visit.started, visit.outcome, visit.held = now, IN_SERVICE, held
        first, group = held[0]
        visit.staff = first.first_staff + group
        if len(held) > 1:
            visit.joined_by([(desk.number, desk.first_staff + group) for desk, group in held[1:]])
        pace = first.pace_of(visit, group)
        duration = self.content(visit, first.number, visit.staff) / pace
        ends = first.unit.staff[group].hours.add(now, duration) if visit.pauses else now + duration
        self.clock.at(ends, COMPLETION + visit.place, visit)

    def pace_of(self, visit: Visit, group: int) -> float:
        """Return the work done per hour by a staff group that begins a visit, and note whether it hurries."""
        pace, squeeze = self.pace[group], self.unit.squeeze
        if self.proficient[group]:
            pace *= self.unit.staff[group].proficiency(visit.case.need, self.clock.now)
        if squeeze is not None and len(self.queue) >= squeeze.waiting * sum(self.heads):
            visit.hurried = True
            pace *= squeeze.speed
        return pace

    def _end_waiting(self, visit: Visit) -> None:
        visit.outcome = RENEGED
        self.clock.at(self.clock.now, RENEGE + visit.place, visit)

    def _wake_when_more_come(self) -> None:
        """Give out work again when more heads come on duty."""
        rise = self.unit.next_rise(self.clock.now)
        self.wakes_at = math.inf if rise is None else rise
        if rise is not None:
            self.clock.when(rise, CAPACITY + place(self.number), self._wake)

    def _wake(self, _: simpy.Event) -> None:
        self.call()
