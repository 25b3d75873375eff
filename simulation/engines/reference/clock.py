"""SimPy's environment with absolute moments and a written order of what happens at the same instant."""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator
from heapq import heappop, heappush
from typing import Any

import simpy

__all__ = ["Clock", "Journey"]


class Clock(simpy.Environment):
    """The clock of a run, in hours.

    SimPy's own `schedule` takes a relative delay and one of two priorities. Here an event is put on SimPy's
    list at an absolute moment, computed once, with its place among those of the same instant as the priority
    (see `engines.ordering`); and whatever was called upon to act at the end of an instant acts when nothing
    else is left of that instant.

    Examples
    --------
    >>> clock, seen = Clock(), []
    >>> for place in (2, 1):
    ...     clock.when(5.0, place, lambda _, place=place: seen.append(place))
    >>> clock.at_end_of_instant(0, lambda: seen.append("end"))
    >>> clock.run_to(10.0)
    >>> clock.now, seen
    (5.0, ['end', 1, 2])
    """

    now: float = 0.0
    """The present moment; a plain attribute, which is read more often than anything else."""

    def __init__(self) -> None:
        super().__init__()
        self._called: list[tuple[int, Callable[[], None]]] = []

    def at(self, moment: float, place: int, event: simpy.Event | None = None) -> simpy.Event:
        """Let an event happen at a moment (hours), at its place among those of the same instant."""
        if event is None:
            event = simpy.Event(self)
        event._ok = True
        event._value = None
        heappush(self._queue, (moment, place, next(self._eid), event))  # type: ignore[misc]
        return event

    def when(self, moment: float, place: int, act: Callable[[simpy.Event], None]) -> None:
        """Call a function with the event that calls it, at a moment (hours)."""
        self.at(moment, place).callbacks.append(act)

    def at_end_of_instant(self, number: int, act: Callable[[], None]) -> None:
        """Call a function when nothing else is left of this instant; smaller numbers first."""
        heappush(self._called, (number, act))

    def schedule(self, event: simpy.Event, priority: int = 1, delay: float = 0) -> None:
        """Schedule an event by SimPy's own rules, unless nobody waits for it (a journey that has ended)."""
        if event.callbacks or not event._ok:
            super().schedule(event, priority, delay)  # type: ignore[arg-type]

    def run_to(self, horizon: float) -> None:
        """Let time pass until just before the horizon (hours).

        The loop is that of `simpy.Environment.step`, with the end of the instant added. Python's cycle
        collector rests meanwhile: a run keeps all it makes, so there is nothing to collect.
        """
        events, called = self._queue, self._called
        collects = gc.isenabled()
        gc.disable()
        try:
            while True:
                if called and not (events and events[0][0] <= self.now):
                    heappop(called)[1]()
                elif events and events[0][0] < horizon:
                    self.now, _, _, event = heappop(events)
                    self._now = self.now
                    callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]
                    for callback in callbacks:
                        callback(event)
                    if not event._ok:
                        raise event._value
                else:
                    break
        finally:
            if collects:
                gc.enable()


class Journey(simpy.Process):
    """A process that begins at a moment and place of its own, not at once.

    Examples
    --------
    >>> clock, seen = Clock(), []
    >>> def travel():
    ...     seen.append(clock.now)
    ...     yield clock.at(clock.now + 1.0, 1)
    >>> journey = Journey(clock, travel(), moment=3.0, place=1)
    >>> clock.run_to(10.0)
    >>> seen, journey.is_alive
    ([3.0], False)
    """

    def __init__(
        self, clock: Clock, generator: Generator[simpy.Event, Any, None], moment: float, place: int
    ) -> None:
        simpy.Event.__init__(self, clock)
        self._generator = generator
        self._target = clock.at(moment, place)
        self._target.callbacks.append(self._resume)
