"""Whether a system meets a target on average, decided replication by replication with a stated error.

Sources: Batur and Kim (2010), "Finding feasible systems in the presence of constraints on multiple
performance measures", *ACM Transactions on Modeling and Computer Simulation* 20(3) (the test, with a region
that closes as a triangle); Andradóttir and Kim (2010), "Fully sequential procedures for comparing constrained
systems via simulation", *Naval Research Logistics* 57 (its constants, those of Kim and Nelson 2001 with c =
1).
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

__all__ = ["Check", "check", "replications_at_most"]

FIRST = 2
"""Replications at least, before which there is no spread."""


class Check(NamedTuple):
    """What replications show of a target."""

    decision: int
    """1: it is met; -1: it is not; 0: more replications are needed."""
    used: int
    """Replications that it took, or that were there."""


def check(values: Sequence[float], limit: float, zone: float, error: float, first: int = 10) -> Check:
    """Decide whether the mean of independent replications is at most a limit.

    After `first` replications, and after each further one, the sum of ``value - limit`` is compared with the
    borders ``max(0, h2 S2 / (2 zone) - zone r / 2)`` on both sides of zero: S2 is the variance of the first
    replications, ``h2 = (first - 1) ((2 error)^(-2 / (first - 1)) - 1)``. The borders meet, so that it ends.

    A mean below ``limit - zone`` is called not met, and one above ``limit + zone`` met, with a probability of
    at most `error` (for normal values); between the two, either answer is as good as the other.

    Parameters
    ----------
    values
        A number for each replication, in order. One that is not finite means that the target is not met.
    limit
        The target; for a target from below give negative values and a negative limit.
    zone
        Smallest difference that matters, above zero.
    error
        Probability of a wrong answer, below one half.
    first
        Replications from which the spread is estimated, at least two.

    Raises
    ------
    ValueError
        When zone, error or first are none such.

    Examples
    --------
    >>> check([9.1, 8.8, 9.0, 9.3], limit=10.0, zone=0.5, error=0.05, first=4)
    Check(decision=1, used=4)
    >>> check([9.1, 10.8, 9.0, 11.3], limit=10.0, zone=0.5, error=0.05, first=4)
    Check(decision=0, used=4)
    """
    _refuse(zone, error, first)
    known = np.asarray(values, dtype=np.float64)
    if not np.isfinite(known).all():
        return Check(-1, int(np.argmin(np.isfinite(known))) + 1)
    if len(known) < first:
        return Check(0, len(known))
    numbers = np.arange(first, len(known) + 1)
    sums = np.cumsum(known - limit)[first - 1 :]
    borders = np.maximum(0.0, _width(known[:first], error) / (2 * zone) - zone * numbers / 2)
    over = np.flatnonzero(np.abs(sums) >= borders)
    if not len(over):
        return Check(0, len(known))
    place = int(over[0])
    return Check(1 if sums[place] <= 0.0 else -1, int(numbers[place]))


def replications_at_most(values: Sequence[float], zone: float, error: float, first: int = 10) -> int:
    """Count the replications after which a check has ended, whatever they bring.

    Parameters
    ----------
    values
        The first replications.
    zone, error, first
        As in `check`.

    Examples
    --------
    >>> replications_at_most([9.1, 10.8, 9.0, 11.3], zone=0.5, error=0.05, first=4)
    61
    """
    _refuse(zone, error, first)
    known = np.asarray(values[:first], dtype=np.float64)
    return max(first, math.ceil(_width(known, error) / zone**2))


def _width(first: np.ndarray[tuple[int], np.dtype[np.float64]], error: float) -> float:
    """Return h2 S2."""
    freedom = len(first) - 1
    squares = float(np.var(first - first[0], ddof=1))  # equal values give exactly zero
    return float(freedom * ((2 * error) ** (-2 / freedom) - 1) * squares)


def _refuse(zone: float, error: float, first: int) -> None:
    if not zone > 0:
        raise ValueError(f"zone: {zone}; give the smallest difference that matters, above zero")
    if not 0 < error < 0.5:
        raise ValueError(f"error: {error}; give a probability above 0 and below one half")
    if first < FIRST:
        raise ValueError(f"first: {first}; at least {FIRST} replications show a spread")
