"""Classes of cases that a pathway cannot tell apart, and the flows that arise in each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.demand.arising import Sources, make_sources
from simulation.demand.intensity import make_intensity
from simulation.demand.opening import make_opening
from simulation.demand.population import Population, make_population
from simulation.demand.presentation import make_presentation
from simulation.distributions import hours_per
from simulation.layout import Layout
from simulation.scenario.arrivals import ListedArrivals, PoissonArrivals, RenewalArrivals

__all__ = ["DAY", "Classes", "Source", "gathered", "pressed", "sources"]

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

DAY = 24.0
LEAST = 1e-12
"""Rate below which a class does not count."""


class Classes(NamedTuple):
    """Cases alike in all that a pathway asks of them; one item of each array for each class."""

    origin: Numbers
    contact: Numbers
    channel: Numbers
    group: Numbers


class Source(NamedTuple):
    """Cases of a need that arise under one phase of the system, or are open at the beginning."""

    need: int
    phase: int
    arrived: Floats
    """How much of it has arisen by each midnight: hours of a steady rate, or occurrences."""
    classes: Classes
    flow: Floats
    """Cases presented in each class, for each unit of `arrived`."""
    latent: float
    """Cases that arise, presented or not, for each unit."""
    activity: int = -1
    """Where they stand; -1: at the beginning of the pathway."""


def midnights(layout: Layout) -> Floats:
    """Return the midnights from the start to the horizon, the horizon last.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> midnights(make_layout(single_queue(), 60.0))
    array([ 0., 24., 48., 60.])
    """
    return np.append(np.arange(0.0, layout.horizon, DAY), layout.horizon)


def pressed(classes: Classes, *flows: Floats) -> tuple[Classes, list[Floats]]:
    """Put equal classes together, their flows added up, and leave out those without any.

    Examples
    --------
    >>> twice = np.array([3, 3])
    >>> classes, (flow,) = pressed(Classes(twice, twice, twice, twice), np.array([0.5, 1.0]))
    >>> classes.origin.tolist(), flow.tolist()
    ([3], [1.5])
    """
    kept = flows[0] > LEAST
    columns = [column[kept] for column in classes]
    if not len(columns[0]):
        return Classes(*(column.astype(np.int64) for column in columns)), [flow[kept] for flow in flows]
    sizes = tuple(int(column.max()) + 2 for column in columns)  # a number may be -1
    keys = np.ravel_multi_index(tuple(column + 1 for column in columns), sizes)
    unique, inverse = np.unique(keys, return_inverse=True)
    sums = [np.bincount(inverse, flow[kept], len(unique)).astype(np.float64) for flow in flows]
    return Classes(*(column.astype(np.int64) - 1 for column in np.unravel_index(unique, sizes))), sums


def gathered(layout: Layout, begin: float, end: float, arrivals: object) -> Floats:
    """Return what has arisen by each midnight between two moments (hours), for one unit of flow.

    Parameters
    ----------
    layout
        The scenario written out.
    begin, end
        The stretch in which it arises.
    arrivals
        How it arises: at a rate that follows a profile, at renewals, or at listed moments.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> queue = single_queue()
    >>> gathered(make_layout(queue, 60.0), 0.0, 36.0, queue.needs[0].arrivals)
    array([ 0., 24., 36., 36.])
    """
    moments = np.clip(midnights(layout), begin, end)
    if isinstance(arrivals, ListedArrivals):
        times = np.sort([time for time in arrivals.times if begin <= time < end])
        return np.searchsorted(times, moments, side="left").astype(np.float64)
    if isinstance(arrivals, PoissonArrivals) and arrivals.profile is not None:
        intensity = make_intensity(layout.scenario, arrivals.profile, layout.horizon)
        reached = np.interp(moments, intensity.edges, intensity.cumulative)
        since: Floats = reached - reached[0]
        return since
    elapsed: Floats = moments - begin
    return elapsed


def sources(layout: Layout) -> Iterator[Source]:
    """Give the flows of presented cases, need by need and phase by phase, then those of the opening.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> [source.flow.tolist() for source in sources(make_layout(single_queue(rate=9.0), 48.0))]
    [[9.0]]
    """
    population = make_population(layout)
    arising = make_sources(layout, population)
    ends = [*(phase.start for phase in layout.phases[1:]), layout.horizon]
    for number, need in enumerate(layout.scenario.needs):
        if need.arrivals is None:
            continue
        rates = _rates(layout, population, arising, number)
        for phase, end in enumerate(ends):
            begin = layout.phases[phase].start
            arrived = gathered(layout, begin, min(end, layout.horizon), need.arrivals)
            if arrived[-1] > 0:
                classes, flow = _presented(layout, phase, number, rates)
                yield Source(number, phase, arrived, classes, flow, float(rates.sum()))
    yield from _opening(layout, population)


def _rates(layout: Layout, population: Population, found: Sources, need: int) -> Floats:
    """Work out the rate of a need (per hour, or for each occurrence) by place and group."""
    arrivals = layout.scenario.needs[need].arrivals
    by_place = np.zeros(len(layout.tree.places))
    if isinstance(arrivals, PoissonArrivals):
        processes = found.processes
        width = (processes.high - processes.low)[processes.stretch]
        mine = (processes.need == need) & (width > 0)
        rate = processes.mean[mine] / width[mine]
        np.maximum.at(by_place, processes.place[mine], rate)
    else:
        unit = 1.0
        if isinstance(arrivals, RenewalArrivals):
            unit = 1.0 / (arrivals.gap.mean() * hours_per(arrivals.gap.unit, DAY))
        places = next(places for number, _, places, _ in found.others if number == need)
        by_place[places] = unit
    some = population.heads.sum(axis=1, keepdims=True) > 0
    weights = np.where(some, population.heads, population.shares) * population.chances[need]
    total = weights.sum(axis=1, keepdims=True)
    shares = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
    rates: Floats = by_place[:, None] * shares
    return rates


def _presented(layout: Layout, phase: int, need: int, rates: Floats) -> tuple[Classes, Floats]:
    """Divide a need over channels and tiers of first contact, and keep what is presented."""
    presentation = make_presentation(layout)
    rules = presentation.rules[phase]
    origin, group = (axis.ravel() for axis in np.indices(rates.shape))
    both = need * rules.probability.shape[1] + group
    shown = rates.ravel() * rules.probability.take(both)
    edges = [np.minimum(edge.take(both), 1.0) for edge in rules.channel]
    bounds = [np.zeros(len(both)), *edges, np.ones(len(both))]
    tiers = [0.0, *(min(float(edge[need]), 1.0) for edge in rules.wanted), 1.0]
    parts: list[tuple[Classes, Floats]] = []
    for channel in range(len(bounds) - 1):
        for tier in range(len(tiers) - 1):
            flow = shown * (bounds[channel + 1] - bounds[channel]) * (tiers[tier + 1] - tiers[tier])
            wanted = presentation.places[rules.tier[tier, need]][origin]
            nearest = rules.nearest[wanted]
            there = (nearest == wanted) | bool(rules.remote[channel])
            travels = np.where(there, 1.0, rules.travelling[group, wanted]) * (nearest >= 0)
            parts.append((Classes(origin, nearest, np.full(len(origin), channel), group), flow * travels))
            other = np.where(nearest >= 0, (1.0 - travels) * rules.diverted[group], 0.0)
            parts.append((Classes(origin, nearest, rules.diverted_to[group], group), flow * other))
    columns = [np.concatenate(column) for column in zip(*(part for part, _ in parts), strict=True)]
    classes, (flow,) = pressed(Classes(*columns), np.concatenate([flow for _, flow in parts]))
    return classes, flow


def _opening(layout: Layout, population: Population) -> Iterator[Source]:
    """Give the cases that are open at the beginning, as if they all arose at time 0 where they stand."""
    opening = make_opening(layout)
    if not len(opening.cases):
        return
    at_once = np.ones(len(midnights(layout)))
    at_once[0] = 0.0
    nearest = make_presentation(layout).rules[0].nearest
    weights = population.shares / population.shares.sum()
    needs = opening.cases["need"].astype(np.int64)
    for need, activity in sorted(set(zip(needs.tolist(), opening.begins.tolist(), strict=True))):
        mine = (needs == need) & (opening.begins == activity)
        origin = opening.cases["origin"][mine].astype(np.int64)
        contact = np.where(nearest[origin] >= 0, nearest[origin], origin)
        channel = np.maximum(opening.channel[mine], 0)
        parts = []
        for group, weight in enumerate(weights.tolist()):
            known = opening.group[mine]
            flow = np.where(known == group, 1.0, np.where(known < 0, weight, 0.0))
            parts.append((Classes(origin, contact, channel, np.full(len(origin), group)), flow))
        columns = [np.concatenate(column) for column in zip(*(part for part, _ in parts), strict=True)]
        classes, (flow,) = pressed(Classes(*columns), np.concatenate([flow for _, flow in parts]))
        yield Source(need, 0, at_once, classes, flow, float(mine.sum()), activity)
