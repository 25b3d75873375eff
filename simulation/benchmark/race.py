"""A race of engines over the same work, answers checked."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from simulation.benchmark.workloads import Check, Found, Workload

__all__ = ["Engine", "Ran", "Result", "over", "race", "timed"]

T = TypeVar("T")


class Ran(NamedTuple):
    """One run of an engine."""

    found: Found
    seconds: float
    """Processor time, without what it takes to read the answer."""


class Engine(NamedTuple):
    """One of those that race."""

    name: str
    does: str
    """What it does for each customer."""
    run: Callable[[Workload, int, int], Ran]
    """Workload, customers, seed -> the answer and the time."""
    part: float = 1.0
    """Its customers over those of the others: a quick engine gets more, a slow one fewer."""


class Result(NamedTuple):
    """How an engine did a workload; rates are customers per second of processor time."""

    workload: Workload
    engine: Engine
    customers: int
    """In all rounds together."""
    rates: tuple[float, ...]
    """By round."""
    checks: tuple[Check, ...]
    """Its answers over all rounds beside what is known."""

    @property
    def rate(self) -> float:
        """The middle one of the rates."""
        return statistics.median(self.rates)

    @property
    def wrong(self) -> str:
        """The answers that chance does not explain."""
        return "; ".join(
            f"{check.about} is {check.found:.4f}, not {check.known:.4f} ± {check.tolerance:.4f}"
            for check in self.checks
            if not check.holds
        )


def timed(do: Callable[[], T]) -> tuple[T, float]:
    """Do something and say how much processor time it took, seconds.

    Examples
    --------
    >>> timed(lambda: 42)[0]
    42
    """
    gc.collect()
    begun = time.process_time()
    result = do()
    return result, time.process_time() - begun


def over(one: Result, other: Result) -> tuple[float, ...]:
    """Return, round by round, how many times as fast one engine was as another.

    Examples
    --------
    >>> from simulation.benchmark.workloads import QUEUE
    >>> engine = Engine("dream", "dreams", lambda *_: Ran(QUEUE.known, 1.0))
    >>> slow, fast = (Result(QUEUE, engine, 1, rates, ()) for rates in ((1.0, 2.0), (3.0, 4.0)))
    >>> over(fast, slow)
    (3.0, 2.0)
    """
    return tuple(mine / its for mine, its in zip(one.rates, other.rates, strict=True))


def race(workload: Workload, racing: Sequence[Engine], customers: int, rounds: int) -> list[Result]:
    """Let engines do the same work in turns.

    Within a round all engines run one after the other, so that what slows the machine slows all of them; a
    round later another one begins.

    Parameters
    ----------
    workload
        The work.
    racing
        The engines.
    customers
        Customers of a run; each engine gets its part.
    rounds
        Runs of each engine, each with a seed of its own.

    Examples
    --------
    >>> from simulation.benchmark.entrants import entrants
    >>> from simulation.benchmark.workloads import QUEUE
    >>> [result.wrong for result in race(QUEUE, entrants().engines[:1], 500, rounds=2)]
    ['']
    """
    rates: dict[str, list[float]] = {engine.name: [] for engine in racing}
    found: dict[str, list[Found]] = {engine.name: [] for engine in racing}
    for engine in racing:
        engine.run(workload, 100, 0)  # whatever is compiled or imported the first time
    for seed in range(1, rounds + 1):
        first = seed % len(racing)
        for engine in (*racing[first:], *racing[:first]):
            ran = engine.run(workload, round(customers * engine.part), seed)
            rates[engine.name].append(ran.found.customers / ran.seconds)
            found[engine.name].append(ran.found)
    return [
        Result(
            workload,
            engine,
            sum(answer.customers for answer in found[engine.name]),
            tuple(rates[engine.name]),
            tuple(workload.check(_together(found[engine.name]))),
        )
        for engine in racing
    ]


def _together(runs: Sequence[Found]) -> Found:
    """Average runs of about the same size."""
    return Found(
        sum(run.customers for run in runs),
        tuple(map(statistics.fmean, zip(*(run.shares for run in runs), strict=True))),
        tuple(map(statistics.fmean, zip(*(run.waits for run in runs), strict=True))),
    )
