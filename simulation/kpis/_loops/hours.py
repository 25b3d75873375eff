"""Passes that count opening hours: deadlines, time limits, hours worked, heads on duty.

Opening hours of several calendars come as one tuple: when intervals open and close; the open hours before
each; where the intervals of each calendar begin, which end with one that never opens; where its days begin;
and the first interval that does not open before each day.
"""

import numpy as np

from simulation.calendars import SLACK
from simulation.compiling import compiled
from simulation.kpis._loops.columns import (
    COUNTS,
    FLAGS,
    FLOATS,
    HOURS,
    INTS,
    MOMENTS,
    NUMBERS,
    OUTCOMES,
    ROWS,
    Array,
    Hours,
)
from simulation.records import Outcome

__all__ = ["add_heads", "add_moments", "add_work", "follow_stages"]

COMPLETED, WAITING, IN_SERVICE = int(Outcome.completed), int(Outcome.waiting), int(Outcome.in_service)
DAY = 24.0


@compiled(f"int64({HOURS}, int64, float64)")
def _begun(hours: Hours, calendar: int, moment: float) -> int:
    """Find the last interval of a calendar that has opened by a moment, or the one before its first."""
    opens, first, days, by_day = hours[0], hours[3], hours[4], hours[5]
    day = max(0, min(int(moment / DAY), days[calendar + 1] - days[calendar] - 1))
    at: int = by_day[days[calendar] + day]
    while opens[at] <= moment:
        at += 1
    while at > first[calendar] and opens[at - 1] > moment:
        at -= 1
    return at - 1


@compiled(f"float64({HOURS}, int64, float64, float64)")
def _add(hours: Hours, calendar: int, moment: float, work: float) -> float:
    """Return the first moment by which open hours have passed: `OpeningHours.add`."""
    if work <= 0.0:
        return moment
    opens, closes, before = hours[0], hours[1], hours[2]
    begin, end = hours[3][calendar], hours[3][calendar + 1] - 1
    low = _begun(hours, calendar, moment)
    if low >= begin and moment < closes[low]:
        close: float = closes[low]
        if moment + work < close - SLACK:
            return moment + work
        if moment + work <= close + SLACK:
            return close
        target = before[low] + (moment - opens[low]) + work
    else:
        target = before[low + 1] + work
    low, high = low + 2, end + 1
    while low < high:
        middle = (low + high) // 2
        if before[middle] < target - SLACK:
            low = middle + 1
        else:
            high = middle
    if low > end:
        return np.inf
    moment = opens[low - 1] + (target - before[low - 1])
    close = closes[low - 1]
    return moment if moment < close - SLACK else close


@compiled(f"float64({HOURS}, int64, float64, float64)")
def _open_between(hours: Hours, calendar: int, start: float, stop: float) -> float:
    """Return the open hours between two moments: `OpeningHours.clip`."""
    if stop <= start:
        return 0.0
    opens, closes, before, begin = hours[0], hours[1], hours[2], hours[3][calendar]
    first, last = _begun(hours, calendar, start), _begun(hours, calendar, stop)
    found: float = 0.0
    if first == last:
        if first >= begin and start < closes[first]:
            found = min(stop, closes[first]) - start
        return found
    found = before[last] + (stop - opens[last]) if stop < closes[last] else before[last + 1]
    if first >= begin:
        within = start < closes[first]
        found -= before[first] + (start - opens[first]) if within else before[first + 1]
    return found


@compiled(f"void({HOURS}, {COUNTS}, {FLOATS}, {INTS}, {FLOATS}, {FLOATS})")
def add_moments(hours: Hours, kind: Array, moments: Array, calendar: Array, work: Array, due: Array) -> None:
    """Fill the moments at which cases are due, NaN for a kind whose work is.

    By kind: the number of the `calendar` (below zero: time always passes) and the `work`, hours.
    """
    for item in range(len(moments)):
        amount, on = work[kind[item]], calendar[kind[item]]
        due[item] = moments[item] + amount if on < 0 else _add(hours, on, moments[item], amount)


