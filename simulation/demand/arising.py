"""What arises where and when: Poisson processes month by month, renewals, and lists."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.demand.counting import draw_counts, draw_moments
from simulation.demand.intensity import Intensity, make_intensity, months
from simulation.demand.population import Population, rate_factors
from simulation.distributions import encode, hours_per
from simulation.layout import Layout
from simulation.scenario.arrivals import Arrivals, ListedArrivals, PoissonArrivals, RenewalArrivals
from simulation.scenario.needs import Need
from simulation.streams import decision, mix_array, uniforms_array, variates

__all__ = ["Arising", "Processes", "Sources", "arise", "make_sources"]

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Keys = NDArray[np.uint64]


class Arising(NamedTuple):
    """Cases that arise, column by column."""

    need: Numbers
    place: Numbers
    key: Keys
    time: Floats
    """Hours."""


@dataclass(frozen=True)
class Processes:
    """Poisson processes: the cases of one need at one place in one month.

    Need and month are a stretch of a profile; the profiles' grids stand one behind the other.
    """

    key: Keys
    mean: Floats
    """Expected number of cases."""
    need: Numbers
    place: Numbers
    stretch: Numbers
    low: Floats
    """Intensity gathered before each stretch."""
    high: Floats
    """Intensity gathered at its end."""
    first: Numbers
    """First and last point of the grid between which each stretch lies."""
    last: Numbers
    edges: Floats
    cumulative: Floats


@dataclass(frozen=True)
class Sources:
    """Everything from which cases arise, as far as the layout decides it."""

    processes: Processes
    others: tuple[tuple[int, Arrivals, Numbers, Keys], ...]
    """Renewals and lists: number of the need, arrivals, places and the key of each."""


def make_sources(layout: Layout, population: Population) -> Sources:
    """Lay out from what the cases of a scenario arise.

    Examples
    --------
    >>> from simulation.demand.population import make_population
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> layout = make_layout(single_queue(rate=2.0), 24.0)
    >>> make_sources(layout, make_population(layout)).processes.mean
    array([1488.])
    """
    place_keys = np.array([decision(f"place/{place.id}") for place in layout.tree.places], dtype=np.uint64)
    several, others = _Months(layout, population), []
    for number, need in enumerate(layout.scenario.needs):
        if need.arrivals is None:
            continue
        places = _places_of(layout, need.arrivals)
        origin = mix_array(np.uint64(decision(f"need/{need.id}")), place_keys)[places]
        if isinstance(need.arrivals, PoissonArrivals):
            several.add(number, need, need.arrivals, places, origin)
        else:
            others.append((number, need.arrivals, places, origin))
    return Sources(several.processes(), tuple(others))


def _places_of(layout: Layout, arrivals: Arrivals) -> Numbers:
    places = layout.tree.places
    if arrivals.at:
        return np.array([layout.tree.number[name] for name in arrivals.at], dtype=np.int64)
    if len(places) == 1:
        return np.zeros(1, dtype=np.int64)
    return np.array([n for n, place in enumerate(places) if place.veterans], dtype=np.int64)


class _Months:
    """Collects Poisson processes, need by need and month by month."""

    def __init__(self, layout: Layout, population: Population) -> None:
        self.layout = layout
        self.population = population
        self.months = list(months(layout.scenario.start, layout.horizon))
        self.profiles: dict[str | None, tuple[int, Intensity]] = {}
        self.columns: list[tuple[Keys, Floats, Numbers, Numbers, Numbers]] = []
        self.stretches: list[tuple[float, float, int, int]] = []

    def add(self, number: int, need: Need, arrivals: PoissonArrivals, places: Numbers, origin: Keys) -> None:
        """Add the months of a need whose cases come at a rate."""
        factors = rate_factors(need, self.layout)
        heads = self.population.heads[places]
        total = heads.sum(axis=1)
        shares = self.population.shares
        mean_factor = np.where(total > 0, heads @ factors / np.maximum(total, 1), shares @ factors)
        hourly = np.array([arrivals.hourly(veterans) for veterans in total]) * mean_factor
        before, intensity = self._intensity(arrivals.profile)
        for month, begin, end in self.months:
            process = mix_array(origin, np.full(len(origin), month))
            mean = hourly * intensity.between(begin, end)
            low, high = intensity.gathered(begin, end)
            grid = intensity.cumulative
            first = max(int(np.searchsorted(grid, low, side="right")) - 1, 0)
            last = min(int(np.searchsorted(grid, high, side="right")), len(grid) - 1)
            numbers = (np.full(len(places), number), places, np.full(len(places), len(self.stretches)))
            self.columns.append((process, mean, *numbers))
            self.stretches.append((low, high, before + first, before + last))

    def _intensity(self, profile: str | None) -> tuple[int, Intensity]:
        """Return the intensity of a profile, and how many points of other grids stand before its own."""
        if profile not in self.profiles:
            before = sum(len(intensity.edges) for _, intensity in self.profiles.values())
            made = make_intensity(self.layout.scenario, profile, self.layout.horizon)
            self.profiles[profile] = (before, made)
        return self.profiles[profile]

    def processes(self) -> Processes:
        """Return all that were added."""
        none = np.empty(0, np.int64)
        columns = [(np.empty(0, np.uint64), np.empty(0), none, none, none), *self.columns]
        key, mean, need, place, stretch = (np.concatenate(column) for column in zip(*columns, strict=True))
        bounds = np.array(self.stretches).reshape(-1, 4)
        low, high = bounds[:, 0].copy(), bounds[:, 1].copy()
        first, last = bounds[:, 2].astype(np.int64), bounds[:, 3].astype(np.int64)
        grids = [intensity for _, intensity in self.profiles.values()]
        edges = np.concatenate([np.empty(0), *(grid.edges for grid in grids)])
        cumulative = np.concatenate([np.empty(0), *(grid.cumulative for grid in grids)])
        return Processes(key, mean, need, place, stretch, low, high, first, last, edges, cumulative)


def arise(sources: Sources, horizon: float, seed: int, replication: int) -> Arising:
    """Draw the cases that arise within the horizon (hours), in no order.

    Examples
    --------
    >>> from simulation.demand.population import make_population
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> layout = make_layout(single_queue(rate=2.0), 24.0)
    >>> cases = arise(make_sources(layout, make_population(layout)), 24.0, seed=1, replication=0)
    >>> bool(np.all(cases.time < 24.0))
    True
    """
    processes = sources.processes
    counts = draw_counts(seed, replication, decision("arrivals/count"), processes.key, processes.mean)
    which, keys, times = draw_moments(
        seed, replication, decision("arrivals/moment"), processes.key, counts,
        processes.stretch, processes.low, processes.high, processes.first, processes.last,
        processes.edges, processes.cumulative, horizon,
    )  # fmt: skip
    parts = [Arising(processes.need[which], processes.place[which], keys, times)]
    for number, arrivals, places, origin in sources.others:
        if isinstance(arrivals, RenewalArrivals):
            place, key, time = _renewal(horizon, arrivals, places, origin, seed, replication)
        elif isinstance(arrivals, ListedArrivals):
            place, key, time = _listed(arrivals, places, origin)
        else:
            raise TypeError(f"arrivals of kind {arrivals.kind} are processes")
        inside = (time >= 0) & (time < horizon)
        parts.append(Arising(np.full(inside.sum(), number), place[inside], key[inside], time[inside]))
    return parts[0] if len(parts) == 1 else Arising(*map(np.concatenate, zip(*parts, strict=True)))


def _listed(arrivals: ListedArrivals, places: Numbers, origin: Keys) -> tuple[Numbers, Keys, Floats]:
    listed = np.asarray(arrivals.times)
    keys = mix_array(np.repeat(origin, len(listed)), np.tile(np.arange(len(listed)), len(places)))
    return np.repeat(places, len(listed)), keys, np.tile(listed, len(places))


def _renewal(
    horizon: float, arrivals: RenewalArrivals, places: Numbers, origin: Keys, seed: int, replication: int
) -> tuple[Numbers, Keys, Floats]:
    laws = [arrivals.gap, arrivals.first or arrivals.gap]
    table, starts = encode([(law, hours_per(law.unit, 24.0)) for law in laws])
    chunk = 16 + math.ceil(1.2 * horizon / (arrivals.gap.mean() * hours_per(arrivals.gap.unit, 24.0)))
    parts = []
    for place, key in zip(places, origin, strict=True):
        gaps, keys = [np.empty(0)], [np.empty(0, np.uint64)]
        times = np.zeros(1)
        while times[-1] < horizon:
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
