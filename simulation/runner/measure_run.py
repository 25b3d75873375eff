"""Scenarios x replications, measured by a function of one's own and not kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

import pandas as pd

from simulation import engines
from simulation.layout import make_layout
from simulation.records import Records
from simulation.runner.blocks import Block, Task, make_blocks
from simulation.runner.workers import Workers, do_all
from simulation.scenario import Scenario

__all__ = ["measure_runs"]

Measure = Callable[[Scenario, Records], Mapping[str, float]]


@dataclass(frozen=True)
class _Measurement:
    """What all tasks share."""

    scenarios: tuple[Scenario, ...]
    horizon: float
    seed: int
    measure: Measure
    engine: str

    def part(self, _: Block) -> _Measurement:
        """Give all of it: there are few scenarios."""
        return self

    def do(self, block: Block) -> Iterator[tuple[Task, Mapping[str, float] | BaseException]]:
        """Run replications, their books checked, and measure them."""
        scenario = self.scenarios[block.scenario]
        layout = make_layout(scenario, self.horizon)
        for task in block.tasks:
            found = engines.replicate(layout, self.seed, task.replication, self.engine)
            yield task, self.measure(scenario, found.records)


def measure_runs(
    scenarios: Mapping[str, Scenario],
    horizon: float,
    seed: int,
    replications: int,
    measure: Measure,
    *,
    engine: str = engines.ENGINES[0],
    workers: int = 1,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> pd.DataFrame:
    """Run every replication of every scenario and measure its records, which are not stored.

    Parameters
    ----------
    scenarios
        Scenarios by the name under which they appear.
    horizon
        Hours simulated in one run.
    seed, replications
        Key of the random numbers; how many runs of each scenario.
    measure
        A function of a scenario and the records of one run; importable by name, for processes.
    engine
        What runs them.
    workers
        Number of threads on the compiled engine, of processes on the reference; 1 runs here. The results are
        the same for any number.
    progress
        Called with the number of replications done and the number of all, first with 0.

    Returns
    -------
    DataFrame
        Columns scenario, replication and one for each value measured, by scenario and replication.

    Raises
    ------
    Exception
        Whatever goes wrong in a replication, when it goes wrong.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> def served(scenario, records): return {"visits": len(records.visits)}
    >>> measure_runs({"queue": single_queue()}, 24.0, 1, 2, served)["visits"].tolist()
    [213, 216]
    """
    names = tuple(scenarios)
    engines.refuse(scenarios.values(), engine)
    shared = _Measurement(tuple(scenarios.values()), horizon, seed, measure, engine)
    blocks = make_blocks(len(names), replications, engine, workers)
    source = do_all(shared, blocks, Workers(workers, "auto", "", engine))
    found: dict[Task, Mapping[str, float]] = {}
    total = len(names) * replications
    progress(0, total)
    with closing(source):
        for task, values in source:
            if isinstance(values, BaseException):
                raise values
            found[task] = values
            progress(len(found), total)
    return _table(names, found)


def _table(names: Sequence[str], found: Mapping[Task, Mapping[str, float]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"scenario": names[task.scenario], "replication": task.replication, **values}
            for task, values in sorted(found.items())
        ]
    )
