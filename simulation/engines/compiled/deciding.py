"""What is decided about a case, by draws and by the rules of the phase."""

import math
from typing import Any

import numpy as np

from simulation.engines.compiled.codes import (
    FOUND,
    JOIN_ALL,
    JOIN_AVAILABLE,
    JOIN_SHORTEST,
    NOBODY,
    NOT_SURE,
    ONE,
    PHASE_NOW,
)
from simulation.engines.compiled.hours import add_hours, next_open
from simulation.engines.compiled.kernel_code import hot_code, kernel_code
from simulation.engines.compiled.staffing import is_available, is_full, load
from simulation.streams import service_draws, uniforms

__all__ = [
    "activity_now",
    "choose_teams",
    "contact_opens",
    "content",
    "draw_time_and_patience",
    "due_after",
    "entry_draws",
    "first_activity",
    "open_to",
    "rank",
    "scaled_by_last_work",
    "terms",
    "way_on",
]


@hot_code
def activity_now(p: Any, s: Any, number: Any) -> Any:
    """Return the position of an activity as it is in the present phase."""
    return np.int64(p.activity[s.n[PHASE_NOW], number])


@kernel_code
def _stretch_at(p: Any, moment: Any) -> Any:
    """Find the stretch of time in which a moment lies."""
    current = 0
    for stretch in range(1, p.stretches.size):
        if p.stretches[stretch]["begin"] > moment:
            break
        current = stretch
    return current


@hot_code
def _is_in(p: Any, at: Any, number: Any) -> Any:
    """Tell whether a number is in a set, of which there may be none."""
    return at < 0 or (number >= 0 and p.flags[at + number] > 0)


@kernel_code
def holds(
    p: Any, s: Any, condition: Any, case: Any, now: Any, team: Any, staff: Any, elsewhere: Any, hurried: Any
) -> Any:
    """Tell whether a condition holds for a case at a moment after, or at, a piece of work."""
    c, what, live = p.conditions[condition], s.cases[case], s.live[case]
    if not _is_in(p, c["channels_at"], np.int64(what["channel"])) or not _is_in(
        p, c["groups_at"], np.int64(what["group"])
    ):
        return False
    if c["standards_at"] >= 0:
        standard = p.standards[_stretch_at(p, what["arrival"]), what["contact"]]
        if not _is_in(p, c["standards_at"], standard):
            return False
    if not _is_in(p, c["tiers_at"], p.tiers[what["contact"]]) or not _is_in(
        p, c["needs_at"], np.int64(what["need"])
    ):
        return False
    if c["late"] >= 0 and (c["late"] > 0) != (now > live["due"]):
        return False
    if live["marks"] & c["marks"] != c["marks"] or live["marks"] & c["unmarked"] != 0:
        return False
    if c["returned"] >= 0 and (c["returned"] > 0) != (what["rounds"] > 0):
        return False
    if not _is_in(p, c["teams_at"], team) or not _is_in(p, c["staff_at"], staff):
        return False
    if c["elsewhere"] >= 0 and (c["elsewhere"] > 0) != elsewhere:
        return False
    return c["hurried"] < 0 or (c["hurried"] > 0) == hurried


@kernel_code
def _holds_after_work(p: Any, s: Any, condition: Any, case: Any, now: Any) -> Any:
    """Tell whether a condition holds, the work being the last that was completed on the case."""
    if condition < 0:
        return True
    team = np.int64(s.live[case]["team"])
    elsewhere = team >= 0 and s.teams[team]["place"] != s.cases[case]["contact"]
    return holds(
        p,
        s,
        condition,
        case,
        now,
        team,
        np.int64(s.live[case]["staff"]),
        elsewhere,
        s.live[case]["hurried"] > 0,
    )


@kernel_code
def _choose(p: Any, s: Any, at: Any, count: Any, case: Any, now: Any, u: Any) -> Any:
    """Return the target of the first row of a routing that holds, by inversion of u."""
    for row in range(at, at + count):
        if _holds_after_work(p, s, p.rows[row]["condition"], case, now):
            edge, last = p.rows[row]["edges_at"], p.rows[row]["edges_at"] + p.rows[row]["edges_n"] - 1
            while edge < last and not u < p.edges[edge]["below"]:
                edge += 1
            return np.int64(p.edges[edge]["target"])
    return np.int64(NOT_SURE)


