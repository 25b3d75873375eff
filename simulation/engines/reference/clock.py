"""SimPy's environment with absolute moments and a written order of what happens at the same instant."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappush
from typing import Any

import simpy

__all__ = ["Clock"]


class Clock(simpy.Environment):
    """The clock of a run, in hours.

    `simpy.Environment.schedule` takes a relative delay and one of two priorities. Here an event is put on SimPy's
    own list at an absolute moment, computed once, with its full rank as the priority (see `engines.ordering`).

    Examples
    --------
    >>> clock = Clock()
    >>> seen = []
    >>> for place in (2, 1):
    ...     clock.when(5.0, place, lambda place=place: seen.append(place))
    >>> clock.run()
    >>> clock.now, seen
    (5.0, [1, 2])
    """

    def at(self, moment: float, place: int, event: simpy.Event | None = None) -> simpy.Event:
        """Let an event happen at a moment (hours), at its place among those of the same instant."""
        if event is None:
            event = simpy.Event(self)
        event._ok = True
        event._value = None
        heappush(self._queue, (moment, place, next(self._eid), event))
        return event

    def when(self, moment: float, place: int, act: Callable[..., Any]) -> None:
        """Call a function without arguments at a moment (hours)."""
        event = self.at(moment, place)
        event.callbacks.append(lambda _: act())