@compiled(
    f"void({HOURS}, {ROWS}, {NUMBERS}, {NUMBERS}, {MOMENTS}, {MOMENTS}, {OUTCOMES}, {FLAGS}, {INTS},"
    f" {FLOATS}, float64, {COUNTS}, float64[:, ::1])"
)
def follow_stages(
    hours: Hours, case: Array, lead: Array, activity: Array, sent: Array, ended: Array, outcome: Array,
    counted: Array, calendar: Array, work: Array, horizon: float, cell: Array, counts: Array,
) -> None:  # fmt: skip
    """Count the visits of each case that is counted to activities with a time limit of their own.

    By activity: `calendar` and `work` as above, work NaN without a limit. By case: its `cell`. Filled by
    cell: `counts` (come zero), a row each for those that were due, those completed within the limit, and
    those that still may be.
    """
    for row in range(len(case)):
        number, what = case[row], activity[row]
        if lead[row] >= 0 or not counted[number] or np.isnan(work[what]):
            continue
        on = calendar[what]
        limit = sent[row] + work[what] if on < 0 else _add(hours, on, sent[row], work[what])
        at = cell[number]
        under_way = outcome[row] in (WAITING, IN_SERVICE)
        counts[0, at] += 1
        counts[1, at] += outcome[row] == COMPLETED and ended[row] <= limit
        counts[2, at] += under_way and limit > horizon


@compiled(
    f"void({HOURS}, {INTS}, {ROWS}, {NUMBERS}, {NUMBERS}, {MOMENTS}, {MOMENTS}, {FLAGS}, {FLAGS}, float64,"
    f" {FLOATS}, {INTS}, float64[:, ::1], float64[:, ::1])"
)
def add_work(
    hours: Hours, calendar: Array, case: Array, activity: Array, staff: Array, started: Array,
    ended: Array, pausing: Array, supervising: Array, horizon: float, edges: Array, role: Array,
    totals: Array, months: Array,
) -> None:  # fmt: skip
    """Add up the work of each staff group between the first and the last of the `edges`.

    By staff group: its `calendar` and the number of its `role`. By activity: `pausing` at closing time. By
    case: `supervising`. Filled: `totals`, a column per staff group and a row each for hours within and
    outside opening hours, both, those of supervision, spells, and spells unfinished; `months`, hours within
    opening hours, a row per role and a column per stretch between edges.
    """
    stretches = len(edges) - 1
    for row in range(len(case)):
        who = staff[row]
        until = horizon if np.isnan(ended[row]) else ended[row]
        if not (who >= 0 and started[row] < edges[stretches] and until > edges[0]):
            continue
        start, stop = max(started[row], edges[0]), min(until, edges[stretches])
        busy = _open_between(hours, calendar[who], start, stop)
        over = 0.0 if pausing[activity[row]] else max(stop - start - busy, 0.0)
        totals[0, who] += busy
        totals[1, who] += over
        totals[2, who] += busy + over
        totals[3, who] += busy + over if supervising[case[row]] else 0.0
        totals[4, who] += 1.0
        totals[5, who] += np.isnan(ended[row])
        month = np.searchsorted(edges, start, side="right") - 1
        if stop <= edges[month + 1]:
            months[role[who], month] += busy
            continue
        while month < stretches and edges[month] < stop:
            left, right = max(start, edges[month]), min(stop, edges[month + 1])
            months[role[who], month] += _open_between(hours, calendar[who], left, right)
            month += 1


@compiled("void(Array(float64, 1, 'A', True), Array(int64, 1, 'A', True), float64[::1], float64[::1])")
def add_heads(times: Array, heads: Array, edges: Array, integral: Array) -> None:
    """Integrate heads, steps over time, from time 0 to each of the edges, which ascend: head-hours."""
    step, total = 0, 0.0
    for number in range(len(edges)):
        while step + 1 < len(times) and times[step + 1] <= edges[number]:
            total += heads[step] * (times[step + 1] - times[step])
            step += 1
        integral[number] = total + heads[step] * (edges[number] - times[step])
