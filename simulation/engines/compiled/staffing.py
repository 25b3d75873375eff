"""Who is on duty, who is free, and how fast they are."""

import math
from typing import Any

import numpy as np

from simulation.engines.compiled.agenda import schedule
from simulation.engines.compiled.codes import NONE, OF_DESK, ZERO
from simulation.engines.compiled.kernel_code import hot_code, kernel_code
from simulation.engines.ordering import CAPACITY

__all__ = [
    "count_heads",
    "free_post",
    "has_skill",
    "heads_on_duty",
    "is_available",
    "is_full",
    "load",
    "pace_of",
    "somebody_free",
    "waiting",
    "wake_when_more_come",
]


@kernel_code
def count_heads(s: Any, team: Any, now: Any) -> None:
    """Know how many heads are on duty, until the next change in any staff group."""
    until = math.inf
    first = s.teams[team]["staff_at"]
    for group in range(first, first + s.teams[team]["staff_n"]):
        at, last = s.staff[group]["now"], s.staff[group]["duty_at"] + s.staff[group]["duty_n"] - 1
        while at < last and s.duty_times[at + 1] <= now:
            at += 1
        s.staff[group]["now"] = at
        s.staff[group]["heads"] = s.duty_heads[at]
        s.staff[group]["pace"] = s.duty_pace[at]
        s.staff[group]["closed"] = s.duty_closed[at]
        if at < last:
            until = min(until, s.duty_times[at + 1])
    s.teams[team]["heads_until"] = until


@hot_code
def has_skill(p: Any, s: Any, group: Any, need: Any) -> Any:
    """Tell whether a staff group can serve a need."""
    at = s.staff[group]["skills_at"]
    return at < 0 or p.flags[at + need]


@hot_code
def is_too_late(s: Any, v: Any, group: Any) -> Any:
    """Tell whether a staff group is in overtime and does not begin a visit in it."""
    late = s.staff[group]["closed"]
    return late < math.inf and (s.visits[v]["queued"] >= late or s.visits[v]["pauses"])


@kernel_code
def free_post(p: Any, s: Any, team: Any, v: Any, now: Any) -> Any:
    """Find the preferred staff group with a free head that may begin a visit now; -1 for none."""
    if now >= s.teams[team]["heads_until"]:
        count_heads(s, team, now)
    first = s.teams[team]["staff_at"]
    for group in range(first, first + s.teams[team]["staff_n"]):
        if s.staff[group]["busy"] < s.staff[group]["heads"] and has_skill(
            p, s, group, np.int64(s.cases[s.visits[v]["case"]]["need"])
        ):
            if s.teams[team]["overtime"] and is_too_late(s, v, group):
                continue
            return group
    return -1


@kernel_code
def somebody_free(s: Any, team: Any) -> Any:
    """Tell whether any head on duty is free."""
    first = s.teams[team]["staff_at"]
    for group in range(first, first + s.teams[team]["staff_n"]):
        if s.staff[group]["busy"] < s.staff[group]["heads"]:
            return True
    return False


@kernel_code
def heads_on_duty(s: Any, team: Any) -> Any:
    """Count the heads on duty, as last known."""
    first, total = s.teams[team]["staff_at"], 0
    for group in range(first, first + s.teams[team]["staff_n"]):
        total += s.staff[group]["heads"]
    return total


@kernel_code
def load(s: Any, team: Any) -> Any:
    """Count the cases waiting and in service."""
    first, total = s.teams[team]["staff_at"], s.teams[team]["length"]
    for group in range(first, first + s.teams[team]["staff_n"]):
        total += s.staff[group]["busy"]
    return total


@kernel_code
def _takes(p: Any, s: Any, team: Any, need: Any, v: Any) -> Any:
    """Find the preferred group with a head left free, for a visit that waits or (-1) for a newcomer."""
    first = s.teams[team]["staff_at"]
    for group in range(first, first + s.teams[team]["staff_n"]):
        if s.staff[group]["free"] > 0 and has_skill(p, s, group, need):
            if not s.teams[team]["overtime"] or s.staff[group]["closed"] == math.inf:
                return group
            if v >= 0 and not is_too_late(s, v, group):
                return group
    return -1


