"""Scenarios x replications, and what comes of them."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from simulation.engines import refuse
from simulation.kpis import Tables
from simulation.runner.blocks import Result, Task, make_blocks
from simulation.runner.replicate import Assignment, Measured, everything
from simulation.runner.workers import do_all
from simulation.scenario import Scenario, digest
from simulation.spec import InputError
from simulation.store import Store, sweep
from simulation.study import Study

__all__ = ["Failure", "StudyResults", "run_study"]

Results = Generator[Result[Measured]]


@dataclass(frozen=True)
class Failure:
    """A replication that could not be run."""

    scenario: str
    replication: int
    message: str
    """What went wrong."""
    detail: str
    """Where in the program, for those who mend it."""

    def __str__(self) -> str:
        return f"scenario {self.scenario}, replication {self.replication}: {self.message}"


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
        Processes used.
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
        Number of threads on the compiled engine, of processes on the reference; 1 runs here. The results are
        the same for any number.
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
    sweep(store.folder)
    cast = tuple(scenarios)
    refuse(cast, study.engine)
    blocks = make_blocks(len(cast), study.replications, study.engine, workers)
    crew = min(workers, len(blocks))
    digests = tuple(digest(scenario) for scenario in cast)
    assignment = Assignment(study, cast, digests, store.folder, dict(provenance), keep)
    source = do_all(assignment, blocks, crew, study.engine)
    results: dict[Task, Measured | BaseException] = {}
    interrupted = False
    try:
        with closing(source):
            _gather(source, results, len(cast) * study.replications, progress or (lambda *_: None))
    except KeyboardInterrupt:
        interrupted = True
    measured = {task: found for task, found in sorted(results.items()) if isinstance(found, Measured)}
    return StudyResults(
        study=study,
        scenarios=cast,
        kpis=_together(cast, {task: found.values for task, found in measured.items()}),
        series=_series(cast, measured),
        simulated=sum(not found.loaded for found in measured.values()),
        loaded=sum(found.loaded for found in measured.values()),
        failures=tuple(
            _failure(cast[task.scenario].id, task.replication, found)
            for task, found in sorted(results.items())
            if not isinstance(found, Measured)
        ),
        damaged=tuple(note for found in measured.values() for note in found.damaged),
        seconds=time.perf_counter() - begun,
        workers=crew,
        interrupted=interrupted,
    )


def _gather(
    source: Results,
    results: dict[Task, Measured | BaseException],
    total: int,
    progress: Callable[[int, int], None],
) -> None:
    """Take what comes of the tasks as it comes; what is there when this is interrupted has been taken."""
    progress(0, total)
    for task, found in source:
        if isinstance(found, InputError):
            raise found
        results[task] = found
        progress(len(results), total)


def _failure(scenario: str, replication: int, error: BaseException) -> Failure:
    message = f"{type(error).__name__}: {error}"
    return Failure(scenario, replication, message, "".join(traceback.format_exception(error)))


def _together(scenarios: Sequence[Scenario], frames: Mapping[Task, pd.DataFrame]) -> pd.DataFrame:
    """Stack the frames of all replications, with scenario and replication in front."""
    if not frames:
        return pd.DataFrame()
    sizes = [len(frame) for frame in frames.values()]
    names = pd.Series([scenarios[task.scenario].id for task in frames])
    numbers = pd.Series([task.replication for task in frames])
    stacked = pd.concat(frames.values(), ignore_index=True)
    stacked.insert(0, "scenario", names.repeat(sizes).to_numpy())
    stacked.insert(1, "replication", numbers.repeat(sizes).to_numpy())
    return stacked


def _series(scenarios: Sequence[Scenario], measured: Mapping[Task, Measured]) -> dict[str, pd.DataFrame]:
    names = sorted({name for result in measured.values() for name in result.series})
    return {
        name: _together(scenarios, {t: r.series[name] for t, r in measured.items() if name in r.series})
        for name in names
    }
