"""Replications of one scenario: from the store or from the engine, to KPI values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from simulation import engines, kpis
from simulation.layout import Layout, make_layout
from simulation.roster import make_roster
from simulation.runner.blocks import Block, Task
from simulation.scenario import Scenario
from simulation.store import Measurements, Store, address, shelf
from simulation.study import Study

if TYPE_CHECKING:
    import pandas as pd

    from simulation.kpis.evaluation import Tables

__all__ = ["Assignment", "Measured", "everything", "overall"]


@dataclass(frozen=True)
class Measured:
    """What is kept of a replication: small tables."""

    values: pd.DataFrame
    """KPI values."""
    series: Mapping[str, pd.DataFrame]
    """Series for figures."""
    loaded: bool
    """Whether it came from the store."""
    damaged: tuple[str, ...]
    """Files of the store that could not be used, in words."""


def everything(tables: Tables) -> Tables:
    """Keep all that was measured.

    Examples
    --------
    >>> everything("what was measured")
    'what was measured'
    """
    return tables


def overall(tables: Tables) -> Tables:
    """Keep each KPI over all, not by need, group, team or place, and no series.

    Examples
    --------
    >>> from simulation.kpis.evaluation import Tables
    >>> import pandas as pd
    >>> values = pd.DataFrame({"kpi": "latent", "dimension": ["all", "need"], "value": [6.0, 2.0]})
    >>> overall(Tables(values, {"backlog": values})).values["dimension"].tolist()
    ['all']
    """
    values = tables.values
    return type(tables)(values[values["dimension"] == "all"].reset_index(drop=True), {})


@dataclass(frozen=True)
class Assignment:
    """What all replications of a study share.

    Examples
    --------
    >>> import tempfile
    >>> from simulation.scenario import digest
    >>> from simulation.scenario.examples import single_queue
    >>> study, queue, folder = Study(id="quick", run_length=24), single_queue(), Path(tempfile.mkdtemp())
    >>> shared = Assignment(study, (queue,), (digest(queue),), folder, {})
    >>> [found.loaded for _ in range(2) for _, found in shared.do(Block(0, range(2)))]
    [False, False, True, True]
    """

    study: Study
    scenarios: tuple[Scenario, ...]
    digests: tuple[str, ...]
    """Digest of each scenario."""
    folder: Path
    """Folder of the store."""
    provenance: Mapping[str, str]
    """What to remember with what is stored."""
    keep: Callable[[Tables], Tables] = everything
    """What is kept of what was measured."""

    def do(self, block: Block) -> Iterator[tuple[Task, Measured | BaseException]]:
        """Do the replications of a block that are not in the store yet; keep what was measured of each.

        What has been measured is kept whenever this ends.
        """
        place = _Place(self, block.scenario)
        kept = Measurements(self.folder)
        found = kept.load(place.shelf, block.replications)
        new: dict[int, Tables] = {}
        notes = [*kept.damaged]
        try:
            for task in block.tasks:
                number = task.replication
                try:
                    if number in found and place.complete(number):
                        tables, loaded = found[number], True
                    else:
                        whole, loaded = place.measure(number, notes)
                        new[number] = tables = self.keep(whole)
                except Exception as error:  # noqa: BLE001 - it is reported with its replication
                    yield task, error
                else:
                    yield task, Measured(tables.values, tables.series, loaded, tuple(notes))
                    notes.clear()
        finally:
            if new:
                kept.save(place.shelf, new, self.provenance)


class _Place:
    """Where the replications of one scenario are kept, and its layout, made when it is needed."""

    def __init__(self, shared: Assignment, scenario: int) -> None:
        self._shared = shared
        self._scenario = shared.scenarios[scenario]
        self._digest = shared.digests[scenario]
        self._records = Store(shared.folder)
        study, indices = shared.study, self._scenario.indices
        self.shelf = shelf(self._digest, study.horizon, study.seed, study.window, indices)

    @cached_property
    def _layout(self) -> Layout:
        return make_layout(self._scenario, self._shared.study.horizon)

    def _address(self, number: int) -> str:
        study = self._shared.study
        return address(self._digest, study.horizon, study.seed, number)

    def complete(self, number: int) -> bool:
        """Tell whether the records are there too, if they are to be kept."""
        return not self._shared.study.keep_records or self._records.path(self._address(number)).exists()

    def measure(self, number: int, notes: list[str]) -> tuple[Tables, bool]:
        """Measure a replication; tell whether its records were in the store."""
        study = self._shared.study
        records = self._records.load(self._address(number))
        notes += self._records.damaged
        self._records.damaged.clear()
        if records is not None:
            roster = make_roster(self._layout, study.seed, number)
            return kpis.measure(engines.Replication(self._layout, roster, records), study.window), True
        replication = engines.replicate(self._layout, study.seed, number, study.engine)
        if study.keep_records:
            self._records.save(self._address(number), replication.records, self._shared.provenance)
        return kpis.measure(replication, study.window), False
