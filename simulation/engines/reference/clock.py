"""SimPy's environment with absolute moments and a written order of what happens at the same instant."""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator
from heapq import heappop, heappush

import simpy

__all__ = ["Clock", "Happening", "Journey"]


class Happening(simpy.Event):
    """An event that happens at its moment: nobody makes it succeed or fail.

    Examples
    --------
    >>> Happening(Clock()).ok
    True
    """

    _ok = True
    _value = None

    def __init__(self, clock: Clock) -> None:
        self.env = clock
        self.callbacks = []


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

    def at(self, moment: float, place: int, event: Happening | None = None) -> Happening:
        """Let an event happen at a moment (hours), at its place among those of the same instant."""
        if event is None:
            event = Happening(self)
        heappush(self._queue, (moment, place, next(self._eid), event))  # type: ignore[misc]
        return event

    def when(self, moment: float, place: int, act: Callable[[simpy.Event], None]) -> None:
        """Call a function with the event that calls it, at a moment (hours)."""
        self.at(moment, place).callbacks.append(act)

    def begin(self, journey: Generator[Happening, None, None]) -> None:
        """Begin a journey within the present event."""
        Journey(self, journey)._resume(None)

    def begin_next(self, journey: Generator[Happening, None, None]) -> None:
        """Begin a journey right after the present event."""
        self.when(self.now, 0, Journey(self, journey)._resume)

    def at_end_of_instant(self, number: int, act: Callable[[], None]) -> None:
        """Call a function when nothing else is left of this instant; smaller numbers first."""
        heappush(self._called, (number, act))

    def run_to(self, horizon: float) -> None:
        """Let time pass until just before the horizon (hours).

        The loop is that of `simpy.Environment.step`, with the end of the instant added. Python's cycle
        collector rests meanwhile: what a run no longer needs is freed without it.
        """
        events, called = self._queue, self._called
        collects = gc.isenabled()
        gc.disable()
        try:
            while True:
                while called and not (events and events[0][0] <= self.now):
                    heappop(called)[1]()
                if not events or events[0][0] >= horizon:
                    break
                self.now, _, _, event = heappop(events)
                callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]
                for callback in callbacks:
                    callback(event)
        finally:
            self._now = self.now
            if collects:
                gc.enable()


class Journey(simpy.Process):
    """A process that begins where the clock lets it, and that nobody waits for or interrupts.

    Examples
    --------
    >>> clock, seen = Clock(), []
    >>> def travel():
    ...     seen.append(clock.now)
    ...     yield clock.at(clock.now + 1.0, 1)
    ...     seen.append(clock.now)
    >>> clock.begin(travel())
    >>> clock.run_to(10.0)
    >>> seen
    [0.0, 1.0]
    """

    def __init__(self, clock: Clock, generator: Generator[Happening, None, None]) -> None:
        self.env = clock
        self.callbacks = []
        self._generator = generator

    def _resume(self, _: simpy.Event | None) -> None:
        """Go on until the next event that the journey waits for."""
        try:
            awaited = self._generator.send(None)
        except StopIteration:
            self._ok, self._value = True, None
        else:
            awaited.callbacks.append(self._resume)
