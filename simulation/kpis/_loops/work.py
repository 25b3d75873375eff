"""Hours worked and heads on duty: visits cut to the window and to opening hours."""

import numpy as np

from simulation.compiling import compiled
from simulation.kpis._loops.columns import FLAGS, FLOATS, INTS, MOMENTS, NUMBERS, ROWS, Array

__all__ = ["add_heads", "add_work"]


@compiled(f"float64({FLOATS}, {FLOATS}, {FLOATS}, int64, int64, float64, float64)")
def _open_between(
    opens: Array, closes: Array, before: Array, begin: int, end: int, start: float, stop: float
) -> float:
    """Return the open hours between two moments: `OpeningHours.clip` for one calendar of several."""
    if stop <= start:
        return 0.0
    low, high = begin, end
    while low < high:
        middle = (low + high) // 2
        if opens[middle] <= start:
            low = middle + 1
        else:
            high = middle
    first, high = low - 1, end
    while low < high:
        middle = (low + high) // 2
        if opens[middle] <= stop:
            low = middle + 1
        else:
            high = middle
    last = low - 1
    hours: float = 0.0
    if first == last:
        if first >= begin and start < closes[first]:
            hours = min(stop, closes[first]) - start
        return hours
    hours = before[last] + (stop - opens[last]) if stop < closes[last] else before[last + 1]
    if first >= begin:
        within = start < closes[first]
        hours -= before[first] + (start - opens[first]) if within else before[first + 1]
    return hours


@compiled(
    f"void({FLOATS}, {FLOATS}, {FLOATS}, {INTS}, {INTS}, {ROWS}, {NUMBERS}, {NUMBERS}, {MOMENTS}, {MOMENTS},"
    f" {FLAGS}, {FLAGS}, float64, {FLOATS}, {INTS}, float64[:, ::1], float64[:, ::1])"
)
def add_work(
    opens: Array, closes: Array, before: Array, first: Array, calendar: Array, case: Array,
    activity: Array, staff: Array, started: Array, ended: Array, pausing: Array, supervising: Array,
    horizon: float, edges: Array, role: Array, totals: Array, months: Array,
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
        begin, end = first[calendar[who]], first[calendar[who] + 1] - 1
        start, stop = max(started[row], edges[0]), min(until, edges[stretches])
        busy = _open_between(opens, closes, before, begin, end, start, stop)
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
            months[role[who], month] += _open_between(opens, closes, before, begin, end, left, right)
            month += 1


@compiled("void(Array(float64, 1, 'A', True), Array(int64, 1, 'A', True), float64[::1], float64[::1])")
def add_heads(times: Array, heads: Array, edges: Array, hours: Array) -> None:
    """Integrate heads, steps over time, from time 0 to each of the edges, which ascend: head-hours."""
    step, total = 0, 0.0
    for number in range(len(edges)):
        while step + 1 < len(times) and times[step + 1] <= edges[number]:
            total += heads[step] * (times[step + 1] - times[step])
            step += 1
        hours[number] = total + heads[step] * (edges[number] - times[step])
