"""How loops become machine code: the one decorator of everything that is compiled."""

from collections.abc import Callable
from typing import Any, TypeVar

import numba

__all__ = ["compiled"]

F = TypeVar("F", bound=Callable[..., Any])


def compiled(signature: str) -> Callable[[F], F]:
    """Compile a function for one explicit signature, at import, with its machine code kept on disk.

    The code on disk is renewed when the file of the function changes, not when a function that it calls
    in another file does. With NUMBA_DISABLE_JIT=1 in the environment the function stays plain Python.

    Parameters
    ----------
    signature : str
        Types of the result and the arguments, in numba's words.

    Examples
    --------
    >>> compiled("float64(float64)")  # doctest: +ELLIPSIS
    <function ...>
    """
    decorator: Callable[[F], F] = numba.njit(signature, cache=True, nogil=True, error_model="numpy")
    return decorator
