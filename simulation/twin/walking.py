"""Flows of cases along a pathway: how many visits each step and team may expect."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.layout import JOIN_TARGET, Activity, exit_of, exit_target
from simulation.records import Exit
from simulation.twin.classes import Classes
from simulation.twin.system import Deed, Slot, System

__all__ = ["Flow", "State", "Visits", "Walk"]

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

ENOUGH = 1e-9
"""Share of what set out that may be left unfollowed."""
MOST_STEPS = 2000
DROPPED_OUT, RESOLVED, RESOLVED_ITSELF = (
    exit_target(exit_) for exit_ in (Exit.dropped_out, Exit.resolved, Exit.resolved_itself)
)


class State(NamedTuple):
    """Where cases stand, and what later steps may ask of them."""

    target: int
    """An activity, an exit or `join`."""
    marks: int = 0
    rounds: int = 0
    deed: int = 0
    """Number of the last deed among those of the walk; 0: none."""
    walked_in: bool = True
    """Whether they come at any time, not straight from a desk that is open."""


class Flow(NamedTuple):
    """How many cases of each class, and how much time they have taken so far, summed over them (hours)."""

    cases: Floats
    time: Floats

    def part(self, share: Floats | float, later: Floats | float = 0.0) -> Flow:
        """Return a share of it, some time later."""
        cases = self.cases * share
        return Flow(cases, self.time * share + cases * later)

    def and_also(self, other: Flow) -> Flow:
        """Put two flows together."""
        return Flow(self.cases + other.cases, self.time + other.time)


class Visits(NamedTuple):
    """Visits to an activity, for one unit of their source; one item of each array for each team with any."""

    activity: int
    team: Numbers
    visits: Floats
    content: Floats
    """Work in them (hours at pace 1)."""
    squared: Floats
    """Sum of the squares of their content."""
    time: Floats
    """Time since their cases arose, summed over the visits (hours)."""


Opened = Callable[[int, int, Classes, Flow], None]
"""Takes cases that are set off: need, marks, classes and flow."""


class Walk:
    """Leads the cases of one need through its pathway, in one phase, all at once."""

    def __init__(self, system: System, need: int, classes: Classes, opened: Opened) -> None:
        self.system, self.need, self.classes, self.opened = system, need, classes, opened
        self.keeps_deeds = system.asks_of_work(system.phase.system.needs[need].pathway)
        self.deeds: list[Deed] = [Deed(np.full(len(classes.origin), -1))]
        self.numbers: dict[bytes, int] = {}
        self.found: list[Visits] = []
        self.hazards = system.hazard(need)
        # What depends on where cases stand, and not on how many come: they come round again and again.
        self._slots: dict[int, list[Slot]] = {}
        self._ways: dict[tuple[int, int, bool, int], dict[int, Floats]] = {}
        self._factors: dict[tuple[int, int, bool, int], Floats] = {}

    def from_the_beginning(self, flow: Flow, marks: int = 0) -> dict[State, Flow]:
        """Lead cases from the beginning of the pathway to their ends, coming back included."""
        return self.whole(self._first(flow, marks, 0, 0))

    def whole(self, begin: dict[State, Flow]) -> dict[State, Flow]:
        """Lead cases from where they stand to their ends, coming back included."""
        rule = self.system.phase.returns[self.need]
        ended: dict[State, Flow] = {}
        while begin:
            again: dict[State, Flow] = {}
            for state, flow in self.walk(begin).items():
                comes = rule is not None and state.rounds < rule.limit
                if rule is None or not comes or exit_of(state.target) not in rule.after:
                    _add(ended, state, flow)
                    continue
                away = self.system.time_away(self.need)
                back, gone = flow.part(rule.probability), flow.part(1.0 - rule.probability)
                _add(ended, state, gone)
                back = self._silent(back.part(1.0, away), away, ended, state)
                marks = state.marks | rule.marks
                for further, part in self._first(back, marks, state.rounds + 1, state.deed).items():
                    _add(again, further, part)
            begin = again
        return ended

    def walk(self, begin: dict[State, Flow]) -> dict[State, Flow]:
        """Lead cases from activities to exits, or to the joining of their branch."""
        ended: dict[State, Flow] = {}
        waiting = dict(begin)
        whole = sum(float(flow.cases.sum()) for flow in begin.values())
        for _ in range(MOST_STEPS):
            for state in [state for state in waiting if state.target < 0]:
                _add(ended, state, waiting.pop(state))
            left = sum(float(flow.cases.sum()) for flow in waiting.values())
            if left <= ENOUGH * whole:
                return ended
            following: dict[State, Flow] = {}
            for state, flow in waiting.items():
                self._visit(state, flow, following)
            waiting = following
        self.system.omissions.note(
            "cases that go round without end", self.system.layout.names.needs[self.need]
        )
        return ended

    # --- one activity --------------------------------------------------------------------------------------

    def _first(self, flow: Flow, marks: int, rounds: int, deed: int) -> dict[State, Flow]:
        routes = self.system.phase.first[self.need]
        ways = self.system.ways(routes, self.need, self.classes, marks, rounds > 0, self.deeds[deed])
        return {State(to, marks, rounds, deed): flow.part(share) for to, share in ways.items() if share.any()}

    def _visit(self, state: State, flow: Flow, following: dict[State, Flow]) -> None:
        """Lead cases through the activity at which they stand."""
        activity = self.system.phase.activities[state.target]
        if activity.handed_over:
            flow = self._hand_over(activity, state, flow, following)
            state = state._replace(walked_in=True)
        if activity.booking is not None:
            flow = self._booked(activity, state, flow, following)
        if activity.kind == "work":
            self._work(activity, state, flow, following)
        elif activity.kind == "delay":
            mean = self.system.moments(activity)[0] * self.system.stretch(activity.hours)
            times = mean * self._factor(activity, state, self.deeds[state.deed], -1 - state.deed)
            flow = self._silent(flow.part(1.0, times), times, following, state)
            self._on(activity, state._replace(walked_in=True), flow, following)
        elif activity.kind == "fork":
            self._fork(activity, state, flow, following)
        else:
            if activity.kind == "open_case":
                self._open(activity, flow)
            elif activity.kind == "assign":
                self.system.omissions.note("waits for a place on a caseload", activity.name)
            self._on(activity, state, flow, following)

    def _hand_over(self, activity: Activity, state: State, flow: Flow, following: dict[State, Flow]) -> Flow:
        """Take off those lost, refused and found ineligible on the way."""
        loss, harder, slower = self.system.practice[:, self.classes.contact]
        lost = np.minimum(activity.loss * loss, 1.0)
        refused = np.minimum(activity.refusal * harder, 1.0)
        ineligible = np.minimum(activity.ineligible * harder, 1.0 - refused)
        time = self.system.transit(activity) * slower
        _add(following, state._replace(target=exit_target(Exit.lost)), flow.part(lost))
        flow = self._silent(flow.part(1.0 - lost, time), time, following, state)
        _add(following, state._replace(target=activity.refused_to), flow.part(refused))
        _add(following, state._replace(target=activity.ineligible_to), flow.part(ineligible))
        return flow.part(1.0 - refused - ineligible)

    def _booked(self, activity: Activity, state: State, flow: Flow, following: dict[State, Flow]) -> Flow:
        """Take off those who call off or miss their appointments and book no other."""
        booking = activity.booking
        if booking is None:
            return flow
        self.system.omissions.note("waits for a free slot of a diary", activity.name)
        if booking.declined > 0:
            self.system.omissions.note("slots declined as too far ahead", activity.name)
        fails = booking.cancelled + (1.0 - booking.cancelled) * booking.no_show
        again = 1.0 - fails * booking.rebooks
        missed = fails * (1.0 - booking.rebooks) / again if again > 0 else 1.0
        _add(following, state._replace(target=activity.missed_to), flow.part(missed))
        return flow.part(1.0 - missed)

    def _work(self, activity: Activity, state: State, flow: Flow, following: dict[State, Flow]) -> None:
        """Count the visits of each team, and lead them on."""
        system = self.system
        first, second = system.moments(activity)
        if activity.balk_at < np.inf:
            system.omissions.note("losses of those who do not join a long queue", activity.name)
        if activity.number not in self._slots:
            self._slots[activity.number] = system.slots(activity, self.classes)
        for number, slot in enumerate(self._slots[activity.number]):
            there = slot.team >= 0
            nobody = flow.part(slot.share * ~there)
            if nobody.cases.any() and not slot.also:
                _add(following, state._replace(target=activity.refused_to), nobody)
            mine = flow.part(slot.share * there)
            if not mine.cases.any():
                continue
            deed = Deed(slot.team)
            factor = self._factor(activity, state, deed, number) * system.work_factor[slot.team]
            before = self.deeds[state.deed].team
            extra = activity.re_entry * ((before >= 0) & (before != slot.team))
            mean = first * factor + extra
            squares = second * factor**2 + 2.0 * first * factor * extra + extra**2
            if state.walked_in:
                mine = mine.part(1.0, system.closed_wait[slot.team])
            taken = mine.cases > 0
            parts = (mine.cases, mine.cases * mean, mine.cases * squares, mine.time)
            sums: list[Floats] = [np.bincount(slot.team[taken], part[taken]).astype(float) for part in parts]
            teams = np.flatnonzero(sums[0])
            visits, content, squared, time = (part[teams] for part in sums)
            self.found.append(Visits(activity.number, teams, visits, content, squared, time))
            if not slot.also:
                after = state._replace(deed=self._number(deed), walked_in=False)
                self._on(activity, after, mine.part(1.0, mean / system.pace[slot.team]), following)

    def _factor(self, activity: Activity, state: State, deed: Deed, of: int) -> Floats:
        """Return the mean factor on a time; `of` tells the deed from the others at this activity."""
        key = (activity.number, state.marks, state.rounds > 0, of)
        if key not in self._factors:
            asked = (self.need, self.classes, state.marks, state.rounds > 0)
            self._factors[key] = self.system.factor(activity.factors, *asked, deed)
        return self._factors[key]

    def _on(self, activity: Activity, state: State, flow: Flow, following: dict[State, Flow]) -> None:
        """Send cases on from an activity that is completed."""
        marks = state.marks | activity.marks
        key = (activity.number, marks, state.rounds > 0, state.deed)
        if key not in self._ways:
            asked = (self.need, self.classes, marks, state.rounds > 0, self.deeds[state.deed])
            self._ways[key] = self.system.ways(activity.routes, *asked)
        for target, share in self._ways[key].items():
            _add(following, state._replace(target=target, marks=marks), flow.part(share))

    def _fork(self, activity: Activity, state: State, flow: Flow, following: dict[State, Flow]) -> None:
        """Lead cases through all branches; those with a branch that failed end as the first one did."""
        cases = np.where(flow.cases > 0, flow.cases, 1.0)
        good = np.ones(len(cases))
        latest, marks, deed = np.zeros(len(cases)), state.marks, state.deed
        began = flow.time / cases
        for branch in activity.branches:
            joined = np.zeros(len(cases))
            for end, part in self.walk({state._replace(target=branch): flow}).items():
                share = part.cases / cases
                if end.target in (JOIN_TARGET, RESOLVED):
                    joined += share
                    marks |= end.marks
                    later = np.divide(part.time, part.cases, out=np.zeros(len(cases)), where=part.cases > 0)
                    if (later - began).max() > latest.max():
                        deed = end.deed
                    latest = np.maximum(latest, np.where(part.cases > 0, later - began, 0.0))
                else:
                    _add(following, end, part.part(good))
            good = good * joined
        self.system.omissions.note("the last of several branches: taken to be the longest", activity.name)
        after = state._replace(marks=marks, deed=deed, walked_in=True)
        self._on(activity, after, flow.part(good, latest), following)

    def _open(self, activity: Activity, flow: Flow) -> None:
        """Open a case of another need for each that comes here."""
        contact = self.classes.contact
        if activity.opens_at is not None:
            seen = contact if activity.opens_by_contact else self.classes.origin
            contact = np.array(activity.opens_at, dtype=np.int64)[seen]
        self.opened(activity.opens_need, activity.opens_marks, self.classes._replace(contact=contact), flow)

    def _silent(self, flow: Flow, hours: Floats | float, following: dict[State, Flow], state: State) -> Flow:
        """Take off those whose case ends silently during a time; return the others."""
        given_up, met = self.hazards
        total = given_up + met
        if total == 0.0:
            return flow
        stays = np.exp(-total * np.asarray(hours, dtype=np.float64))
        gone = flow.part(1.0 - stays)
        _add(following, state._replace(target=DROPPED_OUT), gone.part(given_up / total))
        _add(following, state._replace(target=RESOLVED_ITSELF), gone.part(met / total))
        return flow.part(stays)

    def _number(self, deed: Deed) -> int:
        """Return the number of a deed, if anything later asks who did it."""
        if not self.keeps_deeds:
            return 0
        key = deed.team.tobytes()
        if key not in self.numbers:
            self.numbers[key] = len(self.deeds)
            self.deeds.append(deed)
        return self.numbers[key]


def _add(flows: dict[State, Flow], state: State, flow: Flow) -> None:
    if flow.cases.any():
        flows[state] = flows[state].and_also(flow) if state in flows else flow
