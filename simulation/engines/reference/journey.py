"""The reference engine: the conceptual model in SimPy, written to be read.

A case is a SimPy process. Its journey leads from activity to activity: it is handed over, joins the queue
of a team, is called and served, and is sent on, until it ends. Teams never act by themselves: whatever
happens to a team asks it to give out work at the end of that instant.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from functools import partial

import simpy

from simulation.demand import Demand, child_key, time_to_dropout
from simulation.engines.ordering import ARRIVAL, HAND_OVER, PHASE
from simulation.engines.reference.clock import Clock, Happening
from simulation.engines.reference.desk import Desk
from simulation.engines.reference.trace import CaseState, Fork, Trace, Visit
from simulation.layout import Activity, CaseFacts, Layout, Phase, ReturnRule, choose, exit_of, exit_target
from simulation.records import Exit, Outcome, Records
from simulation.streams import decision, service_draws, uniforms, variate

__all__ = ["simulate_reference"]

Process = Generator[Happening, None, None]
Steps = Generator[Happening, None, int]
BALKED, DROPPED_OUT, LOST, REFUSED, RENEGED = (
    exit_target(exit_) for exit_ in (Exit.balked, Exit.dropped_out, Exit.lost, Exit.refused, Exit.reneged)
)
COMPLETED, RENEGED_VISIT, BALKED_VISIT, LOST_VISIT, REFUSED_VISIT = (
    int(outcome)
    for outcome in (Outcome.completed, Outcome.reneged, Outcome.balked, Outcome.lost, Outcome.refused)
)


def simulate_reference(layout: Layout, demand: Demand, seed: int, replication: int) -> Records:
    """Run the service system for the layout's horizon.

    Parameters
    ----------
    layout
        The scenario written out.
    demand
        The latent cases of the replication.
    seed, replication
        Key of the random numbers.

    Examples
    --------
    >>> from simulation.demand import make_demand
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> layout = make_layout(single_queue(), 100.0)
    >>> records = simulate_reference(layout, make_demand(layout, 1, 0), 1, 0)
    >>> records.check()
    """
    return _ServiceSystem(layout, demand, seed, replication).run()


class _ServiceSystem:
    """One run of the service system."""

    def __init__(self, layout: Layout, demand: Demand, seed: int, replication: int) -> None:
        self.layout = layout
        self.seed = seed
        self.replication = replication
        self.clock = Clock()
        self.trace = Trace(layout, demand)
        self.desks = [
            Desk(number, unit, first, self.clock, self.trace)
            for number, (unit, first) in enumerate(zip(layout.teams, layout.first_staff, strict=True))
        ]
        self.alone = [(desk,) for desk in self.desks]
        self.table = layout.table
        self.starts = layout.starts
        self.first_decision = [decision(f"{need}/first") for need in layout.names.needs]
        self.return_decision = [decision(f"{need}/return") for need in layout.names.needs]
        self._enter(layout.phases[0])

    def run(self) -> Records:
        """Let time pass until the horizon."""
        for phase in self.layout.phases[1:]:
            self.clock.when(phase.start, PHASE, partial(self._enter, phase))
        self.clock.begin(self._arrivals())
        self.clock.run_to(self.layout.horizon)
        return self.trace.records(self.seed, self.replication)

    def _enter(self, phase: Phase, _: simpy.Event | None = None) -> None:
        """Let a phase of the system begin."""
        self.phase = phase
        self.activities = phase.activities

    def _arrivals(self) -> Process:
        """Let cases arise, each at its moment; those that are not presented never reach the system."""
        for case in self.trace.presented():
            yield self.clock.at(case.arrival, ARRIVAL + case.place)
            self.clock.begin(self._journey(case))

    def _journey(
        self, case: CaseState, branch: int = 0, fork: Fork | None = None, target: int | None = None
    ) -> Process:
        """Lead a case from first contact, or one branch of it from a target, from activity to activity."""
        if target is None:
            target = self._first_activity(case)
        while True:
            if target >= 0:
                activity = self.activities[target]
                visit = Visit(self.clock, case, branch, target)
                self.trace.sent(visit)
                lost = (yield from self._hand_over(visit, activity)) if activity.handed_over else None
                if lost is not None:
                    target = lost
                elif activity.kind == "work":
                    target = yield from self._work(visit, activity)
                elif activity.kind == "delay":
                    target = yield from self._delay(visit, activity)
                elif activity.kind == "fork":
                    fork, branch, target = self._split(visit, fork, activity)
                else:
                    target = self._open_case(visit, activity)
            elif fork is not None:
                if not fork.join(branch, target):
                    return  # another branch will carry the case on
                branch, target, fork = fork.visit.branch, self._rejoin(fork), fork.outer
            else:
                rule = self._comes_back(case, target)
                if rule is None or (yield from self._stay_away(case, rule)):
                    exit_ = target if rule is None else DROPPED_OUT
                    self.trace.close(case, self.clock.now, exit_of(exit_))
                    return
                target = self._first_activity(case)

    # --- beginning and coming back -------------------------------------------------------------------------

    def _first_activity(self, case: CaseState) -> int:
        routes = self.phase.first[case.need]
        if len(routes) == 1 and len(routes[0].targets) == 1:
            return routes[0].targets[0]
        decided = self.first_decision[case.need]
        u = uniforms(self.seed, self.replication, decided, case.key, case.rounds, 0)
        return choose(routes, self._facts(case), self.clock.now, u[0])

    def _comes_back(self, case: CaseState, end: int) -> ReturnRule | None:
        """Decide whether a case that ends comes back, and by which rule."""
        rule = self.phase.returns[case.need]
        if rule is None or case.rounds >= rule.limit or exit_of(end) not in rule.after:
            return None
        decided = self.return_decision[case.need]
        u = uniforms(self.seed, self.replication, decided, case.key, case.rounds, 0)
        return rule if u[0] < rule.probability else None

    def _stay_away(self, case: CaseState, rule: ReturnRule) -> Generator[Happening, None, bool]:
        """Let the time pass until a case comes back; return whether it was given up meanwhile."""
        clock, decided = self.clock, self.return_decision[case.need]
        u = uniforms(self.seed, self.replication, decided, case.key, case.rounds, 0)
        visit = Visit(clock, case, 0, self.layout.away[case.need])
        self.trace.sent(visit)
        visit.queued = clock.now
        visit.start(clock.now)
        back = clock.now + variate(self.table, self.starts[rule.delay], u[1])
        yield clock.at(back, HAND_OVER + visit.place, visit)
        self.trace.end(visit, clock.now, COMPLETED)
        if clock.now >= case.dropout:
            return True
        self.trace.come_back(case)
        return False

    # --- one activity --------------------------------------------------------------------------------------

    def _hand_over(self, visit: Visit, activity: Activity) -> Generator[Happening, None, int | None]:
        """Hand the case over; the exit by which it is lost on the way, none when it arrives."""
        case, clock = visit.case, self.clock
        u = uniforms(self.seed, self.replication, activity.entry, case.key, visit.repeat, 0)
        if u[1] < activity.loss:
            self.trace.end(visit, clock.now, LOST_VISIT)
            return LOST
        if activity.transit >= 0:
            time = variate(self.table, self.starts[activity.transit], u[0]) * activity.transit_factor
            hours = activity.transit_hours
            arrives = clock.now + time if hours is None else hours.add(clock.now, time)
            yield clock.at(arrives, HAND_OVER + visit.place)
        if clock.now >= case.dropout:
            self.trace.end(visit, clock.now, RENEGED_VISIT)
            return DROPPED_OUT
        if u[2] < activity.refusal:
            self.trace.end(visit, clock.now, REFUSED_VISIT)
            return REFUSED
        return None

    def _delay(self, visit: Visit, activity: Activity) -> Steps:
        """Let time pass without a team."""
        case, clock = visit.case, self.clock
        time, _, way_on, _ = self._draw(visit, activity)
        visit.queued = clock.now
        visit.start(clock.now)
        ends = clock.now + time if activity.hours is None else activity.hours.add(clock.now, time)
        yield clock.at(ends, HAND_OVER + visit.place, visit)
        self.trace.end(visit, clock.now, COMPLETED)
        return DROPPED_OUT if clock.now >= case.dropout else self._way_on(visit, way_on)

    def _work(self, visit: Visit, activity: Activity) -> Steps:
        """Queue for a team, be served or give up."""
        case, clock = visit.case, self.clock
        desks = self._choose_desks(case, activity)
        visit.queued = clock.now
        if not desks or any(desk.is_full(case.need) for desk in desks):
            self.trace.end(visit, clock.now, REFUSED_VISIT)
            return REFUSED
        first = desks[0]
        visit.team = first.number
        if (
            activity.balk_at < math.inf
            and first.waiting() >= activity.balk_at
            and self._balks(visit, activity)
        ):
            self.trace.end(visit, clock.now, BALKED_VISIT)
            return BALKED
        visit.work, patience, way_on, _ = self._draw(visit, activity)
        visit.pauses = activity.pauses
        if patience < math.inf:
            visit.gives_up = clock.now + patience
            if activity.patience_open:
                visit.gives_up = first.unit.staff[0].hours.add(clock.now, patience)
        visit.priority = activity.priority if activity.priority >= 0 else self.phase.priority[case.need]
        visit.desks = desks
        for desk in desks:
            desk.join(visit)
        yield visit
        if visit.outcome == RENEGED_VISIT:
            self.trace.end(visit, clock.now, RENEGED_VISIT)
            return DROPPED_OUT if clock.now >= case.dropout else RENEGED
        self.trace.end(visit, clock.now, COMPLETED)
        first.release(visit)
        return self._way_on(visit, way_on)

    def _split(self, visit: Visit, outer: Fork | None, activity: Activity) -> tuple[Fork, int, int]:
        """Split the case into branches: the fork, and the first branch with the activity it begins at."""
        visit.queued = self.clock.now
        visit.start(self.clock.now)
        fork = Fork(visit, outer, len(activity.branches))
        for number, target in enumerate(activity.branches[1:], start=1):
            self.clock.begin_next(self._journey(visit.case, fork.first_branch + number, fork, target))
        return fork, fork.first_branch, activity.branches[0]

    def _rejoin(self, fork: Fork) -> int:
        """All branches have ended: go on from the fork, or end as the first branch that failed."""
        visit = fork.visit
        self.trace.end(visit, self.clock.now, COMPLETED)
        failure = fork.failure()
        if failure is not None:
            return failure
        return self._way_on(visit, self._draw(visit, self.activities[visit.activity])[2])

    def _open_case(self, visit: Visit, activity: Activity) -> int:
        """Open a case of another need for the same veteran, and go on."""
        parent, now, need = visit.case, self.clock.now, activity.opens_need
        key = child_key(parent.key, activity.service, visit.repeat)
        dropout = now + time_to_dropout(self.layout, self.phase, need, key, self.seed, self.replication)
        child = self.trace.open_case(parent, key, need, now, dropout)
        self.clock.begin_next(self._journey(child))
        visit.queued = now
        visit.start(now)
        self.trace.end(visit, now, COMPLETED)
        return self._way_on(visit, self._draw(visit, activity)[2])

    # --- decisions -----------------------------------------------------------------------------------------

    def _draw(self, visit: Visit, activity: Activity) -> tuple[float, float, float, float]:
        """Everything one visit needs: time (factors applied), patience, and two uniforms for the way on."""
        case = visit.case
        time, patience, way_on, extra = service_draws(
            self.seed,
            self.replication,
            activity.service,
            case.key,
            visit.repeat,
            self.table,
            self.starts[activity.time] if activity.time >= 0 else -1,
            self.starts[activity.patience] if activity.patience >= 0 else -1,
        )
        for condition, factor in activity.factors:
            if condition.holds(self._facts(case), self.clock.now):
                time *= factor
        return time, patience, way_on, extra

    def _way_on(self, visit: Visit, u: float) -> int:
        routes = self.activities[visit.activity].routes
        if len(routes) == 1 and len(routes[0].targets) == 1:
            return routes[0].targets[0]
        return choose(routes, self._facts(visit.case), self.clock.now, u)

    def _facts(self, case: CaseState) -> CaseFacts:
        """Gather what conditions may ask of a case, when first asked."""
        if case.facts is None:
            phase = self.layout.phase_at(case.arrival)
            case.facts = self.layout.facts(phase, case.channel, case.group, case.contact, case.due)
        return case.facts

    def _choose_desks(self, case: CaseState, activity: Activity) -> tuple[Desk, ...]:
        """Find the teams whose queue the case joins; none when no team may do the work."""
        found = [
            option.team[case.contact if option.by_contact else case.origin] for option in activity.options
        ]
        if len(found) == 1:
            return self.alone[found[0]] if found[0] >= 0 else ()
        desks = tuple([self.desks[team] for team in dict.fromkeys(found) if team >= 0])
        if activity.join == "all" or len(desks) < 2:
            return desks
        if activity.join == "available":
            return (next((desk for desk in desks if desk.is_available(case.need)), desks[0]),)
        if activity.join == "shortest":
            return (min(desks, key=Desk.load),)
        return desks[:1]

    def _balks(self, visit: Visit, activity: Activity) -> bool:
        u = uniforms(self.seed, self.replication, activity.entry, visit.case.key, visit.repeat, 0)
        return u[3] < activity.balk_probability