@kernel_code
def first_activity(p: Any, s: Any, case: Any, now: Any) -> Any:
    """Return the activity at which a case begins, or the exit by which it ends at once."""
    need = p.needs[s.n[PHASE_NOW], s.cases[case]["need"]]
    if need["sure"] != NOT_SURE:
        return np.int64(need["sure"])
    u = uniforms(s.run[0], s.run[1], need["first"], s.cases[case]["key"], s.cases[case]["rounds"], 0)[0]
    return _choose(p, s, need["routes_at"], need["routes_n"], case, now, u)


@kernel_code
def way_on(p: Any, s: Any, v: Any, now: Any) -> Any:
    """Let a completed visit mark its case; return what follows."""
    case = s.visits[v]["case"]
    a = activity_now(p, s, s.visits[v]["activity"])
    s.live[case]["marks"] |= p.activities[a]["marks"]
    if p.activities[a]["sure"] != NOT_SURE:
        return np.int64(p.activities[a]["sure"])
    return _choose(
        p, s, p.activities[a]["routes_at"], p.activities[a]["routes_n"], case, now, s.visits[v]["way_on"]
    )


@kernel_code
def entry_draws(p: Any, s: Any, v: Any, a: Any, block: Any) -> Any:
    """Draw the uniforms of a visit's beginning."""
    key = s.cases[s.visits[v]["case"]]["key"]
    return uniforms(s.run[0], s.run[1], p.activities[a]["entry"], key, s.visits[v]["repeat"], block)


@kernel_code
def terms(p: Any, s: Any, v: Any, a: Any) -> Any:
    """Return the chances of loss, refusal and ineligibility at a hand-over, and a factor on its time."""
    loss, refusal = p.activities[a]["loss"], p.activities[a]["refusal"]
    ineligible = p.activities[a]["ineligible"]
    if not p.practised:
        return loss, refusal, ineligible, 1.0
    local = p.practice[s.n[PHASE_NOW], s.cases[s.visits[v]["case"]]["contact"]]
    return loss * local["loss"], refusal * local["refusal"], ineligible * local["refusal"], local["hand_over"]


@kernel_code
def draw_time_and_patience(p: Any, s: Any, v: Any) -> Any:
    """Draw what a visit takes, before any factors, and how long it would wait; and settle its way on."""
    a = activity_now(p, s, s.visits[v]["activity"])
    time, patience, u, _ = service_draws(
        s.run[0],
        s.run[1],
        p.activities[a]["service"],
        s.cases[s.visits[v]["case"]]["key"],
        s.visits[v]["repeat"],
        p.law,
        p.activities[a]["time"],
        p.activities[a]["patience"],
    )
    s.visits[v]["way_on"] = u
    return time, patience


@kernel_code
def scaled_by_last_work(p: Any, s: Any, time: Any, at: Any, count: Any, case: Any, now: Any) -> Any:
    """Apply factors whose conditions are about the last work that was completed on a case."""
    for factor in range(at, at + count):
        if _holds_after_work(p, s, p.factors[factor]["condition"], case, now):
            time *= p.factors[factor]["factor"]
    return time


@kernel_code
def content(p: Any, s: Any, v: Any, team: Any, staff: Any, now: Any) -> Any:
    """Return the content (hours at pace 1) of work that a team's staff group begins."""
    a = p.activities[activity_now(p, s, s.visits[v]["activity"])]
    case, time, place = s.visits[v]["case"], s.visits[v]["work"], s.teams[team]["place"]
    for factor in range(a["factors_at"], a["factors_at"] + a["factors_n"]):
        condition = p.factors[factor]["condition"]
        if condition < 0 or holds(
            p,
            s,
            condition,
            case,
            now,
            team,
            staff,
            place != s.cases[case]["contact"],
            s.visits[v]["hurried"] > 0,
        ):
            time *= p.factors[factor]["factor"]
    if p.practised:
        time *= p.practice[s.n[PHASE_NOW], place]["work"]
    if a["re_entry"] > 0.0 and s.live[case]["team"] != -1 and s.live[case]["team"] != team:
        time += a["re_entry"]
    return time


