"""A system that changes while it runs: by date, or when something is seen; and what its cases do then."""

from typing import Any

import numpy as np

from simulation.engines.compiled.agenda import schedule
from simulation.engines.compiled.caseloads import send_on_places
from simulation.engines.compiled.codes import (
    NONE,
    OBSERVE_OPEN_CASES,
    OBSERVE_WAITING,
    OF_VISIT,
    PHASE_NOW,
    REFUSED,
    STAMP,
    STRETCH,
    SWITCH_ROWS,
    VISITS_USED,
    ZERO,
)
from simulation.engines.compiled.deciding import choose_teams
from simulation.engines.compiled.desks import leave_desks, take_over
from simulation.engines.compiled.kernel_code import kernel_code
from simulation.engines.compiled.writing import free_slot
from simulation.engines.ordering import RENEGE

__all__ = ["enter_stretch", "look"]

DAY = 24.0


@kernel_code
def _adopt(p: Any, s: Any, now: Any) -> None:
    """Let the phase begin that the levers which are on make of the present stretch."""
    mask, stretch = np.int64(0), s.n[STRETCH]
    for switch in range(s.switches.size):
        if s.switches[switch]["is_on"]:
            mask |= np.int64(1) << switch
    first = p.stretches[stretch]["variants_at"]
    phase = np.int64(p.variants[first]["phase"])
    for variant in range(first, first + p.stretches[stretch]["variants_n"]):
        if p.variants[variant]["mask"] == mask:
            phase = np.int64(p.variants[variant]["phase"])
    s.n[PHASE_NOW] = phase
    for team in range(s.teams.size):
        s.teams[team]["dissolved"] = not p.exists[phase, team]
    for team in range(s.teams.size):
        while s.teams[team]["dissolved"] and s.teams[team]["length"] > 0:
            _send_on(p, s, np.int64(s.visits[s.teams[team]["head"]]["main"]), now)
    send_on_places(p, s, phase, now)


@kernel_code
def _send_on(p: Any, s: Any, v: Any, now: Any) -> None:
    """Send a case that waits for a team which is there no more to those who now do the work."""
    leave_desks(s, v, NONE)
    mate = np.int64(s.visits[v]["mate"])
    while mate >= 0:
        following = np.int64(s.visits[mate]["mate"])
        free_slot(s, mate)
        mate = following
    s.visits[v]["mate"] = -1
    a = np.int64(p.activity[s.n[PHASE_NOW], s.visits[v]["activity"]])
    count = choose_teams(p, s, v, a, now)
    if count > 0:
        take_over(s, v, count)
    else:
        s.visits[v]["outcome"] = REFUSED
        schedule(p, s, now, RENEGE + s.visits[v]["place"], OF_VISIT, v, ZERO, ZERO)


@kernel_code
def enter_stretch(p: Any, s: Any, stretch: Any, now: Any) -> None:
    """Let a stretch begin; levers that cannot be on in it are switched off."""
    s.n[STRETCH] = stretch
    for switch in range(s.switches.size):
        if not p.strength[stretch, switch]:
            s.switches[switch]["days"] = 0
            if s.switches[switch]["is_on"]:
                _turn(p, s, switch, now)
    _adopt(p, s, now)


@kernel_code
def look(p: Any, s: Any, number: Any, now: Any) -> None:
    """Observe everything that is looked at now, and then switch."""
    turned = False
    for switch in range(s.switches.size):
        s.switches[switch]["turns"] = 0
        if p.looked[number, switch] and p.strength[s.n[STRETCH], switch]:
            on = _decide(p, s, switch, _observe(p, s, switch, now), now)
            s.switches[switch]["turns"] = on != (s.switches[switch]["is_on"] > 0)
    for switch in range(s.switches.size):
        if s.switches[switch]["turns"]:
            _turn(p, s, switch, now)
            turned = True
    if turned:
        _adopt(p, s, now)


