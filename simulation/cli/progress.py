"""How far a run has come: a bar with the time left on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

__all__ = ["shown"]

LINES = 10
"""How many lines at most are written where there is no terminal."""
PAUSE = 10.0
"""Seconds between two lines when more is asked for as an answer takes shape."""


@contextmanager
def shown(first: Callable[[], None]) -> Iterator[Callable[[int, int], None]]:
    """Give a function that is told how many replications of how many are done, and shows it on stderr.

    Parameters
    ----------
    first
        Called whenever more are done, before that is shown.

    Examples
    --------
    >>> with shown(lambda: None) as progress:
    ...     progress(0, 4)
    """
    with _bar() if sys.stderr.isatty() else nullcontext(_lines()) as show:

        def tell(done: int, total: int) -> None:
            if done:
                first()
            show(done, total)

        yield tell


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("replications"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("replications", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _lines() -> Callable[[int, int], None]:
    begun = time.monotonic()
    said, last, first = 0, begun, 0

    def tell(done: int, total: int) -> None:
        nonlocal said, last, first
        first = first or total
        further, later = done * LINES // total > said, time.monotonic() - last >= PAUSE
        if done and (later if total > first else further):  # more was asked for: a line after a while
            said, last = done * LINES // total, time.monotonic()
            left = (last - begun) * (total - done) / done
            print(f"{done} of {total} replications, about {left:.0f} s left", file=sys.stderr, flush=True)

    return tell
