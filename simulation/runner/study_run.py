"""Scenarios x replications, and what comes of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from simulation.kpis import Tables
from simulation.runner.collecting import Failure, Running, stacked
from simulation.runner.replicate import Measured, everything
from simulation.scenario import Scenario
from simulation.store import Store, clear_unfinished
from simulation.study import Study

__all__ = ["StudyResults", "run_study"]


@dataclass(frozen=True)
class StudyResults:
    """What came of a study; rows are ordered by scenario and replication, whatever finished first.

    Parameters
    ----------
    study, scenarios
        What was run.
    kpis
        Columns scenario, replication, kpi, dimension, level, value, n, censored.
    series
        Frames for figures by name, each with the columns scenario and replication in front.
    simulated, loaded
        Replications that were run, and that were found in the store.
    failures
        Replications that could not be run.
    damaged
        Files of the store that could not be used and were made again, in words.
    seconds
        Run time.
    workers
        How many could work at the same time.
    interrupted
        Whether the run was stopped before it was complete.
    """

    study: Study
    scenarios: tuple[Scenario, ...]
    kpis: pd.DataFrame
    series: Mapping[str, pd.DataFrame]
    simulated: int
    loaded: int
    failures: tuple[Failure, ...]
    damaged: tuple[str, ...]
    seconds: float
    workers: int
    interrupted: bool


def run_study(
    study: Study,
    scenarios: Sequence[Scenario],
    store: Store,
    *,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
    provenance: Mapping[str, str] = MappingProxyType({}),
    keep: Callable[[Tables], Tables] = everything,
) -> StudyResults:
    """Run and measure every replication of every scenario that is not in the store yet.

    The first few replications of all scenarios come first, so that whenever the run ends most pairs are
    complete. A replication that fails is reported and the others go on. Ctrl-C ends the run; what has been
    finished is in the store, and running again goes on from there.

    Parameters
    ----------
    study
        Replications, seed and times.
    scenarios
        Scenarios, the baseline first.
    store
        Where what was measured is kept, and the records if the study says so.
    workers
        Number of threads or processes, as the study says; 1 runs here. The results are the same for any
        number.
    progress
        Called with the number of replications done and the number of all, first with 0.
    provenance
        What to remember with new records.
    keep
        Takes what was measured of a replication and gives what is kept of it, in memory and in the store; a
        store holds what one such function keeps. Importable by name, for processes.

    Raises
    ------
    InputError
        When a scenario cannot be laid out over the time of the study, or uses what the engine does not have.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from simulation.scenario.examples import single_queue
    >>> study = Study(id="quick", run_length=24, replications=2)
    >>> results = run_study(study, [single_queue()], Store(Path(tempfile.mkdtemp())))
    >>> results.simulated, results.loaded, results.interrupted
    (2, 0, False)
    """
    begun = time.perf_counter()
    clear_unfinished(store.folder)
    cast = tuple(scenarios)
    running = Running(store, keep, workers, provenance)
    wanted = [range(study.replications)] * len(cast)
    found = running.collect(study, cast, wanted, progress or (lambda *_: None))
    measured = {(cast[task.scenario].id, task.replication): one for task, one in found.measured.items()}
    return StudyResults(
        study=study,
        scenarios=cast,
        kpis=stacked({key: one.tables.values for key, one in measured.items()}),
        series=_series(measured),
        simulated=sum(not one.loaded for one in measured.values()),
        loaded=sum(one.loaded for one in measured.values()),
        failures=found.failures,
        damaged=found.damaged,
        seconds=time.perf_counter() - begun,
        workers=workers,
        interrupted=found.interrupted,
    )


def _series(measured: Mapping[tuple[str, int], Measured]) -> dict[str, pd.DataFrame]:
    names = sorted({name for one in measured.values() for name in one.tables.series})
    return {
        name: stacked(
            {key: one.tables.series[name] for key, one in measured.items() if name in one.tables.series}
        )
        for name in names
    }
