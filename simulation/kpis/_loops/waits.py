"""Curves of waits of many levels at once, over times in ascending order."""

import numpy as np

from simulation.compiling import compiled
from simulation.kpis._loops.columns import COUNTS, FLAGS, FLOATS, INTS, Array

__all__ = ["add_areas", "add_curves", "add_terms", "find_levels"]


@compiled(f"void({INTS}, {COUNTS}, {FLAGS}, {COUNTS})")
def find_levels(case: Array, codes: Array, among: Array, level: Array) -> None:
    """Fill the level of each item: that of its case if it is `among` those counted, else -1."""
    for item in range(len(case)):
        level[item] = codes[case[item]] if among[case[item]] else -1


@compiled(f"void({COUNTS}, {INTS}, {INTS})")
def _divide(level: Array, size: Array, first: Array) -> None:
    """Count the items of each level, and find where its part begins if each has one more than items."""
    size[:] = 0
    for item in range(len(level)):
        if level[item] >= 0:
            size[level[item]] += 1
    begin = 0
    for number in range(len(size)):
        first[number] = begin
        begin += size[number] + 1


@compiled(f"void({FLOATS}, {FLAGS}, {COUNTS}, {INTS}, {INTS}, {INTS}, {FLOATS}, {FLOATS})")
def add_curves(
    days: Array,
    happened: Array,
    level: Array,
    size: Array,
    first: Array,
    steps: Array,
    times: Array,
    shares: Array,
) -> None:
    """Estimate for each level the share still waiting (Kaplan and Meier 1958).

    By item, in the order of the days: the `level`, below zero for none. Filled by level: its `size`, where
    its part of the results begins (`first`), which holds one more than its size, and how many `steps` the
    curve has (comes zero); at `first`, before the steps, stand time 0 and share 1.
    """
    levels = len(size)
    _divide(level, size, first)
    seen, at_risk = np.zeros(levels, np.int64), np.zeros(levels, np.int64)
    events = np.zeros(levels, np.int64)
    for number in range(levels):
        times[first[number]], shares[first[number]] = 0.0, 1.0
    for item in range(len(days)):
        number = level[item]
        if number < 0:
            continue
        at = first[number] + steps[number]
        if seen[number] == 0 or days[item] > times[at]:
            if seen[number] > 0:
                shares[at] = shares[at - 1] * (1.0 - events[number] / at_risk[number])
            steps[number] += 1
            times[at + 1] = days[item]
            at_risk[number], events[number] = size[number] - seen[number], 0
        seen[number] += 1
        events[number] += happened[item]
    for number in range(levels):
        if seen[number] > 0:
            at = first[number] + steps[number]
            shares[at] = shares[at - 1] * (1.0 - events[number] / at_risk[number])


@compiled(f"void({INTS}, {INTS}, {FLOATS}, {FLOATS}, float64, {FLOATS})")
def add_areas(first: Array, steps: Array, times: Array, shares: Array, limit: float, areas: Array) -> None:
    """Add up the areas below curves up to a limit, step by step, to `areas`, which come zero."""
    for number in range(len(first)):
        begin = 0.0
        for at in range(first[number], first[number] + steps[number]):
            end = min(times[at + 1], limit)
            areas[number] += shares[at] * (end - begin)
            begin = end
        areas[number] += shares[first[number] + steps[number]] * (limit - begin)


@compiled(f"void({FLOATS}, {FLAGS}, {COUNTS}, {INTS}, {INTS}, float64, {FLOATS})")
def add_terms(
    days: Array, happened: Array, level: Array, size: Array, first: Array, limit: float, terms: Array
) -> None:
    """Fill for each level the areas below its curve, item by item, the last one up to the limit.

    As above; of items of the same time those that happened come first. A part of `terms` holds one more than
    the size of its level.
    """
    levels = len(size)
    _divide(level, size, first)
    rank, share, last = np.zeros(levels, np.int64), np.ones(levels), np.zeros(levels)
    start = 0
    while start < len(days):
        end = start
        while end < len(days) and days[end] == days[start]:
            end += 1
        moment = min(days[start], limit)
        for events in (1, 0):
            for item in range(start, end):
                number = level[item]
                if number >= 0 and happened[item] == (events == 1):
                    terms[first[number] + rank[number]] = share[number] * (moment - last[number])
                    share[number] *= 1.0 - events / (size[number] - rank[number])
                    rank[number] += 1
                    last[number] = moment
        start = end
    for number in range(levels):
        terms[first[number] + size[number]] = share[number] * (limit - last[number])
