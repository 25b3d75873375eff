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
def shown(first: Callable[[], None], what: str = "replications") -> Iterator[Callable[[int, int], None]]:
    """Give a function that is told how many of how many are done, and shows it on stderr.

    Parameters
    ----------
    first
        Called whenever more are done, before that is shown.
    what
        What is counted.

    Examples
    --------
    >>> with shown(lambda: None) as progress:
    ...     progress(0, 4)
    """
    with _bar(what) if sys.stderr.isatty() else nullcontext(_lines(what)) as show:

        def tell(done: int, total: int) -> None:
            if done:
                first()
            show(done, total)

        yield tell


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _lines(what: str) -> Callable[[int, int], None]:
    said, last, first = 0, time.monotonic(), 0
    begun, before = last, 0  # when the first were done: what was there already, or compiled, tells no pace

    def tell(done: int, total: int) -> None:
        nonlocal said, last, first, begun, before
        first = first or total
        if done and not before:
            begun, before = time.monotonic(), done
        further, later = done * LINES // total > said, time.monotonic() - last >= PAUSE
        if done and (later if total > first else further):  # more was asked for: a line after a while
            said, last = done * LINES // total, time.monotonic()
            pace = (last - begun) / (done - before) if done > before else 0.0
            left = f", about {pace * (total - done):.0f} s left" if pace else ""
            print(f"{done} of {total} {what}{left}", file=sys.stderr, flush=True)

    return tell
