"""Caseloads: how many open cases a team holds, and who waits for a place among them."""

import math
from typing import Any

import numpy as np

from simulation.engines.compiled.agenda import call, schedule
from simulation.engines.compiled.codes import (
    FOR_A_PLACE,
    JOIN_AVAILABLE,
    OF_CASELOAD,
    OF_VISIT,
    REFUSED,
    RENEGED,
    ZERO,
)
from simulation.engines.compiled.deciding import draw_time_and_patience, open_to, rank, scaled_by_last_work
from simulation.engines.compiled.hours import add_hours, count_to
from simulation.engines.compiled.kernel_code import kernel_code
from simulation.engines.compiled.queues import enter, leave, set_rank
from simulation.engines.compiled.writing import await_patience, end_visit, free_link, new_link, start_visit
from simulation.engines.ordering import CAPACITY, COMPLETION, RENEGE

__all__ = ["assign", "call_caseload", "give_out_places", "give_up_place", "let_go", "send_on_places"]


@kernel_code
def _to_spare(s: Any, team: Any, now: Any) -> Any:
    """Count the places left once those who wait have theirs; below zero when too many are held."""
    t = s.teams[team]
    if t["caseload"] == math.inf:
        return math.inf
    at = t["in_post_at"] + count_to(s.in_post_times, t["in_post_at"], t["in_post_n"], now) - 1
    return s.in_post_heads[at] * t["caseload"] - t["held"] - t["caseload_length"]


@kernel_code
def call_caseload(s: Any, team: Any) -> None:
    """Ask for places to be given out at the end of this instant, after the work of all teams."""
    if not s.teams[team]["caseload_called"]:
        s.teams[team]["caseload_called"] = 1
        call(s, s.teams.size + team)


@kernel_code
def _take(s: Any, team: Any, case: Any) -> None:
    """Let a team hold a case."""
    s.teams[team]["held"] += 1
    s.live[case]["held"] = new_link(s, team, ZERO, np.int64(s.live[case]["held"]))


@kernel_code
def _holds(s: Any, team: Any, case: Any) -> Any:
    """Tell whether a team holds a case."""
    link = np.int64(s.live[case]["held"])
    while link >= 0:
        if s.links[link]["number"] == team:
            return True
        link = np.int64(s.links[link]["next"])
    return False


@kernel_code
def let_go(p: Any, s: Any, case: Any, roles: Any) -> None:
    """Take a case off the caseloads of some roles (their place in `flags`), or of all (-1)."""
    link, kept = np.int64(s.live[case]["held"]), np.int64(-1)
    while link >= 0:
        team = np.int64(s.links[link]["number"])
        link = free_link(s, link)
        if roles >= 0 and not p.flags[roles + s.teams[team]["role"]]:
            kept = new_link(s, team, ZERO, kept)
        else:
            s.teams[team]["held"] -= 1
            if s.teams[team]["caseload_length"] > 0:
                call_caseload(s, team)
    s.live[case]["held"] = kept


@kernel_code
def _enter(s: Any, v: Any, team: Any) -> None:
    t = s.teams[team]
    set_rank(s, v, t["discipline"])
    head, tail = enter(s, v, np.int64(t["caseload_head"]), np.int64(t["caseload_tail"]))
    t["caseload_head"] = head
    t["caseload_tail"] = tail
    t["caseload_length"] += 1


@kernel_code
def _leave(s: Any, v: Any, team: Any) -> None:
    t = s.teams[team]
    head, tail = leave(s, v, np.int64(t["caseload_head"]), np.int64(t["caseload_tail"]))
    t["caseload_head"] = head
    t["caseload_tail"] = tail
    t["caseload_length"] -= 1


@kernel_code
def _join(s: Any, v: Any, team: Any) -> None:
    """Let a case wait for a place."""
    _enter(s, v, team)
    if s.visits[v]["gives_up"] < math.inf:
        first = s.teams[team]["caseload_first_new"]
        s.teams[team]["caseload_first_new"] = new_link(s, v, s.visits[v]["serial"], first)
    call_caseload(s, team)


@kernel_code
def _let_pass(p: Any, s: Any, v: Any, now: Any) -> None:
    """Let a case that is held go on, at the end of this instant."""
    start_visit(s, v, now)
    schedule(p, s, now, COMPLETION + s.visits[v]["place"], OF_VISIT, v, ZERO, ZERO)


@kernel_code
def _end_waiting(p: Any, s: Any, v: Any, outcome: Any, now: Any) -> None:
    s.visits[v]["outcome"] = outcome
    schedule(p, s, now, RENEGE + s.visits[v]["place"], OF_VISIT, v, ZERO, ZERO)


