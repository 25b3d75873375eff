"""Heads on duty as an engine counts them: opening hours, and overtime after them."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from typing import NamedTuple

from simulation.layout import StaffUnit

__all__ = ["Duty", "make_duty"]

DAY = 24.0


class Duty(NamedTuple):
    """Heads of a staff group from each moment on."""

    times: list[float]
    """Moments of change, hours, the first 0."""
    heads: list[int]
    """Heads that may begin work."""
    pace: list[float]
    """Work done by each of them per hour."""
    closed: list[float]
    """In overtime, the moment of closing: only cases that were waiting before it are begun, and only such as
    are not put down at closing. Infinite otherwise; an empty list: never any overtime."""


def make_duty(unit: StaffUnit) -> Duty:
    """Return the heads of a staff group as an engine counts them.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> make_duty(make_layout(single_queue(servers=3), 24.0).teams[0].staff[0])
    Duty(times=[0.0], heads=[3], pace=[1.0], closed=[])
    """
    times, heads, pace = unit.times.tolist(), unit.capacity.tolist(), unit.pace.tolist()
    if not any(era.overtime for era in unit.eras):
        return Duty(times, heads, pace, [])
    closed = [math.inf] * len(times)
    for closing, end in _evenings(unit):
        last = bisect_left(times, closing) - 1
        if last < 0 or not heads[last]:
            continue
        after = bisect_right(times, end) - 1
        resumed = (end, heads[after], pace[after], closed[after])
        following = after + 1
        first = last + 1
        times[first:following] = [closing, end]
        heads[first:following] = [heads[last], resumed[1]]
        pace[first:following] = [pace[last], resumed[2]]
        closed[first:following] = [closing, resumed[3]]
    return Duty(times, heads, pace, closed)


def _evenings(unit: StaffUnit) -> list[tuple[float, float]]:
    """List the last closing of each day with the end of the overtime after it."""
    opens, closes = unit.hours.opens.tolist(), unit.hours.closes.tolist()
    found = []
    for closing, following in zip(closes, [*opens, math.inf][1:], strict=True):
        if closing < unit.hours.end and following >= DAY * math.ceil(closing / DAY):
            end = min(closing + unit.era(closing).overtime, following)
            if end > closing:
                found.append((closing, end))
    return found
