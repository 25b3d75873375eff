"""Whole service systems, by the engines of this project on the same replications, records compared."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simulation.benchmark.race import timed
from simulation.demand import Demand, make_demand
from simulation.engines import ENGINES, Replication, run_engine
from simulation.kpis import Window, measure
from simulation.layout import Layout, make_layout
from simulation.records import Records
from simulation.roster import Roster, make_roster
from simulation.scenario import Scenario

__all__ = ["PHASES", "System", "SystemResult", "difference", "run_system"]

PHASES = ("demand", "roster", "check", "kpis")
"""What a replication takes besides the engine, whichever it is."""
SEED = 20250701


class System(NamedTuple):
    """A service system, over how long it is run, and how often."""

    id: str
    title: str
    scenario: Scenario
    horizon: float
    window: Window
    reference: int
    """Rounds in which the reference engine runs too."""
    rounds: int


@dataclass(frozen=True)
class SystemResult:
    """What a system took, seconds of processor time, round by round."""

    system: System
    cases: int
    """In the last round."""
    visits: int
    """In the last round."""
    once: float
    """What is made once for all replications: the layout, and what the default engine makes of it."""
    phases: dict[str, list[float]]
    """Of the things besides the engine."""
    engines: dict[str, list[float]]
    """Of each engine, what it prepares once left out; the first round first."""
    wrong: str
    """Where the records of the engines differ; empty when they are the same."""

    @property
    def around(self) -> float:
        """Seconds of a replication besides the engine."""
        return sum(statistics.median(seconds) for seconds in self.phases.values())

    def seconds(self, engine: str) -> float:
        """Return what the events of a replication take in an engine."""
        return statistics.median(self.engines[engine])

    def faster(self) -> tuple[float, ...]:
        """Return how many times as fast the default engine was as the reference, by round."""
        pairs = zip(self.engines[ENGINES[0]], self.engines["reference"], strict=False)
        return tuple(theirs / mine for mine, theirs in pairs)


def run_system(system: System, progress: Callable[[str], None] = lambda _: None) -> SystemResult:
    """Run replications of a system by each engine, and compare what comes out, row by row.

    Parameters
    ----------
    system
        What is run.
    progress
        Is told what is being run.

    Examples
    --------
    >>> from simulation.benchmark.workloads import QUEUE
    >>> queue = System("queue", "A queue", QUEUE.scenario, 100.0, Window(0.0, 100.0), reference=1, rounds=1)
    >>> run_system(queue).wrong
    ''
    """
    progress(f"{system.title}: {system.rounds} round(s)")
    layout, once = timed(lambda: make_layout(system.scenario, system.horizon))
    first = _Round(layout, 0)
    first.run(ENGINES[0])
    first.measure(ENGINES[0], system.window)  # whatever is compiled the first time
    phases: dict[str, list[float]] = {phase: [] for phase in PHASES}
    taken: dict[str, list[float]] = {engine: [] for engine in ENGINES}
    wrong, cases, visits = "", 0, 0
    for number in range(system.rounds):
        this = _Round(layout, number)
        turn = number % len(ENGINES)
        for engine in (*ENGINES[turn:], *ENGINES[:turn]):
            if engine != "reference" or number < system.reference or engine == ENGINES[0]:
                taken[engine].append(this.run(engine))
        this.measure(ENGINES[0], system.window)
        for phase in PHASES:
            phases[phase].append(this.seconds[phase])
        wrong = wrong or this.wrong()
        cases, visits = (len(rows) for rows in (this.records.cases, this.records.visits))
        if number == 0:
            once += max(0.0, first.taken - taken[ENGINES[0]][0])  # the same replication, for the first time
            del first
    return SystemResult(system, cases, visits, once, phases, taken, wrong)


class _Round:
    """One replication: prepared once, run by one engine or more."""

    def __init__(self, layout: Layout, number: int) -> None:
        self.seconds: dict[str, float] = {}
        self.taken = 0.0
        self._layout, self._number = layout, number
        self._found: dict[str, Records] = {}
        self._demand: Demand
        self._roster: Roster
        self._demand, self.seconds["demand"] = timed(lambda: make_demand(layout, SEED, number))
        self._roster, self.seconds["roster"] = timed(lambda: make_roster(layout, SEED, number))

    @property
    def records(self) -> Records:
        """What the default engine left behind."""
        return self._found[ENGINES[0]]

    def run(self, engine: str) -> float:
        """Run an engine and return its seconds."""
        layout, demand, roster, number = self._layout, self._demand, self._roster, self._number
        self._found[engine], self.taken = timed(
            lambda: run_engine(layout, demand, roster, SEED, number, engine)
        )
        return self.taken

    def measure(self, engine: str, window: Window) -> None:
        """Check the books and measure every KPI."""
        records = self._found[engine]
        replication = Replication(self._layout, self._roster, records)
        _, self.seconds["check"] = timed(records.check)
        _, self.seconds["kpis"] = timed(lambda: measure(replication, window))

    def wrong(self) -> str:
        """Say where the records of an engine differ from those of the default engine."""
        for engine, records in self._found.items():
            where = difference(self.records, records)
            if where:
                return f"replication {self._number}, {engine}: {where}"
        return ""


def difference(one: Records, other: Records) -> str:
    """Say where two records differ; empty when they are the same to the last bit.

    Examples
    --------
    >>> from simulation.engines import simulate
    >>> from simulation.scenario.examples import single_queue
    >>> one, other = (simulate(single_queue(), 24.0, seed, 0) for seed in (1, 2))
    >>> difference(one, one), difference(one, other)
    ('', 'cases: 213 rows, not 201')
    """
    for table in ("cases", "visits", "switches"):
        mine, theirs = getattr(one, table), getattr(other, table)
        if len(mine) != len(theirs):
            return f"{table}: {len(mine)} rows, not {len(theirs)}"
        for column in mine.dtype.names:
            a, b = mine[column], theirs[column]
            if not np.array_equal(a, b, equal_nan=a.dtype.kind == "f"):
                return f"{table}: column {column} differs"
    return ""
