"""Replications of one scenario: from the engine, or from kept records, to KPI values."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from simulation import engines, kpis
from simulation.layout import Layout, make_layout
from simulation.roster import make_roster
from simulation.runner.blocks import Block, Task
from simulation.scenario import Scenario
from simulation.store import Store, address
from simulation.study import Study

if TYPE_CHECKING:
    from simulation.kpis.evaluation import Tables
    from simulation.records import Records

__all__ = ["Assignment", "Measured", "everything", "overall"]

KEPT = 24
"""Layouts that a worker keeps: as many as the default study has scenarios."""


@dataclass(frozen=True)
class Measured:
    """What came of a replication.

    Parameters
    ----------
    tables
        What is kept of what was measured.
    loaded
        Whether it came from the store: what was measured, or the records that it was measured of.
    damaged
        Files of the store that could not be used, in words.
    records
        Its records, where they are new and are to be kept.
    """

    tables: Tables
    loaded: bool
    damaged: tuple[str, ...] = ()
    records: Records | None = None


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
    >>> from simulation.scenario import digest
    >>> from simulation.scenario.examples import single_queue
    >>> study, queue = Study(id="quick", run_length=24), single_queue()
    >>> shared = Assignment(study, {0: queue}, {0: digest(queue)}, None)
    >>> [found.loaded for _, found in shared.do(Block(0, range(2)))]
    [False, False]
    """

    study: Study
    scenarios: Mapping[int, Scenario]
    digests: Mapping[int, str]
    """Digest of each scenario."""
    folder: Path | None
    """Folder of the store; where a worker cannot reach it, it simulates what it would find there."""
    keep: Callable[[Tables], Tables] = everything
    """What is kept of what was measured."""

    def part(self, block: Block) -> Assignment:
        """Give what one block needs of it."""
        place = block.scenario
        return replace(self, scenarios={place: self.scenarios[place]}, digests={place: self.digests[place]})

    def do(self, block: Block) -> Iterator[tuple[Task, Measured | BaseException]]:
        """Do the replications of a block."""
        place = _Place(self, block.scenario)
        for task in block.tasks:
            try:
                found = place.measure(task.replication)
            except Exception as error:  # noqa: BLE001 - it is reported with its replication
                yield task, error
            else:
                yield task, found


class _Place:
    """One scenario, its records if they are kept, and its layout, made when it is needed."""

    def __init__(self, shared: Assignment, scenario: int) -> None:
        self._shared = shared
        self._scenario = shared.scenarios[scenario]
        self._digest = shared.digests[scenario]
        self._store = Store(shared.folder) if shared.folder else None

    @cached_property
    def _layout(self) -> Layout:
        return _laid_out(self._scenario, self._digest, self._shared.study.horizon)

    def measure(self, number: int) -> Measured:
        """Measure a replication: its records from the store, or from the engine."""
        study, keep = self._shared.study, self._shared.keep
        damaged: Sequence[str] = ()
        if self._store is not None:
            records = self._store.load(address(self._digest, study.horizon, study.seed, number))
            damaged = tuple(self._store.damaged)
            self._store.damaged.clear()
            if records is not None:
                roster = make_roster(self._layout, study.seed, number)
                replication = engines.Replication(self._layout, roster, records)
                return Measured(keep(kpis.measure(replication, study.window)), True, tuple(damaged))
        replication = engines.replicate(self._layout, study.seed, number, study.engine)
        tables = keep(kpis.measure(replication, study.window))
        return Measured(tables, False, tuple(damaged), replication.records if study.keep_records else None)


class _Drawer(threading.local):
    """Layouts that a worker may need again; each thread has its own, so that none is written to by two."""

    def __init__(self) -> None:
        self.layouts: OrderedDict[tuple[str, str, float], Layout] = OrderedDict()


_drawer = _Drawer()


def _laid_out(scenario: Scenario, mark: str, horizon: float) -> Layout:
    """Return the layout of a scenario; those of the last few are kept (a megabyte each, for a district)."""
    layouts = _drawer.layouts
    key = mark, scenario.indices.model_dump_json(), horizon  # the digest leaves out what only KPIs read
    if key not in layouts:
        layouts[key] = make_layout(scenario, horizon)
    layouts.move_to_end(key)
    while len(layouts) > KEPT:
        layouts.popitem(last=False)
    return layouts[key]
