"""What is done at an activity, and what follows it."""

import math
from typing import Any

import numpy as np

from simulation.engines.compiled.agenda import schedule
from simulation.engines.compiled.caseloads import assign, let_go
from simulation.engines.compiled.cases import open_case
from simulation.engines.compiled.codes import (
    AS_BRANCH,
    AS_CHILD,
    ASSIGN,
    BALKED,
    BRANCH_NOW,
    COMPLETED,
    DELAY,
    FORK,
    FORK_NOW,
    NONE,
    OF_VISIT,
    OPEN_CASE,
    REFUSED,
    RESTING,
    SPLIT,
    WAITS,
    WORK,
    ZERO,
)
from simulation.engines.compiled.deciding import (
    activity_now,
    choose_teams,
    draw_time_and_patience,
    entry_draws,
    rank,
    scaled_by_last_work,
    way_on,
)
from simulation.engines.compiled.desks import join
from simulation.engines.compiled.hours import add_hours
from simulation.engines.compiled.kernel_code import kernel_code
from simulation.engines.compiled.staffing import waiting
from simulation.engines.compiled.writing import (
    begin_next,
    end_visit,
    new_fork,
    start_visit,
)
from simulation.engines.ordering import HAND_OVER

__all__ = ["complete", "settle"]


@kernel_code
def settle(p: Any, s: Any, v: Any, now: Any) -> Any:
    """Do what is to be done at an activity; return where the journey goes, or that it waits."""
    a = activity_now(p, s, s.visits[v]["activity"])
    kind = p.activities[a]["kind"]
    if kind == WORK:
        return _queue(p, s, v, a, now)
    if kind == DELAY:
        return _rest(p, s, v, a, now)
    if kind == FORK:
        return _split(p, s, v, a, now)
    if kind == ASSIGN:
        held = assign(p, s, v, a, now)
        if held < 0:
            return np.int64(p.activities[a]["refused_to"])
        return complete(p, s, v, now) if held > 0 else np.int64(WAITS)
    if kind == OPEN_CASE:
        _open_another(p, s, v, a, now)
    else:
        let_go(p, s, s.visits[v]["case"], p.activities[a]["roles_at"])
    draw_time_and_patience(p, s, v)
    s.visits[v]["queued"] = now
    s.visits[v]["started"] = now
    return complete(p, s, v, now)


@kernel_code
def complete(p: Any, s: Any, v: Any, now: Any) -> Any:
    """Complete a visit; return what follows."""
    target = way_on(p, s, v, now)
    end_visit(s, v, now, COMPLETED)
    return target


# --- what is done -------------------------------------------------------------------------------------------


@kernel_code
def _queue(p: Any, s: Any, v: Any, a: Any, now: Any) -> Any:
    """Join the queue of a team, that of a booking if there is one, or be refused or balk."""
    visit, activity = s.visits[v], p.activities[a]
    case, count = visit["case"], 1
    if visit["team"] >= 0 and not s.teams[visit["team"]]["dissolved"]:
        s.found[0] = visit["team"]
    else:
        count = choose_teams(p, s, v, a, now)
        visit["queued"] = now
        if count == 0:
            end_visit(s, v, now, REFUSED)
            return np.int64(activity["refused_to"])
    team = np.int64(s.found[0])
    visit["team"] = team
    if activity["balk_at"] < math.inf and _balks(p, s, v, a, team, now):
        end_visit(s, v, now, BALKED)
        return np.int64(activity["balk_to"])
    work, patience = draw_time_and_patience(p, s, v)
    visit["work"] = work
    visit["pauses"] = activity["pauses"]
    if patience < math.inf:
        at, factors = activity["patience_factors_at"], activity["patience_factors_n"]
        if factors > 0:
            patience = scaled_by_last_work(p, s, patience, at, factors, case, now)
        hours = p.team_hours[team, s.cases[case]["need"]] if activity["patience_open"] else -1
        visit["gives_up"] = add_hours(p, hours, now, patience)
        visit["lazy"] = activity["lazy"]
        visit["entered"] = a
    visit["priority"] = rank(p, s, case, a)
    join(s, v, count)
    return np.int64(WAITS)


@kernel_code
def _balks(p: Any, s: Any, v: Any, a: Any, team: Any, now: Any) -> Any:
    """Tell whether a veteran turns away from so many who wait."""
    if waiting(p, s, team, now) < p.activities[a]["balk_at"]:
        return False
    return entry_draws(p, s, v, a, ZERO)[3] < p.activities[a]["balk_probability"]


@kernel_code
def _rest(p: Any, s: Any, v: Any, a: Any, now: Any) -> Any:
    """Begin a delay."""
    visit, activity = s.visits[v], p.activities[a]
    time, _ = draw_time_and_patience(p, s, v)
    if activity["factors_n"] > 0:
        at, count = activity["factors_at"], activity["factors_n"]
        time = scaled_by_last_work(p, s, time, at, count, visit["case"], now)
    visit["queued"] = now
    start_visit(s, v, now)
    visit["stage"] = RESTING
    moment = add_hours(p, activity["hours"], now, time)
    schedule(p, s, moment, HAND_OVER + visit["place"], OF_VISIT, v, ZERO, ZERO)
    return np.int64(WAITS)


@kernel_code
def _split(p: Any, s: Any, v: Any, a: Any, now: Any) -> Any:
    """Split the case into branches; go on with the first of them."""
    visit, activity = s.visits[v], p.activities[a]
    visit["queued"] = now
    start_visit(s, v, now)
    visit["stage"] = SPLIT
    case, branches = visit["case"], np.int64(activity["branches_n"])
    fork = new_fork(s, v, visit["fork"], branches)
    first = np.int64(s.live[case]["branches"]) + 1
    s.live[case]["branches"] += branches
    for number in range(1, branches):
        target = p.branches[activity["branches_at"] + number]
        begin_next(s, AS_BRANCH, case, first + number, fork, target)
    s.n[FORK_NOW] = fork
    s.n[BRANCH_NOW] = first
    return np.int64(p.branches[activity["branches_at"]])


@kernel_code
def _open_another(p: Any, s: Any, v: Any, a: Any, now: Any) -> None:
    """Open a case of another need for the same veteran."""
    activity, parent = p.activities[a], s.visits[v]["case"]
    where = np.int64(s.cases[parent]["contact"])
    if activity["opens_at"] >= 0:
        at = where if activity["opens_by_contact"] else np.int64(s.cases[parent]["origin"])
        where = np.int64(p.places[activity["opens_at"] + at])
    repeat, need = s.visits[v]["repeat"], activity["opens_need"]
    child = open_case(p, s, parent, activity["service"], repeat, need, where, activity["opens_marks"], now)
    begin_next(s, AS_CHILD, child, ZERO, NONE, ZERO)
