"""What a second worker brings: the same study on one and on two."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from simulation.benchmark.systems import SEED, System
from simulation.runner import run_study
from simulation.store import Store
from simulation.study import Study

__all__ = ["Crew", "crews"]


class Crew(NamedTuple):
    """A study run by one worker and by two: wall seconds, round by round."""

    replications: int
    one: tuple[float, ...]
    two: tuple[float, ...]

    @property
    def faster(self) -> tuple[float, ...]:
        """How many times as fast two were."""
        return tuple(alone / both for alone, both in zip(self.one, self.two, strict=True))

    @property
    def gain(self) -> float:
        """The middle one of them."""
        return statistics.median(self.faster)


def crews(
    system: System, replications: int, rounds: int, progress: Callable[[str], None] = lambda _: None
) -> Crew:
    """Run replications of a system, KPIs and store included, with one worker and with two, in turns.

    Parameters
    ----------
    system
        What is run.
    replications
        In each run.
    rounds
        Runs with each number of workers.
    progress
        Is told what is being run.

    Examples
    --------
    >>> from simulation.benchmark.workloads import QUEUE
    >>> from simulation.kpis import Window
    >>> queue = System("queue", "A queue", QUEUE.scenario, 100.0, Window(0.0, 100.0), reference=1, rounds=1)
    >>> len(crews(queue, 2, rounds=1).faster)
    1
    """
    progress(f"{system.title}: {replications} replications on one worker and on two, {rounds} round(s)")
    spent: dict[int, list[float]] = {1: [], 2: []}
    for number in range(rounds):
        for workers in (1, 2) if number % 2 == 0 else (2, 1):
            spent[workers].append(_run(system, replications, workers))
    return Crew(replications, tuple(spent[1]), tuple(spent[2]))


def _run(system: System, replications: int, workers: int) -> float:
    study = Study(
        id="crew",
        replications=replications,
        seed=SEED,
        warm_up=system.window.start,
        run_length=system.window.hours,
        run_out=system.horizon - system.window.end,
    )
    with TemporaryDirectory() as folder:
        begun = time.perf_counter()
        found = run_study(study, [system.scenario], Store(Path(folder)), workers=workers)
        spent = time.perf_counter() - begun
    if found.failures:
        raise RuntimeError(str(found.failures[0]))
    return spent
