"""The way into the kernel: its machine code is kept on disk until any of its sources changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

from simulation.engines.compiled import kernel
from simulation.engines.compiled.handles import Handle
from simulation.engines.compiled.state import State
from simulation.engines.compiled.tables import Plan

__all__ = ["run"]

SOURCES = (
    "engines/compiled/*.py",
    "engines/ordering.py",
    "streams/*.py",
    "compiling.py",
    "calendars/opening_hours.py",
    "distributions/codes.py",
    "layout/conditions.py",
    "records.py",
)
"""Files whose code, or numbers, become part of the machine code."""


def _stamp() -> int:
    """Return a digest of the sources: the same number as long as none of them changes."""
    package = Path(__file__).parents[2]
    digest = hashlib.blake2b(digest_size=7)
    for path in sorted(path for pattern in SOURCES for path in package.glob(pattern)):
        digest.update(path.read_bytes())
    return int.from_bytes(digest.digest(), "little")


def _compiled(stamp: int) -> Callable[[Any, Any], int]:
    """Compile the kernel. The stamp is held by the function, and what a function holds is part of its key."""

    @numba.njit(cache=True, nogil=True, error_model="numpy")
    def enter(plan: Any, state: Any) -> Any:
        if stamp < 0:
            return stamp
        return kernel.run(plan, state)

    compiled: Callable[[Any, Any], int] = enter
    return compiled


_enter = _compiled(_stamp())


def run(plan: Plan, state: State) -> int:
    """Let time pass until the horizon, or until there is no room: the kernel's `run`.

    Without the just-in-time compiler the kernel runs as the Python that it is.

    Parameters
    ----------
    plan, state
        The scenario as arrays, and everything that changes.

    Examples
    --------
    >>> from simulation.demand import make_demand
    >>> from simulation.engines.compiled.plan import plan_of
    >>> from simulation.engines.compiled.room import make_state
    >>> from simulation.layout import make_layout
    >>> from simulation.roster import make_roster
    >>> from simulation.scenario.examples import single_queue
    >>> layout = make_layout(single_queue(), 24.0)
    >>> demand, roster = make_demand(layout, 1, 0), make_roster(layout, 1, 0)
    >>> run(plan_of(layout), make_state(plan_of(layout), layout, demand, roster, 1, 0))
    0
    """
    if numba.config.DISABLE_JIT:
        return int(kernel.run(plan, state))
    return int(_enter(Handle(plan), Handle(state)))
