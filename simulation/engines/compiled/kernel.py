"""The kernel: one loop from event to event, which can stop for more room and go on."""

import math
from typing import Any

import numpy as np

from simulation.engines.compiled.activities import complete, settle
from simulation.engines.compiled.adapting import enter_stretch, look
from simulation.engines.compiled.agenda import next_called, next_time, take_next
from simulation.engines.compiled.caseloads import call_caseload, give_out_places, give_up_place
from simulation.engines.compiled.codes import (
    AFRESH,
    AS_BRANCH,
    AS_NEW_CASE,
    AT_DESK,
    AWAY,
    BEGIN_COUNT,
    BEGIN_FIRST,
    BOOKED,
    BRANCH_NOW,
    CALLED,
    CASE_NOW,
    CASES,
    CODE,
    COMES,
    COMPLETED,
    DROPPED_OUT,
    EVENTS_LIVE,
    FAILED,
    FINISHED,
    FOR_A_PLACE,
    FORK_NOW,
    FORKS_LIVE,
    IN_QUEUES,
    LINKS_LIVE,
    MORE_BEGINNINGS,
    MORE_CASES,
    MORE_EVENTS,
    MORE_FORKS,
    MORE_LINKS,
    MORE_REPEATS,
    MORE_ROWS,
    MORE_SWITCHES,
    MORE_VISITS,
    NEXT_ARRIVAL,
    NEXT_DATE,
    NONE,
    OF_CASELOAD,
    OF_DESK,
    OF_OVERDUE,
    OF_PATIENCE,
    OF_VISIT,
    ON_THE_WAY,
    PHASE_NOW,
    REFUSED,
    RENEGED,
    REPEATS_LIVE,
    RESTING,
    ROWS,
    SWITCH_ROWS,
    TARGET_NOW,
    VISITS_LIVE,
    VISITS_USED,
    WAITING,
    WAITS,
    ZERO,
)
from simulation.engines.compiled.deciding import activity_now
from simulation.engines.compiled.desks import call_desk, expire, give_out_work, leave_desks, release
from simulation.engines.compiled.diaries import keep_or_not
from simulation.engines.compiled.following import overdue, set_off, watch
from simulation.engines.compiled.journey import arrive, come_back, make_contact, travel
from simulation.engines.compiled.kernel_code import kernel_code
from simulation.engines.compiled.writing import end_visit, write_row
from simulation.engines.ordering import ARRIVAL

__all__ = ["run"]


@kernel_code
def _short_of(p: Any, s: Any) -> Any:
    """Say what there may not be enough room for in the next step; 0 when there is for everything."""
    n, queued = s.n, s.n[IN_QUEUES]
    together = s.found.size
    if n[EVENTS_LIVE] + 2 * queued + p.most_rules + 8 > s.events.size:
        return MORE_EVENTS
    if n[VISITS_LIVE] + together + 4 > s.visits.size:
        return MORE_VISITS
    if n[ROWS] + queued + together + 4 > s.rows.size:
        return MORE_ROWS
    if n[REPEATS_LIVE] + 4 > s.repeats.size:
        return MORE_REPEATS
    if n[LINKS_LIVE] + queued + 4 > s.links.size:
        return MORE_LINKS
    if n[CASES] + 2 > s.cases.size:
        return MORE_CASES
    if n[BEGIN_COUNT] + p.most_branches + 2 > s.beginnings.size:
        return MORE_BEGINNINGS
    if n[FORKS_LIVE] + 2 > s.forks.size:
        return MORE_FORKS
    if n[SWITCH_ROWS] + s.switches.size + 1 > s.switch_rows.size:
        return MORE_SWITCHES
    return 0


