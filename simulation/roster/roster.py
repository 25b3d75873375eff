"""The roster of one replication: heads on duty and their pace, posts by posts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from simulation.layout import Layout, StaffUnit, TeamUnit
from simulation.roster.filling import fill
from simulation.roster.posts import Posts, make_posts

__all__ = ["Roster", "make_roster"]

DAY = 24.0
AT_ONCE = 64
"""Staff groups that are filled together, so that what is made for them stays small."""

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Roster:
    """The teams of a layout with the heads that are really there.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> layout = make_layout(single_queue(servers=3), 100.0)
    >>> make_roster(layout, seed=1, replication=0).teams[0].on_duty(50.0)
    3
    """

    teams: tuple[TeamUnit, ...]
    """Teams in the order of the layout: `planned` heads hold posts and are paid, `capacity` are on duty."""

    @cached_property
    def staff(self) -> tuple[StaffUnit, ...]:
        """Staff groups, in the order of the names of the staff."""
        return tuple(unit for team in self.teams for unit in team.staff)


def make_roster(layout: Layout, seed: int, replication: int) -> Roster:
    """Draw who holds which post when, who is away on which day, and how fast those on duty are.

    Every draw is keyed by the post: another post, place or lever changes none of them.

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
    >>> layout = make_layout(single_queue(), 100.0)
    >>> make_roster(layout, seed=1, replication=0).teams is layout.teams
    True
    """
    groups = _GROUPS.get(layout)
    if groups is None:
        groups = _GROUPS[layout] = _make_groups(layout)
    if not groups:
        return Roster(layout.teams)
    filled = {name: unit for each in groups for name, unit in each.filled(layout.horizon, seed, replication)}
    teams = [
        replace(team, staff=tuple(filled.get(unit.id, unit) for unit in team.staff))
        if any(unit.id in filled for unit in team.staff)
        else team
        for team in layout.teams
    ]
    return Roster(tuple(teams))


@dataclass(frozen=True)
class _Groups:
    """Some of the staff groups whose posts are held, laid out: the same in every replication."""

    units: tuple[StaffUnit, ...]
    posts: Posts
    first_point: Numbers
    """First point of each group's grid, and the one after its last; groups may share a grid."""
    last_point: Numbers
    grid: Floats
    """Moments at which anything but the posts may change (hours), whether it is open then, and the pace."""

    def filled(self, horizon: float, seed: int, replication: int) -> list[tuple[str, StaffUnit]]:
        """Return the staff groups with the heads that are really there, by name."""
        posts = self.posts
        rows, ends = fill(
            seed, replication, horizon, posts.first_post, posts.keys, posts.first_stretch, posts.stretches,
            posts.first_era, posts.eras, self.first_point, self.last_point, self.grid, posts.table,
            posts.starts, posts.points, posts.weights,
        )  # fmt: skip
        times, pace = rows[:, 0].copy(), rows[:, 3].copy()
        capacity, planned = rows[:, 1].astype(np.int64), rows[:, 2].astype(np.int64)
        bounds = ends.tolist()
        return [
            (
                unit.id,
                replace(
                    unit,
                    times=times[begin:end],
                    capacity=capacity[begin:end],
                    planned=planned[begin:end],
                    pace=pace[begin:end],
                ),
            )
            for unit, begin, end in zip(self.units, bounds, bounds[1:], strict=False)
        ]


_GROUPS: WeakKeyDictionary[Layout, tuple[_Groups, ...]] = WeakKeyDictionary()


def _make_groups(layout: Layout) -> tuple[_Groups, ...]:
    units = [unit for team in layout.teams for unit in team.staff if unit.held and unit.planned.any()]
    parts = [units[first : first + AT_ONCE] for first in range(0, len(units), AT_ONCE)]
    return tuple(_make_some(part, layout.horizon) for part in parts)


def _make_some(units: list[StaffUnit], horizon: float) -> _Groups:
    known: dict[Any, tuple[int, int]] = {}
    grids: list[Floats] = []
    size = 0
    for unit in units:
        shape = _shape(unit)
        if shape not in known:
            grids.append(_grid(unit, horizon))
            known[shape] = (size, size + len(grids[-1]))
            size += len(grids[-1])
    bounds = np.array([known[_shape(unit)] for unit in units])
    posts = make_posts([(unit, range(int(unit.planned.max()))) for unit in units], horizon)
    return _Groups(tuple(units), posts, bounds[:, 0].copy(), bounds[:, 1].copy(), np.concatenate(grids))


def _shape(unit: StaffUnit) -> Any:
    """Name what a grid depends on: equal arrays of a layout are one object."""
    return id(unit.times), id(unit.pace), id(unit.hours), tuple(era.begin for era in unit.eras)


def _grid(unit: StaffUnit, horizon: float) -> Floats:
    """List the moments at which anything but the posts may change, with what holds from then on."""
    days = np.arange(0.0, horizon, DAY)
    begins = [era.begin for era in unit.eras]
    times = np.unique(np.concatenate((unit.times, begins, unit.hours.opens, unit.hours.closes, days)))
    times = times[times < horizon]
    pace = unit.pace[np.searchsorted(unit.times, times, side="right") - 1]
    return np.column_stack((times, unit.hours.open_at(times), pace))
