"""The reference engine: the conceptual model in SimPy, written to be read.

A case is a SimPy process. Its journey leads from activity to activity: it is handed over, joins the queue
of a team, is called and served, and is sent on, until it ends. Teams never act by themselves: whatever
happens to a team asks it to give out work at the end of that instant.
"""

from __future__ import annotations

import math
from collections.abc import Generator

import simpy

from simulation.demand import Demand, child_key, time_to_silent_end
from simulation.engines.ordering import ARRIVAL, HAND_OVER
from simulation.engines.reference.adaptation import Adaptation, send_on
from simulation.engines.reference.booking import Reception
from simulation.engines.reference.caseload import Caseloads
from simulation.engines.reference.clock import Clock, Happening, Journey
from simulation.engines.reference.contact import Contact
from simulation.engines.reference.decisions import Decisions
from simulation.engines.reference.desk import Desk
from simulation.engines.reference.escalation import Escalation
from simulation.engines.reference.handover import Messenger
from simulation.engines.reference.trace import CaseState, Fork, Trace, Visit
from simulation.layout import Activity, Layout, Phase, exit_of, exit_target
from simulation.records import Exit, Outcome, Records
from simulation.roster import Roster

__all__ = ["simulate_reference"]

Process = Generator[Happening, None, None]
NEVER = math.inf
DROPPED_OUT = exit_target(Exit.dropped_out)
COMPLETED, RENEGED_VISIT, BALKED_VISIT, REFUSED_VISIT = (
    int(outcome) for outcome in (Outcome.completed, Outcome.reneged, Outcome.balked, Outcome.refused)
)


def simulate_reference(
    layout: Layout, demand: Demand, roster: Roster, seed: int, replication: int
) -> Records:
    """Run the service system for the layout's horizon.

    Parameters
    ----------
    layout
        The scenario written out.
    demand
        The latent cases of the replication.
    roster
        Who is there to serve them.
    seed, replication
        Key of the random numbers.

    Examples
    --------
    >>> from simulation.demand import make_demand
    >>> from simulation.layout import make_layout
    >>> from simulation.roster import make_roster
    >>> from simulation.scenario.examples import single_queue
    >>> layout = make_layout(single_queue(), 100.0)
    >>> demand, roster = make_demand(layout, 1, 0), make_roster(layout, 1, 0)
    >>> records = simulate_reference(layout, demand, roster, 1, 0)
    >>> records.check()
    """
    return _ServiceSystem(layout, demand, roster, seed, replication).run()


