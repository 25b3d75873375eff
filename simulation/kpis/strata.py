"""The levels by which KPIs are reported: need, group, tier and place of cases; role, tier, place of staff."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulation.kpis.measures import Dimension

if TYPE_CHECKING:
    from simulation.layout import Layout

__all__ = [
    "MOST_AREAS",
    "Strata",
    "area_of",
    "case_dimensions",
    "distance_bands",
    "make_strata",
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


@dataclass(frozen=True)
class Strata:
    """What levels places belong to; arrays have an item per place."""

    needs: tuple[str, ...]
    groups: tuple[str, ...]
    tiers: tuple[str, ...]
    tier: NDArray[np.int64]
    """Number of the tier, and -1 for no place behind all others."""
    tiers_expected: frozenset[int]
    """Tiers on the way up from where needs arise."""
    places: tuple[str, ...]
    area: NDArray[np.int64]
    """Number of the place that is its area, -1 for none."""
    bands: NDArray[np.int64] | None
    """Distance band; none where no place has a distance."""


def make_strata(layout: Layout) -> Strata:
    """Return what levels the places of a layout belong to.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> make_strata(make_layout(single_queue(), 24.0)).area.tolist()
    [0]
    """
    above = {place for origin in origins(layout) for place in layout.tree.above(origin)}
    some_way = any(spot.distance > 0 for spot in layout.tree.places)
    return Strata(
        needs=layout.names.needs,
        groups=layout.names.groups,
        tiers=layout.tiers,
        tier=np.append(np.array(layout.tier, dtype=np.int64), -1),
        tiers_expected=frozenset(layout.tier[place] for place in above),
        places=layout.names.places,
        area=area_of(layout),
        bands=distance_bands(layout) if some_way else None,
    )


def case_dimensions(strata: Strata, cases: Mapping[str, NDArray[Any]]) -> tuple[Dimension, ...]:
    """Return the dimensions of cases: all, need, group, tier of first contact, area of origin, and distance.

    A need whose place of first contact is not recorded, because nobody presented it, may have no tier. Where
    no place has a distance there is no such dimension.

    Parameters
    ----------
    strata
        What levels places belong to.
    cases
        Columns of the cases.

    Examples
    --------
    >>> from simulation.kpis.examples import worked_example
    >>> example = worked_example()
    >>> [dimension.levels for dimension in case_dimensions(example.scheme.strata, example.cases)][2:]
    [('all',), ('town',), ('hall',)]
    """
    contact, origin = cases["contact"], cases["origin"]
    seen = np.zeros(len(strata.tier), bool)
    seen[contact] = True
    tiers, tier = _compact(strata.tiers, {*strata.tier[seen].tolist(), *strata.tiers_expected})
    places, place = _compact(strata.places, strata.area.tolist())
    bands = strata.bands
    far = [] if bands is None else [Dimension("distance", BANDS, bands.astype(np.int32)[origin])]
    return (
        Dimension("all", ("",), np.zeros(len(contact), np.int32)),
        Dimension("need", strata.needs, cases["need"]),
        Dimension("group", strata.groups, cases["group"]),
        Dimension("tier", tiers, tier[strata.tier][contact]),
        Dimension("place", places, place[strata.area][origin]),
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
    contacts = [
        [(share.share, share.of) for share in need.first_contact] or [(1.0, "")]
        for need in layout.scenario.needs
        if need.initiated == "veteran" and need.arrivals is not None
    ]
    ways = np.array([_way_to_contact(layout, origin, contacts) for origin in begin])
    heads = np.array([layout.tree.places[origin].veterans for origin in begin], dtype=np.float64)
    weights = heads if heads.sum() > 0 else np.ones(len(begin))
    values, rank = np.unique(ways, return_inverse=True)
    share = np.bincount(rank, weights, minlength=len(values)) / weights.sum()
    middle = np.cumsum(share) - share / 2.0
    found = np.zeros(len(layout.tree.places), np.int64)
    found[begin] = np.minimum((middle * len(BANDS)).astype(np.int64), len(BANDS) - 1)[rank]
    return found


def _way_to_contact(layout: Layout, origin: int, contacts: list[list[tuple[float, str]]]) -> float:
    """Return the mean way from a place to first contacts, up to the nearest staffed place, without levers.

    First contacts are, need by need, shares and tiers; no tier is the place itself.
    """
    tree = layout.tree
    up = [tree.places[at] for at in tree.above(origin)]
    reached = list(accumulate((place.distance for place in up), initial=0.0))
    tiers = [place.tier for place in up]
    staffed = [at for at, place in enumerate(up) if place.staffed] or [len(up) - 1]
    ends = [next((at for at in staffed if at >= step), staffed[-1]) for step in range(len(up))]
    way = {"": reached[ends[0]], **{tier: reached[ends[tiers.index(tier)]] for tier in tiers}}
    return sum(share * way.get(tier, reached[ends[-1]]) for shares in contacts for share, tier in shares)


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
    tier_at, area = [layout.tier[team.place] for team in teams], area_of(layout).tolist()
    tiers, tier = _compact(layout.tiers, tier_at)
    at = [area[team.place] if area[team.place] >= 0 else team.place for team in teams]
    places, place = _compact(layout.names.places, at)
    return (
        Dimension("all", ("",), np.zeros(len(units), np.int32)),
        Dimension("team", roles, np.array([roles.index(team.role) for team in teams], np.int32)),
        Dimension("tier", tiers, tier[tier_at]),
        Dimension("place", places, place[at]),
    )


def _compact(names: tuple[str, ...], kept: Iterable[int]) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Keep some of the names, in their order; return their new numbers too, -1 for the others and for -1."""
    numbers = sorted(set(kept) - {-1})
    new = np.full(len(names) + 1, -1, np.int32)
    new[numbers] = np.arange(len(numbers))
    return tuple(names[number] for number in numbers), new
