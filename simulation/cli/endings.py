"""How a command can end."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec

import typer

from simulation.spec import InputError

__all__ = ["INTERRUPTED", "InterruptedRunError", "RunFailedError", "complain", "guarded"]

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130
P = ParamSpec("P")


class RunFailedError(Exception):
    """Some replication could not be run."""


class InterruptedRunError(Exception):
    """The run was stopped before it was complete."""


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """Turn the ways in which a command can end into exit codes, without tracebacks."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            with _terminable():
                command(*args, **kwargs)
        except InputError as error:
            complain(*(str(problem) for problem in error.problems))
            raise typer.Exit(BAD_INPUT) from None
        except RunFailedError as error:
            complain(str(error))
            raise typer.Exit(FAILED) from None
        except InterruptedRunError as error:
            complain(str(error))
            raise typer.Exit(INTERRUPTED) from None
        except KeyboardInterrupt:
            complain("interrupted")
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:  # whoever reads has read enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    return run


@contextmanager
def _terminable() -> Iterator[None]:
    """Let a request to end (SIGTERM: a scheduler of jobs, a machine that shuts down) be an interruption."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread hears signals
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def complain(*lines: str) -> None:
    """Print to standard error."""
    print(*lines, sep="\n", file=sys.stderr)
