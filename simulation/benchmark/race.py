"""A race of engines over the same work, answers checked."""

from __future__ import annotations

import gc
import importlib.util
import statistics
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from simulation.benchmark import plain_simpy, recorded_simpy
from simulation.benchmark.workloads import QUEUE, REFERRAL, Check, Found, Workload, summarise
from simulation.engines import simulate
from simulation.records import Records

__all__ = ["Engine", "Result", "engines", "race", "reference"]

Run = Callable[[Workload, int, int], Found | Records]
"""Workload, customers, seed -> the answer, or the records that hold it."""


class Engine(NamedTuple):
    """One of those that race."""

    name: str
    does: str
    """What it does for each customer."""
    run: Run


class Result(NamedTuple):
    """How an engine did a workload; rates are customers per second of processor time."""

    workload: Workload
    engine: Engine
    customers: int
    """In all rounds together."""
    rates: tuple[float, ...]
    """By round."""
    behind: tuple[float, ...]
    """Rate of the first engine over that of this one, by round."""
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


def reference(workload: Workload, customers: int, seed: int) -> Records:
    """Run a workload with the reference engine: layout, demand, run, and the check that nobody is lost.

    Examples
    --------
    >>> len(reference(QUEUE, 500, seed=1).cases) > 400
    True
    """
    return simulate(workload.scenario, workload.horizon(customers), seed, 0)


def engines() -> list[Engine]:
    """List those that race, the engine of this project first; Ciw where it is installed.

    Examples
    --------
    >>> [engine.name for engine in engines()][:2]
    ['vetsim', 'SimPy']
    """
    found = [
        Engine("vetsim", "keyed draws, latent demand, a row per visit and per case, checked", reference),
        Engine("SimPy", "plain SimPy that keeps sums", _of(plain_simpy.queue, plain_simpy.referral)),
        Engine(
            "SimPy, recorded",
            "plain SimPy that keeps the same rows as vetsim",
            _of(recorded_simpy.queue, recorded_simpy.referral),
        ),
    ]
    if importlib.util.find_spec("ciw") is not None:
        from simulation.benchmark import plain_ciw

        run = _of(plain_ciw.queue, plain_ciw.referral)
        found.append(Engine("Ciw", "plain Ciw, which keeps a record per visit", run))
    return found


def _of(queue: Callable[[int, int], Found | Records], referral: Callable[[int, int], Found | Records]) -> Run:
    runs = {QUEUE.id: queue, REFERRAL.id: referral}
    return lambda workload, customers, seed: runs[workload.id](customers, seed)


def race(workload: Workload, racing: Sequence[Engine], customers: int, rounds: int) -> list[Result]:
    """Let engines do the same work in turns.

    Within a round all engines run one after the other, so that what slows the machine slows all of them; a
    round later another one begins.

    Parameters
    ----------
    workload
        The work.
    racing
        The engines; the first is the measure of the others.
    customers
        Customers of a run.
    rounds
        Runs of each engine, each with a seed of its own.

    Examples
    --------
    >>> [result.wrong for result in race(QUEUE, engines()[:2], 500, rounds=2)]
    ['', '']
    """
    rates: dict[str, list[float]] = {engine.name: [] for engine in racing}
    found: dict[str, list[Found]] = {engine.name: [] for engine in racing}
    for engine in racing:
        engine.run(workload, 100, 0)  # whatever is compiled or imported the first time
    for seed in range(1, rounds + 1):
        first = seed % len(racing)
        for engine in (*racing[first:], *racing[:first]):
            gc.collect()
            begun = time.process_time()
            result = engine.run(workload, customers, seed)
            spent = time.process_time() - begun
            answer = summarise(workload, result) if isinstance(result, Records) else result
            del result
            rates[engine.name].append(answer.customers / spent)
            found[engine.name].append(answer)
    measure = rates[racing[0].name]
    return [
        Result(
            workload,
            engine,
            sum(answer.customers for answer in found[engine.name]),
            tuple(rates[engine.name]),
            tuple(base / rate for base, rate in zip(measure, rates[engine.name], strict=True)),
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
