"""One replication of one scenario: from the store or from the engine, to KPI values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from simulation import engines, kpis
from simulation.layout import make_layout
from simulation.roster import make_roster
from simulation.scenario import Scenario
from simulation.store import Store, address
from simulation.study import Study

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Assignment", "Measured", "Task", "replicate"]


class Task(NamedTuple):
    """Which scenario, by its number in the study, and which replication."""

    scenario: int
    replication: int


@dataclass(frozen=True)
class Assignment:
    """What all tasks of a study share."""

    study: Study
    scenarios: tuple[Scenario, ...]
    digests: tuple[str, ...]
    """Digest of each scenario."""
    folder: Path
    """Folder of the store."""
    provenance: Mapping[str, str]
    """What to remember with new records."""

    def do(self, task: Task) -> Measured:
        """Do one task."""
        return replicate(self, task)


@dataclass(frozen=True)
class Measured:
    """What is kept of a replication: small tables."""

    values: pd.DataFrame
    """KPI values."""
    series: Mapping[str, pd.DataFrame]
    """Series for figures."""
    loaded: bool
    """Whether the records came from the store."""
    damaged: tuple[str, ...]
    """Files of the store that could not be used, in words."""


def replicate(assignment: Assignment, task: Task) -> Measured:
    """Load or simulate one replication, keep its records, and measure them.

    Parameters
    ----------
    assignment
        Study, scenarios and store.
    task
        Which replication of which scenario.

    Raises
    ------
    ConservationError
        When the engine lost or invented cases; nothing is stored then.

    Examples
    --------
    >>> import tempfile
    >>> from simulation.scenario import digest
    >>> from simulation.scenario.examples import single_queue
    >>> queue, folder = single_queue(), Path(tempfile.mkdtemp())
    >>> shared = Assignment(Study(id="quick", run_length=24), (queue,), (digest(queue),), folder, {})
    >>> replicate(shared, Task(0, 0)).loaded, replicate(shared, Task(0, 0)).loaded
    (False, True)
    """
    study, scenario = assignment.study, assignment.scenarios[task.scenario]
    store = Store(assignment.folder)
    place = address(assignment.digests[task.scenario], study.horizon, study.seed, task.replication)
    layout = make_layout(scenario, study.horizon)
    records = store.load(place)
    loaded = records is not None
    if records is None:
        replication = engines.replicate(layout, study.seed, task.replication)
        store.save(place, replication.records, assignment.provenance)
    else:
        replication = engines.Replication(layout, make_roster(layout, study.seed, task.replication), records)
    tables = kpis.measure(replication, study.window)
    return Measured(tables.values, tables.series, loaded, damaged=tuple(store.damaged))
