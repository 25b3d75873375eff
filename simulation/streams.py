"""Random numbers, keyed: a draw is a function of (seed, replication, decision, case, visit) and no more.

No generator holds a state, so no draw can shift another: the same decision of the same case sees
the same numbers in every scenario (common random numbers), and a new decision disturbs none.

The numbers come from Philox4x64-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers:
as easy as 1, 2, 3", SC'11): key = (seed, replication), counter = (case, decision, visit, block).
One block is four uniforms. Variates are made by inversion, and `variate` is the one place of the
whole package that takes a logarithm, a power or an inverse distribution function while a run is on,
so that every engine sees the same bits.

One long file on purpose: machine code kept on disk is renewed when the file of its function changes,
and not when a file that the function calls into does.
"""

import math
from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from typing import Any, TypeVar

import llvmlite.binding
import llvmlite.ir
import numba
import numpy as np
from numba import types
from numba.extending import get_cython_function_address, intrinsic
from numpy.typing import ArrayLike, NDArray

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

__all__ = [
    "decision",
    "mix",
    "mix_array",
    "service_draws",
    "uniforms",
    "uniforms_array",
    "variate",
    "variates",
]

F = TypeVar("F", bound=Callable[..., Any])

_ROUNDS = 10
# Philox4x64 multipliers and Weyl increments of the key (Salmon et al. 2011, section 4.3).
_MULTIPLIER_0 = np.uint64(0xD2E7470EE14C6C93)
_MULTIPLIER_1 = np.uint64(0xCA5A826395121157)
_WEYL_0 = np.uint64(0x9E3779B97F4A7C15)
_WEYL_1 = np.uint64(0xBB67AE8584CAA73B)
# SplitMix64 finaliser (Steele, Lea and Flood 2014; Stafford's variant 13).
_STAFFORD_0 = np.uint64(0xBF58476D1CE4E5B9)
_STAFFORD_1 = np.uint64(0x94D049BB133111EB)
_SHIFT_12, _SHIFT_27, _SHIFT_30, _SHIFT_31 = (np.uint64(n) for n in (12, 27, 30, 31))
_ZERO = np.uint64(0)

_STEP = 2.0**-52
_SMALLEST = 2.0**-53
_LARGEST = 1.0 - 2.0**-53


def _compiled(signature: str) -> Callable[[F], F]:
    """Compile a function for one explicit signature, at import, with its machine code kept on disk."""
    decorator: Callable[[F], F] = numba.njit(signature, cache=True, nogil=True, error_model="numpy")
    return decorator


def _special(name: str, arguments: int) -> Any:
    """Bind a function of scipy.special by symbol.

    Compiled code on disk then holds a name and no address, and a fresh process links it again.
    Cython's C functions take one integer more than their Python namesakes, which they ignore.
    """
    symbol = f"simulation_scipy_{name}"
    llvmlite.binding.add_symbol(symbol, get_cython_function_address("scipy.special.cython_special", name))
    return types.ExternalFunction(symbol, types.float64(*[types.float64] * arguments, types.intc))


_ndtri = _special("ndtri", 1)
_gammaincinv = _special("gammaincinv", 2)


@cache
def decision(name: str) -> int:
    """Turn the name of a decision into its key: 64 bits of BLAKE2b, the same on every machine.

    Parameters
    ----------
    name : str
        What is decided, for instance ``"service"`` or ``"apply.window"``.

    Examples
    --------
    >>> decision("service") == decision("service")
    True
    >>> decision("service") == decision("patience")
    False
    """
    return int.from_bytes(blake2b(name.encode("utf-8"), digest_size=8).digest(), "little")


@_compiled("uint64(uint64)")
def _finalise(z: Any) -> Any:
    """Spread every bit of a word over all 64."""
    z = (z ^ (z >> _SHIFT_30)) * _STAFFORD_0
    z = (z ^ (z >> _SHIFT_27)) * _STAFFORD_1
    return z ^ (z >> _SHIFT_31)