class _ServiceSystem:
    """One run of the service system."""

    def __init__(self, layout: Layout, demand: Demand, roster: Roster, seed: int, replication: int) -> None:
        self.layout = layout
        self.seed = seed
        self.replication = replication
        self.clock = Clock()
        self.trace = Trace(layout, demand)
        self.desks = [
            Desk(number, unit, slots, first, self.clock)
            for number, (unit, slots, first) in enumerate(
                zip(roster.teams, layout.diaries, layout.first_staff, strict=True)
            )
        ]
        self.presented = self.trace.presented()
        self.begins = demand.begins.tolist()
        self.contact = Contact(layout, self.clock, self.trace)
        self.escalation = Escalation(layout, self.clock, self.trace, self._begin, (seed, replication))
        self.decide = Decisions(layout, self.desks, self.clock, seed, replication)
        for desk in self.desks:
            desk.content = self.decide.content
        self.messenger = Messenger(self.clock, self.decide, self.trace)
        self.reception = Reception(self.clock, self.decide, self.trace)
        self.caseloads = Caseloads(self.desks, self.clock, self.decide, self.trace)
        self.phase = layout.phases[0]
        self.adaptation = Adaptation(layout, self.desks, self.trace, self.clock, self._adopt)

    def run(self) -> Records:
        """Let time pass until the horizon."""
        self.adaptation.begin()
        self._announce_next()
        self.clock.run_to(self.layout.horizon)
        return self.trace.records(self.seed, self.replication, self.adaptation.records())

    def _adopt(self, phase: Phase) -> None:
        self.phase = phase
        self.decide.enter(phase)
        send_on(phase, self.desks, self.decide)
        self.caseloads.send_on(phase)
        self.escalation.enter(phase)
        self.contact.enter(phase)

    def _announce_next(self, _: simpy.Event | None = None) -> None:
        """Let the next case arise at its moment; those that are not presented never reach the system."""
        case = next(self.presented, None)
        if case is not None:
            arising = Journey(self.clock, self._arise(case))
            arising.callbacks.append(self._announce_next)
            self.clock.at(max(case.arrival, 0.0), ARRIVAL + case.place, arising)

    def _arise(self, case: CaseState) -> Process:
        """Give the journey of a case that arises, or that is under way at the beginning."""
        if case.number < len(self.begins):
            return self._watched(case, self._journey(case, target=self.begins[case.number]))
        return self._watched(case, self._make_contact(case) if self.layout.contact else self._journey(case))

    def _watched(self, case: CaseState, steps: Process) -> Process:
        """Give the same journey, the case being watched from its beginning on if it can be overdue."""
        return self._watch(case, steps) if self.phase.overdue[case.need] else steps

    def _watch(self, case: CaseState, steps: Process) -> Process:
        self.escalation.watch(case)
        yield from steps

    def _make_contact(self, case: CaseState) -> Process:
        """Lead a case from the need on: the veteran waits until contact can be made."""
        ended = yield from self.contact.wait(case)
        yield from self._journey(case, target=DROPPED_OUT if ended else None)

    def _journey(
        self, case: CaseState, branch: int = 0, fork: Fork | None = None, target: int | None = None
    ) -> Process:
        """Lead a case from first contact, or one branch of it from a target, from activity to activity."""
        if target is None:
            target = self.decide.first_activity(case, self.clock.now)
        while True:
            if target >= 0:
                activity = self.phase.activities[target]
                visit = Visit(self.clock, case, branch, target, activity.like)
                self.trace.under_way.add(visit)
                lost = (yield from self._approach(visit, activity)) if activity.approached else None
                activity = self.phase.activities[target]  # the system may have changed meanwhile
                if lost is not None:
                    target = lost
                elif activity.kind == "work":
                    refused = self._queue(visit, activity)
                    if refused is None:
                        yield visit
                    target = self._leave(visit) if refused is None else refused
                elif activity.kind == "delay":
                    self._rest(visit, activity)
                    yield visit
                    target = self._rested(visit)
                elif activity.kind == "fork":
                    fork, branch, target = self._split(visit, fork, activity)
                else:
                    target = yield from self._arrange(visit, activity)
            elif fork is not None:
                if not fork.join(branch, target):
                    return  # another branch will carry the case on
                branch, target, fork = fork.visit.branch, self._rejoin(fork), fork.outer
            else:
                self.caseloads.let_go(case)
                rule = self.decide.comes_back(case, target)
                if rule is None or (yield from self.contact.stay_away(case, rule, self.decide)):
                    self._close(case, exit_of(DROPPED_OUT if rule else target))
                    return
                target = self.decide.first_activity(case, self.clock.now)

    def _close(self, case: CaseState, exit_: int) -> None:
        """End a case, which may set others off."""
        exit_ = self.trace.close(case, self.clock.now, exit_)
        if self.phase.unmet[case.need]:
            self.escalation.ended(case, exit_)

    def _begin(self, case: CaseState) -> None:
        """Let a case begin right after the present event that an overdue or unmet one has set off."""
        self._begin_next(self._arise(case))

    def _begin_next(self, steps: Process) -> None:
        """Let a journey begin right after the present event."""
        self.clock.at(self.clock.now, 0, Journey(self.clock, steps))

    def _approach(self, visit: Visit, activity: Activity) -> Generator[Happening, None, int | None]:
        """Come to an activity by a hand-over, a booking, or both; the exit if it ends on the way."""
        lost = None
        if activity.handed_over and (visit.number or visit.case.number >= len(self.begins)):
            lost = yield from self.messenger.hand_over(visit, activity)  # unless it began here
        if lost is None and activity.booking is not None:
            lost = yield from self.reception.keep_appointment(visit)
        return lost

    # --- work ----------------------------------------------------------------------------------------------

    def _queue(self, visit: Visit, activity: Activity) -> int | None:
        """Join the queue of a team, that of a booking if there is one, or be refused or balk: the exit."""
        case, now = visit.case, self.clock.now
        desks = visit.desks
        if not desks or desks[0].dissolved:
            desks = self.decide.teams(visit, activity)
            visit.queued = now
            if not desks:
                self.trace.end(visit, now, REFUSED_VISIT)
                return activity.refused_to
        first = desks[0]
        visit.team = first.number
        if activity.balk_at < NEVER and self._balks(visit, activity, first):
            self.trace.end(visit, now, BALKED_VISIT)
            return activity.balk_to
        visit.work, patience = self.decide.time_and_patience(visit)
        visit.pauses = activity.pauses
        if patience < NEVER:
            patience = self.decide.patience(patience, case, activity)
            hours = first.unit.hours_for(case.need) if activity.patience_open else None
            visit.gives_up = now + patience if hours is None else hours.add(now, patience)
        visit.priority = self.decide.rank(case, activity)
        visit.desks = desks
        for desk in desks:
            desk.join(visit)
        return None

    def _balks(self, visit: Visit, activity: Activity, desk: Desk) -> bool:
        if desk.waiting() < activity.balk_at:
            return False
        return self.decide.entry_draws(visit, activity)[3] < activity.balk_probability

    def _leave(self, visit: Visit) -> int:
        """Leave the team, served or out of patience; where to."""
        now = self.clock.now
        if visit.outcome == RENEGED_VISIT:
            self.trace.end(visit, now, RENEGED_VISIT)
            activity = self.phase.activities[visit.activity]
            return DROPPED_OUT if now >= visit.case.dropout else activity.patience_to
        if visit.outcome == REFUSED_VISIT:  # its team was dissolved
            self.trace.end(visit, now, REFUSED_VISIT)
            return self.phase.activities[visit.activity].refused_to
        self.trace.end(visit, now, COMPLETED)
        case = visit.case
        case.team, case.staff, case.hurried = visit.team, visit.staff, visit.hurried
        visit.desks[0].release(visit)
        return self.decide.way_on(visit, now)

    # --- activities without a team -------------------------------------------------------------------------

    def _rest(self, visit: Visit, activity: Activity) -> None:
        """Begin a delay."""
        now = self.clock.now
        time = self.decide.delay(visit, activity)
        visit.queued = now
        visit.start(now)
        ends = now + time if activity.hours is None else activity.hours.add(now, time)
        self.clock.at(ends, HAND_OVER + visit.place, visit)

    def _rested(self, visit: Visit) -> int:
        """End a delay; where to."""
        now = self.clock.now
        self.trace.end(visit, now, COMPLETED)
        return DROPPED_OUT if now >= visit.case.dropout else self.decide.way_on(visit, now)

    def _split(self, visit: Visit, outer: Fork | None, activity: Activity) -> tuple[Fork, int, int]:
        """Split the case into branches: the fork, and the first branch with the activity it begins at."""
        visit.queued = self.clock.now
        visit.start(self.clock.now)
        fork = Fork(visit, outer, len(activity.branches))
        for number, target in enumerate(activity.branches[1:], start=1):
            self._begin_next(self._journey(visit.case, fork.first_branch + number, fork, target))
        return fork, fork.first_branch, activity.branches[0]

    def _rejoin(self, fork: Fork) -> int:
        """All branches have ended: go on from the fork, or end as the first branch that failed."""
        visit, now = fork.visit, self.clock.now
        self.trace.end(visit, now, COMPLETED)
        failure = fork.failure()
        if failure is not None:
            return failure
        self.decide.time_and_patience(visit)
        return self.decide.way_on(visit, now)

    def _arrange(self, visit: Visit, activity: Activity) -> Generator[Happening, None, int]:
        """Open another case, or put this one on a caseload or take it off; where to."""
        if activity.kind == "open_case":
            return self._open_case(visit, activity)
        if activity.kind == "release":
            return self.caseloads.release(visit, activity)
        return (yield from self.caseloads.assign(visit, activity))

    def _open_case(self, visit: Visit, activity: Activity) -> int:
        """Open a case of another need for the same veteran, and go on."""
        parent, now, need = visit.case, self.clock.now, activity.opens_need
        key = child_key(parent.key, activity.service, visit.repeat)
        time, silent = time_to_silent_end(self.layout, self.phase, need, key, self.seed, self.replication)
        contact = parent.contact
        if activity.opens_at is not None:
            contact = activity.opens_at[contact if activity.opens_by_contact else parent.origin]
        child = self.trace.open_case(parent, key, need, now, now + time, silent, contact)
        child.marks = activity.opens_marks
        self._begin_next(self._watched(child, self._journey(child)))
        self.decide.time_and_patience(visit)
        visit.queued = now
        visit.start(now)
        self.trace.end(visit, now, COMPLETED)
        return self.decide.way_on(visit, now)
