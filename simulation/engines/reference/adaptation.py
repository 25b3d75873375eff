"""A system that changes while it runs: by date, or when something is seen; and what its cases do then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import simpy
from numpy.typing import NDArray

from simulation.engines.ordering import PHASE, RENEGE
from simulation.engines.reference.desk import Desk
from simulation.layout import Layout, Phase, TriggerRule
from simulation.records import SWITCH, Outcome

if TYPE_CHECKING:
    from simulation.engines.reference.clock import Clock
    from simulation.engines.reference.decisions import Decisions
    from simulation.engines.reference.trace import CaseState, Trace

__all__ = ["Adaptation", "send_on"]

DAY = 24.0
LOOK = 1
"""Place of looking at triggers among the changes of phase of the same instant: after the dated ones."""
REFUSED = int(Outcome.refused)


class Switch:
    """A lever with a trigger, as it is at the moment."""

    def __init__(self, rule: TriggerRule, number: int) -> None:
        self.rule = rule
        self.number = number
        self.moments = frozenset(rule.moments)
        self.is_on = False
        self.days = 0
        """Days in a row on which it was past the threshold that would switch it."""
        self.spent = 0.0
        """Yuan until it was last switched on."""
        self.since = 0.0
        """Hour at which it was last switched on."""

    def decide(self, value: float, now: float) -> bool:
        """Take note of a day's value; return whether the lever is on from now on."""
        rule = self.rule
        if self.is_on and rule.cost_per_hour and self._paid(now) >= rule.budget:
            return False
        past = value < rule.below if self.is_on else value > rule.above
        self.days = self.days + 1 if past else 0
        if self.days < (rule.below_for if self.is_on else rule.above_for):
            return self.is_on
        return not self.is_on and self._can_be_paid()

    def _paid(self, now: float) -> float:
        return self.spent + self.rule.cost_per_hour * (now - self.since)

    def _can_be_paid(self) -> bool:
        paid = self.spent or self.rule.cost_once
        return paid < self.rule.budget or (paid == self.rule.budget and not self.rule.cost_per_hour)

    def turn(self, now: float) -> None:
        """Switch it."""
        self.is_on = not self.is_on
        self.days = 0
        if self.is_on:
            self.spent = self.spent or self.rule.cost_once
            self.since = now
        else:
            self.spent = self._paid(now)


class Adaptation:
    """Looks at what is seen of the system, and switches levers on and off."""

    def __init__(
        self,
        layout: Layout,
        desks: Sequence[Desk],
        trace: Trace,
        clock: Clock,
        adopt: Callable[[Phase], None],
    ) -> None:
        self.layout = layout
        self.desks = desks
        self.trace = trace
        self.clock = clock
        self.adopt = adopt
        self.switches = [Switch(rule, number) for number, rule in enumerate(layout.triggers)]
        self.at = 0
        """Number of the present phase."""
        self.rows: list[tuple[float, int, int]] = []

    def begin(self) -> None:
        """Put all moments at which something changes on the clock."""
        for number, phase in enumerate(self.layout.phases[1:], start=1):
            self.clock.when(phase.start, PHASE, self._entering(number))
        for moment in sorted({moment for switch in self.switches for moment in switch.moments}):
            self.clock.when(moment, PHASE + LOOK, self._look)

    def _entering(self, number: int) -> Callable[[simpy.Event], None]:
        def enter(_: simpy.Event) -> None:
            self.at = number
            for switch in self.switches:
                if not switch.rule.strength[number]:
                    switch.days = 0
                    if switch.is_on:
                        self._turn(switch)
            self._adopt()

        return enter

    def _look(self, _: simpy.Event) -> None:
        """Observe everything that is looked at now, and then switch."""
        now = self.clock.now
        looked = [
            (switch, self._observe(switch.rule))
            for switch in self.switches
            if switch.rule.strength[self.at] and now in switch.moments
        ]
        turned = [switch for switch, value in looked if switch.decide(value, now) != switch.is_on]
        for switch in turned:
            self._turn(switch)
        if turned:
            self._adopt()

    def _turn(self, switch: Switch) -> None:
        switch.turn(self.clock.now)
        self.rows.append((self.clock.now, switch.number, int(switch.is_on)))

    def _adopt(self) -> None:
        mask = sum(1 << switch.number for switch in self.switches if switch.is_on)
        self.adopt(self.layout.variants[self.at][mask])

    # --- what is seen --------------------------------------------------------------------------------------

    def _observe(self, rule: TriggerRule) -> float:
        if rule.observe == "waiting":
            return float(sum(self._waiting(desk, rule) for desk in self.desks))
        cases = self._open_cases(rule)
        if rule.observe == "open_cases":
            return float(len(cases))
        ages = sorted(self.clock.now - case.arrival for case in cases)
        return ages[(9 * len(ages) + 9) // 10 - 1] / DAY if ages else 0.0

    def _waiting(self, desk: Desk, rule: TriggerRule) -> int:
        if not desk.queue or (rule.teams and desk.unit.role not in rule.teams):
            return 0
        return sum(
            visit.desks[0] is desk and (not rule.needs or visit.case.need in rule.needs)
            for *_, visit in desk.queue
        )

    def _open_cases(self, rule: TriggerRule) -> set[CaseState]:
        """Find the cases that are under way and not away."""
        first_away = self.layout.away[0]
        return {
            visit.case
            for visit in self.trace.under_way
            if visit.activity < first_away and (not rule.needs or visit.case.need in rule.needs)
        }

    def records(self) -> NDArray[Any]:
        """Return a row for each switch."""
        return np.array(self.rows, SWITCH)


def send_on(phase: Phase, desks: Sequence[Desk], decide: Decisions) -> None:
    """Send the cases that wait for a team which is there no more to those who now do the work.

    They keep the moment at which they joined, and their patience; work that has begun is finished. Where
    nobody does the work any more, or there is no room, a case is refused.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> send_on(make_layout(single_queue(), 24.0).phases[0], [], decide=None)
    """
    for desk, exists in zip(desks, phase.exists, strict=False):
        desk.dissolved = not exists
    for desk in desks:
        while desk.dissolved and desk.queue:
            visit = desk.queue[0][3]
            for waiting in visit.desks:
                waiting.leave(visit)
            found = decide.teams(visit, phase.activities[visit.activity])
            if not found:
                visit.outcome = REFUSED
                desk.clock.at(desk.clock.now, RENEGE + visit.place, visit)
                continue
            visit.desks, visit.team = found, found[0].number
            for new in found:
                new.take_over(visit)
