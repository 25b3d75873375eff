"""Variates by inversion: one compiled function turns a uniform into a draw of any encoded distribution."""

import math
from typing import Any

import llvmlite.binding
import numpy as np
from numba import types
from numba.extending import get_cython_function_address, overload
from numpy.typing import ArrayLike, NDArray
from scipy.special import cython_special

from simulation.compiling import compiled
from simulation.distributions.codes import (
    DETERMINISTIC,
    DISCRETE,
    EMPIRICAL,
    EXPONENTIAL,
    GAMMA,
    LOGNORMAL,
    MIXTURE,
    NORMAL,
    TRIANGULAR,
    TRUNCATED,
    UNIFORM,
    WEIBULL,
)
from simulation.streams.philox import uniforms

__all__ = ["service_draws", "variate", "variates"]

_SMALLEST = 2.0**-53
_LARGEST = 1.0 - 2.0**-53


def _special(name: str, arguments: int) -> Any:
    """Bind a function of scipy.special by symbol.

    Compiled code on disk then holds a name and no address, and a fresh process links it again.
    Cython's C functions take one integer more than their Python namesakes, which they ignore.
    """
    symbol = f"simulation_scipy_{name}"
    llvmlite.binding.add_symbol(symbol, get_cython_function_address("scipy.special.cython_special", name))
    return types.ExternalFunction(symbol, types.float64(*[types.float64] * arguments, types.intc))


_LINKED_NDTRI = _special("ndtri", 1)
_LINKED_GAMMAINCINV = _special("gammaincinv", 2)


def _ndtri(u: float) -> float:
    """Invert the standard normal distribution."""
    return float(cython_special.ndtri(u))


def _gammaincinv(shape: float, u: float) -> float:
    """Invert the gamma distribution of scale one."""
    return float(cython_special.gammaincinv(shape, u))


@overload(_ndtri)
def _ndtri_compiled(u: Any) -> Any:  # noqa: ARG001
    """Tell compiled code where the same function is."""

    def invert(u: Any) -> Any:
        return _LINKED_NDTRI(u, 0)

    return invert


@overload(_gammaincinv)
def _gammaincinv_compiled(shape: Any, u: Any) -> Any:  # noqa: ARG001
    """Tell compiled code where the same function is."""

    def invert(shape: Any, u: Any) -> Any:
        return _LINKED_GAMMAINCINV(shape, u, 0)

    return invert


@compiled("float64(float64)")
def _inside(u: Any) -> Any:
    """Keep a rescaled uniform off 0 and 1, where rounding may have put it."""
    return min(max(u, _SMALLEST), _LARGEST)


@compiled("int64(float64[::1], int64, int64, float64)")
def _first_reaching(table: Any, first: Any, size: Any, u: Any) -> Any:
    """Give the number of the first of `size` sorted entries that is not below u; at most the last."""
    low, high = 0, size - 1
    while low < high:
        middle = (low + high) // 2
        if table[first + middle] < u:
            low = middle + 1
        else:
            high = middle
    return low


@compiled("float64(float64[::1], int64, float64)")
def _invert_table(table: Any, at: Any, u: Any) -> Any:
    """Invert a law that is given by points: a discrete law's steps or a quantile table's segments."""
    size = int(table[at + 1])
    first, values = at + 2, at + 2 + size
    k = _first_reaching(table, first, size, u)
    if int(table[at]) == DISCRETE or k == 0:
        return table[values + k]
    left, right = table[first + k - 1], table[first + k]
    bottom, top = table[values + k - 1], table[values + k]
    return bottom + (u - left) / (right - left) * (top - bottom)


@compiled("float64(float64[::1], int64, float64)")
def _invert(table: Any, at: Any, u: Any) -> Any:
    """Invert a law that is made of no other."""
    code = int(table[at])
    a, b = table[at + 1], 0.0
    if code == EXPONENTIAL:
        return -a * math.log1p(-u)
    if code == DETERMINISTIC:
        return a
    b = table[at + 2]
    if code == LOGNORMAL:
        return a * math.exp(b * _ndtri(u))
    if code == GAMMA:
        return _gammaincinv(a, u) * b
    if code == WEIBULL:
        return b * (-math.log1p(-u)) ** a
    if code == NORMAL:
        return a + b * _ndtri(u)
    if code == UNIFORM:
        return a + b * u
    if code == TRIANGULAR:
        if u < table[at + 3]:
            return a + math.sqrt(u * table[at + 4])
        return b - math.sqrt((1.0 - u) * table[at + 5])
    if code in (EMPIRICAL, DISCRETE):
        return _invert_table(table, at, u)
    return math.nan


