"""Replications on demand: those that a question turns out to need, none of them run twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

import pandas as pd

from simulation.kpis import Tables
from simulation.runner.blocks import divide
from simulation.runner.collecting import Collected, Failure, Running, stacked
from simulation.runner.replicate import overall
from simulation.scenario import Scenario, digest
from simulation.store import Store, shelf, sweep
from simulation.study import Study

__all__ = ["ReplicationsFailedError", "Runs"]


class ReplicationsFailedError(RuntimeError):
    """Some replication that was asked for could not be run; the others are kept."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        super().__init__("\n".join(map(str, failures)))
        self.failures = tuple(failures)
        """Each with what went wrong, and where."""


class Runs:
    """Replications on demand, measured and kept in the store.

    Parameters
    ----------
    study
        Seed and times; how many replications are run is for who asks to say.
    store
        Where what was measured is kept; a store holds what one `keep` keeps.
    workers
        Number of threads on the compiled engine, of processes on the reference; 1 runs here. The results are
        the same for any number.
    progress
        Called with the number of replications done and of all that were asked for so far.
    provenance
        What to remember with new replications.
    keep
        Takes what was measured of a replication and gives what is kept of it, in memory and in the store.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from simulation.scenario.examples import single_queue
    >>> runs = Runs(Study(id="quick", run_length=24), Store(Path(tempfile.mkdtemp())))
    >>> one, two = single_queue(servers=1), single_queue(servers=2).model_copy(update={"id": "two"})
    >>> table = runs.ask([(one, range(2)), (two, range(2))])
    >>> more = runs.ask([(one, range(3))])
    >>> list(table.columns), runs.simulated
    (['scenario', 'replication', 'kpi', 'dimension', 'level', 'value', 'n', 'censored'], 5)
    """

    def __init__(
        self,
        study: Study,
        store: Store,
        *,
        workers: int = 1,
        progress: Callable[[int, int], None] | None = None,
        provenance: Mapping[str, str] = MappingProxyType({}),
        keep: Callable[[Tables], Tables] = overall,
    ) -> None:
        sweep(store.folder)
        self.study = study
        self.simulated = 0
        """Replications that were run."""
        self.loaded = 0
        """Replications that were found in the store."""
        self.damaged: list[str] = []
        """Files of the store that could not be used and were made again, in words."""
        self._running = Running(store, keep, workers, provenance)
        self._progress = progress or (lambda *_: None)
        self._known: dict[tuple[str, int], pd.DataFrame] = {}
        self._asked = 0

    def ask(self, wanted: Sequence[tuple[Scenario, range]], seed: int | None = None) -> pd.DataFrame:
        """Give the KPI values of these replications of these scenarios; those not known yet are run.

        Parameters
        ----------
        wanted
            Scenarios of different ids, each with the numbers of its replications.
        seed
            What the random numbers are keyed by; that of the study unless given. Another seed is fresh luck.

        Returns
        -------
        DataFrame
            Columns scenario (its id), replication, kpi, dimension, level, value, n, censored; in the order in
            which they were asked for.

        Raises
        ------
        ReplicationsFailedError
            When some cannot be run; the others are kept.
        KeyboardInterrupt
            When it was stopped; what was finished is kept.
        InputError
            When a scenario cannot be laid out, or uses what the engine does not have.
        """
        names = [scenario.id for scenario, _ in wanted]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise ValueError(f"wanted: the scenario id {twice!r} occurs twice; give each one of its own")
        study = self.study if seed is None else self.study.model_copy(update={"seed": seed})
        places = [_place(scenario, study) for scenario, _ in wanted]
        self._run(study, wanted, places)
        found = {
            (scenario.id, number): self._known[place, number]
            for (scenario, numbers), place in zip(wanted, places, strict=True)
            for number in numbers
        }
        return stacked(found)

    def _run(self, study: Study, wanted: Sequence[tuple[Scenario, range]], places: Sequence[str]) -> None:
        """Run or load what is not known yet; scenarios that differ by their labels alone are one."""
        cast: dict[str, Scenario] = {}
        missing: dict[str, set[int]] = {}
        for (scenario, numbers), place in zip(wanted, places, strict=True):
            new = {number for number in numbers if (place, number) not in self._known}
            if new:
                cast.setdefault(place, scenario)
                missing.setdefault(place, set()).update(new)
        parts = [(place, part) for place, new in missing.items() for part in _stretches(new)]
        if not parts:
            return
        blocks = divide([part for _, part in parts], study.engine, self._running.workers)
        scenarios = tuple(cast[place] for place, _ in parts)
        found = self._running.collect(study, scenarios, blocks, self._tell)
        self._take([place for place, _ in parts], found)
        if found.interrupted:
            raise KeyboardInterrupt
        if found.failures:
            raise ReplicationsFailedError(found.failures)

    def _tell(self, done: int, total: int) -> None:
        self._progress(self._asked + done, self._asked + total)
        if done == total:
            self._asked += total

    def _take(self, places: Sequence[str], found: Collected) -> None:
        for (scenario, number), one in found.measured.items():
            self._known[places[scenario], number] = one.values
            self.simulated += not one.loaded
            self.loaded += one.loaded
            self.damaged += one.damaged


def _place(scenario: Scenario, study: Study) -> str:
    return shelf(digest(scenario), study.horizon, study.seed, study.window, scenario.indices)


def _stretches(numbers: set[int]) -> Iterator[range]:
    """Give numbers as ranges without gaps."""
    ordered = sorted(numbers)
    breaks = [place for place, (one, after) in enumerate(pairwise(ordered), 1) if after > one + 1]
    for low, high in pairwise([0, *breaks, len(ordered)]):
        yield range(ordered[low], ordered[high - 1] + 1)
