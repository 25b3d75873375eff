"""Replications as they come: taken, told, and stacked into tables."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

import pandas as pd

from simulation.engines import refuse
from simulation.kpis import Tables
from simulation.runner.blocks import Task, divide
from simulation.runner.keeping import Keeping
from simulation.runner.replicate import Assignment, Measured
from simulation.runner.workers import Workers, do_all
from simulation.scenario import Scenario
from simulation.spec import InputError
from simulation.store import Store
from simulation.study import Study

__all__ = ["Collected", "Failure", "Running", "stacked"]


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
class Collected:
    """What came of blocks of replications."""

    measured: Mapping[Task, Measured]
    """By scenario and replication, in that order."""
    failures: tuple[Failure, ...]
    """Replications that could not be run."""
    damaged: tuple[str, ...]
    """Files of the store that could not be used and were made again, in words."""
    interrupted: bool
    """Whether it was stopped before all were done."""


@dataclass(frozen=True)
class Running:
    """How replications are run and kept, whichever are wanted.

    Parameters
    ----------
    store
        Where what was measured is kept, and the records if the study says so.
    keep
        What is kept of what was measured.
    workers
        How many work at the same time.
    provenance
        What to remember with what is stored.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from simulation.runner.replicate import everything
    >>> from simulation.scenario.examples import single_queue
    >>> running = Running(Store(Path(tempfile.mkdtemp())), everything, 1, {})
    >>> study = Study(id="quick", run_length=24)
    >>> len(running.collect(study, (single_queue(),), [range(2)], lambda *_: None).measured)
    2
    """

    store: Store
    keep: Callable[[Tables], Tables]
    workers: int
    provenance: Mapping[str, str]

    def collect(
        self,
        study: Study,
        scenarios: tuple[Scenario, ...],
        wanted: Sequence[Collection[int]],
        progress: Callable[[int, int], None],
    ) -> Collected:
        """Take from the store what is there, and run, measure and keep the rest, as it comes.

        A replication that fails is reported and the others go on. Ctrl-C ends it; what has been finished by
        then is in the store, and among what is returned. The workers compute, and only this process writes.

        Parameters
        ----------
        study
            Seed, times, engine, and who works.
        scenarios
            Scenarios; those that differ by their labels alone should be one.
        wanted
            Numbers of the replications of each.
        progress
            Called with the number of replications done and the number of all, first with 0.

        Raises
        ------
        InputError
            When a scenario cannot be laid out over the time of the study, or uses what the engine lacks.
        KeepingError
            When the disk does not take what was measured.
        WorkersGoneError
            When nobody is left to do the work.
        """
        refuse(scenarios, study.engine)
        keeping = Keeping(study, scenarios, self.store, {"study": study.id, **self.provenance})
        total = sum(map(len, wanted))
        progress(0, total)
        found: dict[Task, Measured | BaseException] = {}
        interrupted = False
        try:
            for scenario, numbers in enumerate(wanted):
                found |= keeping.take(scenario, numbers)
                if found:
                    progress(len(found), total)
            missing = [
                [number for number in numbers if Task(scenario, number) not in found]
                for scenario, numbers in enumerate(wanted)
            ]
            for task, one in self._run(study, scenarios, missing, keeping):
                found[task] = one
                progress(len(found), total)
        except KeyboardInterrupt:
            interrupted = True
        ordered = sorted(found.items())
        return Collected(
            {task: one for task, one in ordered if isinstance(one, Measured)},
            tuple(_failure(scenarios, task, one) for task, one in ordered if not isinstance(one, Measured)),
            tuple(keeping.damaged),
            interrupted,
        )

    def _run(
        self,
        study: Study,
        scenarios: tuple[Scenario, ...],
        missing: Sequence[Collection[int]],
        keeping: Keeping,
    ) -> Iterator[tuple[Task, Measured | BaseException]]:
        """Run what is missing; keep each block once it is complete, and what there is when this ends."""
        workers = Workers.of(study, self.workers)
        blocks = divide(missing, study.engine, workers.count)
        if not blocks:
            return
        folder = self.store.folder if self.store.folder.exists() else None
        digests = dict(enumerate(keeping.digests))
        job = Assignment(study, dict(enumerate(scenarios)), digests, folder, self.keep)
        with keeping.blocks(blocks), closing(do_all(job, blocks, workers)) as source:
            for task, one in source:
                if isinstance(one, InputError):
                    raise one
                yield task, keeping.put(task, one)


def stacked(frames: Mapping[tuple[str, int], pd.DataFrame]) -> pd.DataFrame:
    """Stack the frames of replications, with scenario and replication in front.

    Parameters
    ----------
    frames
        Frames of the same columns, by id of the scenario and number of the replication.

    Examples
    --------
    >>> one = pd.DataFrame({"value": [1.0]})
    >>> stacked({("baseline", 0): one, ("more", 0): one}).values.tolist()
    [['baseline', 0, 1.0], ['more', 0, 1.0]]
    """
    if not frames:
        return pd.DataFrame()
    sizes = [len(frame) for frame in frames.values()]
    table = pd.concat(frames.values(), ignore_index=True)
    for place, name in enumerate(("scenario", "replication")):
        keys = pd.Series([key[place] for key in frames])
        table.insert(place, name, keys.repeat(sizes).to_numpy())
    return table


def _failure(scenarios: Sequence[Scenario], task: Task, error: BaseException) -> Failure:
    message = f"{type(error).__name__}: {error}"
    detail = "".join(traceback.format_exception(error))
    return Failure(scenarios[task.scenario].id, task.replication, message, detail)
