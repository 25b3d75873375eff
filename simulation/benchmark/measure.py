"""The whole benchmark: the race on both workloads, what the default comparison costs, and the files."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from simulation.benchmark.comparison import Cost, default_comparison
from simulation.benchmark.page import circumstances, make_page
from simulation.benchmark.race import Result, engines, race
from simulation.benchmark.workloads import QUEUE, REFERRAL

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Benchmark", "run", "write"]

CUSTOMERS = {QUEUE.id: 48_000, REFERRAL.id: 19_200}  # whole days
QUICKLY = 20


@dataclass(frozen=True)
class Benchmark:
    """What was measured.

    Parameters
    ----------
    results
        A line per workload and engine.
    cost
        What the default comparison cost; none when it was not run.
    """

    results: tuple[Result, ...]
    cost: Cost | None

    @property
    def wrong(self) -> list[str]:
        """Answers that are wrong, in words."""
        return [
            f"{result.engine.name}, {result.workload.id}: {result.wrong}"
            for result in self.results
            if result.wrong
        ]

    def table(self) -> pd.DataFrame:
        """Return a row per workload and engine.

        `rate` is customers per second of processor time; `vetsim_over` is how many times as fast vetsim was,
        both as median, lowest and highest over the rounds.
        """
        import pandas as pd

        rows = []
        for result in self.results:
            wait = next(check for check in result.checks if check.about.startswith("mean wait"))
            rows.append(
                {
                    "workload": result.workload.id,
                    "engine": result.engine.name,
                    "does": result.engine.does,
                    "rounds": len(result.rates),
                    "customers": result.customers,
                    "rate": statistics.median(result.rates),
                    "rate_lowest": min(result.rates),
                    "rate_highest": max(result.rates),
                    "vetsim_over": statistics.median(result.behind),
                    "vetsim_over_lowest": min(result.behind),
                    "vetsim_over_highest": max(result.behind),
                    "first_wait": wait.found,
                    "first_wait_known": wait.known,
                    "first_wait_tolerance": wait.tolerance,
                    "answers": result.wrong or "right",
                }
            )
        return pd.DataFrame(rows)


def run(
    rounds: int = 7,
    *,
    quick: bool = False,
    comparison: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Benchmark:
    """Measure the engine beside SimPy and Ciw.

    Parameters
    ----------
    rounds
        Runs of each engine on each workload.
    quick
        Whether to do a twentieth of the work, to see that it works.
    comparison
        Whether to run the default comparison too, which takes minutes.
    progress
        Is told what is being measured.

    Examples
    --------
    >>> run(1, quick=True).wrong
    []
    """
    racing, results = engines(), []
    if len(racing) < 4:
        progress("Ciw is not installed and is left out; it comes with requirements-dev.lock")
    for workload in (QUEUE, REFERRAL):
        customers = CUSTOMERS[workload.id] // (QUICKLY if quick else 1)
        progress(f"{workload.title}: {rounds} round(s) of {customers:,} customers, {len(racing)} engines")
        results += race(workload, racing, customers, rounds)
    cost = None
    if comparison:
        progress("the default comparison, from an empty folder")
        with TemporaryDirectory() as folder:
            cost = default_comparison(Path(folder))
    return Benchmark(tuple(results), cost)


def write(measured: Benchmark, folder: Path, command: str, written: str) -> None:
    """Write table, page and figure into a folder.

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
    >>> write(run(1, quick=True), folder, "vetsim benchmark --quick", "today")
    >>> sorted(path.name for path in folder.glob("*.*"))
    ['benchmark.csv', 'benchmark.md', 'benchmark.png', 'benchmark.svg', 'manifest.json']
    """
    from simulation import figures
    from simulation.store import Draft

    table = measured.table()
    titles = {result.workload.id: result.workload.title for result in measured.results}
    with Draft(folder) as draft:
        draft.csv("benchmark", table)
        draft.text("benchmark.md", make_page(measured.results, measured.cost, command, written))
        figures.save(figures.speeds(table, titles), draft.path("benchmark"))
        draft.publish({"command": command, "written": written, **circumstances()})
