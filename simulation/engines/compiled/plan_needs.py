"""Needs as arrays: how their cases begin, come back, and what they set off."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.demand import Opening
from simulation.engines.compiled.codes import AFTER_HOURS, AFTER_OPEN_HOURS, AT_DUE
from simulation.engines.compiled.plan_tables import Tables, as_table
from simulation.engines.compiled.tables import FOLLOW_UP, NEED, RETURN
from simulation.layout import FollowUp, Layout, Phase, ReturnRule
from simulation.scenario.quantities import Duration
from simulation.streams import decision

__all__ = ["NeedWriter"]

Rule = tuple[FollowUp, int]
"""A rule, and the need whose cases it is about."""


class NeedWriter:
    """Writes the needs of all phases.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> layout = make_layout(single_queue(), 24.0)
    >>> NeedWriter(layout, Tables(layout)).write(layout.phases)["priority"].tolist()
    [[10]]
    """

    def __init__(self, layout: Layout, tables: Tables) -> None:
        self.layout = layout
        self.tables = tables
        self.starts = (*layout.starts, -1)
        self._returns: list[ReturnRule] = []
        self._overdue: list[Rule] = []
        self._unmet: list[Rule] = []

    def write(self, phases: Sequence[Phase]) -> NDArray[Any]:
        """Write the needs of each phase, [phase, need]."""
        table = np.zeros((len(phases), len(self.layout.names.needs)), NEED)
        for at, phase in enumerate(phases):
            for need, name in enumerate(self.layout.names.needs):
                row = {
                    **self._rules(phase, need),
                    "first": decision(f"{name}/first"),
                    "back": decision(f"{name}/return"),
                    "waits_for_contact": phase.system.needs[need].initiated == "veteran",
                    "priority": phase.priority[need],
                    "dropout": self.starts[phase.dropout[need]],
                    "resolves": self.starts[phase.resolves[need]],
                }
                for field, entry in row.items():
                    table[field][at, need] = entry
        return table

    def _rules(self, phase: Phase, need: int) -> dict[str, Any]:
        routes_at, routes_n, sure = self.tables.routing(phase.first[need])
        overdue_at, unmet_at = len(self._overdue), len(self._unmet)
        self._overdue += [(rule, need) for rule in phase.overdue[need]]
        self._unmet += [(rule, need) for rule in phase.unmet[need]]
        returns = phase.returns[need]
        if returns is not None:
            self._returns.append(returns)
        spec = self.layout.scenario.needs[need]
        how, after, hours = self._time_allowed(spec.deadline, spec.deadline_calendar)
        return {
            "routes_at": routes_at,
            "routes_n": routes_n,
            "sure": sure,
            "returns": -1 if returns is None else len(self._returns) - 1,
            "overdue_at": overdue_at,
            "overdue_n": len(phase.overdue[need]),
            "unmet_at": unmet_at,
            "unmet_n": len(phase.unmet[need]),
            "due_open": how == AFTER_OPEN_HOURS,
            "due_hours": hours,
            "due_after": after,
        }

    def _time_allowed(self, duration: Duration | None, calendar: str) -> tuple[int, float, int]:
        """Return how a time allowed is counted, how many hours it is, and on which opening hours."""
        if duration is None:
            return AFTER_HOURS, math.inf, -1
        if duration.unit != "wd":
            return AFTER_HOURS, duration.hours(24.0), -1
        work, hours = self.layout.deadlines.open_hours(duration, calendar)
        return AFTER_OPEN_HOURS, work, self.tables.hours(hours)

    def written(self, opening: Opening) -> dict[str, Any]:
        """Return everything that was written, under the names of `Plan`.

        Parameters
        ----------
        opening
            The cases that are under way at time 0.
        """
        back = [
            (_bits(rule.after), rule.marks, self.starts[rule.delay], rule.limit, rule.probability)
            for rule in self._returns
        ]
        return {
            "returns": as_table(back, RETURN),
            "overdue": as_table([self._follow_up(*rule) for rule in self._overdue], FOLLOW_UP),
            "unmet": as_table([self._follow_up(*rule) for rule in self._unmet], FOLLOW_UP),
            "overdue_at_first": self._overdue_at_first(opening),
            "opening": len(opening.cases),
            "most_rules": max(len(self._overdue), len(self._unmet)),
        }

    def _follow_up(self, rule: FollowUp, need: int) -> tuple[Any, ...]:
        how, after, hours = AT_DUE, 0.0, -1
        if rule.after is not None:
            calendar = self.layout.scenario.needs[need].deadline_calendar
            how, after, hours = self._time_allowed(rule.after, calendar)
        return (
            rule.need,
            rule.by_contact,
            self.tables.each_place(rule.place),
            how,
            hours,
            after,
            rule.probability,
            rule.named,
            rule.marks,
            _bits(rule.exits),
            self.starts[rule.delay],
        )

    def _overdue_at_first(self, opening: Opening) -> NDArray[np.float64]:
        """Return when the cases that are under way at time 0 are overdue, by each of the rules."""
        moments = np.full((max(1, len(opening.cases)), max(1, len(self._overdue))), math.inf)
        deadlines = self.layout.deadlines
        for number, case in enumerate(opening.cases):
            for at, (rule, need) in enumerate(self._overdue):
                if case["need"] == need:
                    arrival = float(case["arrival"])
                    calendar = self.layout.scenario.needs[need].deadline_calendar
                    if rule.after is None:
                        moments[number, at] = self.layout.due(need, arrival)
                    else:
                        moments[number, at] = deadlines.after(arrival, rule.after, calendar)
        return moments


def _bits(exits: frozenset[int]) -> int:
    """Write exits as the bits of a number."""
    return sum(1 << exit_ for exit_ in exits)
