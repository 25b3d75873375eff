"""Contact: who has a need, or comes back, while the channel is closed waits for its next opening."""

from __future__ import annotations

from collections.abc import Generator

from simulation.engines.ordering import HAND_OVER
from simulation.engines.reference.clock import Clock, Happening
from simulation.engines.reference.decisions import Decisions
from simulation.engines.reference.trace import CaseState, Trace, Visit
from simulation.layout import Layout, Phase, ReturnRule
from simulation.records import Outcome

__all__ = ["Contact"]

COMPLETED = int(Outcome.completed)


class Contact:
    """The channels over which veterans make contact, and when those are open."""

    def __init__(self, layout: Layout, clock: Clock, trace: Trace) -> None:
        self.layout = layout
        self.clock = clock
        self.trace = trace
        self.enter(layout.phases[0])

    def enter(self, phase: Phase) -> None:
        """Let a phase of the system begin."""
        self.phase = phase

    def opens(self, case: CaseState, moment: float) -> float:
        """Return the first moment at which a veteran gets through; what the service begins never waits."""
        hours = self.phase.contact[case.channel] if self.phase.contact else None
        if hours is None or self.phase.system.needs[case.need].initiated != "veteran":
            return moment
        return hours.next_open(moment)

    def wait(self, case: CaseState) -> Generator[Happening, None, bool]:
        """Wait until contact can be made; return whether the case has silently ended meanwhile."""
        now = self.clock.now
        opens = self.opens(case, now)
        if opens > now:
            yield from self._pass_time(case, self.layout.contact[case.need], opens)
        return self.clock.now >= case.dropout

    def stay_away(
        self, case: CaseState, rule: ReturnRule, decide: Decisions
    ) -> Generator[Happening, None, bool]:
        """Let the time pass until a case comes back; return whether it has silently ended meanwhile."""
        back = self.opens(case, self.clock.now + decide.time_away(case, rule))
        yield from self._pass_time(case, self.layout.away[case.need], back)
        if self.clock.now >= case.dropout:
            return True
        case.marks |= rule.marks
        self.trace.come_back(case)
        return False

    def _pass_time(self, case: CaseState, activity: int, until: float) -> Generator[Happening, None, None]:
        """Write the time until a moment down as a visit to an activity that is no step."""
        clock = self.clock
        visit = Visit(clock, case, 0, activity, activity)
        self.trace.under_way.add(visit)
        visit.queued = clock.now
        visit.start(clock.now)
        yield clock.at(until, HAND_OVER + visit.place, visit)
        self.trace.end(visit, clock.now, COMPLETED)
