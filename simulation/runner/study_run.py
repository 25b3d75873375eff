"""Scenarios x replications, and what comes of them."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from simulation.runner.processes import in_processes
from simulation.runner.replicate import Assignment, Measured, Task, replicate
from simulation.scenario import Scenario, digest
from simulation.spec import InputError
from simulation.store import Store, sweep
from simulation.study import Study

__all__ = ["Failure", "StudyResults", "run_study"]

Results = Generator[tuple[Task, Measured | BaseException]]


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
) -> StudyResults:
    """Run every replication of every scenario that is not in the store yet, and measure all.

    All scenarios of replication 0 come first, then those of replication 1, so that whenever the run ends the
    pairs are complete. A replication that fails is reported and the others go on. Ctrl-C ends the run; what
    has been finished is in the store, and running again goes on from there.

    Parameters
    ----------
    study
        Replications, seed and times.
    scenarios
        Scenarios, the baseline first.
    store
        Where records are kept.
    workers
        Number of processes; 1 runs in this one. The results are the same for any number.
    progress
        Called with the number of replications done and the number of all, first with 0.
    provenance
        What to remember with new records.

    Raises
    ------
    InputError
        When a scenario cannot be laid out over the time of the study.

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
    tasks = [Task(index, number) for number in range(study.replications) for index in range(len(cast))]
    digests = tuple(digest(scenario) for scenario in cast)
    assignment = Assignment(study, cast, digests, store.folder, dict(provenance))
    crew = min(workers, len(tasks))
    source = in_processes(assignment, tasks, crew) if crew > 1 else _in_this_process(assignment, tasks)
    results: dict[Task, Measured | BaseException] = {}
    interrupted = False
    try:
        with closing(source):
            _gather(source, results, len(tasks), progress or (lambda *_: None))
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


def _in_this_process(assignment: Assignment, tasks: Sequence[Task]) -> Results:
    for task in tasks:
        try:
            result: Measured | BaseException = replicate(assignment, task)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is reported with its replication
            result = error
        yield task, result


def _failure(scenario: str, replication: int, error: BaseException) -> Failure:
    message = f"{type(error).__name__}: {error}"
    return Failure(scenario, replication, message, "".join(traceback.format_exception(error)))


def _together(scenarios: Sequence[Scenario], frames: Mapping[Task, pd.DataFrame]) -> pd.DataFrame:
    """Stack the frames of all replications, with scenario and replication in front."""
    labelled = []
    for task, frame in frames.items():
        labels = {"scenario": scenarios[task.scenario].id, "replication": task.replication}
        labelled.append(pd.DataFrame({**labels, **{name: frame[name] for name in frame.columns}}))
    return pd.concat(labelled, ignore_index=True) if labelled else pd.DataFrame()


def _series(scenarios: Sequence[Scenario], measured: Mapping[Task, Measured]) -> dict[str, pd.DataFrame]:
    names = sorted({name for result in measured.values() for name in result.series})
    return {
        name: _together(scenarios, {t: r.series[name] for t, r in measured.items() if name in r.series})
        for name in names
    }
