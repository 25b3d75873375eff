"""How long until something happens, when for some cases it never does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation.kpis.measures import Counts, Flags, Floats

__all__ = ["Curves", "levels_of", "make_curves", "restricted_means"]

TOLERANCE = 1e-12
"""Rounding allowed when a share is compared with a quantile: 1 - 9/10 is not quite 0.1."""


@dataclass(frozen=True)
class Curves:
    """The share still waiting of each of several levels, as a function of time: 1 at first, then in steps.

    Build it with `make_curves`. Where a level has no case its values are NaN.
    """

    first: NDArray[np.int64]
    """Where the curve of a level begins, with time 0 and share 1."""
    steps: NDArray[np.int64]
    """How many steps follow; none where there is no case."""
    times: Floats
    """When each step is taken."""
    shares: Floats
    """The share from then on."""

    def means(self, limit: float) -> Floats:
        """Mean times, one beyond the limit counting as the limit: the areas below the curves up to there."""
        from simulation.kpis._loops.waits import add_areas

        areas = np.zeros(len(self.first))
        add_areas(self.first, self.steps, self.times, self.shares, limit, areas)
        return np.where(self.steps > 0, areas, np.nan)

    def quantiles(self, probability: float, limit: float) -> Floats:
        """First times by which this share is no longer waiting; at most the limit."""
        found = np.full(len(self.first), np.nan)
        for level, (first, steps) in enumerate(zip(self.first.tolist(), self.steps.tolist(), strict=True)):
            if steps:
                later = self.shares[first + 1 : first + steps + 1]
                at = steps - int(np.searchsorted(later[::-1], 1.0 - probability + TOLERANCE, side="right"))
                found[level] = min(float(self.times[first + 1 + at]), limit) if at < steps else limit
        return found

    def at(self, moments: Floats) -> Floats:
        """Share still waiting after each of these times: a row per level."""
        found = np.full((len(self.first), len(moments)), np.nan)
        for level, (first, steps) in enumerate(zip(self.first.tolist(), self.steps.tolist(), strict=True)):
            if steps:
                times = self.times[first + 1 : first + steps + 1]
                found[level] = self.shares[first + np.searchsorted(times, moments, side="right")]
        return found


def make_curves(times: Floats, happened: Flags, codes: Counts, levels: int) -> Curves:
    """Estimate the share still waiting of each level (Kaplan and Meier 1958).

    Parameters
    ----------
    times
        Time until it happened, or for how long the case was followed if it did not; in ascending order.
    happened
        Whether it happened. A case that gave up never will: give it the time for which it *could* have been
        followed, so that it stays among those at risk. Then 1 - curve is the cumulative incidence, and a case
        that leaves never makes the others look faster (Fine and Gray 1999, on data with known censoring
        times).
    codes
        Number of the level of each case, -1 for none.
    levels
        How many levels there are.

    Examples
    --------
    >>> times, happened = np.array([1.0, 2.0, 2.0, 3.0]), np.array([True, True, False, True])
    >>> three = make_curves(times, happened, np.zeros(4, np.int32), levels=1)
    >>> three.at(np.array([0.0, 1.0, 2.0, 3.0])).tolist()
    [[1.0, 0.75, 0.5, 0.0]]
    >>> three.means(limit=4.0), three.quantiles(0.5, limit=4.0), three.quantiles(0.9, limit=2.5)
    (array([2.25]), array([2.]), array([2.5]))
    """
    from simulation.kpis._loops.waits import add_curves

    size, first, steps = np.zeros((3, levels), np.int64)
    length = len(times) + levels
    moments, shares = np.zeros(length), np.zeros(length)
    add_curves(times, happened, codes, size, first, steps, moments, shares)
    return Curves(first, steps, moments, shares)


def levels_of(case: NDArray[np.int64], codes: Counts, among: Flags) -> Counts:
    """Return the level of each of several times: that of its case, -1 where the case is not counted.

    Parameters
    ----------
    case
        The case of each.
    codes
        Number of the level of each case.
    among
        Cases that are counted.

    Examples
    --------
    >>> levels_of(np.array([1, 0]), np.array([2, 5], np.int32), np.array([False, True])).tolist()
    [5, -1]
    """
    from simulation.kpis._loops.waits import find_levels

    level = np.empty(len(case), np.int32)
    find_levels(case, codes, among, level)
    return level


def restricted_means(times: Floats, happened: Flags, codes: Counts, levels: int, limit: float) -> Floats:
    """Return the mean time of each of many levels, as `make_curves` and `Curves.means` give it.

    Parameters
    ----------
    times, happened, codes, levels
        As for `make_curves`.
    limit
        What takes longer counts as this.

    Returns
    -------
    array
        An item per level, NaN without any case.

    Examples
    --------
    >>> times, happened = np.array([1.0, 3.0, 5.0]), np.array([True, True, False])
    >>> restricted_means(times, happened, np.array([0, 0, 2], np.int32), levels=3, limit=4.0).tolist()
    [2.0, nan, 4.0]
    """
    from simulation.kpis._loops.waits import add_terms

    size, first = np.zeros((2, levels), np.int64)
    terms = np.empty(len(times) + levels)
    add_terms(times, happened, codes, size, first, limit, terms)
    means, row = np.full(levels, np.nan), np.zeros(int(size.max(initial=0)) + 1)
    for level, (begin, number) in enumerate(zip(first.tolist(), size.tolist(), strict=True)):
        if number:
            row[: number + 1] = terms[begin : begin + number + 1]
            row[number + 1 :] = 0.0
            means[level] = row.sum()
    return means
