"""Deadlines of many: moments by which open hours have passed, on several calendars at once."""

import numpy as np

from simulation.calendars import SLACK
from simulation.compiling import compiled
from simulation.kpis._loops.columns import (
    COUNTS,
    FLAGS,
    FLOATS,
    INTS,
    MOMENTS,
    NUMBERS,
    OUTCOMES,
    ROWS,
    Array,
)
from simulation.records import Outcome

__all__ = ["add_moments", "follow_stages"]

COMPLETED, WAITING, IN_SERVICE = int(Outcome.completed), int(Outcome.waiting), int(Outcome.in_service)


@compiled(f"float64({FLOATS}, {FLOATS}, {FLOATS}, int64, int64, float64, float64)")
def _add(
    opens: Array, closes: Array, before: Array, begin: int, end: int, moment: float, work: float
) -> float:
    """Return the first moment by which open hours have passed: `OpeningHours.add` for one of several.

    The calendar has the intervals from `begin` to `end`; `before` has one more item, the total.
    """
    if work <= 0.0:
        return moment
    low, high = begin, end
    while low < high:
        middle = (low + high) // 2
        if closes[middle] <= moment:
            low = middle + 1
        else:
            high = middle
    if low == end:
        return np.inf
    target = before[low] + work
    if moment >= opens[low]:
        close: float = closes[low]
        if moment + work < close - SLACK:
            return moment + work
        if moment + work <= close + SLACK:
            return close
        target = before[low] + (moment - opens[low]) + work
        low += 1
    low, high = low + 1, end + 1
    while low < high:
        middle = (low + high) // 2
        if before[middle] < target - SLACK:
            low = middle + 1
        else:
            high = middle
    if low - 1 == end:
        return np.inf
    moment = opens[low - 1] + (target - before[low - 1])
    close = closes[low - 1]
    return moment if moment < close - SLACK else close


@compiled(f"void({FLOATS}, {FLOATS}, {FLOATS}, {INTS}, {COUNTS}, {FLOATS}, {INTS}, {FLOATS}, {FLOATS})")
def add_moments(
    opens: Array,
    closes: Array,
    before: Array,
    first: Array,
    kind: Array,
    moments: Array,
    calendar: Array,
    work: Array,
    due: Array,
) -> None:
    """Fill the moments at which cases are due, NaN for a kind whose work is.

    By kind: the number of the `calendar` (below zero: time always passes) and the `work`, hours. The
    intervals of a calendar begin at its `first`, and have one more behind them, at which it never opens.
    """
    for item in range(len(moments)):
        hours, on = work[kind[item]], calendar[kind[item]]
        if on < 0:
            due[item] = moments[item] + hours
        else:
            begin, end = first[on], first[on + 1] - 1
            due[item] = _add(opens, closes, before, begin, end, moments[item], hours)


@compiled(
    f"void({FLOATS}, {FLOATS}, {FLOATS}, {INTS}, {ROWS}, {NUMBERS}, {NUMBERS}, {MOMENTS}, {MOMENTS},"
    f" {OUTCOMES}, {FLAGS}, {INTS}, {FLOATS}, float64, int32[:, ::1])"
)
def follow_stages(
    opens: Array, closes: Array, before: Array, first: Array, case: Array, lead: Array, activity:
    Array, sent: Array, ended: Array, outcome: Array, counted: Array, calendar: Array, work: Array,
    horizon: float, counts: Array,
) -> None:  # fmt: skip
    """Count the visits of each case that is counted to activities with a time limit of their own.

    By activity: `calendar` and `work` as above, work NaN without a limit. Filled by case: `counts`, a row
    each for those that were due, those completed within the limit, and those that still may be.
    """
    for row in range(len(case)):
        number, what = case[row], activity[row]
        if lead[row] >= 0 or not counted[number] or np.isnan(work[what]):
            continue
        if calendar[what] < 0:
            limit = sent[row] + work[what]
        else:
            begin, end = first[calendar[what]], first[calendar[what] + 1] - 1
            limit = _add(opens, closes, before, begin, end, sent[row], work[what])
        under_way = outcome[row] in (WAITING, IN_SERVICE)
        counts[0, number] += 1
        counts[1, number] += outcome[row] == COMPLETED and ended[row] <= limit
        counts[2, number] += under_way and limit > horizon
