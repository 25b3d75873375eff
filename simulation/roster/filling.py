"""Loops over posts and days: who holds a post when, and how many are there, moment by moment."""

import math
from typing import Any

import numpy as np

from simulation.compiling import compiled
from simulation.streams import decision, mix, uniforms, variate

__all__ = ["ERA", "fill", "hold"]

ERA = ("begin", "rate", "law", "mean", "absence", "training", "ramp_up", "ramp_speed")
"""Columns of eras: hour of the beginning, leavings an hour, number of the law of empty stretches and its mean
(hours), and what else is said of the workforce."""

_BEGIN, _RATE, _LAW, _MEAN, _ABSENCE, _TRAINING, _RAMP_UP, _RAMP_SPEED = range(len(ERA))
_POST, _HIRED, _FROM, _UNTIL = range(4)
_TIME, _OF_POST, _HELD, _SPEED, _LEARNING = range(5)
_FIRST, _SPELL, _ABSENT = decision("post/first"), decision("post/spell"), decision("post/absence")
_DAY, _MONTH = 24.0, 730.0


@compiled("float64[:, ::1](float64[:, ::1], int64)")
def _with_room(rows: Any, count: Any) -> Any:
    """Return the rows with room for one more."""
    return np.concatenate((rows, np.empty_like(rows))) if count == rows.shape[0] else rows


@compiled("int64(float64[:, ::1], float64)")
def _era(eras: Any, now: Any) -> Any:
    """Find the number of the era at a moment."""
    number = 0
    while number + 1 < eras.shape[0] and eras[number + 1, _BEGIN] <= now:
        number += 1
    return number


