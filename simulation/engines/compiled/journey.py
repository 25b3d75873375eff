"""The journey of a case: from activity to activity, until it waits or ends."""

import math
from typing import Any

import numpy as np

from simulation.engines.compiled.activities import complete, settle
from simulation.engines.compiled.agenda import schedule
from simulation.engines.compiled.caseloads import let_go
from simulation.engines.compiled.cases import close_case
from simulation.engines.compiled.codes import (
    AFRESH,
    AWAY,
    BRANCH_NOW,
    CASE_NOW,
    CODE,
    COMES,
    COMPLETED,
    DROPPED_OUT,
    FAILED,
    FOR_CONTACT,
    FORK_NOW,
    INELIGIBLE,
    JOINED,
    LOST,
    LOST_VISIT,
    NO_ROUTE,
    NONE,
    NOT_SURE,
    OF_VISIT,
    ON_THE_WAY,
    PHASE_NOW,
    REFUSED,
    RENEGED,
    RESOLVED,
    SILENTLY,
    TARGET_NOW,
    WAITS,
    ZERO,
)
from simulation.engines.compiled.deciding import (
    activity_now,
    contact_opens,
    draw_time_and_patience,
    entry_draws,
    first_activity,
    terms,
)
from simulation.engines.compiled.diaries import book
from simulation.engines.compiled.following import ended
from simulation.engines.compiled.hours import add_hours
from simulation.engines.compiled.kernel_code import kernel_code
from simulation.engines.compiled.writing import (
    begin_visit,
    end_visit,
    free_fork,
    start_visit,
)
from simulation.engines.ordering import HAND_OVER
from simulation.streams import uniforms, variate

__all__ = ["arrive", "come_back", "make_contact", "travel"]


@kernel_code
def travel(p: Any, s: Any, now: Any) -> None:
    """Lead the present journey to its next target, and see what follows."""
    n = s.n
    case, target = n[CASE_NOW], n[TARGET_NOW]
    if target == AFRESH:
        target = first_activity(p, s, case, now)
    if target >= 0:
        a = activity_now(p, s, target)
        v = begin_visit(s, case, n[BRANCH_NOW], n[FORK_NOW], target, p.activities[a]["like"], now)
        n[TARGET_NOW] = _approach(p, s, v, a, now) if p.activities[a]["approached"] else settle(p, s, v, now)
    elif target == NOT_SURE:
        n[CODE] = NO_ROUTE
        n[TARGET_NOW] = FAILED
    elif n[FORK_NOW] >= 0:
        n[TARGET_NOW] = _join_branches(p, s, target, now)
    else:
        n[TARGET_NOW] = _end_or_go_away(p, s, case, target, now)


# --- coming to an activity --------------------------------------------------------------------------------


@kernel_code
def _approach(p: Any, s: Any, v: Any, a: Any, now: Any) -> Any:
    """Come to an activity by a hand-over, a booking, or both; return where it goes, or that it waits."""
    visit = s.visits[v]
    visit["entered"] = a
    visit["draw"] = 1.0
    visit["first_edge"] = 0.0
    visit["second_edge"] = 0.0
    if not p.activities[a]["handed_over"] or (visit["number"] == 0 and visit["case"] < p.opening):
        return _arrived(p, s, v, now)
    on_the_way, lost, refused, _ = entry_draws(p, s, v, a, ZERO)
    loss, refusal, ineligible, slower = terms(p, s, v, a)
    if lost < loss:
        end_visit(s, v, now, LOST_VISIT)
        return np.int64(LOST)
    visit["draw"] = refused
    visit["first_edge"] = refusal
    visit["second_edge"] = refusal + ineligible
    transit = p.activities[a]["transit"]
    if transit < 0:
        return arrive(p, s, v, now)
    time = variate(p.law, transit, on_the_way) * p.activities[a]["transit_factor"] * slower
    visit["stage"] = ON_THE_WAY
    moment = add_hours(p, p.activities[a]["transit_hours"], now, time)
    schedule(p, s, moment, HAND_OVER + visit["place"], OF_VISIT, v, ZERO, ZERO)
    return np.int64(WAITS)


@kernel_code
def arrive(p: Any, s: Any, v: Any, now: Any) -> Any:
    """Arrive at the end of a hand-over, or be turned away."""
    visit = s.visits[v]
    if now >= s.live[visit["case"]]["dropout"]:
        end_visit(s, v, now, RENEGED)
        return np.int64(DROPPED_OUT)
    if visit["draw"] < visit["first_edge"]:
        end_visit(s, v, now, REFUSED)
        return np.int64(p.activities[visit["entered"]]["refused_to"])
    if visit["draw"] < visit["second_edge"]:
        end_visit(s, v, now, INELIGIBLE)
        return np.int64(p.activities[visit["entered"]]["ineligible_to"])
    return _arrived(p, s, v, now)