@kernel_code
def _turn(p: Any, s: Any, switch: Any, now: Any) -> None:
    """Switch a lever."""
    lever, rule = s.switches[switch], p.rules[switch]
    if lever["is_on"]:
        lever["is_on"] = 0
        lever["spent"] = lever["spent"] + rule["cost_per_hour"] * (now - lever["since"])
    else:
        lever["is_on"] = 1
        if lever["spent"] == 0.0:
            lever["spent"] = rule["cost_once"]
        lever["since"] = now
    lever["days"] = 0
    row = s.switch_rows[s.n[SWITCH_ROWS]]
    row["time"] = now
    row["lever"] = switch
    row["on"] = lever["is_on"]
    s.n[SWITCH_ROWS] += 1


@kernel_code
def _decide(p: Any, s: Any, switch: Any, value: Any, now: Any) -> Any:
    """Take note of a day's value; return whether the lever is on from now on."""
    lever, rule = s.switches[switch], p.rules[switch]
    is_on, budget = lever["is_on"] > 0, rule["budget"]
    costs = is_on and rule["cost_per_hour"] != 0.0
    if costs and lever["spent"] + rule["cost_per_hour"] * (now - lever["since"]) >= budget:
        return False
    past = value < rule["below"] if is_on else value > rule["above"]
    lever["days"] = lever["days"] + 1 if past else 0
    if lever["days"] < (rule["below_for"] if is_on else rule["above_for"]):
        return is_on
    paid = lever["spent"] if lever["spent"] != 0.0 else rule["cost_once"]
    can_be_paid = paid < budget or (paid == budget and rule["cost_per_hour"] == 0.0)
    return not is_on and can_be_paid


# --- what is seen -----------------------------------------------------------------------------------------


@kernel_code
def _observe(p: Any, s: Any, switch: Any, now: Any) -> Any:
    """Return what a trigger looks at."""
    observed = p.rules[switch]["observe"]
    if observed == OBSERVE_WAITING:
        return float(_count_waiting(p, s, switch))
    count = _gather_ages(p, s, switch, now)
    if observed == OBSERVE_OPEN_CASES:
        return float(count)
    if count == 0:
        return 0.0
    return _smallest(s.ages, count, (9 * count + 9) // 10 - 1) / DAY


@kernel_code
def _smallest(values: Any, count: Any, rank: Any) -> Any:
    """Find the value that would stand at a rank if so many values were sorted (Hoare 1961, FIND)."""
    low, high = 0, count - 1
    while low < high:
        pivot, left, right = values[rank], low, high
        while left <= right:
            while values[left] < pivot:
                left += 1
            while pivot < values[right]:
                right -= 1
            if left <= right:
                values[left], values[right] = values[right], values[left]
                left += 1
                right -= 1
        if right < rank:
            low = left
        if rank < left:
            high = right
    return values[rank]


@kernel_code
def _is_of(p: Any, at: Any, number: Any) -> Any:
    return at < 0 or p.flags[at + number] > 0


@kernel_code
def _count_waiting(p: Any, s: Any, switch: Any) -> Any:
    """Count the cases that wait for a team, by their first team."""
    rule, total = p.rules[switch], 0
    for team in range(s.teams.size):
        if s.teams[team]["length"] > 0 and _is_of(p, rule["roles_at"], s.teams[team]["role"]):
            v = np.int64(s.teams[team]["head"])
            while v >= 0:
                need = np.int64(s.cases[s.visits[s.visits[v]["main"]]["case"]]["need"])
                if s.visits[v]["main"] == v and _is_of(p, rule["needs_at"], need):
                    total += 1
                v = np.int64(s.visits[v]["next"])
    return total


@kernel_code
def _gather_ages(p: Any, s: Any, switch: Any, now: Any) -> Any:
    """Note how long the cases that are under way, and not away, have been there; return how many."""
    s.n[STAMP] += 1
    stamp, count, needs = s.n[STAMP], 0, p.rules[switch]["needs_at"]
    for v in range(s.n[VISITS_USED]):
        if s.visits[v]["alive"] and s.visits[v]["activity"] < p.away:
            case = s.visits[v]["case"]
            if s.live[case]["stamp"] != stamp and _is_of(p, needs, np.int64(s.cases[case]["need"])):
                s.live[case]["stamp"] = stamp
                s.ages[count] = now - s.cases[case]["arrival"]
                count += 1
    return count
