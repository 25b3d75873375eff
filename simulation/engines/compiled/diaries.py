"""Appointments: the earliest slot, who comes to it, and who calls off."""

import math
from typing import Any

import numpy as np

from simulation.calendars import SLACK
from simulation.engines.compiled.agenda import schedule
from simulation.engines.compiled.codes import (
    BALKED,
    BOOKED,
    CODE,
    COMES,
    DROPPED_OUT,
    FAILED,
    JOIN_EARLIEST,
    NO_BOOKING,
    NO_DIARY,
    OF_VISIT,
    ONE,
    REFUSED,
    RENEGED,
    WAITS,
    ZERO,
)
from simulation.engines.compiled.deciding import activity_now, entry_draws, open_to, rank
from simulation.engines.compiled.hours import add_hours, count_to, count_until
from simulation.engines.compiled.kernel_code import kernel_code
from simulation.engines.compiled.writing import end_visit
from simulation.engines.ordering import HAND_OVER
from simulation.streams import uniforms

__all__ = ["book", "keep_or_not"]


@kernel_code
def _ahead(p: Any, diary: Any, now: Any, length: Any, open_hours: Any) -> Any:
    """Return the moment that lies a length ahead."""
    return add_hours(p, p.diaries[diary]["hours"], now, length) if open_hours else now + length


@kernel_code
def _first_free(p: Any, s: Any, diary: Any, kept: Any, first: Any) -> Any:
    """Find the first slot from a number on with a free place of one kind; return when it begins, and it."""
    at, size = p.diaries[diary]["first"], p.diaries[diary]["size"]
    known = s.taken_before[diary, kept]
    slot = max(first, known)
    while slot < size and s.free_places[kept, at + slot] == 0:
        slot += 1
    if first <= known:
        s.taken_before[diary, kept] = slot
    if slot < size:
        return p.slots[at + slot], np.int64(at + slot)
    return math.inf, np.int64(-1)


@kernel_code
def _earliest_in(p: Any, s: Any, diary: Any, now: Any, moment: Any, after: Any, priority: Any) -> Any:
    """Find the place for a case that asks now, in a slot from a moment on and after another slot."""
    rules = p.diaries[diary]
    at, size = rules["first"], rules["size"]
    first = max(count_until(p.slots, at, size, moment - SLACK), count_to(p.slots, at, size, after))
    start, slot = _first_free(p, s, diary, ZERO, first)
    if not rules["carves"]:
        return start, slot, 0
    if priority <= rules["urgent"]:
        kept_start, kept_slot = _first_free(p, s, diary, ONE, first)
        if kept_start <= start:
            return kept_start, kept_slot, 1
    elif not math.isnan(rules["released"]):
        kept_start, kept_slot = _first_free(p, s, diary, ONE, first)
        if kept_start < start and kept_start <= _ahead(
            p, diary, now, rules["released"], rules["released_open"] > 0
        ):
            return kept_start, kept_slot, 1
    return start, slot, 0


@kernel_code
def _first_of(p: Any, s: Any, count: Any, lead: Any, now: Any, after: Any, priority: Any, since: Any) -> Any:
    """Find the earliest place in the diaries of the teams found, the first of them at equal times."""
    best_team, best_start, best_slot, best_kept = np.int64(-1), math.inf, np.int64(-1), 0
    for at in range(count):
        team = np.int64(s.found[at])
        diary = s.teams[team]["diary"]
        if diary >= 0:
            moment = max(since, _ahead(p, diary, now, p.leads[lead, diary, 0], p.leads[lead, diary, 1] > 0.0))
            start, slot, kept = _earliest_in(p, s, diary, now, moment, after, priority)
            if best_team < 0 or start < best_start:
                best_team, best_start, best_slot, best_kept = team, start, slot, kept
    return best_team, best_start, best_slot, best_kept


@kernel_code
def _bookable(p: Any, s: Any, v: Any, a: Any, now: Any) -> Any:
    """Note the teams into whose diaries a case may be booked; return how many."""
    count = open_to(p, s, v, a, now)
    return count if p.activities[a]["join"] == JOIN_EARLIEST else min(count, 1)


