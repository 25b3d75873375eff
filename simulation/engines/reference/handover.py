"""Hand-overs: a case is sent to an activity elsewhere, and arrives, is lost or is turned away."""

from __future__ import annotations

from collections.abc import Generator

from simulation.engines.ordering import HAND_OVER
from simulation.engines.reference.clock import Clock, Happening
from simulation.engines.reference.decisions import Decisions
from simulation.engines.reference.trace import Trace, Visit
from simulation.layout import Activity, exit_target
from simulation.records import Exit, Outcome

__all__ = ["Messenger"]

DROPPED_OUT, LOST = exit_target(Exit.dropped_out), exit_target(Exit.lost)
RENEGED_VISIT, LOST_VISIT, REFUSED_VISIT, INELIGIBLE_VISIT = (
    int(outcome) for outcome in (Outcome.reneged, Outcome.lost, Outcome.refused, Outcome.ineligible)
)


class Messenger:
    """Who brings cases to the activities to which they are handed over."""

    def __init__(self, clock: Clock, decide: Decisions, trace: Trace) -> None:
        self.clock = clock
        self.decide = decide
        self.trace = trace

    def hand_over(self, visit: Visit, activity: Activity) -> Generator[Happening, None, int | None]:
        """Hand a case over; where it goes instead, none when it arrives."""
        clock = self.clock
        on_the_way, lost, refused, _ = self.decide.entry_draws(visit, activity)
        loss, refusal, ineligible, slower = self.decide.terms(visit, activity)
        if lost < loss:
            self.trace.end(visit, clock.now, LOST_VISIT)
            return LOST
        if activity.transit >= 0:
            time = self.decide.time_on_the_way(activity, on_the_way) * slower
            hours = activity.transit_hours
            arrives = clock.now + time if hours is None else hours.add(clock.now, time)
            yield clock.at(arrives, HAND_OVER + visit.place)
        if clock.now >= visit.case.dropout:
            self.trace.end(visit, clock.now, RENEGED_VISIT)
            return DROPPED_OUT
        if refused < refusal:
            self.trace.end(visit, clock.now, REFUSED_VISIT)
            return activity.refused_to
        if refused < refusal + ineligible:
            self.trace.end(visit, clock.now, INELIGIBLE_VISIT)
            return activity.ineligible_to
        return None
