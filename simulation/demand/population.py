"""Who has a need: veterans laid out by group at every place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation.layout import Layout
from simulation.scenario.needs import Need
from simulation.scenario.quantities import share_of

__all__ = ["Population", "make_population"]


@dataclass(frozen=True)
class Population:
    """Veterans of every place, numbered group by group.

    Examples
    --------
    >>> people = Population(np.array([[3, 7]]), np.array([0.3, 0.7]))
    >>> people.pick(np.array([0, 0]), np.array([1.0, 1.0]), np.array([0.1, 0.85]))
    (array([0, 1]), array([1, 8]))
    """

    heads: NDArray[np.int64]
    """Veterans by place and group; each group of a place takes the next numbers."""
    shares: NDArray[np.float64]
    """Share of each group, for places without veterans."""

    def pick(
        self, place: NDArray[np.int64], factor: NDArray[np.float64], u: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the group and the veteran's number (-1: nobody registered) for uniforms `u`."""
        weight = np.where(self.heads.sum(axis=1, keepdims=True) > 0, self.heads, self.shares) * factor
        edges = np.cumsum(weight, axis=1)[place]
        position = u * edges[:, -1]
        group = np.minimum((position[:, None] >= edges).sum(axis=1), len(factor) - 1)
        rows = np.arange(len(place))
        before = edges[rows, group] - weight[place, group]
        with np.errstate(invalid="ignore", divide="ignore"):
            within = (position - before) / weight[place, group]
        count = self.heads[place, group]
        first = (np.cumsum(self.heads, axis=1) - self.heads)[place, group]
        number = first + np.clip((within * count).astype(np.int64), 0, np.maximum(count - 1, 0))
        return group, np.where(count > 0, number, -1)


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
    return Population(heads + (rank < missing[:, None]), shares)


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
