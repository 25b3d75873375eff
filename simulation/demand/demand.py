"""Demand: the latent cases of one replication, the same in every scenario, and which are presented."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from simulation.demand.arising import Arising, Sources, arise, make_sources
from simulation.demand.opening import Opening, make_opening
from simulation.demand.population import Population, make_population
from simulation.demand.presentation import AT_ONCE, Presentation, make_presentation, present
from simulation.layout import Layout
from simulation.records import CASE, Exit
from simulation.streams import decision, mix, uniforms_array

__all__ = ["Demand", "make_demand"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Demand:
    """The cases that could arise, sorted by arrival and key.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> demand = make_demand(make_layout(single_queue(rate=2.0), 100.0), seed=1, replication=0)
    >>> bool(np.all(np.diff(demand.cases["arrival"]) >= 0))
    True
    """

    cases: NDArray[Any]
    """Rows of `records.CASE`; cases that are not presented have ended so, the others are open."""
    due: Floats
    """Moment of the deadline of each case, hours; infinite without one."""
    dropout: Floats
    """Moment at which each case ends silently if it is still open, hours."""
    silent: NDArray[np.int8]
    """The exit by which it then ends: silently given up, or resolved by itself."""
    begins: NDArray[np.int64]
    """Number of the activity at which each of the first cases stands at time 0; they arose before."""


def make_demand(layout: Layout, seed: int, replication: int) -> Demand:
    """Draw the latent cases of a replication and decide which are presented, where and how.

    Raising a rate adds cases and changes none: the number of a month's cases and the moment of the k-th of
    them are each one keyed draw, turned by inversion.

    Parameters
    ----------
    layout
        The scenario written out.
    seed, replication
        Key of the random numbers.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> few, many = (make_demand(make_layout(single_queue(rate=r), 50.0), 1, 0) for r in (2.0, 3.0))
    >>> bool(np.isin(few.cases["key"], many.cases["key"]).all())
    True
    """
    outlook = _outlook(layout)
    opening = outlook.opening
    arising = arise(outlook.sources, layout.horizon, seed, replication)
    cases = _cases(opening, arising)
    given = np.full(len(cases), -1)
    given[: len(opening.group)] = opening.group
    _pick_veterans(outlook.population, len(layout.scenario.needs), cases, given, seed, replication)
    dropout, silent = present(outlook.presentation, cases, opening.channel, seed, replication)
    return Demand(cases, _deadlines(layout, cases), dropout, silent, opening.begins)


@dataclass(frozen=True)
class _Outlook:
    """What the layout alone decides of its demand: the same in every replication."""

    population: Population
    opening: Opening
    sources: Sources
    presentation: Presentation


_OUTLOOKS: WeakKeyDictionary[Layout, _Outlook] = WeakKeyDictionary()


def _outlook(layout: Layout) -> _Outlook:
    if layout not in _OUTLOOKS:
        population = make_population(layout)
        sources = make_sources(layout, population)
        _OUTLOOKS[layout] = _Outlook(population, make_opening(layout), sources, make_presentation(layout))
    return _OUTLOOKS[layout]


def _cases(opening: Opening, arising: Arising) -> NDArray[Any]:
    """Write the rows of all cases, the open ones of the beginning first, the others sorted."""
    order = _order(arising)
    first = len(opening.cases)
    cases = np.zeros(first + len(order), CASE)
    cases[:first] = opening.cases
    rest = cases[first:]
    rest["parent"] = -1
    rest["need"], rest["origin"] = arising.need[order], arising.place[order]
    rest["key"], rest["arrival"] = arising.key[order], arising.time[order]
    return cases


def _order(arising: Arising) -> NDArray[np.intp]:
    """Sort by arrival, then key: keys are looked at only where arrivals coincide."""
    order = np.argsort(arising.time)
    arrival = arising.time[order]
    if np.any(arrival[1:] == arrival[:-1]):
        return np.lexsort((arising.key, arising.time))
    return order


def _pick_veterans(
    population: Population,
    needs: int,
    cases: NDArray[Any],
    given: NDArray[np.int64],
    seed: int,
    replication: int,
) -> None:
    """Pick the veteran of each case, of a given group where that is not -1."""
    for first in range(0, len(cases), AT_ONCE):
        some = slice(first, first + AT_ONCE)
        part = cases[some]
        u = uniforms_array(seed, replication, decision("veteran"), part["key"], 0)[:, 0].copy()
        chance = np.where(given[some] < 0, part["need"], needs + given[some])
        part["group"], part["veteran"] = population.pick(chance, part["origin"].astype(np.int64), u)


def _deadlines(layout: Layout, cases: NDArray[Any]) -> Floats:
    due = np.full(len(cases), np.inf)
    kind, is_open, arrival = cases["need"].copy(), cases["exit"] == Exit.open, cases["arrival"].copy()
    for number, need in enumerate(layout.scenario.needs):
        if need.deadline is not None:
            mine = np.flatnonzero((kind == number) & is_open)
            due[mine] = layout.due_each(number, arrival[mine])
    return due


def child_key(parent: int, activity: int, visit: int) -> int:
    """Return the key of a case that another case opens at a visit to an activity.

    Examples
    --------
    >>> child_key(1, 2, 0) != child_key(1, 2, 1)
    True
    """
    return int(mix(mix(parent, activity), visit))
