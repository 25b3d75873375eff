"""What is kept of a run: taken from the store, and put there block by block."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from simulation.kpis import Tables
from simulation.runner.blocks import Block, Task
from simulation.runner.replicate import Measured
from simulation.scenario import Scenario, digest
from simulation.store import Measurements, Store, address, shelf
from simulation.study import Study

__all__ = ["Keeping", "KeepingError"]


class KeepingError(RuntimeError):
    """The disk does not take what was measured."""


class Keeping:
    """The store, for one study.

    Parameters
    ----------
    study
        Seed and times, and whether records are kept.
    scenarios
        Scenarios, by their number in what is run.
    store
        Where.
    provenance
        What to remember with what is new.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from simulation.scenario.examples import single_queue
    >>> study = Study(id="quick", run_length=24)
    >>> Keeping(study, [single_queue()], Store(Path(tempfile.mkdtemp())), {}).take(0, range(3))
    {}
    """

    def __init__(
        self, study: Study, scenarios: Sequence[Scenario], store: Store, provenance: Mapping[str, str]
    ) -> None:
        self._study, self._store, self._provenance = study, store, provenance
        self._measurements = Measurements(store.folder)
        self._ids = [scenario.id for scenario in scenarios]
        self.digests = tuple(digest(scenario) for scenario in scenarios)
        self._shelves = [
            shelf(mark, study.horizon, study.seed, study.window, scenario.indices)
            for mark, scenario in zip(self.digests, scenarios, strict=True)
        ]
        self.damaged = self._measurements.damaged
        """Files that could not be used, in words."""
        self._of: dict[Task, Block] = {}
        self._open: dict[Block, dict[int, Tables | None]] = {}

    def take(self, scenario: int, numbers: Collection[int]) -> dict[Task, Measured]:
        """Return what is there of the wanted replications of a scenario."""
        if self._study.keep_records:
            numbers = [
                number for number in numbers if self._store.path(self._address(scenario, number)).exists()
            ]
        found = self._measurements.load(self._shelves[scenario], numbers)
        return {Task(scenario, number): Measured(tables, True) for number, tables in sorted(found.items())}

    @contextmanager
    def blocks(self, blocks: Sequence[Block]) -> Iterator[None]:
        """Say which blocks are to come. What there is of them when this ends is kept, whatever ends it."""
        self._of = {task: block for block in blocks for task in block.tasks}
        self._open = {block: {} for block in blocks}
        try:
            yield
        except KeepingError:
            raise
        except BaseException:
            self._rest()
            raise
        self._rest()

    def put(self, task: Task, found: Measured | BaseException) -> Measured | BaseException:
        """Keep what came of a replication, its block once it is complete; give it back without records."""
        block, tables = self._of.pop(task), None
        if isinstance(found, Measured):
            tables = found.tables
            self.damaged += found.damaged
            if found.records is not None:
                with _on_disk():
                    self._store.save(self._address(*task), found.records, self._about(task.scenario))
                found = replace(found, records=None)
        self._open[block][task.replication] = tables
        if len(self._open[block]) == len(block.replications):
            self._keep(block)
        return found

    def _rest(self) -> None:
        for block in list(self._open):
            self._keep(block)

    def _keep(self, block: Block) -> None:
        there = {number: tables for number, tables in self._open.pop(block).items() if tables is not None}
        with _on_disk():
            self._measurements.save(self._shelves[block.scenario], there, self._about(block.scenario))

    def _about(self, scenario: int) -> dict[str, str]:
        return {"scenario": self._ids[scenario], **self._provenance}

    def _address(self, scenario: int, number: int) -> str:
        return address(self.digests[scenario], self._study.horizon, self._study.seed, number)


@contextmanager
def _on_disk() -> Iterator[None]:
    """Turn what the disk says into an error that says what to do."""
    try:
        yield
    except OSError as error:
        said = error.strerror or str(error)
        message = f"what was measured cannot be kept ({said}); make room, and give the same command again"
        raise KeepingError(message) from error
