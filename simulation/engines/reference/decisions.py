"""What is decided about a case, by draws and by the rules of the system as it is at the time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from simulation.engines.reference.clock import Clock
from simulation.engines.reference.desk import Desk
from simulation.engines.reference.trace import CaseState, Visit
from simulation.layout import (
    NO_DEED,
    Activity,
    CaseFacts,
    Deed,
    Factors,
    Layout,
    Phase,
    ReturnRule,
    Route,
    asks_of_work,
    choose,
    exit_of,
)
from simulation.streams import decision, service_draws, uniforms, variate

__all__ = ["Decisions"]

Desks = tuple[Desk, ...]


class BookingDraws(NamedTuple):
    """Uniforms that decide what becomes of a booking."""

    calls_off: float
    rebooks: float
    misses: float
    declines: float


class Decisions:
    """The decisions of one run; each is a draw of its own, keyed by the case and the visit."""

    def __init__(
        self, layout: Layout, desks: Sequence[Desk], clock: Clock, seed: int, replication: int
    ) -> None:
        self.layout = layout
        self.clock = clock
        self.desks = desks
        self.seed = seed
        self.replication = replication
        self.table = layout.table
        self.first_names = [decision(f"{need}/first") for need in layout.names.needs]
        self.return_names = [decision(f"{need}/return") for need in layout.names.needs]
        self._sure: dict[tuple[Any, ...], list[Desks | None]] = {}
        self.enter(layout.phases[0])

    def enter(self, phase: Phase) -> None:
        """Let a phase of the system begin: what is certain in it is worked out once."""
        starts = (*self.layout.starts, -1)
        self.phase = phase
        self.sure_first = [_only_target(routes) for routes in phase.first]
        self.sure_way = [_only_target(activity.routes) for activity in phase.activities]
        self.asks_first = [asks_of_work(routes) for routes in phase.first]
        self.asks_way = [asks_of_work(activity.routes) for activity in phase.activities]
        self.laws = [(each.service, starts[each.time], starts[each.patience]) for each in phase.activities]
        self.sure_desks = [self._sure_desks(activity) for activity in phase.activities]

    def _sure_desks(self, activity: Activity) -> list[Desks | None]:
        """List the team that does the work at each place; none where it depends on more than the place."""
        options = activity.options
        key = (activity.join, *((each.by_contact, id(each.teams), each.always) for each in options))
        if key in self._sure:
            return self._sure[key]
        sure: list[Desks | None] = [None] * len(self.layout.tree.places)
        self._sure[key] = sure
        if len({option.by_contact for option in options}) != 1:
            return sure
        if not all(option.always for option in options):
            return sure
        for place in range(len(sure)):
            found = [team for option in options for team in option.teams[place]]
            teams = [self.desks[team] for team in dict.fromkeys(found)]
            if not teams:
                sure[place] = ()
            elif not teams[0].limited and (len(teams) == 1 or activity.join == "first"):
                sure[place] = (teams[0],)
        return sure

    # --- where to ------------------------------------------------------------------------------------------

    def first_activity(self, case: CaseState, now: float) -> int:
        """Return the activity at which a case begins, or the exit by which it ends at once."""
        target = self.sure_first[case.need]
        if target is not None:
            return target
        named = self.first_names[case.need]
        u = uniforms(self.seed, self.replication, named, case.key, case.rounds, 0)
        deed = self._deed(case) if self.asks_first[case.need] else NO_DEED
        return choose(self.phase.first[case.need], self._facts(case), now, deed, u[0])

    def way_on(self, visit: Visit, now: float) -> int:
        """Let a completed visit mark its case; return what follows, or the exit by which the case ends."""
        activity, case = self.phase.activities[visit.activity], visit.case
        if activity.marks & ~case.marks:
            case.marks |= activity.marks
            case.facts = None
        target = self.sure_way[visit.activity]
        if target is not None:
            return target
        deed = self._deed(case) if self.asks_way[visit.activity] else NO_DEED
        return choose(activity.routes, self._facts(case), now, deed, visit.way_on)

    def comes_back(self, case: CaseState, end: int) -> ReturnRule | None:
        """Decide whether a case that ends comes back, and by which rule."""
        rule = self.phase.returns[case.need]
        if rule is None or case.rounds >= rule.limit or exit_of(end) not in rule.after:
            return None
        return rule if self._return_draws(case)[0] < rule.probability else None

    def time_away(self, case: CaseState, rule: ReturnRule) -> float:
        """Draw the time (hours) until a case comes back."""
        return variate(self.table, self.layout.starts[rule.delay], self._return_draws(case)[1])

    def _return_draws(self, case: CaseState) -> tuple[float, float, float, float]:
        named = self.return_names[case.need]
        return uniforms(self.seed, self.replication, named, case.key, case.rounds, 0)

    # --- at an activity ------------------------------------------------------------------------------------

    def entry_draws(self, visit: Visit, activity: Activity) -> tuple[float, float, float, float]:
        """Draw the uniforms of a visit's beginning: time on the way, loss, refusal, balking."""
        return uniforms(self.seed, self.replication, activity.entry, visit.case.key, visit.repeat, 0)

    def booking_draws(self, visit: Visit, activity: Activity, attempt: int) -> BookingDraws:
        """Draw the uniforms of a visit's first booking (attempt 0), or of one after a missed one."""
        of_run, keyed = (self.seed, self.replication), (visit.case.key, visit.repeat)
        calls_off, rebooks, misses, declines = uniforms(*of_run, activity.appointment, *keyed, attempt)
        if attempt == 0:
            misses, declines = uniforms(*of_run, activity.entry, *keyed, 1)[:2]
        return BookingDraws(calls_off, rebooks, misses, declines)

    def terms(self, visit: Visit, activity: Activity) -> tuple[float, float, float, float]:
        """Return the chances of loss, refusal and ineligibility at a hand-over, and a factor on its time."""
        if not self.phase.practice:
            return activity.loss, activity.refusal, activity.ineligible, 1.0
        local = self.phase.practice[visit.case.contact]
        refusal, ineligible = activity.refusal * local.refusal, activity.ineligible * local.refusal
        return activity.loss * local.loss, refusal, ineligible, local.hand_over

    def time_on_the_way(self, activity: Activity, u: float) -> float:
        """Turn a uniform into the time (hours) of a hand-over."""
        return variate(self.table, self.layout.starts[activity.transit], u) * activity.transit_factor

    def time_and_patience(self, visit: Visit) -> tuple[float, float]:
        """Draw what a visit takes, before any factors, and how long it would wait; and settle its way on."""
        named, law_of_time, law_of_patience = self.laws[visit.activity]
        time, patience, visit.way_on, _ = service_draws(
            self.seed,
            self.replication,
            named,
            visit.case.key,
            visit.repeat,
            self.table,
            law_of_time,
            law_of_patience,
        )
        return time, patience

    def content(self, visit: Visit, team: int, staff: int) -> float:
        """Return the content (hours at pace 1) of work that a team's staff group begins."""
        activity, case, time = self.phase.activities[visit.activity], visit.case, visit.work
        place = self.layout.teams[team].place
        if activity.factors:
            deed = Deed(team, staff, place != case.contact, visit.hurried)
            time = self._scaled(time, activity.factors, case, deed)
        if self.phase.practice:
            time *= self.phase.practice[place].work
        if activity.re_entry and case.team not in (-1, team):
            time += activity.re_entry
        return time

    def patience(self, time: float, case: CaseState, activity: Activity) -> float:
        """Apply the factors on the time for which a case would wait."""
        if not activity.patience_factors:
            return time
        return self._scaled(time, activity.patience_factors, case, self._deed(case))

    def delay(self, visit: Visit, activity: Activity) -> float:
        """Draw the time (hours) that a visit without a team takes, and settle its way on."""
        time = self.time_and_patience(visit)[0]
        if not activity.factors:
            return time
        return self._scaled(time, activity.factors, visit.case, self._deed(visit.case))

    def _scaled(self, time: float, factors: Factors, case: CaseState, deed: Deed) -> float:
        for condition, factor in factors:
            if condition is None or condition.holds(self._facts(case), self.clock.now, deed):
                time *= factor
        return time

    def teams(self, visit: Visit, activity: Activity) -> Desks:
        """Choose the teams whose queue a case joins; none when none may do the work or has room."""
        case = visit.case
        by_contact = activity.options[0].by_contact
        sure = self.sure_desks[activity.number][case.contact if by_contact else case.origin]
        if sure is not None:
            return sure
        desks = self.open_to(visit, activity)
        if activity.join == "all":
            return () if any(desk.is_full(case.need) for desk in desks) else desks
        desks = tuple([desk for desk in desks if not desk.is_full(case.need)])
        if activity.join == "available" and len(desks) > 1:
            return (next((desk for desk in desks if desk.is_available(case.need)), desks[0]),)
        if activity.join == "shortest" and len(desks) > 1:
            return (min(desks, key=Desk.load),)
        return desks[:1]

    def bookable(self, visit: Visit, activity: Activity) -> Desks:
        """List the teams into whose diaries a case may be booked, the preferred first."""
        desks = self.open_to(visit, activity)
        return desks if activity.join == "earliest" else desks[:1]

    def rank(self, case: CaseState, activity: Activity) -> int:
        """Return the rank of a case in a queue of an activity."""
        return activity.priority if activity.priority >= 0 else self.phase.priority[case.need]

    def open_to(self, visit: Visit, activity: Activity) -> Desks:
        """List the teams that may do the work of a visit, the preferred first."""
        case, found = visit.case, list[int]()
        adopts = -1.0
        for option in activity.options:
            if option.share < 1.0:
                if adopts < 0.0:
                    key = (activity.entry, case.key, visit.repeat, 1)
                    adopts = uniforms(self.seed, self.replication, *key)[2]
                if adopts >= option.share:
                    continue
            teams = option.teams[case.contact if option.by_contact else case.origin]
            if option.only_if_free:
                teams = tuple([team for team in teams if self.desks[team].is_available(case.need)])
            found += teams
        return tuple([self.desks[team] for team in dict.fromkeys(found)])

    def _facts(self, case: CaseState) -> CaseFacts:
        """Gather what conditions may ask of a case, when first asked."""
        if case.facts is None:
            phase = self.layout.phase_at(case.arrival)
            facts = self.layout.facts(phase, case.channel, case.group, case.contact, case.due, case.need)
            if case.marks or case.rounds:
                facts = facts._replace(marks=case.marks, returned=case.rounds > 0)
            case.facts = facts
        return case.facts

    def _deed(self, case: CaseState) -> Deed:
        """Gather what conditions may ask of the last work that was completed on a case."""
        if case.team < 0:
            return NO_DEED
        elsewhere = self.layout.teams[case.team].place != case.contact
        return Deed(case.team, case.staff, elsewhere, case.hurried)


def _only_target(routes: tuple[Route, ...]) -> int | None:
    """Find the target of a routing that has but one."""
    return routes[0].targets[0] if len(routes) == 1 and len(routes[0].targets) == 1 else None