@kernel_code
def run(p: Any, s: Any) -> Any:
    """Let time pass until the horizon, or until there is no room; return why it stops."""
    n = s.n
    now = s.clock[0]
    arrives = _next_arrival(s)
    while True:
        code = _short_of(p, s)
        if code != FINISHED:
            return code
        if n[TARGET_NOW] != WAITS:
            if n[TARGET_NOW] == FAILED:
                return n[CODE]
            travel(p, s, now)
            continue
        if n[BEGIN_COUNT] > 0:
            _begin(p, s, now)
            continue
        happens = next_time(s)
        date = p.dates[n[NEXT_DATE]]["time"]
        soonest = min(happens, arrives, date)
        if n[CALLED] > 0 and soonest > now:
            number = np.int64(next_called(s))
            if number < s.teams.size:
                give_out_work(p, s, number, now)
            else:
                give_out_places(p, s, number - s.teams.size, now)
            continue
        if not soonest < p.horizon:
            break
        now = soonest
        s.clock[0] = now
        if date == now:
            if not _change(p, s, now):
                return MORE_VISITS
        elif happens == now and (
            arrives > now or s.heap[0]["place"] < ARRIVAL + (s.arrivals[n[NEXT_ARRIVAL]] << 16)
        ):
            _happen(p, s, take_next(s), now)
        else:
            _arise(p, s, s.arrivals[n[NEXT_ARRIVAL]], now)
            n[NEXT_ARRIVAL] += 1
            arrives = _next_arrival(s)
    return _finish(p, s)


@kernel_code
def _next_arrival(s: Any) -> Any:
    """Return when the next case arises."""
    at = s.n[NEXT_ARRIVAL]
    if at == s.arrivals.size:
        return math.inf
    return max(s.cases[s.arrivals[at]]["arrival"], 0.0)


@kernel_code
def _go_on(s: Any, case: Any, branch: Any, fork: Any, target: Any) -> None:
    """Let a journey be the present one."""
    n = s.n
    n[CASE_NOW] = case
    n[BRANCH_NOW] = branch
    n[FORK_NOW] = fork
    n[TARGET_NOW] = target


@kernel_code
def _arise(p: Any, s: Any, case: Any, now: Any) -> None:
    """Let a case arise, or go on that is under way at the beginning."""
    if p.needs[s.n[PHASE_NOW], s.cases[case]["need"]]["overdue_n"] > 0:
        watch(p, s, case, now)
    _go_on(s, case, ZERO, NONE, WAITS)
    s.n[TARGET_NOW] = s.begins[case] if case < p.opening else make_contact(p, s, case, now)


@kernel_code
def _begin(p: Any, s: Any, now: Any) -> None:
    """Let the next of the journeys begin that begin right after an event."""
    n = s.n
    beginning = s.beginnings[n[BEGIN_FIRST]]
    n[BEGIN_FIRST] = (n[BEGIN_FIRST] + 1) % s.beginnings.size
    n[BEGIN_COUNT] -= 1
    case = beginning["case"]
    if beginning["kind"] == AS_BRANCH:
        _go_on(s, case, beginning["branch"], beginning["fork"], beginning["target"])
        return
    if beginning["kind"] == AS_NEW_CASE:
        _arise(p, s, case, now)
        return
    if p.needs[n[PHASE_NOW], s.cases[case]["need"]]["overdue_n"] > 0:
        watch(p, s, case, now)
    _go_on(s, case, ZERO, NONE, AFRESH)


@kernel_code
def _change(p: Any, s: Any, now: Any) -> Any:
    """Let a stretch begin, or triggers be looked at, unless there is no room to send on all who wait."""
    n = s.n
    if n[VISITS_LIVE] + n[IN_QUEUES] * s.found.size > s.visits.size:
        return False
    date = p.dates[n[NEXT_DATE]]
    n[NEXT_DATE] += 1
    if date["look"] < 0:
        enter_stretch(p, s, np.int64(date["stretch"]), now)
    else:
        look(p, s, np.int64(date["look"]), now)
    return True


