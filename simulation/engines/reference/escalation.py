"""Unmet need: what cases set off that are open too long, or end unmet."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import simpy

from simulation.demand import child_key, time_to_silent_end
from simulation.engines.ordering import ESCALATION, place
from simulation.engines.reference.clock import Clock
from simulation.engines.reference.trace import OPEN, CaseState, Trace
from simulation.layout import FollowUp, Layout, Phase
from simulation.streams import uniforms, variate

__all__ = ["Escalation"]


class Escalation:
    """Watches cases until they are overdue, and opens the cases that they or unmet ones set off.

    Whether a case sets another off is one draw, kept for each rule; it is compared with the probability that
    holds at the moment at which the case is overdue, or ends.
    """

    def __init__(
        self,
        layout: Layout,
        clock: Clock,
        trace: Trace,
        begin: Callable[[CaseState], None],
        run: tuple[int, int],
    ) -> None:
        self.layout = layout
        self.clock = clock
        self.trace = trace
        self.begin = begin
        self.run = run
        self.enter(layout.phases[0])

    def enter(self, phase: Phase) -> None:
        """Let a phase of the system begin."""
        self.phase = phase

    def watch(self, case: CaseState) -> None:
        """Look after a case that arises until it is overdue; what was overdue before time 0 is past."""
        spec = self.layout.scenario.needs[case.need]
        for index, rule in enumerate(self.phase.overdue[case.need]):
            moment = case.due
            if rule.after is not None:
                moment = self.layout.deadlines.after(case.arrival, rule.after, spec.deadline_calendar)
            if self.clock.now <= moment < self.layout.horizon:
                self._later(moment, case, index, partial(self._overdue, case, index))

    def _overdue(self, case: CaseState, index: int, _: simpy.Event) -> None:
        """Let a case that is still open set another off."""
        rule = self.phase.overdue[case.need][index]
        still_open = self.trace.exit[case.number] == OPEN and self.clock.now < case.dropout
        if still_open and self._draws(case, rule)[0] < rule.probability:
            self._open(case, rule)

    def ended(self, case: CaseState, exit_: int) -> None:
        """Let a case that has ended set others off, after a time."""
        for index, rule in enumerate(self.phase.unmet[case.need]):
            if exit_ in rule.exits:
                chance, u, _, _ = self._draws(case, rule)
                if chance < rule.probability:
                    moment = self.clock.now + variate(self.layout.table, self.layout.starts[rule.delay], u)
                    self._later(moment, case, index, partial(self._open_later, case, rule))

    def _open_later(self, case: CaseState, rule: FollowUp, _: simpy.Event) -> None:
        self._open(case, rule)

    def _later(self, moment: float, case: CaseState, index: int, act: Callable[[simpy.Event], None]) -> None:
        self.clock.when(moment, ESCALATION + place(case.number, index), act)

    def _draws(self, case: CaseState, rule: FollowUp) -> tuple[float, float, float, float]:
        return uniforms(*self.run, rule.named, case.key, 0, 0)

    def _open(self, parent: CaseState, rule: FollowUp) -> None:
        """Open the case that a case sets off."""
        now, key = self.clock.now, child_key(parent.key, rule.named, 0)
        time, silent = time_to_silent_end(self.layout, self.phase, rule.need, key, *self.run)
        where = rule.place[parent.contact if rule.by_contact else parent.origin]
        child = self.trace.open_case(parent, key, rule.need, now, now + time, silent, where)
        child.marks = rule.marks
        self.begin(child)
