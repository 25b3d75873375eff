"""Appointments: a case is given a slot, and comes, calls off or stays away."""

from __future__ import annotations

import math
from collections.abc import Generator

from simulation.engines.ordering import HAND_OVER
from simulation.engines.reference.clock import Clock, Happening
from simulation.engines.reference.decisions import Decisions
from simulation.engines.reference.desk import Desk
from simulation.engines.reference.diary import NO_PLACE, Diary, SlotPlace
from simulation.engines.reference.trace import Trace, Visit
from simulation.layout import Activity, exit_target
from simulation.records import Exit, Outcome
from simulation.scenario.appointments import Booking

__all__ = ["Reception"]

DROPPED_OUT = exit_target(Exit.dropped_out)
RENEGED_VISIT, BALKED_VISIT, REFUSED_VISIT = (
    int(outcome) for outcome in (Outcome.reneged, Outcome.balked, Outcome.refused)
)


class Reception:
    """Where cases are booked into the diaries of the teams."""

    def __init__(self, clock: Clock, decide: Decisions, trace: Trace) -> None:
        self.clock = clock
        self.decide = decide
        self.trace = trace

    def keep_appointment(self, visit: Visit) -> Generator[Happening, None, int | None]:
        """Book, again where needed, until the case comes to its slot; else where it goes instead."""
        clock, attempt, after = self.clock, 0, -math.inf
        visit.queued = clock.now
        while True:
            activity, booking = self._as_it_is_now(visit)
            desks = self.decide.bookable(visit, activity)
            if not desks:
                self.trace.end(visit, clock.now, REFUSED_VISIT)
                return activity.refused_to
            desk, diary, place = self._earliest(visit, activity, booking, desks, after)
            visit.desks, visit.team = (desk,), desk.number
            draws = self.decide.booking_draws(visit, activity, attempt)
            if self._too_far(diary, place, booking) and draws.declines < booking.declined:
                self.trace.end(visit, clock.now, BALKED_VISIT)
                return activity.declined_to
            diary.book(place)
            calls_off = draws.calls_off < booking.cancelled
            next_ = max(clock.now, place.start - booking.notice) if calls_off else place.start
            yield clock.at(next_, HAND_OVER + visit.place)
            if calls_off:
                diary.give_back(place)
            if clock.now >= visit.case.dropout:
                self.trace.end(visit, clock.now, RENEGED_VISIT)
                return DROPPED_OUT
            if not calls_off and draws.misses >= booking.no_show:
                return None
            if draws.rebooks >= booking.rebooks:
                self.trace.end(visit, clock.now, RENEGED_VISIT)
                return activity.missed_to
            attempt, after = attempt + 1, place.start

    def _as_it_is_now(self, visit: Visit) -> tuple[Activity, Booking]:
        """Return the activity of a visit, and how it is booked, in the present system."""
        activity = self.decide.phase.activities[visit.activity]
        if activity.booking is None:
            raise LookupError(f"{activity.name} is not done by appointment")
        return activity, activity.booking

    def _earliest(
        self, visit: Visit, activity: Activity, booking: Booking, desks: tuple[Desk, ...], after: float
    ) -> tuple[Desk, Diary, SlotPlace]:
        """Find the earliest place in the diaries of some teams, or of those who will do the work later on."""
        priority = self.decide.rank(visit.case, activity)
        found = self._first_of(desks, booking, after, priority, 0.0)
        if found is None:
            raise LookupError(f"no team that does {activity.name} takes bookings")
        for phase in self.decide.layout.phases:
            if found[2] is NO_PLACE and phase.start > self.clock.now:
                later = self.decide.bookable(visit, phase.activities[visit.activity])
                found = self._first_of(later, booking, after, priority, phase.start) or found
        return found

    def _first_of(
        self, desks: tuple[Desk, ...], booking: Booking, after: float, priority: int, since: float
    ) -> tuple[Desk, Diary, SlotPlace] | None:
        """Find the earliest place from a moment on, the first of the teams at equal times."""
        now = self.clock.now
        best: tuple[Desk, Diary, SlotPlace] | None = None
        for desk in desks:
            diary = desk.diary
            if diary is not None:
                moment = max(since, diary.slots.ahead(now, booking.lead))
                place = diary.earliest(now, moment, after, priority)
                if best is None or place.start < best[2].start:
                    best = desk, diary, place
        return best

    def _too_far(self, diary: Diary, place: SlotPlace, booking: Booking) -> bool:
        limit = booking.too_far
        return limit is not None and place.start > diary.slots.ahead(self.clock.now, limit)