@kernel_code
def _earliest(p: Any, s: Any, v: Any, a: Any, count: Any, now: Any) -> Any:
    """Find the earliest place, now or with those who will do the work later on."""
    after, priority = s.visits[v]["after"], rank(p, s, s.visits[v]["case"], a)
    lead = p.activities[a]["lead_at"]
    team, start, slot, kept = _first_of(p, s, count, lead, now, after, priority, 0.0)
    for stretch in range(p.stretches.size):
        begin = p.stretches[stretch]["begin"]
        if team >= 0 and slot < 0 and begin > now:
            phase = p.variants[p.stretches[stretch]["variants_at"]]["phase"]
            later = np.int64(p.activity[phase, s.visits[v]["activity"]])
            found = _first_of(p, s, _bookable(p, s, v, later, now), lead, now, after, priority, begin)
            if found[0] >= 0:
                team, start, slot, kept = found
    return team, start, slot, kept


@kernel_code
def _booking_draws(p: Any, s: Any, v: Any, a: Any) -> Any:
    """Draw the uniforms of a visit's first booking, or of one after a missed one."""
    visit, named = s.visits[v], p.activities[a]["appointment"]
    key = s.cases[visit["case"]]["key"]
    calls_off, rebooks, misses, declines = uniforms(
        s.run[0], s.run[1], named, key, visit["repeat"], visit["attempt"]
    )
    if visit["attempt"] == 0:
        misses, declines, _, _ = entry_draws(p, s, v, a, ONE)
    return calls_off, rebooks, misses, declines


@kernel_code
def _is_too_far(p: Any, lead: Any, diary: Any, start: Any, now: Any) -> Any:
    """Tell whether a slot is further away than a veteran may like."""
    limit = p.leads[lead, diary, 2]
    return not math.isnan(limit) and start > _ahead(p, diary, now, limit, p.leads[lead, diary, 3] > 0.0)


@kernel_code
def book(p: Any, s: Any, v: Any, now: Any) -> Any:
    """Book a case into a slot; return where it goes instead if it is not."""
    visit = s.visits[v]
    a = activity_now(p, s, visit["activity"])
    activity = p.activities[a]
    if not activity["booked"]:
        s.n[CODE] = NO_BOOKING
        return np.int64(FAILED)
    count = _bookable(p, s, v, a, now)
    if count == 0:
        end_visit(s, v, now, REFUSED)
        return np.int64(activity["refused_to"])
    team, start, slot, kept = _earliest(p, s, v, a, count, now)
    if team < 0:
        s.n[CODE] = NO_DIARY
        return np.int64(FAILED)
    diary = s.teams[team]["diary"]
    visit["team"] = team
    calls_off, rebooks, misses, declines = _booking_draws(p, s, v, a)
    if declines < activity["declined"] and _is_too_far(p, activity["lead_at"], diary, start, now):
        end_visit(s, v, now, BALKED)
        return np.int64(activity["declined_to"])
    if slot >= 0:
        s.free_places[kept, slot] -= 1
    visit["stage"] = BOOKED
    visit["entered"] = a
    visit["diary"] = diary
    visit["slot"] = slot
    visit["kept"] = kept
    visit["after"] = start
    visit["calls_off"] = calls_off < activity["cancelled"]
    visit["draw"] = rebooks
    visit["first_edge"] = misses
    moment = max(now, start - activity["notice"]) if visit["calls_off"] else start
    schedule(p, s, moment, HAND_OVER + visit["place"], OF_VISIT, v, ZERO, ZERO)
    return np.int64(WAITS)


@kernel_code
def keep_or_not(p: Any, s: Any, v: Any, now: Any) -> Any:
    """Let a case come to its slot, call it off or miss it; return where it goes if it does not come."""
    visit = s.visits[v]
    activity, diary, slot = p.activities[visit["entered"]], visit["diary"], np.int64(visit["slot"])
    if visit["calls_off"] and slot >= 0:
        kept = visit["kept"]
        s.free_places[kept, slot] += 1
        within = slot - p.diaries[diary]["first"]
        s.taken_before[diary, kept] = min(s.taken_before[diary, kept], within)
    if now >= s.live[visit["case"]]["dropout"]:
        end_visit(s, v, now, RENEGED)
        return np.int64(DROPPED_OUT)
    if not visit["calls_off"] and visit["first_edge"] >= activity["no_show"]:
        return np.int64(COMES)
    if visit["draw"] >= activity["rebooks"]:
        end_visit(s, v, now, RENEGED)
        return np.int64(activity["missed_to"])
    visit["attempt"] += 1
    return book(p, s, v, now)