@compiled("float64(float64[::1], int64, float64)")
def variate(table: NDArray[np.float64], start: int, u: float) -> float:
    """Turn one uniform into a variate of an encoded distribution, by inversion.

    A mixture spends the same uniform twice: it picks the component and, rescaled, draws from it.

    Parameters
    ----------
    table : ndarray of float64
        Table made by `simulation.distributions.encode`.
    start : int
        Where the distribution begins in the table.
    u : float
        A uniform inside (0, 1).

    Returns
    -------
    float
        The variate, in hours.

    Examples
    --------
    >>> from simulation.distributions import Uniform, encode
    >>> table, starts = encode([(Uniform(min=2, max=4), 1.0)])
    >>> variate(table, starts[0], 0.5)
    3.0
    """
    at, lowest, highest = start, -math.inf, math.inf
    code = int(table[at])
    while code in (MIXTURE, TRUNCATED):
        if code == MIXTURE:
            size = int(table[at + 1])
            k = _first_reaching(table, at + 2, size, u)
            below = table[at + 1 + k] if k > 0 else 0.0
            u = _inside((u - below) / (table[at + 2 + k] - below))
            at = int(table[at + 2 + size + k])
        else:
            u = _inside(table[at + 1] + u * (table[at + 2] - table[at + 1]))
            lowest, highest = max(lowest, table[at + 3]), min(highest, table[at + 4])
            at = int(table[at + 5])
        code = int(table[at])
    return float(min(max(_invert(table, at, u), lowest), highest))


@compiled("void(float64[::1], int64[::1], float64[::1], float64[::1])")
def _variates_into(table: Any, starts: Any, us: Any, drawn: Any) -> None:
    for i in range(us.size):
        drawn[i] = variate(table, starts[i], us[i])


def variates(table: NDArray[np.float64], starts: ArrayLike, us: ArrayLike) -> NDArray[np.float64]:
    """Turn many uniforms into variates, each of its own distribution; a single start serves all.

    Parameters
    ----------
    table : ndarray of float64
        Table made by `simulation.distributions.encode`.
    starts : array_like of int
        Where the distribution of each draw begins in the table.
    us : array_like of float
        Uniforms inside (0, 1), in one dimension.

    Examples
    --------
    >>> from simulation.distributions import Uniform, encode
    >>> table, starts = encode([(Uniform(min=2, max=4), 1.0)])
    >>> variates(table, starts[0], [0.25, 0.5])
    array([2.5, 3. ])
    """
    # The compiled function takes arrays that may be written; what is not so is copied.
    uniform = np.require(us, np.float64, ["C", "W"])
    first = np.require(np.broadcast_to(np.asarray(starts, np.int64), uniform.shape), np.int64, ["C", "W"])
    drawn = np.empty(uniform.size)
    _variates_into(table, first, uniform, drawn)
    return drawn


@compiled(
    "UniTuple(float64, 4)(uint64, uint64, uint64, uint64, uint64, float64[::1], int64, int64)",
)
def service_draws(
    seed: int,
    replication: int,
    decision: int,
    case: int,
    visit: int,
    table: NDArray[np.float64],
    start_service: int,
    start_patience: int,
) -> tuple[float, float, float, float]:
    """Draw all that one visit needs, in one call: service, patience and two uniforms.

    Parameters
    ----------
    seed, replication, decision, case, visit : int
        As for `uniforms`; the block is 0.
    table : ndarray of float64
        Table made by `simulation.distributions.encode`.
    start_service : int
        Where the service time begins in the table; negative for none.
    start_patience : int
        Where the patience begins in the table; negative for a case that never gives up.

    Returns
    -------
    tuple of float
        Service (hours, 0 for none), patience (hours, inf for none), and two uniforms for the way on.

    Examples
    --------
    >>> from simulation.distributions import Uniform, encode
    >>> from simulation.streams import decision, service_draws
    >>> table, starts = encode([(Uniform(min=2, max=4), 1.0)])
    >>> service, patience, route, extra = service_draws(1, 0, decision("desk"), 17, 0, table, starts[0], -1)
    >>> 2 < service < 4, patience
    (True, inf)
    """
    u0, u1, u2, u3 = uniforms(seed, replication, decision, case, visit, 0)
    service = variate(table, start_service, u0) if start_service >= 0 else 0.0
    patience = variate(table, start_patience, u1) if start_patience >= 0 else math.inf
    return service, patience, u2, u3
