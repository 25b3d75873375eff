"""Appointments: a case is given a slot, and comes, calls off or stays away."""

from __future__ import annotations

import math
from collections.abc import Generator

from simulation.engines.ordering import HAND_OVER
from simulation.engines.reference.clock import Clock, Happening
from simulation.engines.reference.decisions import Decisions
from simulation.engines.reference.desk import Desk
from simulation.engines.reference.diary import Diary, SlotPlace
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

    def keep_appointment(
        self, visit: Visit, activity: Activity, booking: Booking
    ) -> Generator[Happening, None, int | None]:
        """Book, again where needed, until the case comes to its slot; else where it goes instead."""
        clock, attempt, after = self.clock, 0, -math.inf
        visit.queued = clock.now
        while True:
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

    def _earliest(
        self, visit: Visit, activity: Activity, booking: Booking, desks: tuple[Desk, ...], after: float
    ) -> tuple[Desk, Diary, SlotPlace]:
        """Find the earliest place in the diaries of some teams, the first of them at equal times."""
        now, priority = self.clock.now, self.decide.rank(visit.case, activity)
        best: tuple[Desk, Diary, SlotPlace] | None = None
        for desk in desks:
            diary = desk.diary
            if diary is not None:
                moment = diary.slots.ahead(now, booking.lead)
                place = diary.earliest(now, moment, after, priority)
                if best is None or place.start < best[2].start:
                    best = desk, diary, place
        if best is None:
            raise LookupError(f"no team that does {activity.name} takes bookings")
        return best

    def _too_far(self, diary: Diary, place: SlotPlace, booking: Booking) -> bool:
        limit = booking.too_far
        return limit is not None and place.start > diary.slots.ahead(self.clock.now, limit)
