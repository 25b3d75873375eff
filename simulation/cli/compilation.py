"""Why the first use takes longer: code is being compiled for this machine, once."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["told"]


@contextmanager
def told() -> Iterator[Callable[[], None]]:
    """Say once that something is being compiled, and how long it took when the function given is called.

    Examples
    --------
    >>> with told() as compiled:
    ...     compiled()
    """
    from simulation.compiling import watched

    seconds, since = 0.0, 0.0
    said = False

    def begun() -> None:
        nonlocal since, said
        since = time.monotonic()
        if not said:
            said = True
            print("compiling for this machine, once: up to half a minute", file=sys.stderr, flush=True)

    def ended() -> None:
        nonlocal seconds
        seconds += time.monotonic() - since

    def compiled() -> None:
        nonlocal seconds
        if seconds:
            print(f"compiled in {seconds:.1f} s, and kept for the next time", file=sys.stderr, flush=True)
            seconds = 0.0

    with watched(begun, ended):
        yield compiled
    compiled()
