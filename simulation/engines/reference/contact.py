"""First contact: who has a need while a channel is closed waits for its next opening."""

from __future__ import annotations

from collections.abc import Generator

from simulation.engines.ordering import HAND_OVER
from simulation.engines.reference.clock import Clock, Happening
from simulation.engines.reference.trace import CaseState, Trace, Visit
from simulation.layout import Layout, Phase
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
        clock = self.clock
        opens = self.opens(case, clock.now)
        if opens > clock.now:
            waiting = self.layout.contact[case.need]
            visit = Visit(clock, case, 0, waiting, waiting)
            self.trace.under_way.add(visit)
            visit.queued = clock.now
            visit.start(clock.now)
            yield clock.at(opens, HAND_OVER + visit.place, visit)
            self.trace.end(visit, clock.now, COMPLETED)
        return clock.now >= case.dropout
