"""Distributions as one flat table of numbers, which compiled code can read."""

import math
from collections.abc import Sequence
from typing import TypeAlias, assert_never

import numpy as np
from numpy.typing import NDArray

from simulation.distributions import codes
from simulation.distributions.base import cumulative
from simulation.distributions.bounded import Deterministic, Discrete, Empirical, Triangular, Uniform
from simulation.distributions.composed import Distribution, Mixture, Truncated
from simulation.distributions.continuous import Exponential, Gamma, Lognormal, Normal, Weibull

__all__ = ["encode"]

Simple: TypeAlias = (
    Exponential | Lognormal | Gamma | Weibull | Triangular | Uniform | Deterministic | Empirical | Discrete
)


def encode(
    distributions: Sequence[tuple[Distribution, float]],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Write distributions into one table of numbers, in hours, for `streams.variate`.

    Parameters
    ----------
    distributions : sequence of (Distribution, float)
        Each distribution with the length of its unit in hours (see `hours_per`). The outermost unit
        counts for everything inside.

    Returns
    -------
    table : ndarray of float64
        At each start an operation code, then its parameters (see `simulation.distributions.codes`).
    starts : ndarray of int64
        Where each distribution begins in the table.

    Examples
    --------
    >>> from simulation.distributions import Uniform, encode, hours_per
    >>> table, starts = encode([(Uniform(min=30, max=90, unit="min"), hours_per("min", 8.0))])
    >>> table[starts[0] + 1 :]
    array([0.5, 1. ])
    """
    table: list[float] = []
    starts = [_write(distribution, hours, table) for distribution, hours in distributions]
    return np.array(table, np.float64), np.array(starts, np.int64)


def _write(law: Distribution, hours: float, table: list[float]) -> int:
    """Add a distribution to the table, what it is made of first, and say where it begins."""
    if isinstance(law, Truncated):
        law.window()  # refuses a range that holds next to nothing
        return _write_cut(law, -math.inf, math.inf, hours, table)
    if isinstance(law, Mixture):
        inner = [_write(component, hours, table) for component in law.components]
        return _append(table, [codes.MIXTURE, len(inner), *cumulative(law.weights), *inner])
    if isinstance(law, Normal):
        start = _append(table, [codes.NORMAL, law.average * hours, law.sd * hours])
        if law.min is None and law.max is None:
            return start
        ends = (law.minimum() * hours, law.maximum() * hours)
        return _append(table, [codes.TRUNCATED, *law.window(), *ends, start])
    return _append(table, _simple(law, hours))


def _write_cut(law: Distribution, low: float, high: float, hours: float, table: list[float]) -> int:
    """Add a distribution, given that it falls in a range of its unit.

    A draw from a mixture spends its uniform on the choice of the component first, so a cut of that
    uniform would be no cut of the outcome: a cut mixture is the mixture of its cut components.
    """
    if isinstance(law, Truncated):
        left, right = law.cut()
        return _write_cut(law.of, max(low, left), min(high, right), hours, table)
    if isinstance(law, Mixture):
        kept = [up_to - below for below, up_to in (c._window(low, high) for c in law.components)]
        weights = [share * part for share, part in zip(law.shares(), kept, strict=True)]
        parts = [(w, c) for w, c in zip(weights, law.components, strict=True) if w > 0]
        inner = [_write_cut(component, low, high, hours, table) for _, component in parts]
        sums = cumulative([weight / math.fsum(weights) for weight, _ in parts])
        return _append(table, [codes.MIXTURE, len(inner), *sums, *inner])
    start = _write(law, hours, table)
    return _append(table, [codes.TRUNCATED, *law._window(low, high), low * hours, high * hours, start])


def _append(table: list[float], entry: list[float]) -> int:
    """Add an entry and say where it begins."""
    start = len(table)
    table += entry
    return start


def _simple(law: Simple, hours: float) -> list[float]:
    """Give the code and the parameters, in hours, of a distribution that holds no other."""
    match law:
        case Exponential():
            return [codes.EXPONENTIAL, law.average * hours]
        case Lognormal():
            return [codes.LOGNORMAL, law.median * hours, law.sigma]
        case Gamma():
            return [codes.GAMMA, law.shape, law.scale * hours]
        case Weibull():
            return [codes.WEIBULL, 1.0 / law.shape, law.scale * hours]
        case Uniform():
            return [codes.UNIFORM, law.min * hours, (law.max - law.min) * hours]
        case Triangular():
            squares = [area * hours**2 for area in law.areas]
            return [codes.TRIANGULAR, law.min * hours, law.max * hours, law.turn, *squares]
        case Deterministic():
            return [codes.DETERMINISTIC, law.at * hours]
        case Empirical():
            amounts = [amount * hours for amount in law.quantiles]
            return [codes.EMPIRICAL, len(amounts), *law.probabilities, *amounts]
        case Discrete():
            amounts = [amount * hours for amount in law.values]
            return [codes.DISCRETE, len(amounts), *cumulative(law.weights), *amounts]
    assert_never(law)
