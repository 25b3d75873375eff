"""Replications on demand: those that a question turns out to need, none of them run twice."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

import pandas as pd

from simulation.kpis import Tables
from simulation.runner.collecting import Collected, Failure, Running, stacked
from simulation.runner.replicate import overall
from simulation.scenario import Scenario, digest
from simulation.store import Measurements, Store, clear_unfinished, shelf
from simulation.study import Study

__all__ = ["Asked", "ReplicationsFailedError", "Runs"]

NOTHING = Collected({}, (), (), False)


class ReplicationsFailedError(RuntimeError):
    """Some replication that was asked for could not be run; the others are kept."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        super().__init__("\n".join(map(str, failures)))
        self.failures = tuple(failures)
        """Each with what went wrong, and where."""


class Asked(NamedTuple):
    """What came of replications that were asked for."""

    values: pd.DataFrame
    """As `Runs.ask` gives them, without those that failed."""
    failures: tuple[Failure, ...]
    """Those that failed."""


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
        clear_unfinished(store.folder)
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
        self._expected = 0

    def expect(self, more: int) -> None:
        """Say how many more replications will be asked for in all, so that progress can tell what is left.

        Parameters
        ----------
        more
            Replications; negative for those that will not be asked for after all.

        Examples
        --------
        >>> import tempfile
        >>> from pathlib import Path
        >>> from simulation.scenario.examples import single_queue
        >>> seen = []
        >>> store, study = Store(Path(tempfile.mkdtemp())), Study(id="quick", run_length=24)
        >>> runs = Runs(study, store, progress=lambda done, total: seen.append((done, total)))
        >>> runs.expect(4)
        >>> _ = runs.once([(single_queue(), range(2))])
        >>> seen
        [(0, 4), (1, 4), (2, 4)]
        """
        self._expected += more

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
        study = self.study if seed is None else self.study.model_copy(update={"seed": seed})
        named = _named(wanted, study)
        cast, numbers = _together(named)
        missing = {
            place: {number for number in some if (place, number) not in self._known}
            for place, some in numbers.items()
        }
        found = self._collect(study, cast, {place: new for place, new in missing.items() if new})
        self._known |= found.values
        if found.failures:
            raise ReplicationsFailedError(list(found.failures.values()))
        return stacked(
            {
                (scenario.id, number): self._known[place, number]
                for place, scenario, some in named
                for number in some
            }
        )

    def once(self, wanted: Sequence[tuple[Scenario, range]]) -> Asked:
        """Give these replications, and beside them those that failed; nothing is remembered of them here.

        For sweeps, in which each is asked for once, there are many, and one that fails stops none.

        Parameters
        ----------
        wanted
            As for `ask`.

        Raises
        ------
        KeyboardInterrupt, InputError
            As `ask` does.

        Examples
        --------
        >>> import tempfile
        >>> from pathlib import Path
        >>> from simulation.scenario.examples import single_queue
        >>> runs = Runs(Study(id="quick", run_length=24), Store(Path(tempfile.mkdtemp())))
        >>> asked = runs.once([(single_queue(), range(2))])
        >>> sorted(set(asked.values["replication"])), asked.failures
        ([0, 1], ())
        """
        named = _named(wanted, self.study)
        found = self._collect(self.study, *_together(named))
        each = [(place, scenario, number) for place, scenario, some in named for number in some]
        return Asked(
            stacked(
                {(one.id, n): found.values[place, n] for place, one, n in each if (place, n) in found.values}
            ),
            tuple(
                replace(found.failures[place, n], scenario=one.id)
                for place, one, n in each
                if (place, n) in found.failures
            ),
        )

    def there(self, scenario: Scenario) -> set[int]:
        """Tell which replications of a scenario seem to be in the store; nothing is read or run.

        Examples
        --------
        >>> import tempfile
        >>> from pathlib import Path
        >>> from simulation.scenario.examples import single_queue
        >>> Runs(Study(id="quick", run_length=24), Store(Path(tempfile.mkdtemp()))).there(single_queue())
        set()
        """
        [(place, _, _)] = _named([(scenario, range(0))], self.study)
        return Measurements(self._running.store.folder).numbers(place)

    def _collect(
        self, study: Study, cast: Mapping[str, Scenario], numbers: Mapping[str, Collection[int]]
    ) -> _Found:
        """Run or load replications of scenarios by their places; count what was done."""
        places = list(numbers)
        scenarios = tuple(cast[place] for place in places)
        found = (
            self._running.collect(study, scenarios, list(numbers.values()), self._tell) if places else NOTHING
        )
        for one in found.measured.values():
            self.simulated += not one.loaded
            self.loaded += one.loaded
        self.damaged += found.damaged
        values = {
            (places[task.scenario], task.replication): one.tables.values
            for task, one in found.measured.items()
        }
        if found.interrupted:
            self._known |= values
            raise KeyboardInterrupt
        ids = {scenario.id: place for place, scenario in zip(places, scenarios, strict=True)}
        failures = {(ids[one.scenario], one.replication): one for one in found.failures}
        return _Found(values, failures)

    def _tell(self, done: int, total: int) -> None:
        self._progress(self._asked + done, max(self._asked + total, self._expected))
        if done == total:
            self._asked += total


class _Found(NamedTuple):
    """What came of replications, by the place of their scenario and their number."""

    values: dict[tuple[str, int], pd.DataFrame]
    failures: dict[tuple[str, int], Failure]


def _named(wanted: Sequence[tuple[Scenario, range]], study: Study) -> list[tuple[str, Scenario, range]]:
    """Give each scenario with the place of what is measured of it."""
    names = [scenario.id for scenario, _ in wanted]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"wanted: the scenario id {twice!r} occurs twice; give each one of its own")
    return [
        (
            shelf(digest(one), study.horizon, study.seed, study.window, one.indices).address,
            one,
            numbers,
        )
        for one, numbers in wanted
    ]


def _together(
    named: Sequence[tuple[str, Scenario, range]],
) -> tuple[dict[str, Scenario], dict[str, set[int]]]:
    """Put together what is wanted of scenarios that differ by their labels alone: they are one."""
    cast: dict[str, Scenario] = {}
    numbers: dict[str, set[int]] = {}
    for place, scenario, some in named:
        cast.setdefault(place, scenario)
        numbers.setdefault(place, set()).update(some)
    return cast, numbers