@_compiled("uint64(uint64, uint64)")
def mix(a: int, b: int) -> int:
    """Make the key of a child from the key of its parent and its own number.

    One to one in each argument when the other is held; the order of the two matters.

    Parameters
    ----------
    a : int
        Key of the parent, 0 to 2**64 - 1.
    b : int
        Number or key of the child, 0 to 2**64 - 1.

    Examples
    --------
    >>> mix(7, 0) == mix(7, 1), mix(7, 1) == mix(1, 7)
    (False, False)
    """
    return _finalise(_finalise(a + _WEYL_0) ^ b)  # type: ignore[no-any-return]


@_compiled("void(uint64[::1], uint64[::1], uint64[::1])")
def _mix_into(a: Any, b: Any, keys: Any) -> None:
    for i in range(keys.size):
        keys[i] = mix(a[i], b[i])


def mix_array(a: ArrayLike, b: ArrayLike) -> NDArray[np.uint64]:
    """Make the keys of many children; `a` and `b` are broadcast against each other.

    Parameters
    ----------
    a, b : array_like of int
        Keys of the parents and numbers of the children, each 0 to 2**64 - 1.

    Examples
    --------
    >>> keys = mix_array(7, [0, 1])
    >>> keys.tolist() == [mix(7, 0), mix(7, 1)]
    True
    """
    parents, children = np.broadcast_arrays(np.asarray(a, np.uint64), np.asarray(b, np.uint64))
    keys = np.empty(parents.shape, np.uint64)
    _mix_into(parents.flatten(), children.flatten(), keys.reshape(-1))
    return keys