@kernel_code
def _others_free(p: Any, s: Any, main: Any, team: Any, now: Any) -> Any:
    """Tell whether all other teams that a visit needs could begin it."""
    place = main
    while place >= 0:
        other = s.visits[place]["team"]
        if other != team and free_post(p, s, other, main, now) < 0:
            return False
        place = s.visits[place]["mate"]
    return True


@kernel_code
def waiting(p: Any, s: Any, team: Any, now: Any) -> Any:
    """Foresee how many would still wait if work were given out now; heads left over are noted as free."""
    count_heads(s, team, now)
    first, any_free = s.teams[team]["staff_at"], False
    for group in range(first, first + s.teams[team]["staff_n"]):
        free = max(0, s.staff[group]["heads"] - s.staff[group]["busy"])
        s.staff[group]["free"] = free
        any_free = any_free or free > 0
    left = np.int64(s.teams[team]["length"])
    v = np.int64(s.teams[team]["head"]) if any_free else -1
    while v >= 0:
        main = s.visits[v]["main"]
        group = _takes(p, s, team, np.int64(s.cases[s.visits[main]["case"]]["need"]), main)
        if group >= 0 and _others_free(p, s, main, team, now):
            s.staff[group]["free"] -= 1
            left -= 1
        v = np.int64(s.visits[v]["next"])
    return left


@kernel_code
def is_available(p: Any, s: Any, team: Any, need: Any, now: Any) -> Any:
    """Tell whether somebody could begin a case of the need at once, those already there served first."""
    waiting(p, s, team, now)
    return _takes(p, s, team, need, NONE) >= 0


@kernel_code
def is_full(p: Any, s: Any, team: Any, need: Any, now: Any) -> Any:
    """Tell whether a newcomer would be one more waiting than the queue allows."""
    if not s.teams[team]["limited"]:
        return False
    left = waiting(p, s, team, now)
    return left >= s.teams[team]["limit"] and _takes(p, s, team, need, NONE) < 0


@kernel_code
def _proficiency(s: Any, group: Any, need: Any, now: Any) -> Any:
    """Return the factor on a staff group's speed for a need."""
    at = s.staff[group]["eras_at"]
    for era in range(at + 1, at + s.staff[group]["eras_n"]):
        if s.era_begins[era] > now:
            break
        at = era
    factor = s.era_factors[at, need]
    return 1.0 if math.isnan(factor) else factor


@kernel_code
def pace_of(s: Any, v: Any, team: Any, group: Any, now: Any) -> Any:
    """Return the work done per hour by a group that begins a visit, and note whether it hurries."""
    pace = s.staff[group]["pace"]
    if s.staff[group]["eras_n"] > 0:
        pace *= _proficiency(s, group, np.int64(s.cases[s.visits[v]["case"]]["need"]), now)
    if s.teams[team]["squeezes"] and s.teams[team]["length"] >= s.teams[team][
        "squeeze_waiting"
    ] * heads_on_duty(s, team):
        s.visits[v]["hurried"] = 1
        pace *= s.teams[team]["squeeze_speed"]
    return pace


@kernel_code
def wake_when_more_come(p: Any, s: Any, team: Any, now: Any) -> None:
    """Give out work again when a staff group gains heads."""
    rise = math.inf
    first = s.teams[team]["staff_at"]
    for group in range(first, first + s.teams[team]["staff_n"]):
        at, end = s.staff[group]["next_rise"], s.staff[group]["rises_at"] + s.staff[group]["rises_n"]
        while at < end and s.rises[at] <= now:
            at += 1
        s.staff[group]["next_rise"] = at
        if at < end:
            rise = min(rise, s.rises[at])
    s.teams[team]["wakes_at"] = rise
    schedule(p, s, rise, CAPACITY + (np.int64(team) << 16), OF_DESK, team, ZERO, ZERO)
