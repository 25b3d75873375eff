"""Those that race: the engines of this project, and others on the same work."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from simulation.benchmark import plain_simpy, recorded_simpy
from simulation.benchmark.outside import NotHereError, compile_limit, find_simmer, running
from simulation.benchmark.race import Engine, Ran, timed
from simulation.benchmark.workloads import QUEUE, REFERRAL, Found, Workload, summarise
from simulation.demand import make_demand
from simulation.engines import ENGINES, run_engine, simulate
from simulation.layout import make_layout
from simulation.records import Records
from simulation.roster import make_roster

__all__ = ["CPP", "EVENTS", "RECORDED_CPP", "SIMPY", "VETSIM", "Entrants", "entrants", "own"]

VETSIM = f"vetsim, {ENGINES[0]}"
"""The default engine of this project."""
EVENTS = f"{VETSIM}, events alone"
"""The same without what is made before, and checked after."""
SIMPY, CPP, RECORDED_CPP = "SimPy", "C++", "C++, recorded"

QUICK, SLOW = 25.0, 0.25
"""Their customers over those of the others."""

Works = Callable[[int, int], Found | Records]
"""Customers, seed -> the answer, or the records that hold it."""


class Entrants(NamedTuple):
    """Those that race, and why others do not."""

    engines: tuple[Engine, ...]
    """The default engine of this project first."""
    absent: tuple[str, ...]
    """Who is missing, and why, in words."""


def entrants(folder: Path | None = None) -> Entrants:
    """List those that race on this machine.

    Parameters
    ----------
    folder
        Where the C++ program may be put once it is compiled; without one it does not race.

    Examples
    --------
    >>> [engine.name for engine in entrants().engines if engine.name.startswith("vetsim")][-2]
    'vetsim, reference'
    """
    does = "keyed draws, latent demand, a row per visit and per case, checked"
    found = [
        Engine(f"vetsim, {name}", does, _of_ours(name), 1.0 if name == "reference" else QUICK)
        for name in ENGINES
    ]
    found.append(
        Engine(EVENTS, "the same, of which the events alone are timed: cases drawn before", _events, QUICK)
    )
    found += [
        Engine(SIMPY, "plain SimPy that keeps sums", _of(plain_simpy.queue, plain_simpy.referral)),
        Engine(
            "SimPy, recorded",
            "plain SimPy that keeps the same rows as vetsim",
            _of(recorded_simpy.queue, recorded_simpy.referral),
        ),
    ]
    absent = []
    for enter in (_ciw, _salabim, _simmer, lambda: _limit(folder)):
        try:
            found += enter()
        except NotHereError as reason:
            absent.append(str(reason))
    return Entrants(tuple(found), tuple(absent))


def own(engine: str, workload: Workload, customers: int, seed: int) -> Records:
    """Run a workload with an engine of this project: layout, demand, run, and the check that nobody is lost.

    Examples
    --------
    >>> len(own("reference", QUEUE, 500, seed=1).cases) > 400
    True
    """
    return simulate(workload.scenario, workload.horizon(customers), seed, 0, engine)


def _of_ours(engine: str) -> Callable[[Workload, int, int], Ran]:
    def run(workload: Workload, customers: int, seed: int) -> Ran:
        records, seconds = timed(lambda: own(engine, workload, customers, seed))
        return Ran(summarise(workload, records), seconds)

    return run


def _events(workload: Workload, customers: int, seed: int) -> Ran:
    layout = make_layout(workload.scenario, workload.horizon(customers))
    demand, roster = make_demand(layout, seed, 0), make_roster(layout, seed, 0)
    run_engine(layout, demand, roster, seed, 0, ENGINES[0])  # what is made once for a layout
    records, seconds = timed(lambda: run_engine(layout, demand, roster, seed, 0, ENGINES[0]))
    return Ran(summarise(workload, records), seconds)


def _of(queue: Works, referral: Works) -> Callable[[Workload, int, int], Ran]:
    works = {QUEUE.id: queue, REFERRAL.id: referral}

    def run(workload: Workload, customers: int, seed: int) -> Ran:
        found, seconds = timed(lambda: works[workload.id](customers, seed))
        return Ran(summarise(workload, found) if isinstance(found, Records) else found, seconds)

    return run


def _ciw() -> list[Engine]:
    if importlib.util.find_spec("ciw") is None:
        raise NotHereError("Ciw is left out: it is not installed; it comes with requirements-dev.lock")
    from simulation.benchmark import plain_ciw

    run = _of(plain_ciw.queue, plain_ciw.referral)
    return [Engine("Ciw", "plain Ciw, which keeps a record per visit", run)]


def _salabim() -> list[Engine]:
    if importlib.util.find_spec("salabim") is None:
        raise NotHereError("salabim is left out: it is not installed")
    from simulation.benchmark import plain_salabim

    run = _of(plain_salabim.queue, plain_salabim.referral)
    return [Engine("salabim", "plain salabim with generators, its own monitors on", run, SLOW)]


def _simmer() -> list[Engine]:
    return [Engine("simmer", "plain simmer, R over C++", running(find_simmer()))]


def _limit(folder: Path | None) -> list[Engine]:
    if folder is None:
        raise NotHereError("C++ is left out: there is no folder for the program")
    program, does = [str(compile_limit(folder))], "the limit: draws of the same kind, the same logic"
    return [
        Engine(CPP, f"{does}, keeping sums", running(program, "sums"), QUICK),
        Engine(RECORDED_CPP, f"{does}, keeping rows of the same size", running(program, "rows"), QUICK),
    ]
