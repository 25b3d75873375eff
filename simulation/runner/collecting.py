"""Replications as they come: taken, told, and stacked into tables."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

import pandas as pd

from simulation.engines import refuse
from simulation.kpis import Tables
from simulation.runner.blocks import Block, Task
from simulation.runner.replicate import Assignment, Measured
from simulation.runner.workers import do_all
from simulation.scenario import Scenario, digest
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
    >>> study, blocks = Study(id="quick", run_length=24), [Block(0, range(2))]
    >>> len(running.collect(study, (single_queue(),), blocks, lambda *_: None).measured)
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
        blocks: Sequence[Block],
        progress: Callable[[int, int], None],
    ) -> Collected:
        """Run and measure what is not in the store yet, and take what comes of each task as it comes.

        A replication that fails is reported and the others go on. Ctrl-C ends it; what has been finished by
        then is in the store, and among what is returned.

        Raises
        ------
        InputError
            When a scenario cannot be laid out over the time of the study, or uses what the engine lacks.
        """
        refuse(scenarios, study.engine)
        digests = tuple(digest(scenario) for scenario in scenarios)
        job = Assignment(study, scenarios, digests, self.store.folder, dict(self.provenance), self.keep)
        source = do_all(job, blocks, min(self.workers, len(blocks)), study.engine)
        found: dict[Task, Measured | BaseException] = {}
        total = sum(len(block.replications) for block in blocks)
        interrupted = False
        try:
            with closing(source):
                progress(0, total)
                for task, one in source:
                    if isinstance(one, InputError):
                        raise one
                    found[task] = one
                    progress(len(found), total)
        except KeyboardInterrupt:
            interrupted = True
        ordered = sorted(found.items())
        return Collected(
            {task: one for task, one in ordered if isinstance(one, Measured)},
            tuple(_failure(scenarios, task, one) for task, one in ordered if not isinstance(one, Measured)),
            interrupted,
        )


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
