"""Opening hours in the kernel: the arithmetic of `calendars.OpeningHours` on flat arrays."""

import math
from typing import Any

from simulation.calendars import SLACK
from simulation.engines.compiled.kernel_code import kernel_code

__all__ = ["add_hours", "count_to", "count_until", "next_open"]


@kernel_code
def count_to(values: Any, first: Any, size: Any, x: Any) -> Any:
    """Count the leading values that are at most x, of a sorted stretch of an array."""
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        if x < values[first + middle]:
            high = middle
        else:
            low = middle + 1
    return low


@kernel_code
def count_until(values: Any, first: Any, size: Any, x: Any) -> Any:
    """Count the leading values that are below x, of a sorted stretch of an array."""
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        if values[first + middle] < x:
            low = middle + 1
        else:
            high = middle
    return low


@kernel_code
def next_open(p: Any, which: Any, t: Any) -> Any:
    """Return the first moment from t on at which some opening hours are open."""
    first, size = p.hours[which]["first"], p.hours[which]["size"]
    i = count_to(p.closes, first, size, t)
    if i == size:
        return math.inf
    return max(t, p.opens[first + i])


@kernel_code
def add_hours(p: Any, which: Any, t: Any, work: Any) -> Any:
    """Return the moment by which so many open hours have passed since t; number -1 is always open."""
    if which < 0:
        return t + work
    if work <= 0.0:
        return t
    first, size = p.hours[which]["first"], p.hours[which]["size"]
    sums = first + which  # there is one sum more than intervals
    i = count_to(p.closes, first, size, t)
    if i == size:
        return math.inf
    opening = p.opens[first + i]
    if t >= opening:
        close = p.closes[first + i]
        end = t + work
        if end < close - SLACK:
            return end
        if end <= close + SLACK:
            return close
        target = p.before[sums + i] + (t - opening) + work
        i += 1
    else:
        target = p.before[sums + i] + work
    j = i + 1 + count_until(p.before, sums + i + 1, size - i, target - SLACK) - 1
    if j == size:
        return math.inf
    end = p.opens[first + j] + (target - p.before[sums + j])
    close = p.closes[first + j]
    return end if end < close - SLACK else close
