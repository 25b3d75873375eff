"""Loops over Poisson processes: how many cases each has, and when they arise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from simulation.compiling import compiled
from simulation.streams import mix, uniforms, uniforms_array

__all__ = ["draw_counts", "draw_moments"]

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Keys = NDArray[np.uint64]

_SMALL = 60.0
"""Mean up to which probabilities are added up; above it, the distribution function is inverted."""
_CLOSE = 1e-6
"""Distance to a step of the distribution function within which the sum is not trusted to decide."""


@compiled("int64(float64, float64)")
def _count(u: Any, mean: Any) -> Any:
    """Find the smallest count whose distribution function reaches `u` (Poisson); -1 where it is close."""
    if mean <= 0.0:
        return 0
    if mean > _SMALL:
        return -1
    mass = math.exp(-mean)
    reached, count = mass, 0
    while reached < u - _CLOSE and count < 1000:
        count += 1
        mass *= mean / count
        reached += mass
    close = reached < u + _CLOSE or (count > 0 and reached - mass > u - _CLOSE)
    return -1 if close else count


@compiled("void(uint64, uint64, uint64, uint64[::1], float64[::1], int64[::1])")
def _counts_into(seed: Any, replication: Any, named: Any, keys: Any, means: Any, counts: Any) -> None:
    for i in range(keys.size):
        counts[i] = _count(uniforms(seed, replication, named, keys[i], 0, 0)[0], means[i])


def draw_counts(seed: int, replication: int, named: int, keys: Keys, means: Floats) -> Numbers:
    """Draw how many cases each process has, by inversion of the Poisson law.

    Parameters
    ----------
    seed, replication, named
        Key of the random numbers, and of the decision.
    keys, means
        Key of each process, and its expected number.

    Examples
    --------
    >>> draw_counts(1, 0, 7, np.array([3, 3], np.uint64), np.array([0.0, 1e6])).tolist()
    [0, 1000147]
    """
    counts = np.empty(len(keys), np.int64)
    _counts_into(seed, replication, named, keys, means, counts)
    left = np.flatnonzero(counts < 0)
    if len(left):
        u = uniforms_array(seed, replication, named, keys[left], 0)[:, 0]
        counts[left] = _poisson_quantile(u, means[left])
    return counts


def _poisson_quantile(u: Floats, mean: Floats) -> Numbers:
    """Smallest count whose distribution function reaches `u` (Poisson), for arrays."""
    guess = np.ceil(special.pdtrik(u, mean))
    lower = np.maximum(guess - 1.0, 0.0)
    quantile: Floats = np.where(special.pdtr(lower, mean) >= u, lower, guess)
    return quantile.astype(np.int64)


@compiled("float64(float64[::1], float64[::1], int64, int64, float64)")
def _moment(edges: Any, cumulative: Any, first: Any, last: Any, gathered: Any) -> Any:
    """Find the moment at which so much intensity has gathered, on a line between two points of the grid."""
    if gathered <= cumulative[first]:
        return edges[first]
    at, left = first, last + 1 - first
    while left > 1:
        half = left >> 1
        at += half if gathered >= cumulative[at + half] else 0
        left -= half
    if at == last or cumulative[at] == gathered:
        return edges[at]
    slope = (edges[at + 1] - edges[at]) / (cumulative[at + 1] - cumulative[at])
    return slope * (gathered - cumulative[at]) + edges[at]


@compiled(
    "int64(uint64, uint64, uint64, uint64[::1], int64[::1], int64[::1], float64[::1], float64[::1], "
    "int64[::1], int64[::1], float64[::1], float64[::1], float64, int64[::1], uint64[::1], float64[::1])"
)
def _moments_into(
    seed: Any,
    replication: Any,
    named: Any,
    processes: Any,
    counts: Any,
    stretches: Any,
    lows: Any,
    highs: Any,
    firsts: Any,
    lasts: Any,
    edges: Any,
    cumulative: Any,
    horizon: Any,
    which: Any,
    keys: Any,
    times: Any,
) -> Any:
    kept = 0
    for i in range(processes.size):
        stretch = stretches[i]
        low, width = lows[stretch], highs[stretch] - lows[stretch]
        for number in range(counts[i]):
            key = mix(processes[i], number)
            gathered = low + uniforms(seed, replication, named, key, 0, 0)[0] * width
            time = _moment(edges, cumulative, firsts[stretch], lasts[stretch], gathered)
            if 0.0 <= time < horizon:
                which[kept], keys[kept], times[kept] = i, key, time
                kept += 1
    return kept


def draw_moments(
    seed: int,
    replication: int,
    named: int,
    processes: Keys,
    counts: Numbers,
    stretches: Numbers,
    lows: Floats,
    highs: Floats,
    firsts: Numbers,
    lasts: Numbers,
    edges: Floats,
    cumulative: Floats,
    horizon: float,
) -> tuple[Numbers, Keys, Floats]:
    """Draw when the cases of each process arise within the horizon, by inversion of its intensity.

    Parameters
    ----------
    seed, replication, named
        Key of the random numbers, and of the decision.
    processes, counts, stretches
        Key of each process, how many cases it has, and the stretch of intensity on which it lies.
    lows, highs, firsts, lasts
        Of each stretch, the intensity gathered before and at its end, and the points of the grid around it.
    edges, cumulative
        The grid: moments (hours), and the intensity gathered up to them.
    horizon
        Hours that are simulated.

    Returns
    -------
    tuple of ndarray
        Of each case, the number of its process, its key and its moment (hours).

    Examples
    --------
    >>> grid, ends = np.array([0.0, 10.0]), np.array([0, 1])
    >>> one, two = np.array([7], np.uint64), np.array([2])
    >>> which, keys, times = draw_moments(
    ...     1, 0, 5, one, two, ends[:1], grid[:1], grid[1:], ends[:1], ends[1:], grid, grid, 10.0
    ... )
    >>> which.tolist(), bool(np.all((times > 0) & (times < 10)))
    ([0, 0], True)
    """
    size = int(counts.sum())
    which, keys, times = np.empty(size, np.int64), np.empty(size, np.uint64), np.empty(size)
    kept = _moments_into(
        seed, replication, named, processes, counts, stretches, lows, highs, firsts, lasts, edges, cumulative,
        horizon, which, keys, times,
    )  # fmt: skip
    return which[:kept], keys[:kept], times[:kept]
