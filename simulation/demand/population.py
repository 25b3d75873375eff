"""Who has a need: veterans laid out by group at every place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.compiling import compiled
from simulation.layout import Layout
from simulation.scenario.needs import Need
from simulation.scenario.quantities import share_of

__all__ = ["Population", "make_population"]


@compiled(
    "void(float64[:, :, ::1], float64[:, :, ::1], int64[:, ::1], int64[:, ::1], int64[::1], int64[::1],"
    "float64[::1], int32[::1], int64[::1])"
)
def _pick_into(
    weights: Any,
    edges: Any,
    heads: Any,
    before: Any,
    chances: Any,
    places: Any,
    us: Any,
    groups: Any,
    veterans: Any,
) -> None:
    last = heads.shape[1] - 1
    for i in range(us.size):
        chance, place = chances[i], places[i]
        position = us[i] * edges[chance, place, last]
        group = 0
        while group < last and position >= edges[chance, place, group]:
            group += 1
        weight, count = weights[chance, place, group], heads[place, group]
        number = 0
        if weight > 0.0:
            number = int((position - (edges[chance, place, group] - weight)) / weight * count)
        groups[i] = group
        veterans[i] = before[place, group] + min(max(number, 0), count - 1) if count > 0 else -1


@dataclass(frozen=True)
class Population:
    """Veterans of every place, numbered group by group, and who has how much of a chance to be picked.

    Examples
    --------
    >>> people = Population(np.array([[3, 7]]), np.array([0.3, 0.7]), np.array([[1.0, 1.0], [0.0, 1.0]]))
    >>> people.pick(np.array([0, 0, 1]), np.array([0, 0, 0]), np.array([0.1, 0.85, 0.1]))
    (array([0, 1, 1], dtype=int32), array([1, 8, 3]))
    """

    heads: NDArray[np.int64]
    """Veterans by place and group; each group of a place takes the next numbers."""
    shares: NDArray[np.float64]
    """Share of each group, for places without veterans."""
    chances: NDArray[np.float64]
    """Factor on each group's weight: a row for each need, then a row for each group that is given."""

    @cached_property
    def _tables(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
        """Weights and their sums by row of chances, place and group; veterans of the groups before."""
        some = self.heads.sum(axis=1, keepdims=True) > 0
        weights = np.where(some, self.heads, self.shares) * self.chances[:, None, :]
        return weights, np.cumsum(weights, axis=2), np.cumsum(self.heads, axis=1) - self.heads

    def pick(
        self, chance: NDArray[np.int64], place: NDArray[np.int64], u: NDArray[np.float64]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return the group and the veteran's number (-1: nobody registered) for uniforms `u`."""
        weights, edges, before = self._tables
        groups, veterans = np.empty(len(u), np.int32), np.empty(len(u), np.int64)
        _pick_into(weights, edges, self.heads, before, chance, place, u, groups, veterans)
        return groups, veterans


def make_population(layout: Layout) -> Population:
    """Divide the veterans of every place among the groups, by largest remainders.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> make_population(make_layout(single_queue(), 1.0)).heads
    array([[0]])
    """
    shares = np.array([group.share for group in layout.groups])
    veterans = np.array([place.veterans for place in layout.tree.places])
    exact = veterans[:, None] * shares
    heads = np.floor(exact + 1e-9).astype(np.int64)
    missing = veterans - heads.sum(axis=1)
    order = np.argsort(heads - exact, axis=1, kind="stable")
    rank = np.argsort(order, axis=1, kind="stable")
    by_need = [rate_factors(need, layout) for need in layout.scenario.needs]
    chances = np.vstack([*by_need, np.eye(len(shares))])
    return Population(heads + (rank < missing[:, None]), shares, chances)


def rate_factors(need: Need, layout: Layout) -> NDArray[np.float64]:
    """Return the factor on a need's rate, by group.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> layout = make_layout(single_queue(), 1.0)
    >>> rate_factors(layout.scenario.needs[0], layout)
    array([1.])
    """
    return np.array([share_of(need.group_rates, group.id, 1.0) for group in layout.groups])
