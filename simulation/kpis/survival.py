"""How long until something happens, when for some cases it never does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Curve", "curve"]

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
    from scipy.stats import CensoredData, ecdf

    if not len(times):
        return None
    share = ecdf(CensoredData.right_censored(times, ~happened)).sf
    return Curve(np.asarray(share.quantiles, np.float64), np.asarray(share.probabilities, np.float64))
