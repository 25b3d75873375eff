"""Uniforms from Philox4x64-10 (Salmon, Moraes, Dror and Shaw 2011), four to a block."""

from typing import Any

import llvmlite.ir
import numpy as np
from numba import types
from numba.extending import intrinsic, overload
from numpy.typing import ArrayLike, NDArray

from simulation.compiling import compiled

__all__ = ["uniforms", "uniforms_array"]

_ROUNDS = 10
# Multipliers, and Weyl increments of the key (Salmon et al. 2011, section 4.3).
_MULTIPLIER_0 = 0xD2E7470EE14C6C93
_MULTIPLIER_1 = 0xCA5A826395121157
_WEYL_0 = 0x9E3779B97F4A7C15
_WEYL_1 = 0xBB67AE8584CAA73B
_WORD = 2**64 - 1
_STEP = 2.0**-52


def _multiply_wide(a: int, b: int) -> tuple[int, int]:
    """Give the high and the low word of a product of two unsigned words."""
    product = a * b
    return product >> 64, product & _WORD


@intrinsic
def _multiply_at_once(_context: Any, a: Any, b: Any) -> Any:
    """Do the same in one machine multiplication."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        wide = llvmlite.ir.IntType(128)
        product = builder.mul(*(builder.zext(argument, wide) for argument in arguments))
        high = builder.lshr(product, wide(64))
        words = [builder.trunc(part, llvmlite.ir.IntType(64)) for part in (high, product)]
        return context.make_tuple(builder, signature.return_type, words)

    return types.UniTuple(types.uint64, 2)(a, b), generate


@overload(_multiply_wide)
def _multiply_compiled(a: Any, b: Any) -> Any:  # noqa: ARG001
    """Tell compiled code how it multiplies."""

    def multiply(a: Any, b: Any) -> Any:
        return _multiply_at_once(a, b)

    return multiply


@compiled("UniTuple(uint64, 4)(uint64, uint64, uint64, uint64, uint64, uint64)")
def _philox(k0: Any, k1: Any, c0: Any, c1: Any, c2: Any, c3: Any) -> Any:
    """Encrypt the counter under the key: one block of Philox4x64-10.

    The masks keep plain Python within the word, as machine code is by itself; there `int` says nothing.
    """
    k0, k1 = int(np.uint64(k0)), int(np.uint64(k1))
    c0, c1, c2, c3 = int(np.uint64(c0)), int(np.uint64(c1)), int(np.uint64(c2)), int(np.uint64(c3))
    for _ in range(_ROUNDS):
        high_0, low_0 = _multiply_wide(_MULTIPLIER_0, c0)
        high_1, low_1 = _multiply_wide(_MULTIPLIER_1, c2)
        c0, c1, c2, c3 = high_1 ^ c1 ^ k0, low_1, high_0 ^ c3 ^ k1, low_0
        k0 = (k0 + _WEYL_0) & _WORD
        k1 = (k1 + _WEYL_1) & _WORD
    return c0, c1, c2, c3


@compiled("float64(uint64)")
def _unit(word: Any) -> Any:
    """Put a word in the middle of one of 2**52 equal cells of (0, 1)."""
    return (float(word >> 12) + 0.5) * _STEP


@compiled("UniTuple(float64, 4)(uint64, uint64, uint64, uint64, uint64, uint64)")
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
    >>> from simulation.streams import decision, uniforms
    >>> four = uniforms(2024, 0, decision("service"), 17, 0, 0)
    >>> four == uniforms(2024, 0, decision("service"), 17, 0, 0), len(set(four))
    (True, 4)
    """
    w0, w1, w2, w3 = _philox(seed, replication, case, decision, visit, block)
    return _unit(w0), _unit(w1), _unit(w2), _unit(w3)


@compiled("void(uint64, uint64, uint64, uint64[::1], uint64, uint64, float64[:, ::1])")
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
    >>> from simulation.streams import decision, uniforms, uniforms_array
    >>> rows = uniforms_array(2024, 0, decision("service"), [17, 18], 0)
    >>> rows.shape, tuple(rows[0]) == uniforms(2024, 0, decision("service"), 17, 0, 0)
    ((2, 4), True)
    """
    keys = np.ascontiguousarray(cases, np.uint64)
    drawn = np.empty((keys.size, 4))
    _uniforms_into(seed, replication, decision, keys, visit, block, drawn)
    return drawn
