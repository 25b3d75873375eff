"""Scenarios x replications, measured by a function of one's own and not kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

import pandas as pd

from simulation import engines
from simulation.records import Records
from simulation.runner.processes import in_processes
from simulation.runner.replicate import Task
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

    def do(self, task: Task) -> Mapping[str, float]:
        """Run a replication, check its books and measure it."""
        scenario = self.scenarios[task.scenario]
        records = engines.simulate(scenario, self.horizon, self.seed, task.replication)
        records.check()
        return self.measure(scenario, records)


def measure_runs(
    scenarios: Mapping[str, Scenario],
    horizon: float,
    seed: int,
    replications: int,
    measure: Measure,
    *,
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
        A function, importable by name, of a scenario and the records of one run.
    workers
        Number of processes; 1 runs in this one. The results are the same for any number.
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
    shared = _Measurement(tuple(scenarios.values()), horizon, seed, measure)
    tasks = [Task(index, number) for number in range(replications) for index in range(len(names))]
    crew = min(workers, len(tasks))
    source = in_processes(shared, tasks, crew) if crew > 1 else ((task, shared.do(task)) for task in tasks)
    found: dict[Task, Mapping[str, float]] = {}
    progress(0, len(tasks))
    with closing(source):
        for task, values in source:
            if isinstance(values, BaseException):
                raise values
            found[task] = values
            progress(len(found), len(tasks))
    return _table(names, found)


def _table(names: Sequence[str], found: Mapping[Task, Mapping[str, float]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"scenario": names[task.scenario], "replication": task.replication, **values}
            for task, values in sorted(found.items())
        ]
    )
