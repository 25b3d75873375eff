"""How long until something happens, when for some cases it never does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Curve", "curve", "restricted_means"]

Floats = NDArray[np.float64]
TOLERANCE = 1e-12
"""Rounding allowed when a share is compared with a quantile: 1 - 9/10 is not quite 0.1."""


@dataclass(frozen=True)
class Curve:
    """The share still waiting, as a function of time: 1 at first, `shares[k]` from `times[k]` on.

    Examples
    --------
    >>> three = Curve(np.array([1.0, 2.0]), np.array([0.5, 0.25]))
    >>> three.mean(limit=4.0), three.quantile(0.5, limit=4.0), three.quantile(0.9, limit=4.0)
    (2.0, 1.0, 4.0)
    """

    times: Floats
    shares: Floats

    def mean(self, limit: float) -> float:
        """Mean time, one beyond the limit counting as the limit: the area below the curve up to there."""
        steps = np.clip(np.concatenate(([0.0], self.times, [limit])), 0.0, limit)
        return float(np.concatenate(([1.0], self.shares)) @ np.diff(steps))

    def quantile(self, probability: float, limit: float) -> float:
        """First time by which this share is no longer waiting; at most the limit."""
        reached = np.flatnonzero(self.shares <= 1.0 - probability + TOLERANCE)
        return min(float(self.times[reached[0]]), limit) if len(reached) else limit

    def at(self, moments: Floats) -> Floats:
        """Share still waiting after each of these times."""
        return np.concatenate(([1.0], self.shares))[np.searchsorted(self.times, moments, side="right")]


def curve(times: Floats, happened: NDArray[np.bool_]) -> Curve | None:
    """Estimate the share still waiting (Kaplan and Meier 1958).

    Parameters
    ----------
    times
        Time until it happened, or for how long the case was followed if it did not.
    happened
        Whether it happened. A case that gave up never will: give it the time for which it *could* have been
        followed, so that it stays among those at risk. Then 1 - curve is the cumulative incidence, and a case
        that leaves never makes the others look faster (Fine and Gray 1999, on data with known censoring
        times).

    Returns
    -------
    Curve or None
        None without any case.

    Examples
    --------
    >>> curve(np.array([1.0, 2.0, 2.0, 3.0]), np.array([True, True, False, True])).shares.round(3).tolist()
    [0.75, 0.5, 0.0]
    """
    if not len(times):
        return None
    order = np.argsort(times)
    sorted_times = times[order]
    first = np.flatnonzero(np.diff(sorted_times, prepend=-1.0) > 0)
    events = np.add.reduceat(happened[order].astype(np.float64), first)
    at_risk = len(times) - first
    shares = np.cumprod(1.0 - events / at_risk)
    return Curve(sorted_times[first], np.asarray(shares, np.float64))


def restricted_means(
    times: Floats, happened: NDArray[np.bool_], codes: NDArray[np.int64], levels: int, limit: float
) -> Floats:
    """Return the mean time of each of many levels, as `curve` and `Curve.mean` give it for one.

    Parameters
    ----------
    times, happened
        As for `curve`.
    codes
        Number of the level of each case.
    levels
        How many levels there are.
    limit
        What takes longer counts as this.

    Returns
    -------
    array
        An item per level, NaN without any case.

    Examples
    --------
    >>> times, happened = np.array([1.0, 3.0, 5.0]), np.array([True, True, False])
    >>> restricted_means(times, happened, np.array([0, 0, 2]), levels=3, limit=4.0).tolist()
    [2.0, nan, 4.0]
    """
    order = np.lexsort((~happened, times, codes))
    code, moment, event = codes[order], np.minimum(times[order], limit), happened[order]
    size = np.bincount(code, minlength=levels)
    rank = np.arange(len(code)) - (np.cumsum(size) - size)[code]
    factors, steps = np.ones((levels, size.max(initial=0) + 1)), np.zeros((levels, size.max(initial=0) + 1))
    factors[code, rank + 1] = 1.0 - event / (size[code] - rank)
    start = np.where(rank > 0, np.concatenate(([0.0], moment[:-1])), 0.0)
    steps[code, rank] = moment - start
    longest = np.zeros(levels)
    np.maximum.at(longest, code, moment)
    steps[np.arange(levels), size] = limit - longest
    means = np.sum(np.cumprod(factors, axis=1) * steps, axis=1)
    return np.where(size > 0, means, np.nan)
