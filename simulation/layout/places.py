"""The tree of places with numbers instead of names, and which team serves whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from simulation.scenario.places import Place, Practice

__all__ = ["BY_CONTACT", "PlaceTree", "local_practice", "presented_at", "reach"]

BY_CONTACT = ("contact", "above", "siblings")
"""Positions that are meant as seen from the place of first contact."""


@dataclass(frozen=True)
class PlaceTree:
    """Places in the order of their ids, with numbers for parents and tiers.

    Examples
    --------
    >>> tree = PlaceTree((Place(id="a", tier="city"), Place(id="b", tier="street", parent="a")))
    >>> tree.above(1), tree.at_tier(1, "city")
    ([1, 0], 0)
    """

    places: tuple[Place, ...]

    @cached_property
    def number(self) -> dict[str, int]:
        """Number of each place id."""
        return {place.id: n for n, place in enumerate(self.places)}

    @cached_property
    def parent(self) -> list[int]:
        """Number of the parent of each place, -1 for the top."""
        return [-1 if place.parent is None else self.number[place.parent] for place in self.places]

    @cached_property
    def children(self) -> list[list[int]]:
        """Numbers of the places directly below each place."""
        below: list[list[int]] = [[] for _ in self.places]
        for child, parent in enumerate(self.parent):
            if parent >= 0:
                below[parent].append(child)
        return below

    def above(self, place: int) -> list[int]:
        """List the place itself and all above it, the nearest first."""
        return self._ways[place]

    @cached_property
    def _ways(self) -> list[list[int]]:
        ways = []
        for place in range(len(self.places)):
            way = [place]
            while (above := self.parent[way[-1]]) >= 0:
                way.append(above)
            ways.append(way)
        return ways

    @cached_property
    def search(self) -> list[list[tuple[int, ...]]]:
        """List where to look for what is nearest to each place, stop by stop of the way up.

        At a stop that is the place there, then those below it that are of no tier on the way; equal stops are
        one object.
        """
        known: dict[tuple[int, int], tuple[int, ...]] = {}
        kinds: dict[frozenset[str], int] = {}
        found = []
        for way in self._ways:
            tiers = frozenset(self.places[here].tier for here in way)
            kind = kinds.setdefault(tiers, len(kinds))
            for here in way:
                if (here, kind) not in known:
                    beside = (child for child in self.children[here] if self.places[child].tier not in tiers)
                    known[here, kind] = (here, *beside)
            found.append([known[here, kind] for here in way])
        return found

    def siblings(self, place: int) -> list[int]:
        """List the other places with the same parent."""
        parent = self.parent[place]
        return [] if parent < 0 else [child for child in self.children[parent] if child != place]

    def at_tier(self, place: int, tier: str) -> int:
        """Find the place of a tier at or above a place; the top of the tree when there is none."""
        chain = self.above(place)
        return next((number for number in chain if self.places[number].tier == tier), chain[-1])

    def all_at_tier(self, tier: str) -> list[int]:
        """Find the place of a tier at or above each place, as `at_tier` does for one."""
        if tier not in self._by_tier:
            self._by_tier[tier] = [self.at_tier(place, tier) for place in range(len(self.places))]
        return self._by_tier[tier]

    @cached_property
    def _by_tier(self) -> dict[str, list[int]]:
        return {}


def reach(
    tree: PlaceTree, teams_at: Mapping[tuple[str, int], int], role: str, at: str
) -> list[tuple[int, ...]]:
    """Return for every place the numbers of the teams that an option means there, the preferred first.

    The place is that of first contact for the positions in `BY_CONTACT`, else the origin of the case.

    Examples
    --------
    >>> tree = PlaceTree((Place(id="a", tier="city"), Place(id="b", tier="street", parent="a")))
    >>> reach(tree, {("desk", 0): 7}, "desk", "nearest")
    [(7,), (7,)]
    """
    if at == "nearest":
        return _nearest(tree, {place: team for (named, place), team in teams_at.items() if named == role})
    found = []
    for place in range(len(tree.places)):
        if at == "siblings":
            teams = [teams_at.get((role, beside), -1) for beside in tree.siblings(place)]
        elif at in ("contact", "origin"):
            teams = [teams_at.get((role, place), -1)]
        elif at == "above":
            teams = [teams_at.get((role, tree.parent[place]), -1)]
        else:
            chosen = next((n for n in tree.above(place) if tree.places[n].tier == at), -1)
            teams = [teams_at.get((role, chosen), -1)]
        found.append(tuple(team for team in teams if team >= 0))
    return found


def _nearest(tree: PlaceTree, team_at: Mapping[int, int]) -> list[tuple[int, ...]]:
    """Look stop by stop on the way up from every place; a stop that many places share is looked at once."""
    known: dict[int, tuple[int, ...]] = {}
    found: list[tuple[int, ...]] = []
    for stops in tree.search:
        teams: tuple[int, ...] = ()
        for stop in stops:
            if id(stop) not in known:
                known[id(stop)] = next(((team_at[place],) for place in stop if place in team_at), ())
            if teams := known[id(stop)]:
                break
        found.append(teams)
    return found


def presented_at(tree: PlaceTree, staffed: Sequence[bool], at: str) -> list[int]:
    """Return for every place the number of the place at which a case that begins there is presented.

    The place is that of first contact for the positions `contact` and `above`, else the origin. Where the
    place that is meant has no staffed station it is the next one above it that has; when there is none, the
    place that is meant itself.

    Examples
    --------
    >>> tree = PlaceTree((Place(id="a", tier="city"), Place(id="b", tier="street", parent="a")))
    >>> presented_at(tree, [True, True], "above"), presented_at(tree, [True, False], "contact")
    ([0, 0], [0, 0])
    """
    found = []
    for place in range(len(tree.places)):
        meant = place
        if at == "above":
            meant = tree.parent[place] if tree.parent[place] >= 0 else place
        elif at not in ("contact", "origin"):
            meant = tree.at_tier(place, at)
        found.append(next((number for number in tree.above(meant) if staffed[number]), meant))
    return found


def local_practice(tree: PlaceTree, places: Sequence[Place]) -> tuple[Practice, ...]:
    """Return the practice of every place: its own, or that of the nearest place above that has one.

    Examples
    --------
    >>> slow = Practice(work=1.5)
    >>> places = (Place(id="a", practice=slow), Place(id="b", parent="a"))
    >>> [practice.work for practice in local_practice(PlaceTree(places), places)]
    [1.5, 1.5]
    """
    own = [place.practice for place in places]
    ways = [[own[number] for number in tree.above(place)] for place in range(len(places))]
    return tuple(next((practice for practice in way if practice), Practice()) for way in ways)
