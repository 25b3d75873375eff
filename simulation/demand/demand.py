"""Demand: the latent cases of one replication, the same in every scenario, and which are presented."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from simulation.demand.intensity import make_intensity, months
from simulation.demand.opening import make_opening
from simulation.demand.population import Population, make_population, rate_factors
from simulation.demand.presentation import present
from simulation.distributions import encode, hours_per
from simulation.layout import Layout
from simulation.records import CASE, Exit
from simulation.scenario.arrivals import Arrivals, PoissonArrivals, RenewalArrivals
from simulation.scenario.needs import Need
from simulation.streams import decision, mix, mix_array, uniforms_array, variates

__all__ = ["Demand", "make_demand"]

Floats = NDArray[np.float64]
Keys = NDArray[np.uint64]


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
    population = make_population(layout)
    opening = make_opening(layout)
    parts = [
        _need_cases(layout, population, number, need, need.arrivals, seed, replication)
        for number, need in enumerate(layout.scenario.needs)
        if need.arrivals is not None
    ]
    cases = np.concatenate([np.empty(0, CASE), *parts])
    cases = np.concatenate([opening.cases, np.take(cases, _order(cases))])
    given = np.concatenate([opening.group, np.full(len(cases) - len(opening.group), -1)])
    _pick_veterans(layout, population, cases, given, seed, replication)
    dropout, silent = present(layout, cases, opening.channel, seed, replication)
    return Demand(cases, _deadlines(layout, cases), dropout, silent, opening.begins)


def _order(cases: NDArray[Any]) -> NDArray[np.intp]:
    """Sort by arrival, then key: keys are looked at only where arrivals coincide."""
    order = np.argsort(cases["arrival"])
    arrival = cases["arrival"][order]
    if np.any(arrival[1:] == arrival[:-1]):
        return np.lexsort((cases["key"], cases["arrival"]))
    return order


def _need_cases(
    layout: Layout,
    population: Population,
    number: int,
    need: Need,
    arrivals: Arrivals,
    seed: int,
    replication: int,
) -> NDArray[Any]:
    places = _places_of(layout, arrivals)
    origin = mix_array(np.uint64(decision(f"need/{need.id}")), _place_keys(layout))[places]
    if isinstance(arrivals, PoissonArrivals):
        place, keys, times = _poisson(layout, population, need, arrivals, places, origin, seed, replication)
    elif isinstance(arrivals, RenewalArrivals):
        place, keys, times = _renewal(layout, arrivals, places, origin, seed, replication)
    else:
        listed = np.asarray(arrivals.times)
        place = np.repeat(places, len(listed))
        times = np.tile(listed, len(places))
        keys = mix_array(np.repeat(origin, len(listed)), np.tile(np.arange(len(listed)), len(places)))
    inside = (times >= 0) & (times < layout.horizon)
    cases = np.zeros(int(inside.sum()), CASE)
    cases["need"], cases["parent"], cases["contact"], cases["channel"] = number, -1, -1, -1
    cases["origin"], cases["key"], cases["arrival"] = place[inside], keys[inside], times[inside]
    return cases


def _places_of(layout: Layout, arrivals: Arrivals) -> NDArray[np.int64]:
    places = layout.tree.places
    if arrivals.at:
        return np.array([layout.tree.number[name] for name in arrivals.at], dtype=np.int64)
    if len(places) == 1:
        return np.zeros(1, dtype=np.int64)
    return np.array([n for n, place in enumerate(places) if place.veterans], dtype=np.int64)


def _place_keys(layout: Layout) -> Keys:
    return np.array([decision(f"place/{place.id}") for place in layout.tree.places], dtype=np.uint64)


def _poisson(
    layout: Layout,
    population: Population,
    need: Need,
    arrivals: PoissonArrivals,
    places: NDArray[np.int64],
    origin: Keys,
    seed: int,
    replication: int,
) -> tuple[NDArray[np.int64], Keys, Floats]:
    """Months of a Poisson process: a count by inversion, then each moment by inversion of the intensity."""
    factors = rate_factors(need, layout)
    heads = population.heads[places]
    total = heads.sum(axis=1)
    mean_factor = np.where(total > 0, heads @ factors / np.maximum(total, 1), population.shares @ factors)
    hourly = np.array([arrivals.hourly(veterans) for veterans in total]) * mean_factor
    intensity = make_intensity(layout.scenario, arrivals.profile, layout.horizon)
    parts = []
    for month, begin, end in months(layout.scenario.start, layout.horizon):
        process = mix_array(origin, np.full(len(origin), month))
        u = uniforms_array(seed, replication, decision("arrivals/count"), process, 0)[:, 0]
        count = _poisson_quantile(u, hourly * intensity.between(begin, end))
        which = np.repeat(np.arange(len(places)), count)
        first = np.cumsum(count) - count
        keys = mix_array(process[which], np.arange(len(which)) - first[which])
        u = uniforms_array(seed, replication, decision("arrivals/moment"), keys, 0)[:, 0]
        parts.append((places[which], keys, intensity.invert(begin, end, u)))
    place, keys, times = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return place, keys, times


def _poisson_quantile(u: Floats, mean: Floats) -> NDArray[np.int64]:
    """Smallest count whose distribution function reaches `u` (Poisson), for arrays."""
    guess = np.ceil(special.pdtrik(u, mean))
    lower = np.maximum(guess - 1.0, 0.0)
    quantile = np.where(special.pdtr(lower, mean) >= u, lower, guess)
    return np.where(mean > 0, quantile, 0.0).astype(np.int64)


def _renewal(
    layout: Layout,
    arrivals: RenewalArrivals,
    places: NDArray[np.int64],
    origin: Keys,
    seed: int,
    replication: int,
) -> tuple[NDArray[np.int64], Keys, Floats]:
    laws = [arrivals.gap, arrivals.first or arrivals.gap]
    table, starts = encode([(law, hours_per(law.unit, 24.0)) for law in laws])
    chunk = 16 + math.ceil(1.2 * layout.horizon / (arrivals.gap.mean() * hours_per(arrivals.gap.unit, 24.0)))
    parts = []
    for place, key in zip(places, origin, strict=True):
        gaps, keys = [np.empty(0)], [np.empty(0, np.uint64)]
        times = np.zeros(1)
        while times[-1] < layout.horizon:
            new = mix_array(np.full(chunk, key), np.arange(chunk) + chunk * (len(keys) - 1))
            u = uniforms_array(seed, replication, decision("arrivals/gap"), new, 0)[:, 0]
            law = np.full(chunk, starts[0])
            if len(gaps) == 1:
                law[0] = starts[1]
            gaps.append(variates(table, law, u))
            keys.append(new)
            times = np.cumsum(np.concatenate(gaps))
        parts.append((np.full(len(times), place), np.concatenate(keys), times))
    place_, keys_, times_ = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return place_, keys_, times_


def _pick_veterans(
    layout: Layout,
    population: Population,
    cases: NDArray[Any],
    given: NDArray[np.int64],
    seed: int,
    replication: int,
) -> None:
    """Pick the veteran of each case, of a given group where that is not -1."""
    u = uniforms_array(seed, replication, decision("veteran"), cases["key"], 0)[:, 0]
    for number, need in enumerate(layout.scenario.needs):
        of_need = cases["need"] == number
        factors = rate_factors(need, layout)
        for among in np.unique(given[of_need]):
            mine = np.flatnonzero(of_need & (given == among))
            weights = factors if among < 0 else np.eye(len(factors))[among]
            group, veteran = population.pick(cases["origin"][mine].astype(np.int64), weights, u[mine])
            cases["group"][mine], cases["veteran"][mine] = group, veteran


def _deadlines(layout: Layout, cases: NDArray[Any]) -> Floats:
    due = np.full(len(cases), np.inf)
    for number, need in enumerate(layout.scenario.needs):
        if need.deadline is None:
            continue
        mine = np.flatnonzero((cases["need"] == number) & (cases["exit"] == Exit.open))
        if need.deadline.unit == "wd":
            due[mine] = [layout.due(number, float(arrival)) for arrival in cases["arrival"][mine]]
        else:
            due[mine] = cases["arrival"][mine] + need.deadline.hours(24.0)
    return due


def child_key(parent: int, activity: int, visit: int) -> int:
    """Return the key of a case that another case opens at a visit to an activity.

    Examples
    --------
    >>> child_key(1, 2, 0) != child_key(1, 2, 1)
    True
    """
    return int(mix(mix(parent, activity), visit))
