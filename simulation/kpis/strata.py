"""The levels by which KPIs are reported: need, group, tier and place of cases; role, tier, place of staff."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulation.kpis.measures import Dimension, Flags, Floats

if TYPE_CHECKING:
    from simulation.layout import Layout

__all__ = [
    "MOST_AREAS",
    "Cells",
    "area_of",
    "case_dimensions",
    "distance_bands",
    "make_cells",
    "origins",
    "staff_dimensions",
]

BANDS = ("near", "middle", "far")
"""Levels of the dimension distance."""
MOST_AREAS = 24
"""At most so many levels of the dimension place: as many as one table or figure can show."""


def origins(layout: Layout) -> list[int]:
    """Return the numbers of the places where needs arise: those with veterans, or named by an arrival stream.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> origins(make_layout(single_queue(), 24.0))
    [0]
    """
    places = layout.scenario.places
    found = {number for number, place in enumerate(places) if place.veterans > 0}
    for need in layout.scenario.needs:
        if need.arrivals is not None:
            found |= {layout.tree.number[name] for name in need.arrivals.at}
    return sorted(found) or list(range(len(places)))


def area_of(layout: Layout) -> NDArray[np.int64]:
    """Return for every place the number of its area, -1 for departments and for places above all areas.

    Areas are the places where needs arise; where these are more than `MOST_AREAS`, the places above them,
    and so on: the communities of a street, the streets of a district, the districts of a city. They follow
    from the places alone, so a need is counted in the same area under every policy.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> area_of(make_layout(single_queue(), 24.0)).tolist()
    [0]
    """
    tree, begin = layout.tree, origins(layout)
    areas = set(begin)
    while len(areas) > MOST_AREAS and any(tree.parent[area] >= 0 for area in areas):
        areas = {tree.parent[area] if tree.parent[area] >= 0 else area for area in areas}
    found = np.full(len(tree.places), -1, np.int64)
    for origin in begin:
        way = tree.above(origin)
        up_to = next(position for position, place in enumerate(way) if place in areas)
        found[way[: up_to + 1]] = way[up_to]
    return found


def case_dimensions(layout: Layout, cases: NDArray[Any]) -> tuple[Dimension, ...]:
    """Return the dimensions of cases: all, need, group, tier of first contact, area of origin, and distance.

    A need whose place of first contact is not recorded, because nobody presented it, may have no tier. Where
    no place has a distance there is no such dimension.

    Parameters
    ----------
    layout
        The scenario written out.
    cases
        Rows of `CASE`.

    Examples
    --------
    >>> from simulation.kpis.examples import worked_example
    >>> example = worked_example()
    >>> [dimension.levels for dimension in case_dimensions(example.layout, example.records.cases)][2:]
    [('all',), ('town',), ('hall',)]
    """
    names, tree = layout.names, layout.tree
    contact = cases["contact"].astype(np.int64)
    tier_at = np.append(np.array(layout.tier, dtype=np.int64), -1)
    expected = {layout.tier[n] for origin in origins(layout) for n in tree.above(origin)}
    tiers, tier = _compact(layout.tiers, tier_at[contact], expected)
    area = area_of(layout)
    places, place = _compact(names.places, area[cases["origin"]], set(area[area >= 0].tolist()))
    some_way = any(spot.distance > 0 for spot in tree.places)
    far = [Dimension("distance", BANDS, distance_bands(layout)[cases["origin"]])] if some_way else []
    return (
        Dimension("all", ("",), np.zeros(len(cases), np.int64)),
        Dimension("need", names.needs, cases["need"].astype(np.int64)),
        Dimension("group", names.groups, cases["group"].astype(np.int64)),
        Dimension("tier", tiers, tier),
        Dimension("place", places, place),
        *far,
    )


def distance_bands(layout: Layout) -> NDArray[np.int64]:
    """Return for every place how far its veterans have to go for a first contact: 0 near, 1 middle, 2 far.

    The way of a place is the mean over the needs that veterans start of the way to where they are first
    presented, without any lever; so a need is counted in the same band under every policy. The bands are
    thirds of the veterans; places of the same way are in the same band.

    Examples
    --------
    >>> from simulation.kpis.examples import town
    >>> from simulation.layout import make_layout
    >>> homes = [{"id": n, "tier": "town", "parent": "hall", "veterans": 9, "distance": km}
    ...          for n, km in (("a", 1), ("b", 5), ("c", 9))]
    >>> top = [{"id": "hall", "tier": "city"}, {"id": "bureau", "tier": "department"}]
    >>> needs = {"claim": {"pathway": "visit", "arrivals": {"rate": 1}, "first_contact": {"city": 1}},
    ...          "petition": {"pathway": "petition"}}
    >>> layout = make_layout(town(places=[*top, *homes], needs=needs), 24.0)
    >>> dict(zip(layout.names.places, distance_bands(layout).tolist()))["b"]
    1
    """
    begin = origins(layout)
    ways = np.array([_way_to_contact(layout, origin) for origin in begin])
    heads = np.array([layout.tree.places[origin].veterans for origin in begin], dtype=np.float64)
    weights = heads if heads.sum() > 0 else np.ones(len(begin))
    values, rank = np.unique(ways, return_inverse=True)
    share = np.bincount(rank, weights, minlength=len(values)) / weights.sum()
    middle = np.cumsum(share) - share / 2.0
    found = np.zeros(len(layout.tree.places), np.int64)
    found[begin] = np.minimum((middle * len(BANDS)).astype(np.int64), len(BANDS) - 1)[rank]
    return found


def _way_to_contact(layout: Layout, origin: int) -> float:
    """Return the mean way from a place to first contacts, up to the nearest staffed place, without levers."""
    tree, ways = layout.tree, []
    up = tree.above(origin)
    reached = np.concatenate(([0.0], np.cumsum([tree.places[at].distance for at in up])))
    staffed = [at for at in range(len(up)) if tree.places[up[at]].staffed] or [len(up) - 1]
    for need in layout.scenario.needs:
        if need.initiated == "veteran" and need.arrivals is not None:
            shares = [(s.share, up.index(tree.at_tier(origin, s.of))) for s in need.first_contact]
            for share, step in shares or [(1.0, 0)]:
                ways.append(share * float(reached[next((at for at in staffed if at >= step), staffed[-1])]))
    return sum(ways)


def staff_dimensions(layout: Layout) -> tuple[Dimension, ...]:
    """Return the dimensions of staff groups: all, role of the team, tier, and area or place above the areas.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> [dimension.levels for dimension in staff_dimensions(make_layout(single_queue(), 24.0))]
    [('',), ('doctors',), ('place',), ('clinic',)]
    """
    units = [unit for team in layout.teams for unit in team.staff]
    teams = [layout.teams[unit.team] for unit in units]
    roles = tuple(sorted({team.role for team in layout.teams}))
    tiers, tier = _compact(layout.tiers, _numbers(layout.tier[team.place] for team in teams), set())
    area = area_of(layout)
    at = _numbers(int(area[team.place]) if area[team.place] >= 0 else team.place for team in teams)
    places, place = _compact(layout.names.places, at, set())
    return (
        Dimension("all", ("",), np.zeros(len(units), np.int64)),
        Dimension("team", roles, _numbers(roles.index(team.role) for team in teams)),
        Dimension("tier", tiers, tier),
        Dimension("place", places, place),
    )


@dataclass(frozen=True)
class Cells:
    """Cases that are of the same level in every dimension, counted together.

    Build it with `make_cells`.
    """

    codes: NDArray[np.int64]
    """Number of the cell of each case."""
    example: NDArray[np.int64]
    """A case of each cell."""
    dimensions: tuple[Dimension, ...]
    """The dimensions, with the level of each cell."""

    def add(self, numbers: Floats | Flags) -> Floats:
        """Add up numbers of cases by cell."""
        return np.bincount(self.codes, numbers, minlength=len(self.example)).astype(np.float64)

    @cached_property
    def _belongs(self) -> Any:
        """Whether a cell belongs to a level: a row per level of every dimension, a column per cell."""
        from scipy.sparse import csr_array

        sizes = [len(one.levels) for one in self.dimensions]
        first = np.cumsum([0, *sizes])
        known = [np.flatnonzero(one.codes >= 0) for one in self.dimensions]
        rows = [one.codes[k] + at for one, k, at in zip(self.dimensions, known, first, strict=False)]
        entries = np.concatenate(rows), np.concatenate(known)
        shape = int(first[-1]), len(self.example)
        return csr_array((np.ones(len(entries[0])), entries), shape=shape)

    def by_level(self, sums: Floats) -> list[Floats]:
        """Add up sums of cells, a column each, by level: for every dimension a row per level."""
        ends = np.cumsum([len(one.levels) for one in self.dimensions])
        return np.split(np.asarray(self._belongs @ sums, np.float64), ends[:-1])


def make_cells(dimensions: tuple[Dimension, ...], primary: Flags) -> Cells:
    """Return the cells of cases by their dimensions and by whether they arose by themselves.

    Examples
    --------
    >>> two = Dimension("need", ("a", "b"), np.array([0, 1, 0, -1]))
    >>> cells = make_cells((two,), np.array([True, True, True, True]))
    >>> sums = cells.add(np.ones(4))
    >>> sums.tolist(), cells.by_level(sums[:, None])[0].tolist()
    ([1.0, 2.0, 1.0], [[2.0], [1.0]])
    """
    code = primary.astype(np.int64)
    for dimension in dimensions:
        code = code * (len(dimension.levels) + 1) + dimension.codes + 1
    _, example, codes = np.unique(code, return_index=True, return_inverse=True)
    by_cell = (Dimension(one.name, one.levels, one.codes[example]) for one in dimensions)
    return Cells(codes, example, tuple(by_cell))


def _numbers(items: Any) -> NDArray[np.int64]:
    return np.fromiter(items, dtype=np.int64)


def _compact(
    names: tuple[str, ...], codes: NDArray[np.int64], expected: set[int]
) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Keep the names that are expected or occur, in their order, and renumber the codes."""
    kept = sorted(expected | set(np.unique(codes[codes >= 0]).tolist()))
    number = np.full(len(names) + 1, -1, np.int64)
    number[kept] = np.arange(len(kept))
    return tuple(names[n] for n in kept), number[codes]
