"""A race of engines over the same work."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from simulation.benchmark.workloads import Found, Workload, summarise
from simulation.engines import simulate

__all__ = ["Engine", "Speed", "race", "reference"]

Engine = Callable[[Workload, int, int], Found]
"""Workload, customers, seed -> what was found."""


class Speed(NamedTuple):
    """How fast an engine did a workload."""

    workload: str
    engine: str
    rate: float
    """Customers per second of processor time, median over the rounds."""
    relative: float
    """Rate over that of the first engine, median over the rounds."""
    wrong: str
    """What is wrong with its answers; empty when nothing is."""


def reference(workload: Workload, customers: int, seed: int) -> Found:
    """Run a workload with the reference engine, demand and records included.

    Examples
    --------
    >>> from simulation.benchmark.workloads import WORKLOADS
    >>> reference(WORKLOADS[0], 500, seed=1).shares
    (1.0, 0.0)
    """
    return summarise(workload, simulate(workload.scenario, workload.horizon(customers), seed, 0))


def race(
    workload: Workload, engines: Sequence[tuple[str, Engine]], customers: int, rounds: int
) -> list[Speed]:
    """Let engines do the same work in turns, and check their answers.

    Within a round all engines run one after the other, so that what slows the machine slows all of them.

    Parameters
    ----------
    workload
        The work.
    engines
        Name and function; the first is the measure of the others.
    customers
        Customers of a run.
    rounds
        Runs of each engine, each with a seed of its own.

    Examples
    --------
    >>> from simulation.benchmark.workloads import WORKLOADS
    >>> [speed.wrong for speed in race(WORKLOADS[0], [("reference", reference)], 2000, rounds=1)]
    ['']
    """
    rates: dict[str, list[float]] = {name: [] for name, _ in engines}
    found: dict[str, list[Found]] = {name: [] for name, _ in engines}
    for _, engine in engines:
        engine(workload, max(50, customers // 50), 0)  # whatever is compiled or imported the first time
    for seed in range(1, rounds + 1):
        for name, engine in engines:
            gc.collect()
            begun = time.process_time()
            result = engine(workload, customers, seed)
            rates[name].append(result.customers / (time.process_time() - begun))
            found[name].append(result)
    first = rates[engines[0][0]]
    return [
        Speed(
            workload.id,
            name,
            statistics.median(rates[name]),
            statistics.median(rate / base for rate, base in zip(rates[name], first, strict=True)),
            workload.wrong(_together(found[name])),
        )
        for name, _ in engines
    ]


def _together(runs: Sequence[Found]) -> Found:
    """Average runs of about the same size."""
    return Found(
        sum(run.customers for run in runs),
        tuple(map(statistics.fmean, zip(*(run.shares for run in runs), strict=True))),
        tuple(map(statistics.fmean, zip(*(run.waits for run in runs), strict=True))),
    )
