"""What several futures give: which unknowns to put where, and the outcomes of all policies in each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from simulation.assumptions import Unknown
from simulation.kpis import Kpi
from simulation.procedures.targets import Target
from simulation.runner import Runs
from simulation.spec import InputError, Problem
from simulation.study import Design

__all__ = ["Drawn", "Ends", "Imagine", "Outcomes", "bearing", "matching", "outcomes"]

Imagine = Callable[[Mapping[Unknown, float], Sequence[str]], Design]
"""Gives the design in which unknowns have these values, with the policies that are named."""
BATCH = 12
"""Futures that are in memory at a time."""


@dataclass(frozen=True)
class Outcomes:
    """What came out.

    Parameters
    ----------
    values
        The KPI that decides: futures x policies x replications, the baseline first.
    aimed
        The same for the KPI of each target.
    """

    values: NDArray[np.float64]
    aimed: tuple[NDArray[np.float64], ...]


def bearing(unknown: Unknown, kpi: Kpi, policies: frozenset[str]) -> bool:
    """Tell whether an unknown can bear on how these policies compare.

    What only other policies carry cannot; prices bear on money alone, and weights of an index on that index.

    Examples
    --------
    >>> from simulation.kpis import REGISTRY
    >>> price = Unknown("channels.phone.cost", "price", ("channels.phone.cost",), 1, 2, False, 1)
    >>> bearing(price, REGISTRY[0], frozenset())
    False
    """
    if unknown.policies and not policies & set(unknown.policies):
        return False
    ends = {path.rpartition(".")[2] for path in unknown.paths}
    if all(end.startswith("cost") or end.endswith("cost") for end in ends):
        return "yuan" in kpi.unit
    if all(path.startswith("indices.") for path in unknown.paths):
        return any(path.startswith(f"indices.{kpi.id}") for path in unknown.paths)
    return True


def matching(unknowns: Sequence[Unknown], patterns: Sequence[str]) -> tuple[Unknown, ...]:
    """Give the unknowns that patterns name: a dotted name of any of their places, or words of what they mean.

    Raises
    ------
    InputError
        With every pattern that names nothing.

    Examples
    --------
    >>> rate = Unknown("needs.a.arrivals.rate", "How many", ("needs.a.arrivals.rate",), 0.5, 2, True, 1)
    >>> matching([rate], ["*.rate"]) == matching([rate], ["how many"]) == (rate,)
    True
    """
    found = {pattern: [one for one in unknowns if _named(one, pattern)] for pattern in patterns}
    missing = [pattern for pattern, some in found.items() if not some]
    if missing:
        remedy = "names no assumption with a range; vetsim show prints them, * stands for anything"
        raise InputError([Problem("--assumptions", pattern, remedy) for pattern in missing])
    chosen = {one.id for some in found.values() for one in some}
    return tuple(one for one in unknowns if one.id in chosen)


def _named(unknown: Unknown, pattern: str) -> bool:
    bare = pattern.removeprefix("scenario.")
    return pattern.lower() in unknown.what.lower() or any(fnmatch(path, bare) for path in unknown.paths)


class Ends:
    """Each unknown alone, at the lowest and the highest value of its range; the refused are remembered.

    Examples
    --------
    >>> list(Ends([], lambda values, names: None, []))
    []
    """

    def __init__(self, unknowns: Sequence[Unknown], imagine: Imagine, ids: Sequence[str]) -> None:
        self.unknowns, self.imagine, self.ids = unknowns, imagine, ids
        self.read: list[Unknown] = []
        self.refused: list[dict[str, str]] = []

    def __iter__(self) -> Iterator[Design]:
        for one in self.unknowns:
            try:
                both = [self.imagine({one: edge}, self.ids) for edge in (one.low, one.high)]
            except InputError as error:
                edges = {"low": one.words(one.low), "high": one.words(one.high)}
                self.refused.append({"what": one.what, **edges, "why": error.problems[0].message})
                continue
            self.read.append(one)
            yield from both


class Drawn:
    """Futures one by one; those that the configuration refuses are left out, unless all must be there.

    Examples
    --------
    >>> drawn = Drawn([], np.empty((2, 0)), lambda values, names: "a design", [], strict=True)
    >>> list(drawn), drawn.kept
    (['a design', 'a design'], [0, 1])
    """

    def __init__(
        self,
        varied: Sequence[Unknown],
        unit: NDArray[np.float64],
        imagine: Imagine,
        ids: Sequence[str],
        *,
        strict: bool,
    ) -> None:
        self.varied, self.unit, self.imagine, self.ids, self.strict = varied, unit, imagine, ids, strict
        self.kept: list[int] = []

    def __iter__(self) -> Iterator[Design]:
        for number, row in enumerate(self.unit):
            values = {one: one.at(at) for one, at in zip(self.varied, row, strict=True)}
            try:
                design = self.imagine(values, self.ids)
            except InputError:
                if self.strict:
                    raise
                continue
            self.kept.append(number)
            yield design


def outcomes(
    designs: Iterable[Design], replications: range, kpi: Kpi, targets: Sequence[Target], runs: Runs
) -> Outcomes:
    """Run every policy of every future, some futures at a time, on the seed of the study.

    Parameters
    ----------
    designs
        The futures, all with the same policies; asked for one by one.
    replications
        The numbers of the replications of each policy in each.
    kpi, targets
        What to keep.
    runs
        Gives replications.

    Examples
    --------
    >>> from simulation.kpis import REGISTRY
    >>> outcomes([], range(2), REGISTRY[0], (), Runs.__new__(Runs)).values.size
    0
    """
    kpis = (kpi.id, *(target.kpi.id for target in targets))
    found: list[NDArray[np.float64]] = []
    futures = iter(designs)
    while batch := list(islice(futures, BATCH)):
        wanted = {
            (number, place): scenario.model_copy(update={"id": f"future_{number}_{place}"})
            for number, design in enumerate(batch)
            for place, scenario in enumerate(design.scenarios)
        }
        table = runs.ask([(scenario, replications) for scenario in wanted.values()])
        table = table[table["dimension"] == "all"]
        values = table.set_index(["scenario", "kpi", "replication"])["value"]
        found += [
            np.array(
                [
                    [
                        [values.loc[wanted[number, place].id, name, run] for run in replications]
                        for place in range(len(design.policies))
                    ]
                    for name in kpis
                ]
            )
            for number, design in enumerate(batch)
        ]
    every = np.array(found)
    if not found:
        return Outcomes(np.empty((0, 0, 0)), tuple(np.empty((0, 0, 0)) for _ in targets))
    return Outcomes(every[:, 0], tuple(every[:, number] for number in range(1, len(kpis))))