@intrinsic
def _multiply_wide(_context: Any, a: Any, b: Any) -> Any:
    """Give the high and the low word of a product of two unsigned words, in one machine multiplication."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        wide = llvmlite.ir.IntType(128)
        product = builder.mul(*(builder.zext(argument, wide) for argument in arguments))
        high = builder.lshr(product, wide(64))
        words = [builder.trunc(part, llvmlite.ir.IntType(64)) for part in (high, product)]
        return context.make_tuple(builder, signature.return_type, words)

    return types.UniTuple(types.uint64, 2)(a, b), generate


@_compiled("UniTuple(uint64, 4)(uint64, uint64, uint64, uint64, uint64, uint64)")
def _philox(k0: Any, k1: Any, c0: Any, c1: Any, c2: Any, c3: Any) -> Any:
    """Encrypt the counter under the key: one block of Philox4x64-10."""
    for _ in range(_ROUNDS):
        high_0, low_0 = _multiply_wide(_MULTIPLIER_0, c0)
        high_1, low_1 = _multiply_wide(_MULTIPLIER_1, c2)
        c0, c1, c2, c3 = high_1 ^ c1 ^ k0, low_1, high_0 ^ c3 ^ k1, low_0
        k0 += _WEYL_0
        k1 += _WEYL_1
    return c0, c1, c2, c3


@_compiled("float64(uint64)")
def _unit(word: Any) -> Any:
    """Put a word in the middle of one of 2**52 equal cells of (0, 1)."""
    return (np.float64(word >> _SHIFT_12) + 0.5) * _STEP


@_compiled("UniTuple(float64, 4)(uint64, uint64, uint64, uint64, uint64, uint64)")
def uniforms(
    seed: int, replication: int, decision: int, case: int, visit: int, block: int
) -> tuple[float, float, float, float]:
    """Draw the four uniforms of one block, each inside the open interval (0, 1).

    Parameters
    ----------
    seed, replication : int
        Key of the run.
    decision : int
        Key of what is decided, from `decision`.
    case : int
        Key of the case.
    visit : int
        Which time this case takes this decision, from 0.
    block : int
        Which four numbers of this decision, from 0.

    Examples
    --------
    >>> four = uniforms(2024, 0, decision("service"), 17, 0, 0)
    >>> four == uniforms(2024, 0, decision("service"), 17, 0, 0), len(set(four))
    (True, 4)
    """
    w0, w1, w2, w3 = _philox(seed, replication, case, decision, visit, block)
    return _unit(w0), _unit(w1), _unit(w2), _unit(w3)


@_compiled("void(uint64, uint64, uint64, uint64[::1], uint64, uint64, float64[:, ::1])")
def _uniforms_into(
    seed: Any, replication: Any, decision: Any, cases: Any, visit: Any, block: Any, drawn: Any
) -> None:
    for i in range(cases.size):
        row = uniforms(seed, replication, decision, cases[i], visit, block)
        drawn[i, 0], drawn[i, 1], drawn[i, 2], drawn[i, 3] = row


def uniforms_array(
    seed: int, replication: int, decision: int, cases: ArrayLike, visit: int, block: int = 0
) -> NDArray[np.float64]:
    """Draw the block of each of many cases: row i is what `uniforms` gives for case i.

    Parameters
    ----------
    seed, replication, decision, visit, block : int
        As for `uniforms`.
    cases : array_like of int
        Keys of the cases, in one dimension.

    Examples
    --------
    >>> rows = uniforms_array(2024, 0, decision("service"), [17, 18], 0)
    >>> rows.shape, tuple(rows[0]) == uniforms(2024, 0, decision("service"), 17, 0, 0)
    ((2, 4), True)
    """
    keys = np.ascontiguousarray(cases, np.uint64)
    drawn = np.empty((keys.size, 4))
    _uniforms_into(seed, replication, decision, keys, visit, block, drawn)
    return drawn


@_compiled("float64(float64)")
def _inside(u: Any) -> Any:
    """Keep a rescaled uniform off 0 and 1, where rounding may have put it."""
    return min(max(u, _SMALLEST), _LARGEST)


@_compiled("int64(float64[::1], int64, int64, float64)")
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


@_compiled("float64(float64[::1], int64, float64)")
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


@_compiled("float64(float64[::1], int64, float64)")
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
        return a * math.exp(b * _ndtri(u, 0))
    if code == GAMMA:
        return _gammaincinv(a, u, 0) * b
    if code == WEIBULL:
        return b * (-math.log1p(-u)) ** a
    if code == NORMAL:
        return a + b * _ndtri(u, 0)
    if code == UNIFORM:
        return a + b * u
    if code == TRIANGULAR:
        if u < table[at + 3]:
            return a + math.sqrt(u * table[at + 4])
        return b - math.sqrt((1.0 - u) * table[at + 5])
    if code in (EMPIRICAL, DISCRETE):
        return _invert_table(table, at, u)
    return math.nan


@_compiled("float64(float64[::1], int64, float64)")
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
    return min(max(_invert(table, at, u), lowest), highest)  # type: ignore[no-any-return]


@_compiled("void(float64[::1], int64[::1], float64[::1], float64[::1])")
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
    uniform = np.ascontiguousarray(us, np.float64)
    first = np.ascontiguousarray(np.broadcast_to(np.asarray(starts, np.int64), uniform.shape))
    drawn = np.empty(uniform.size)
    _variates_into(table, first, uniform, drawn)
    return drawn


@_compiled(
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
    >>> table, starts = encode([(Uniform(min=2, max=4), 1.0)])
    >>> service, patience, route, extra = service_draws(1, 0, decision("desk"), 17, 0, table, starts[0], -1)
    >>> 2 < service < 4, patience
    (True, inf)
    """
    u0, u1, u2, u3 = uniforms(seed, replication, decision, case, visit, 0)
    service = variate(table, start_service, u0) if start_service >= 0 else 0.0
    patience = variate(table, start_patience, u1) if start_patience >= 0 else math.inf
    return service, patience, u2, u3