@kernel_code
def _happen(p: Any, s: Any, event: Any, now: Any) -> None:
    """Let an event happen."""
    kind, a, b = s.events[event]["kind"], np.int64(s.events[event]["a"]), np.int64(s.events[event]["b"])
    if kind == OF_VISIT:
        _end_stage(p, s, a, now)
    elif kind == OF_PATIENCE:
        visit = s.visits[a]
        if visit["alive"] and visit["serial"] == s.events[event]["serial"] and visit["outcome"] == WAITING:
            if b < 0:
                leave_desks(s, a, NONE)
            elif visit["team"] == b:
                give_up_place(s, a)
            else:
                return
            visit["outcome"] = RENEGED
            _end_stage(p, s, a, now)
    elif kind == OF_DESK:
        call_desk(s, a)
    elif kind == OF_CASELOAD:
        call_caseload(s, a)
    elif kind == OF_OVERDUE:
        overdue(p, s, a, b, now)
    else:
        set_off(p, s, a, b, now)


@kernel_code
def _end_stage(p: Any, s: Any, v: Any, now: Any) -> None:
    """End what a visit has waited for; its journey goes on."""
    visit = s.visits[v]
    stage = visit["stage"]
    _go_on(s, visit["case"], visit["branch"], visit["fork"], WAITS)
    if stage in (AT_DESK, FOR_A_PLACE):
        target = _leave(p, s, v, now)
    elif stage == ON_THE_WAY:
        target = arrive(p, s, v, now)
    elif stage == RESTING:
        target = _rested(p, s, v, now)
    elif stage == BOOKED:
        target = keep_or_not(p, s, v, now)
        if target == COMES:
            target = settle(p, s, v, now)
    elif stage == AWAY:
        target = come_back(p, s, v, now)
    else:
        case = visit["case"]
        end_visit(s, v, now, COMPLETED)
        target = np.int64(DROPPED_OUT if now >= s.live[case]["dropout"] else AFRESH)
    s.n[TARGET_NOW] = target


@kernel_code
def _leave(p: Any, s: Any, v: Any, now: Any) -> Any:
    """Leave the team, served or out of patience; where to."""
    visit = s.visits[v]
    case = visit["case"]
    if visit["outcome"] == RENEGED:
        end_visit(s, v, now, RENEGED)
        if now >= s.live[case]["dropout"]:
            return np.int64(DROPPED_OUT)
        return np.int64(p.activities[activity_now(p, s, visit["activity"])]["patience_to"])
    if visit["outcome"] == REFUSED:  # its team was dissolved
        end_visit(s, v, now, REFUSED)
        return np.int64(p.activities[activity_now(p, s, visit["activity"])]["refused_to"])
    if visit["stage"] == AT_DESK:
        s.live[case]["team"] = visit["team"]
        s.live[case]["staff"] = visit["staff"]
        s.live[case]["hurried"] = visit["hurried"]
        release(s, v)
    return complete(p, s, v, now)


@kernel_code
def _rested(p: Any, s: Any, v: Any, now: Any) -> Any:
    """End a delay; where to."""
    case = s.visits[v]["case"]
    if now >= s.live[case]["dropout"]:
        end_visit(s, v, now, COMPLETED)
        return np.int64(DROPPED_OUT)
    return complete(p, s, v, now)


@kernel_code
def _finish(p: Any, s: Any) -> Any:
    """Write down the visits that are still under way at the horizon."""
    n = s.n
    if n[ROWS] + n[VISITS_USED] * s.found.size > s.rows.size:
        return MORE_ROWS
    for v in range(n[VISITS_USED]):
        if s.visits[v]["alive"]:
            if (
                s.visits[v]["lazy"]
                and s.visits[v]["outcome"] == WAITING
                and s.visits[v]["gives_up"] < p.horizon
            ):
                expire(p, s, v)
            else:
                write_row(s, v, math.nan, s.visits[v]["outcome"])
    return FINISHED