@kernel_code
def give_up_place(s: Any, v: Any) -> None:
    """Let a case leave that has waited for a place for too long."""
    _leave(s, v, np.int64(s.visits[v]["team"]))


@kernel_code
def _take_on(p: Any, s: Any, v: Any, team: Any, now: Any) -> None:
    """Let the first of those who wait have a place."""
    case = s.visits[v]["case"]
    if now >= s.live[case]["dropout"]:
        _end_waiting(p, s, v, RENEGED, now)
        return
    _take(s, team, case)
    _let_pass(p, s, v, now)
    if s.visits[v]["branch"] > 0:  # other branches of the case may have asked for the same place
        other = np.int64(s.teams[team]["caseload_head"])
        while other >= 0:
            following = np.int64(s.visits[other]["next"])
            if s.visits[other]["case"] == case:
                _leave(s, other, team)
                _let_pass(p, s, other, now)
            other = following


@kernel_code
def give_out_places(p: Any, s: Any, team: Any, now: Any) -> None:
    """Take on those who wait, in their order, while there are places."""
    t = s.teams[team]
    t["caseload_called"] = 0
    while t["caseload_length"] > 0 and _to_spare(s, team, now) + t["caseload_length"] > 0:
        v = np.int64(t["caseload_head"])
        _leave(s, v, team)
        _take_on(p, s, v, team, now)
    await_patience(p, s, t["caseload_first_new"], team)
    t["caseload_first_new"] = -1
    if t["caseload_length"] > 0 and t["caseload_wakes_at"] <= now:
        _wake_when_more_come(p, s, team, now)


@kernel_code
def _wake_when_more_come(p: Any, s: Any, team: Any, now: Any) -> None:
    """Give out places again when more heads are in post."""
    t = s.teams[team]
    first, size = t["in_post_at"], t["in_post_n"]
    later = count_to(s.in_post_times, first, size, now)
    while later < size and s.in_post_heads[first + later] <= s.in_post_heads[first + later - 1]:
        later += 1
    t["caseload_wakes_at"] = s.in_post_times[first + later] if later < size else math.inf
    place = CAPACITY + (np.int64(team) << 16)
    schedule(p, s, t["caseload_wakes_at"], place, OF_CASELOAD, team, ZERO, ZERO)


@kernel_code
def _asked(p: Any, s: Any, v: Any, a: Any, now: Any) -> Any:
    """Choose the team that is asked to hold a case; -1 when nobody takes cases on."""
    count = open_to(p, s, v, a, now)
    if p.activities[a]["join"] == JOIN_AVAILABLE:
        for at in range(count):
            if _to_spare(s, np.int64(s.found[at]), now) > 0:
                return np.int64(s.found[at])
    return np.int64(s.found[0]) if count > 0 else np.int64(-1)


@kernel_code
def assign(p: Any, s: Any, v: Any, a: Any, now: Any) -> Any:
    """Ask a team to hold a case; return 1 when it does, 0 when the case waits, -1 when it is refused."""
    visit = s.visits[v]
    visit["queued"] = now
    team = _asked(p, s, v, a, now)
    if team < 0:
        end_visit(s, v, now, REFUSED)
        return -1
    visit["team"] = team
    case, activity = visit["case"], p.activities[a]
    _, patience = draw_time_and_patience(p, s, v)
    if activity["patience_factors_n"] > 0:
        at, count = activity["patience_factors_at"], activity["patience_factors_n"]
        patience = scaled_by_last_work(p, s, patience, at, count, case, now)
    if _holds(s, team, case):
        start_visit(s, v, now)
        return 1
    if s.teams[team]["caseload"] == math.inf:
        _take(s, team, case)
        start_visit(s, v, now)
        return 1
    if patience < math.inf:
        hours = p.team_hours[team, s.cases[case]["need"]] if activity["patience_open"] else -1
        visit["gives_up"] = add_hours(p, hours, now, patience)
    visit["priority"] = rank(p, s, case, a)
    visit["stage"] = FOR_A_PLACE
    _join(s, v, team)
    return 0


@kernel_code
def send_on_places(p: Any, s: Any, phase: Any, now: Any) -> None:
    """Send those who wait for a team that is there no more to the one that now takes cases on."""
    for team in range(s.teams.size):
        while s.teams[team]["caseload_length"] > 0 and not p.exists[phase, team]:
            v = np.int64(s.teams[team]["caseload_head"])
            _leave(s, v, team)
            found = _asked(p, s, v, np.int64(p.activity[phase, s.visits[v]["activity"]]), now)
            if found < 0:
                _end_waiting(p, s, v, REFUSED, now)
                continue
            s.visits[v]["team"] = found
            if _holds(s, found, s.visits[v]["case"]):
                _let_pass(p, s, v, now)
            else:
                _join(s, v, found)