@kernel_code
def _arrived(p: Any, s: Any, v: Any, now: Any) -> Any:
    """Book where that is how the work is done, else begin."""
    visit = s.visits[v]
    if not p.activities[visit["entered"]]["booked"]:
        return settle(p, s, v, now)
    visit["queued"] = now
    visit["attempt"] = 0
    visit["after"] = -math.inf
    target = book(p, s, v, now)
    return settle(p, s, v, now) if target == COMES else target


@kernel_code
def _join_branches(p: Any, s: Any, target: Any, now: Any) -> Any:
    """End a branch; if it was the last, go on from the fork, or end as the first branch that failed."""
    n = s.n
    fork = n[FORK_NOW]
    split = s.forks[fork]
    if target not in (JOINED, RESOLVED) and (
        split["failed_branch"] < 0 or n[BRANCH_NOW] < split["failed_branch"]
    ):
        split["failed_branch"] = n[BRANCH_NOW]
        split["failure"] = target
    split["under_way"] -= 1
    if split["under_way"] > 0:
        return np.int64(WAITS)  # another branch will carry the case on
    v = np.int64(split["visit"])
    n[FORK_NOW] = split["outer"]
    n[BRANCH_NOW] = s.visits[v]["branch"]
    failed, failure = split["failed_branch"] >= 0, np.int64(split["failure"])
    free_fork(s, fork)
    if failed:
        end_visit(s, v, now, COMPLETED)
        return failure
    draw_time_and_patience(p, s, v)
    return complete(p, s, v, now)


# --- the end of a journey, and contact --------------------------------------------------------------------


@kernel_code
def _end_or_go_away(p: Any, s: Any, case: Any, target: Any, now: Any) -> Any:
    """End a case, or let the veteran stay away until it comes back."""
    let_go(p, s, case, NONE)
    exit_, need = -1 - target, np.int64(s.cases[case]["need"])
    number = p.needs[s.n[PHASE_NOW], need]["returns"]
    if number >= 0:
        rule = p.returns[number]
        if s.cases[case]["rounds"] < rule["limit"] and (rule["exits"] >> exit_) & 1:
            back = p.needs[s.n[PHASE_NOW], need]["back"]
            key, rounds = s.cases[case]["key"], s.cases[case]["rounds"]
            comes_back, u, _, _ = uniforms(s.run[0], s.run[1], back, key, rounds, 0)
            if comes_back < rule["probability"]:
                until = contact_opens(p, s, case, now + variate(p.law, rule["delay"], u))
                v = _pass_time(p, s, case, p.away + need, until, now)
                s.visits[v]["stage"] = AWAY
                s.visits[v]["entered"] = number
                return np.int64(WAITS)
    _close(p, s, case, exit_, now)
    return np.int64(WAITS)


@kernel_code
def _close(p: Any, s: Any, case: Any, exit_: Any, now: Any) -> None:
    """End a case, which may set others off."""
    ended(p, s, case, close_case(s, case, now, exit_), now)


@kernel_code
def _pass_time(p: Any, s: Any, case: Any, activity: Any, until: Any, now: Any) -> Any:
    """Write the time until a moment down as a visit to an activity that is no step."""
    v = begin_visit(s, case, ZERO, NONE, activity, activity, now)
    s.visits[v]["queued"] = now
    start_visit(s, v, now)
    schedule(p, s, until, HAND_OVER + s.visits[v]["place"], OF_VISIT, v, ZERO, ZERO)
    return v


@kernel_code
def come_back(p: Any, s: Any, v: Any, now: Any) -> Any:
    """Let a case come back that has been away, unless it has silently ended meanwhile."""
    case, rule = s.visits[v]["case"], s.visits[v]["entered"]
    end_visit(s, v, now, COMPLETED)
    if now >= s.live[case]["dropout"]:
        _close(p, s, case, np.int64(SILENTLY), now)
        return np.int64(WAITS)
    s.live[case]["marks"] |= p.returns[rule]["marks"]
    s.cases[case]["rounds"] += 1
    return np.int64(AFRESH)


@kernel_code
def make_contact(p: Any, s: Any, case: Any, now: Any) -> Any:
    """Lead a case from the need on: the veteran waits until contact can be made."""
    if p.contact < 0:
        return np.int64(AFRESH)
    opens = contact_opens(p, s, case, now)
    if opens > now:
        v = _pass_time(p, s, case, p.contact + s.cases[case]["need"], opens, now)
        s.visits[v]["stage"] = FOR_CONTACT
        return np.int64(WAITS)
    return np.int64(DROPPED_OUT if now >= s.live[case]["dropout"] else AFRESH)
