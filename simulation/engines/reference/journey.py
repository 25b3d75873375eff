"""The reference engine: the conceptual model in SimPy, written to be read.

A case is a SimPy process. Its journey leads from activity to activity: it is handed over, joins the queue
of a team, is called and served, and is sent on, until it ends. Teams never act by themselves: whatever
happens to a team asks it to give out work at the end of that instant.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from functools import partial
from typing import Any

import simpy

from simulation.demand import Demand, child_key, time_to_dropout
from simulation.engines.ordering import ARRIVAL, HAND_OVER, PHASE, place
from simulation.engines.reference.clock import Clock, Journey
from simulation.engines.reference.desk import Desk
from simulation.engines.reference.trace import CaseState, Fork, Trace, Visit
from simulation.layout import Activity, Layout, Phase, ReturnRule, choose, exit_of, exit_target
from simulation.records import Exit, Outcome, Records
from simulation.streams import decision, service_draws, uniforms, variate

__all__ = ["simulate_reference"]

Process = Generator[simpy.Event, Any, None]
Steps = Generator[simpy.Event, Any, int]
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
        self.phase = layout.phases[0]
        self.desks: list[Desk] = []
        self.desks += [Desk(number, unit, self.clock, self.desks) for number, unit in enumerate(layout.teams)]
        self.trace = Trace(layout, demand)
        self.presented = self.trace.presented()
        self.table = layout.table
        self.starts = layout.starts
        self.first_decision = [decision(f"{need}/first") for need in layout.names.needs]
        self.return_decision = [decision(f"{need}/return") for need in layout.names.needs]

    def run(self) -> Records:
        """Let time pass until the horizon."""
        for phase in self.layout.phases[1:]:
            self.clock.when(phase.start, PHASE, partial(self._enter, phase))
        self._announce_next()
        self.clock.run_to(self.layout.horizon)
        return self.trace.records(self.seed, self.replication)

    def _enter(self, phase: Phase, _: simpy.Event) -> None:
        self.phase = phase

    def _announce_next(self, _: simpy.Event | None = None) -> None:
        """Let the next case arise; those that are not presented never reach the system."""
        case = next(self.presented, None)
        if case is not None:
            moment, where = case.arrival, ARRIVAL + place(case.number)
            arising = Journey(self.clock, self._journey(case, 0, None, None), moment, where)
            arising.target.callbacks.append(self._announce_next)

    def _journey(self, case: CaseState, branch: int, fork: Fork | None, target: int | None) -> Process:
        """Lead a case from first contact, or one branch of it from a target, to the end of the case."""
        while True:
            if target is None:
                target = self._first_activity(case)
            end = yield from self._follow(case, branch, fork, target)
            if end is None:
                return
            branch, fork, target = 0, None, None
            rule = self._comes_back(case, end)
            if rule is None:
                case.close(self.clock.now, exit_of(end))
                return
            yield from self._stay_away(case, rule)
            if self.clock.now >= case.dropout:
                case.close(self.clock.now, exit_of(DROPPED_OUT))
                return
            case.rounds += 1

    def _follow(
        self, case: CaseState, branch: int, fork: Fork | None, target: int
    ) -> Generator[simpy.Event, Any, int | None]:
        """Follow a case, or one branch of it, from activity to activity.

        Returns the target by which the case ends; none when a branch has ended and others carry the case on.
        """
        while True:
            if target >= 0:
                visit = self.trace.open_visit(case, branch, target, self.clock.now)
                activity = self.phase.activities[target]
                if (
                    activity.handed_over
                    and (lost := (yield from self._hand_over(visit, activity))) is not None
                ):
                    target = lost
                elif activity.kind == "work":
                    target = yield from self._work(visit, activity)
                elif activity.kind == "delay":
                    target = yield from self._delay(visit, activity)
                elif activity.kind == "fork":
                    fork, branch, target = self._split(visit, fork, activity)
                else:
                    target = self._open_case(visit, activity)
            elif fork is None:
                return target
            elif fork.join(branch, target):
                branch, target = fork.visit.branch, self._rejoin(fork)
                fork = fork.outer
            else:
                return None

    # --- beginning and coming back -------------------------------------------------------------------------

    def _first_activity(self, case: CaseState) -> int:
        routes = self.phase.first[case.need]
        if len(routes) == 1 and len(routes[0].targets) == 1:
            return routes[0].targets[0]
        decided = self.first_decision[case.need]
        u = uniforms(self.seed, self.replication, decided, case.key, case.rounds, 0)
        return choose(routes, case.facts, self.clock.now, u[0])

    def _comes_back(self, case: CaseState, end: int) -> ReturnRule | None:
        """Decide whether a case that ends comes back, and by which rule."""
        rule = self.phase.returns[case.need]
        if rule is None or case.rounds >= rule.limit or exit_of(end) not in rule.after:
            return None
        decided = self.return_decision[case.need]
        u = uniforms(self.seed, self.replication, decided, case.key, case.rounds, 0)
        return rule if u[0] < rule.probability else None

    def _stay_away(self, case: CaseState, rule: ReturnRule) -> Process:
        """Let the time pass until a case comes back."""
        clock, decided = self.clock, self.return_decision[case.need]
        u = uniforms(self.seed, self.replication, decided, case.key, case.rounds, 0)
        visit = self.trace.open_visit(case, 0, self.layout.away[case.need], clock.now)
        visit.queued = clock.now
        visit.start(clock.now)
        back = clock.now + variate(self.table, self.starts[rule.delay], u[1])
        yield clock.at(back, HAND_OVER + visit.place)
        visit.end(clock.now, COMPLETED)

    # --- one activity --------------------------------------------------------------------------------------

    def _hand_over(self, visit: Visit, activity: Activity) -> Generator[simpy.Event, Any, int | None]:
        """Hand the case over; the exit by which it is lost on the way, none when it arrives."""
        case, clock = visit.case, self.clock
        u = uniforms(self.seed, self.replication, activity.entry, case.key, visit.repeat, 0)
        if u[1] < activity.loss:
            visit.end(clock.now, LOST_VISIT)
            return LOST
        if activity.transit >= 0:
            time = variate(self.table, self.starts[activity.transit], u[0]) * activity.transit_factor
            hours = activity.transit_hours
            arrives = clock.now + time if hours is None else hours.add(clock.now, time)
            yield clock.at(arrives, HAND_OVER + visit.place)
        if clock.now >= case.dropout:
            visit.end(clock.now, RENEGED_VISIT)
            return DROPPED_OUT
        if u[2] < activity.refusal:
            visit.end(clock.now, REFUSED_VISIT)
            return REFUSED
        return None

    def _delay(self, visit: Visit, activity: Activity) -> Steps:
        """Let time pass without a team."""
        case, clock = visit.case, self.clock
        time, _, way_on, _ = self._draw(visit, activity)
        visit.queued = clock.now
        visit.start(clock.now)
        ends = clock.now + time if activity.hours is None else activity.hours.add(clock.now, time)
        yield clock.at(ends, HAND_OVER + visit.place)
        visit.end(clock.now, COMPLETED)
        return DROPPED_OUT if clock.now >= case.dropout else self._way_on(visit, way_on)

    def _work(self, visit: Visit, activity: Activity) -> Steps:
        """Queue for a team, be served or give up."""
        case, clock = visit.case, self.clock
        desks = self._choose_desks(case, activity)
        visit.queued = clock.now
        if not desks or any(desk.is_full(case.need) for desk in desks):
            visit.end(clock.now, REFUSED_VISIT)
            return REFUSED
        visit.team = desks[0].number
        if (
            activity.balk_at < math.inf
            and desks[0].waiting() >= activity.balk_at
            and self._balks(visit, activity)
        ):
            visit.end(clock.now, BALKED_VISIT)
            return BALKED
        visit.work, patience, way_on, _ = self._draw(visit, activity)
        visit.pauses = activity.pauses
        visit.gives_up = clock.now + patience
        if activity.patience_open and patience < math.inf:
            visit.gives_up = desks[0].unit.staff[0].hours.add(clock.now, patience)
        visit.priority = activity.priority if activity.priority >= 0 else self.phase.priority[case.need]
        visit.desks = tuple([desk.number for desk in desks])
        visit.done = simpy.Event(clock)
        for desk in desks:
            desk.join(visit)
        yield visit.done
        if visit.outcome == RENEGED_VISIT:
            return DROPPED_OUT if clock.now >= case.dropout else RENEGED
        visit.end(clock.now, COMPLETED)
        desks[0].release(visit)
        return self._way_on(visit, way_on)

    def _split(self, visit: Visit, outer: Fork | None, activity: Activity) -> tuple[Fork, int, int]:
        """Split the case into branches: the fork, and the first branch with the activity it begins at."""
        visit.queued = self.clock.now
        visit.start(self.clock.now)
        fork = Fork(visit, outer, len(activity.branches))
        for number, target in enumerate(activity.branches[1:], start=1):
            self.clock.process(self._journey(visit.case, fork.first_branch + number, fork, target))
        return fork, fork.first_branch, activity.branches[0]

    def _rejoin(self, fork: Fork) -> int:
        """All branches have ended: go on from the fork, or end as the first branch that failed."""
        visit = fork.visit
        visit.end(self.clock.now, COMPLETED)
        failure = fork.failure()
        if failure is not None:
            return failure
        activity = self.phase.activities[visit.activity]
        return self._way_on(visit, self._draw(visit, activity)[2])

    def _open_case(self, visit: Visit, activity: Activity) -> int:
        """Open a case of another need for the same veteran, and go on."""
        parent, now, need = visit.case, self.clock.now, activity.opens_need
        key = child_key(parent.key, activity.service, visit.repeat)
        dropout = now + time_to_dropout(self.layout, self.phase, need, key, self.seed, self.replication)
        child = self.trace.open_case(parent, key, need, now, dropout)
        self.clock.process(self._journey(child, 0, None, None))
        visit.queued = now
        visit.start(now)
        visit.end(now, COMPLETED)
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
            if condition.holds(case.facts, self.clock.now):
                time *= factor
        return time, patience, way_on, extra

    def _way_on(self, visit: Visit, u: float) -> int:
        routes = self.phase.activities[visit.activity].routes
        if len(routes) == 1 and len(routes[0].targets) == 1:
            return routes[0].targets[0]
        return choose(routes, visit.case.facts, self.clock.now, u)

    def _choose_desks(self, case: CaseState, activity: Activity) -> list[Desk]:
        """Find the teams whose queue the case joins; none when no team may do the work."""
        found = [option.team[case.places[option.by_contact]] for option in activity.options]
        if len(found) == 1:
            return [self.desks[found[0]]] if found[0] >= 0 else []
        desks = [self.desks[team] for team in dict.fromkeys(found) if team >= 0]
        if activity.join == "all" or len(desks) < 2:
            return desks
        if activity.join == "available":
            return [next((desk for desk in desks if desk.is_available(case.need)), desks[0])]
        if activity.join == "shortest":
            return [min(desks, key=Desk.load)]
        return desks[:1]

    def _balks(self, visit: Visit, activity: Activity) -> bool:
        u = uniforms(self.seed, self.replication, activity.entry, visit.case.key, visit.repeat, 0)
        return u[3] < activity.balk_probability