@compiled("float64(float64[::1], float64[::1], float64, float64)")
def _rest(points: Any, weights: Any, u: Any, v: Any) -> Any:
    """Draw what is left of an empty stretch that is met half-way: long ones are met more often."""
    wanted = u * weights[weights.size - 1]
    low, high = 0, weights.size
    while low < high:
        middle = (low + high) // 2
        if weights[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return points[min(low, points.size - 1)] * v


@compiled("float64(float64[:, ::1], float64, float64)")
def _leaves(eras: Any, start: Any, risk: Any) -> Any:
    """Return when a person who holds a post from `start` on leaves: when so much risk has gathered."""
    now, last = start, eras.shape[0] - 1
    for number in range(last + 1):
        until = eras[number + 1, _BEGIN] if number < last else math.inf
        rate = eras[number, _RATE]
        if until <= now:
            continue
        if rate > 0.0 and risk <= rate * (until - now):
            return now + risk / rate
        if until < math.inf:
            risk -= rate * (until - now)
        now = until
    return math.inf


@compiled(
    "UniTuple(float64, 2)(float64[:, ::1], float64[::1], float64[:, ::1], float64[:, ::1], float64, "
    "UniTuple(float64, 4))"
)
def _met(eras: Any, table: Any, points: Any, weights: Any, now: Any, u: Any) -> Any:
    """Meet a post at a moment, as it is in the long run: when its holder began, and from when it is held."""
    era = _era(eras, now)
    rate, law = eras[era, _RATE], int(eras[era, _LAW])
    empty = rate * eras[era, _MEAN]
    if u[0] < empty / (1.0 + empty):
        filled = now + _rest(points[law], weights[law], u[1], u[2])
        return filled, filled
    if rate == 0.0:
        return -math.inf, now
    return now - variate(table, 0, u[3]) / rate, now


@compiled(
    "Tuple((float64[:, ::1], int64))(uint64, uint64, uint64, int64, float64[:, ::1], float64[:, ::1], "
    "float64[::1], int64[::1], float64[:, ::1], float64[:, ::1], float64[:, ::1], int64)"
)
def hold(
    seed: Any,
    replication: Any,
    key: Any,
    post: Any,
    stretches: Any,
    eras: Any,
    table: Any,
    starts: Any,
    points: Any,
    weights: Any,
    spells: Any,
    count: Any,
) -> Any:
    """Write down the spells of a post: its number, hired, begin, end.

    Examples
    --------
    >>> from simulation.distributions import Exponential, encode
    >>> table, laws = encode([(Exponential(mean=1), 1.0)])
    >>> there, eras, points = np.array([[0.0, 24.0, 1.0]]), np.zeros((1, len(ERA))), np.ones((1, 1))
    >>> hold(1, 0, 7, 0, there, eras, table, laws, points, points, np.empty((1, 4)), 0)
    (array([[  0., -inf,   0.,  24.]]), 1)
    """
    number = 0
    for time in range(stretches.shape[0]):
        begin, end = stretches[time, 0], stretches[time, 1]
        first = uniforms(seed, replication, _FIRST, key, time, 0)
        if stretches[time, 2] > 0.0:
            hired, start = _met(eras, table, points, weights, begin, first)
        else:
            hired = begin + variate(table, starts[int(eras[_era(eras, begin), _LAW])], first[1])
            start = hired
        while start < end:
            tenure, empty, _, _ = uniforms(seed, replication, _SPELL, key, number, 0)
            left = _leaves(eras, start, variate(table, 0, tenure))
            spells = _with_room(spells, count)
            spells[count, _POST], spells[count, _HIRED] = post, hired
            spells[count, _FROM], spells[count, _UNTIL] = start, min(left, end)
            count += 1
            number += 1
            if left >= end:
                break
            hired = left + variate(table, starts[int(eras[_era(eras, left), _LAW])], empty)
            start = hired
    return spells, count


@compiled(
    "Tuple((float64[:, ::1], int64))(float64[:, ::1], int64, float64, int64, float64, float64, float64)"
)
def _note(events: Any, count: Any, time: Any, post: Any, held: Any, speed: Any, learning: Any) -> Any:
    """Write down what holds of a post from a moment on."""
    events = _with_room(events, count)
    events[count, _TIME], events[count, _OF_POST], events[count, _HELD] = time, post, held
    events[count, _SPEED], events[count, _LEARNING] = speed, learning
    return events, count + 1


@compiled("Tuple((float64[:, ::1], int64))(float64[:, ::1], float64[::1], float64[:, ::1], int64)")
def _follow(eras: Any, spell: Any, events: Any, count: Any) -> Any:
    """Write down a spell: a newcomer learns in equal steps, as far as they lie in it."""
    post, hired, begin, end = int(spell[_POST]), spell[_HIRED], spell[_FROM], spell[_UNTIL]
    events, count = _note(events, count, begin, post, 1.0, 1.0, 0.0)
    era = _era(eras, max(hired, 0.0))
    ramp_up, slowest = eras[era, _RAMP_UP], eras[era, _RAMP_SPEED]
    if ramp_up > 0.0:
        steps = math.ceil(ramp_up / _MONTH)
        length = ramp_up / steps
        for step in range(steps):
            first, last = hired + step * length, hired + (step + 1) * length
            if last > begin and first < end:
                speed = slowest + (1.0 - slowest) * step / steps
                events, count = _note(events, count, max(first, begin), post, 1.0, speed, 1.0)
                events, count = _note(events, count, min(last, end), post, 1.0, 1.0, 0.0)
    return _note(events, count, end, post, 0.0, 1.0, 0.0)


@compiled("uint8[:, ::1](uint64, uint64, uint64[::1], float64[:, ::1], int64)")
def _away(seed: Any, replication: Any, keys: Any, eras: Any, days: Any) -> Any:
    """Draw on which days the holder of each post is away; a row per post, a column per day."""
    away = np.zeros((keys.size, days), np.uint8)
    if not np.any(eras[:, _ABSENCE] > 0.0):
        return away
    for block in range((days + 3) // 4):
        for post in range(keys.size):
            four = uniforms(seed, replication, _ABSENT, mix(keys[post], block), 0, 0)
            for day in range(4 * block, min(4 * block + 4, days)):
                away[post, day] = four[day - 4 * block] < eras[_era(eras, day * _DAY), _ABSENCE]
    return away


@compiled("Tuple((int64, int64, int64, float64))(float64[:, ::1], uint8[:, ::1], int64)")
def _there(posts: Any, away: Any, day: Any) -> Any:
    """Count who holds a post, who is there, and who of these still learns; add up how fast they are."""
    held, heads, newcomers, speed = 0, 0, 0, 0.0
    for post in range(posts.shape[0]):
        if posts[post, _HELD] > 0.0:
            held += 1
            if not away[post, day]:
                heads += 1
                newcomers += int(posts[post, _LEARNING])
                speed += posts[post, _SPEED]
    return held, heads, newcomers, speed


@compiled(
    "Tuple((float64[:, ::1], int64))(float64[:, ::1], float64[:, ::1], float64[:, ::1], uint8[:, ::1], "
    "float64, float64[:, ::1], int64)"
)
def _sweep(grid: Any, eras: Any, events: Any, away: Any, horizon: Any, rows: Any, count: Any) -> Any:
    """Go through all moments at which anything may change, and write down those at which it does."""
    posts = np.zeros((away.shape[0], 5))
    begin, last_capacity, last_held, last_pace = count, 0, 0, 0.0
    point, event, day, era = 0, 0, -1, 0
    is_open, base, each = 0.0, 1.0, 0.0
    held, heads, newcomers, speed = 0, 0, 0, 0.0
    while point < grid.shape[0] or event < events.shape[0]:
        now = grid[point, 0] if point < grid.shape[0] else math.inf
        if event < events.shape[0]:
            now = min(now, events[event, _TIME])
        if now >= horizon:
            break
        changed = False
        while (day + 1) * _DAY <= now:
            day, changed = day + 1, True
        while era + 1 < eras.shape[0] and eras[era + 1, _BEGIN] <= now:
            era, changed = era + 1, True
        while event < events.shape[0] and events[event, _TIME] <= now:
            posts[int(events[event, _OF_POST])] = events[event]
            event, changed = event + 1, True
        if point < grid.shape[0] and grid[point, 0] <= now:
            is_open, base, point = grid[point, 1], grid[point, 2], point + 1
        if changed:
            held, heads, newcomers, speed = _there(posts, away, day)
            taught = min(eras[era, _TRAINING] * newcomers, heads - newcomers)
            each = (speed - taught) / max(heads, 1)
        capacity = heads if is_open > 0.0 else 0
        pace = base * each if capacity > 0 else base
        if count == begin or capacity != last_capacity or held != last_held or pace != last_pace:
            if count == rows.shape[0]:
                rows = _with_room(rows, count)
            rows[count, 0], rows[count, 1], rows[count, 2], rows[count, 3] = now, capacity, held, pace
            last_capacity, last_held, last_pace = capacity, held, pace
            count += 1
    return rows, count


@compiled(
    "Tuple((float64[:, ::1], int64[::1]))(uint64, uint64, float64, int64[::1], uint64[::1], int64[::1], "
    "float64[:, ::1], int64[::1], float64[:, ::1], int64[::1], int64[::1], float64[:, ::1], float64[::1], "
    "int64[::1], float64[:, ::1], float64[:, ::1])"
)
def fill(
    seed: Any,
    replication: Any,
    horizon: Any,
    first_post: Any,
    keys: Any,
    first_stretch: Any,
    stretches: Any,
    first_era: Any,
    eras: Any,
    first_point: Any,
    last_point: Any,
    grid: Any,
    table: Any,
    starts: Any,
    points: Any,
    weights: Any,
) -> Any:
    """Fill the posts of all staff groups: rows of moment, heads on duty, heads in post and pace.

    The second array says where the rows of each group begin, and where the last end. Arguments are the
    fields of `posts.Posts` and, by group, the points of a grid: moment, whether it is open, and pace.

    Examples
    --------
    >>> from simulation.distributions import Exponential, encode
    >>> table, laws = encode([(Exponential(mean=1), 1.0)])
    >>> there, eras, points = np.array([[0.0, 24.0, 1.0]]), np.zeros((1, len(ERA))), np.ones((1, 1))
    >>> one, keys, grid = np.array([0, 1]), np.array([7], np.uint64), np.array([[0.0, 1.0, 1.0]])
    >>> rows, _ = fill(
    ...     1, 0, 24.0, one, keys, one, there, one, eras, one[:1], one[1:], grid, table, laws, points, points
    ... )
    >>> rows.tolist()
    [[0.0, 1.0, 1.0, 1.0]]
    """
    size = first_post.size - 1
    rows, ends = np.empty((4096, 4)), np.zeros(size + 1, np.int64)
    spells, events = np.empty((64, 4)), np.empty((64, 5))
    for unit in range(size):
        begin, end = first_post[unit], first_post[unit + 1]
        own = eras[first_era[unit] : first_era[unit + 1]]
        spell_count, event_count = 0, 0
        for post in range(begin, end):
            there = stretches[first_stretch[post] : first_stretch[post + 1]]
            spells, spell_count = hold(
                seed, replication, keys[post], post - begin, there, own, table, starts, points, weights,
                spells, spell_count,
            )  # fmt: skip
        for spell in range(spell_count):
            events, event_count = _follow(own, spells[spell], events, event_count)
        happened = events[:event_count]
        happened = happened[np.argsort(happened[:, _TIME], kind="mergesort")]
        away = _away(seed, replication, keys[begin:end], own, int(horizon // _DAY) + 1)
        base = grid[first_point[unit] : last_point[unit]]
        rows, ends[unit + 1] = _sweep(base, own, happened, away, horizon, rows, ends[unit])
    return rows[: ends[size]], ends