@kernel_code
def rank(p: Any, s: Any, case: Any, a: Any) -> Any:
    """Return the rank of a case in a queue of an activity."""
    own = p.activities[a]["priority"]
    return np.int64(own if own >= 0 else p.needs[s.n[PHASE_NOW], s.cases[case]["need"]]["priority"])


@kernel_code
def open_to(p: Any, s: Any, v: Any, a: Any, now: Any) -> Any:
    """Note the teams that may do the work of a visit, the preferred first; return how many there are."""
    case, count, adopts = s.visits[v]["case"], 0, -1.0
    need, first = np.int64(s.cases[case]["need"]), p.activities[a]["options_at"]
    for option in range(first, first + p.activities[a]["options_n"]):
        if p.options[option]["share"] < 1.0:
            if adopts < 0.0:
                adopts = entry_draws(p, s, v, a, ONE)[2]
            if adopts >= p.options[option]["share"]:
                continue
        place = s.cases[case]["contact"] if p.options[option]["by_contact"] else s.cases[case]["origin"]
        there = p.reached[p.options[option]["reached_at"] + place]
        for at in range(there["at"], there["at"] + there["n"]):
            team = p.teams_reached[at]
            known = False
            for earlier in range(count):
                known = known or s.found[earlier] == team
            if not known and (not p.options[option]["only_if_free"] or is_available(p, s, team, need, now)):
                s.found[count] = team
                count += 1
    s.n[FOUND] = count
    return count


@kernel_code
def choose_teams(p: Any, s: Any, v: Any, a: Any, now: Any) -> Any:
    """Choose the teams whose queue a case joins: the first of those found that do; return how many do."""
    case = s.visits[v]["case"]
    need = np.int64(s.cases[case]["need"])
    place = s.cases[case]["contact"] if p.activities[a]["by_contact"] else s.cases[case]["origin"]
    sure = p.sure_teams[p.activities[a]["sure_teams_at"] + place]
    if sure != NOT_SURE:
        s.found[0] = sure
        return 0 if sure == NOBODY else 1
    count, join = open_to(p, s, v, a, now), p.activities[a]["join"]
    if join == JOIN_ALL:
        for at in range(count):
            if is_full(p, s, s.found[at], need, now):
                return 0
        return count
    kept = 0
    for at in range(count):
        if not is_full(p, s, s.found[at], need, now):
            s.found[kept] = s.found[at]
            kept += 1
    if kept > 1:
        s.found[0] = s.found[_preferred(p, s, kept, join, need, now)]
    return min(kept, 1)


@kernel_code
def _preferred(p: Any, s: Any, count: Any, join: Any, need: Any, now: Any) -> Any:
    """Return which of several teams that have room a case joins."""
    best = 0
    if join == JOIN_AVAILABLE:
        for at in range(count):
            if is_available(p, s, s.found[at], need, now):
                return at
    elif join == JOIN_SHORTEST:
        for at in range(1, count):
            if load(s, s.found[at]) < load(s, s.found[best]):
                best = at
    return best


@kernel_code
def contact_opens(p: Any, s: Any, case: Any, moment: Any) -> Any:
    """Return the first moment at which a veteran gets through; what the service begins never waits."""
    phase = s.n[PHASE_NOW]
    which = p.contact_hours[phase, s.cases[case]["channel"]]
    if which < 0 or not p.needs[phase, s.cases[case]["need"]]["waits_for_contact"]:
        return moment
    return next_open(p, which, moment)


@kernel_code
def due_after(p: Any, how: Any, after: Any, hours: Any, moment: Any) -> Any:
    """Return the moment that lies a duration, perhaps of open hours, after another."""
    if after == math.inf:
        return math.inf
    return add_hours(p, hours, moment, after) if how > 0 else moment + after
