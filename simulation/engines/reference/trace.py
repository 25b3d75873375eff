"""What a run writes down: the state of each case, and a line per visit."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from simulation.demand import Demand
from simulation.layout import JOIN_TARGET, CaseFacts, Layout, exit_target
from simulation.records import CASE, VISIT, Exit, Outcome, Records

__all__ = ["CaseState", "Fork", "Trace", "Visit"]

RESOLVED = exit_target(Exit.resolved)


class CaseState:
    """A case under way."""

    __slots__ = (
        "arrival", "branches", "contact", "dropout", "ended", "exit", "facts", "group", "key", "need", "number",
        "origin", "parent", "persons", "repeats", "rounds", "veteran", "visits",
    )  # fmt: skip

    def __init__(self, number: int, row: Any, facts: CaseFacts, dropout: float) -> None:
        self.number = number
        self.key = int(row["key"])
        self.parent = int(row["parent"])
        self.veteran = int(row["veteran"])
        self.need = int(row["need"])
        self.group = int(row["group"])
        self.origin = int(row["origin"])
        self.contact = int(row["contact"])
        self.persons = int(row["persons"])
        self.arrival = float(row["arrival"])
        self.facts = facts
        self.dropout = dropout
        self.ended = math.nan
        self.exit = Exit.open
        self.rounds = 0
        self.visits = 0
        self.branches = 0
        self.repeats: dict[int, int] = {}

    def close(self, now: float, exit_: Exit) -> None:
        """End the case."""
        self.ended = now
        self.exit = exit_


class Visit:
    """One pass of a case through one activity."""

    __slots__ = (
        "activity", "branch", "case", "desks", "done", "ended", "gives_up", "group", "held", "number", "outcome",
        "pauses", "queued", "repeat", "sent", "started", "team", "work",
    )  # fmt: skip

    def __init__(
        self, case: CaseState, branch: int, activity: int, number: int, repeat: int, now: float
    ) -> None:
        self.case = case
        self.branch = branch
        self.activity = activity
        self.number = number
        self.repeat = repeat
        self.sent = now
        self.queued = math.nan
        self.started = math.nan
        self.ended = math.nan
        self.team = -1
        self.group = -1
        self.outcome = Outcome.waiting

    def start(self, now: float) -> None:
        """Begin."""
        self.started = now
        self.outcome = Outcome.in_service

    def end(self, now: float, outcome: Outcome) -> None:
        """End, one way or another."""
        self.ended = now
        self.outcome = outcome


class Fork:
    """A case that is at several activities at the same time, until all branches have joined."""

    def __init__(self, visit: Visit, outer: Fork | None, branches: int) -> None:
        self.visit = visit
        self.outer = outer
        self.first_branch = visit.case.branches + 1
        visit.case.branches += branches
        self.under_way = branches
        self.failures: dict[int, int] = {}

    def join(self, branch: int, target: int) -> bool:
        """End a branch by a target; whether it was the last one under way."""
        if target not in (JOIN_TARGET, RESOLVED):
            self.failures[branch] = target
        self.under_way -= 1
        return self.under_way == 0

    def failure(self) -> int | None:
        """The exit of the first branch that failed; none when all have joined."""
        return self.failures[min(self.failures)] if self.failures else None


class Trace:
    """Everything that will be in the records."""

    def __init__(self, layout: Layout, demand: Demand) -> None:
        self.layout = layout
        self.demand = demand
        self.cases: list[CaseState] = []
        self.opened: list[CaseState] = []
        self.visits: list[Visit] = []

    def presented(self) -> Iterator[CaseState]:
        """Cases that are presented, in the order in which they arise."""
        layout, demand = self.layout, self.demand
        for number in np.flatnonzero(demand.cases["exit"] == Exit.open):
            row = demand.cases[number]
            due, dropout = float(demand.due[number]), float(demand.dropout[number])
            yield self._case(int(number), row, due, dropout, layout)

    def _case(self, number: int, row: Any, due: float, dropout: float, layout: Layout) -> CaseState:
        phase = layout.phase_at(float(row["arrival"]))
        facts = layout.facts(phase, int(row["channel"]), int(row["group"]), int(row["contact"]), due)
        case = CaseState(number, row, facts, dropout)
        self.cases.append(case)
        return case

    def open_case(self, parent: CaseState, key: int, need: int, now: float, dropout: float) -> CaseState:
        """A new case of another need for the same veteran."""
        row = {
            "key": key, "parent": parent.number, "veteran": parent.veteran, "need": need, "group": parent.group,
            "origin": parent.origin, "contact": parent.contact, "channel": parent.facts.channel,
            "persons": parent.persons, "arrival": now,
        }  # fmt: skip
        number = len(self.demand.cases) + len(self.opened)
        case = self._case(number, row, self.layout.due(need, now), dropout, self.layout)
        self.opened.append(case)
        return case

    def open_visit(self, case: CaseState, branch: int, activity: int, now: float) -> Visit:
        """A new line for a case that is sent to an activity."""
        repeat = case.repeats.get(activity, 0)
        case.repeats[activity] = repeat + 1
        visit = Visit(case, branch, activity, case.visits, repeat, now)
        case.visits += 1
        self.visits.append(visit)
        return visit

    def records(self, seed: int, replication: int) -> Records:
        """Everything, as records."""
        latent = self.demand.cases
        cases = np.concatenate([latent, np.zeros(len(self.opened), CASE)])
        numbers = np.array([case.number for case in self.cases], dtype=np.int64)
        for column in ("rounds", "ended", "exit"):
            cases[column][numbers] = [getattr(case, column) for case in self.cases]
        opened = cases[len(latent) :]
        for column in (
            "key",
            "parent",
            "veteran",
            "need",
            "group",
            "origin",
            "contact",
            "persons",
            "arrival",
        ):
            opened[column] = [getattr(case, column) for case in self.opened]
        opened["channel"] = [case.facts.channel for case in self.opened]
        visits = np.zeros(len(self.visits), VISIT)
        for column, name in (
            ("visit", "number"), ("branch", "branch"), ("activity", "activity"), ("team", "team"), ("sent", "sent"),
            ("queued", "queued"), ("started", "started"), ("ended", "ended"), ("outcome", "outcome"),
        ):  # fmt: skip
            visits[column] = [getattr(visit, name) for visit in self.visits]
        visits["case"] = [visit.case.number for visit in self.visits]
        visits["staff"] = [
            self.layout.first_staff[visit.team] + visit.group if visit.group >= 0 else -1
            for visit in self.visits
        ]
        visits = visits[np.lexsort((visits["visit"], visits["case"]))]
        return Records(visits, cases, self.layout.names, self.layout.horizon, seed, replication)
