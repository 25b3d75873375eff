"""How loops become machine code: the one decorator of everything that is compiled."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import numba
from numba.core import event

__all__ = ["compiled", "watched"]

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


@contextmanager
def watched(begun: Callable[[], None], ended: Callable[[], None]) -> Iterator[None]:
    """Tell whenever machine code is made, in whatever thread; code that is found on disk is not made.

    Parameters
    ----------
    begun, ended
        Called before and after; what is compiled on the way to something else is not told by itself.

    Examples
    --------
    >>> told = []
    >>> with watched(lambda: told.append("begun"), lambda: told.append("ended")):
    ...     double = numba.njit("int64(int64)")(lambda number: 2 * number)
    >>> told if double(4) == 8 else None
    ['begun', 'ended']
    """
    with event.install_listener("numba:compile", _Watch(begun, ended)):
        yield


class _Watch(event.Listener):  # type: ignore[misc, unused-ignore]
    """Counts how deep one compilation is in another; numba does one at a time."""

    def __init__(self, begun: Callable[[], None], ended: Callable[[], None]) -> None:
        self._begun, self._ended = begun, ended
        self._depth = 0

    def on_start(self, event: Any) -> None:  # noqa: ARG002 - numba calls it so
        if self._depth == 0:
            self._begun()
        self._depth += 1

    def on_end(self, event: Any) -> None:  # noqa: ARG002
        self._depth -= 1
        if self._depth == 0:
            self._ended()
