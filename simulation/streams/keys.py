"""Keys: a 64-bit word for the name of a decision, and for the child of a parent."""

from functools import cache
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulation.compiling import compiled

__all__ = ["decision", "mix", "mix_array"]

# SplitMix64 finaliser (Steele, Lea and Flood 2014; Stafford's variant 13).
_STAFFORD_0 = 0xBF58476D1CE4E5B9
_STAFFORD_1 = 0x94D049BB133111EB
_GOLDEN = 0x9E3779B97F4A7C15
_WORD = 2**64 - 1


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


@compiled("uint64(uint64)")
def _finalise(z: Any) -> Any:
    """Spread every bit of a word over all 64."""
    z = ((z ^ (z >> 30)) * _STAFFORD_0) & _WORD
    z = ((z ^ (z >> 27)) * _STAFFORD_1) & _WORD
    return z ^ (z >> 31)


@compiled("uint64(uint64, uint64)")
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
    parent, child = int(np.uint64(a)), int(np.uint64(b))
    return _finalise(_finalise((parent + _GOLDEN) & _WORD) ^ child)  # type: ignore[no-any-return]


@compiled("void(uint64[::1], uint64[::1], uint64[::1])")
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
