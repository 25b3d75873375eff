"""The whole benchmark: the race, whole systems, workers and commands, and the files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from simulation.benchmark.aims import Aim, aims
from simulation.benchmark.commands import Cost, command_costs, cost_of
from simulation.benchmark.entrants import entrants
from simulation.benchmark.page import circumstances, make_page
from simulation.benchmark.race import Result, race
from simulation.benchmark.systems import System, SystemResult, run_system
from simulation.benchmark.tables import aim_table, race_table, system_table
from simulation.benchmark.threads import Crew, crews
from simulation.benchmark.workloads import QUEUE, REFERRAL

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Benchmark", "run", "write"]

CUSTOMERS = {QUEUE.id: 48_000, REFERRAL.id: 19_200}  # whole days
QUICKLY = 20
REPLICATIONS, STUDIES = 24, 3
"""Of the study that one worker and two do, and how often each does it."""


@dataclass(frozen=True)
class Benchmark:
    """What was measured.

    Parameters
    ----------
    results
        A line per workload and engine.
    systems
        Whole systems, the one that the others are compared with first.
    crew
        One worker and two, if they were measured.
    costs
        What commands cost, by name.
    absent
        Who did not race, and why.
    """

    results: tuple[Result, ...]
    systems: tuple[SystemResult, ...] = ()
    crew: Crew | None = None
    costs: Mapping[str, Cost] = field(default_factory=dict)
    absent: tuple[str, ...] = ()

    @property
    def wrong(self) -> list[str]:
        """Answers that are wrong, in words."""
        raced = [
            f"{result.engine.name}, {result.workload.id}: {result.wrong}"
            for result in self.results
            if result.wrong
        ]
        return raced + [f"{result.system.id}: {result.wrong}" for result in self.systems if result.wrong]

    @property
    def aims(self) -> list[Aim]:
        """What is wanted beside what was found."""
        return aims(self.results, self.systems, self.crew, self.costs)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by name: the race (benchmark), whole systems, and aims."""
        return {
            "benchmark": race_table(self.results),
            "systems": system_table(self.systems),
            "aims": aim_table(self.aims),
        }


def run(
    rounds: int = 7,
    *,
    quick: bool = False,
    comparison: bool = False,
    systems: Sequence[System] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> Benchmark:
    """Measure the engines of this project beside each other and beside others.

    Parameters
    ----------
    rounds
        Runs of each engine on each workload.
    quick
        Whether to do a twentieth of the race, and no whole commands, to see that it works.
    comparison
        Whether to run the default comparison too.
    systems
        Whole systems to run, the one that the others are compared with first; that one is also run by one
        worker and by two.
    progress
        Is told what is being measured.

    Examples
    --------
    >>> run(1, quick=True).wrong
    []
    """
    results: list[Result] = []
    with TemporaryDirectory() as folder:
        racing, absent = entrants(Path(folder))
        for reason in absent:
            progress(reason)
        for workload in (QUEUE, REFERRAL):
            customers = CUSTOMERS[workload.id] // (QUICKLY if quick else 1)
            progress(f"{workload.title}: {rounds} round(s) of {customers:,} customers, {len(racing)} engines")
            results += race(workload, racing, customers, rounds)
    found = tuple(run_system(system, progress) for system in systems)
    crew: Crew | None = None
    costs: dict[str, Cost] = {}
    if systems:
        size, studies = (2, 1) if quick else (REPLICATIONS, min(rounds, STUDIES))
        crew = crews(systems[0], size, studies, progress)
    if not quick:
        costs |= command_costs(progress)
    if comparison:
        progress("the default comparison, from an empty folder")
        with TemporaryDirectory() as folder:
            costs["comparison"] = cost_of(["compare"], Path(folder))
    return Benchmark(tuple(results), found, crew, costs, absent)


def write(measured: Benchmark, folder: Path, command: str, written: str) -> None:
    """Write tables, page and figure into a folder.

    Parameters
    ----------
    measured
        What was measured.
    folder
        Where to; it is made.
    command, written
        What makes these files again, and when they were made.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp()) / "benchmark"
    >>> from simulation.benchmark.entrants import entrants
    >>> one = Benchmark(tuple(race(QUEUE, entrants().engines[:1], 200, rounds=1)))
    >>> write(one, folder, "vetsim benchmark", "today")
    >>> sorted(path.name for path in folder.glob("benchmark.*"))
    ['benchmark.csv', 'benchmark.md', 'benchmark.png', 'benchmark.svg']
    """
    from simulation import figures
    from simulation.store import Draft

    tables = measured.tables()
    titles = {result.workload.id: result.workload.title for result in measured.results}
    with Draft(folder) as draft:
        for name, table in tables.items():
            draft.csv(name, table)
        draft.text("benchmark.md", make_page(measured, command, written))
        figures.save(figures.speeds(tables["benchmark"], titles), draft.path("benchmark"))
        draft.publish({"command": command, "written": written, **circumstances()})
