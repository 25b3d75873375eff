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
    >>> clock.called.append((0, lambda: seen.append("end")))
    >>> clock.run_to(10.0)
    >>> clock.now, seen
    (5.0, ['end', 1, 2])
    """

    now: float = 0.0
    """The present moment; a plain attribute, which is read more often than anything else."""

    def __init__(self) -> None:
        super().__init__()
        self.called: list[tuple[int, Callable[[], None]]] = []
        """What acts when nothing else is left of this instant, as a heap: smaller numbers first."""

    def at(self, moment: float, place: int, event: Happening | None = None) -> Happening:
        """Let an event happen at a moment (hours), at its place among those of the same instant."""
        if event is None:
            event = Happening(self)
        heappush(self._queue, (moment, place, next(self._eid), event))  # type: ignore[misc]
        return event

    def when(self, moment: float, place: int, act: Callable[[simpy.Event], None]) -> None:
        """Call a function with the event that calls it, at a moment (hours)."""
        self.at(moment, place).callbacks.append(act)

    def run_to(self, horizon: float) -> None:
        """Let time pass until just before the horizon (hours).

        The loop is that of `simpy.Environment.step`, with the end of the instant added. Python's cycle
        collector rests meanwhile: what a run no longer needs is freed without it.
        """
        events, called = self._queue, self.called
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


class Journey(Happening):
    """A process, led from event to event; put on the clock, it begins.

    Nobody waits for it or interrupts it, so it needs no more of `simpy.Process` than this.

    Examples
    --------
    >>> clock, seen = Clock(), []
    >>> def travel():
    ...     seen.append(clock.now)
    ...     yield clock.at(clock.now + 1.0, 1)
    ...     seen.append(clock.now)
    >>> _ = clock.at(3.0, 1, Journey(clock, travel()))
    >>> clock.run_to(10.0)
    >>> seen
    [3.0, 4.0]
    """

    def __init__(self, clock: Clock, steps: Generator[Happening, None, None]) -> None:
        self.env = clock
        self.callbacks = [self._go_on]
        self._steps = steps

    def _go_on(self, _: simpy.Event) -> None:
        """Take steps until the next event that the journey waits for."""
        try:
            awaited = self._steps.send(None)
        except StopIteration:
            return
        awaited.callbacks.append(self._go_on)
