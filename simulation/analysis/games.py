"""Who brings how much of what all bring together: Shapley values and interactions of a cooperative game.

A *game* gives each *coalition*, a set of players, a value. Coalitions are numbered by their bits: player i
is in coalition S where ``S >> i & 1``; 0 is nobody. All functions are linear in the values, so that a game
may be evaluated replication by replication, and the mean over replications is that of the mean game.

Sources: Shapley (1953), "A value for n-person games", in *Contributions to the Theory of Games II*; Grabisch
and Roubens (1999), "An axiomatic approach to the concept of interaction among players in cooperative games",
*Int. J. Game Theory* 28; Castro, Gómez and Tejada (2009), "Polynomial calculation of the Shapley value based
on sampling", *Computers & Operations Research* 36; Mitchell, Cooper, Frank and Holmes (2022), "Sampling
permutations for Shapley value estimation", *JMLR* 23 (an order together with its reverse).
"""

from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from simulation.analysis.estimates import Floats

__all__ = ["along", "interactions", "orders", "shapley", "shapley_along"]

Orders = NDArray[np.int64]


def shapley(values: Floats) -> Floats:
    """Share what all players bring together among them: the mean of what each adds, over all orders.

    Parameters
    ----------
    values
        The last axis runs over all coalitions, 2^k of them.

    Returns
    -------
    array
        The last axis runs over the k players. The shares add up to the value of all less that of nobody; a
        player who never adds anything has exactly 0.

    Examples
    --------
    Two left gloves (players 0 and 1) and a right one (2); a pair is worth 1:

    >>> shapley(np.array([0.0, 0, 0, 0, 0, 1, 1, 1])).round(4).tolist()
    [0.1667, 0.1667, 0.6667]
    """
    players = _players(values)
    sets = np.arange(2**players)
    shares = [
        _weighted(values[..., without | 1 << player] - values[..., without], without, players)
        for player in range(players)
        for without in (sets[sets >> player & 1 == 0],)
    ]
    return np.stack(shares, axis=-1)


def interactions(values: Floats) -> Floats:
    """Say for every two players what they bring together beyond what they bring apart.

    That is the Shapley interaction index (Grabisch and Roubens 1999): the mean over all sets of others of
    v(S,i,j) - v(S,i) - v(S,j) + v(S), each size of S counting the same. Above 0 they help each other, below
    0 they do the same work twice.

    Parameters
    ----------
    values
        As in `shapley`.

    Returns
    -------
    array
        The last axis runs over the pairs, in the order of `itertools.combinations`.

    Examples
    --------
    >>> interactions(np.array([0.0, 0, 0, 0, 0, 1, 1, 1])).tolist()
    [-0.5, 0.5, 0.5]
    """
    players = _players(values)
    sets = np.arange(2**players)
    found = []
    for one, other in combinations(range(players), 2):
        without = sets[(sets >> one & 1 == 0) & (sets >> other & 1 == 0)]
        both = values[..., without | 1 << one | 1 << other] - values[..., without | 1 << other]
        alone = values[..., without | 1 << one] - values[..., without]
        found.append(_weighted(both - alone, without, players - 1))
    return np.stack(found, axis=-1) if found else np.zeros((*values.shape[:-1], 0))


def orders(uniforms: Floats) -> Orders:
    """Turn uniforms into orders of the players, each followed by its reverse.

    In the reverse, those who came early come late; what a pair of orders says varies less than two orders
    drawn apart (Mitchell et al. 2022).

    Parameters
    ----------
    uniforms
        Rows of a number per player, independent and uniform between 0 and 1.

    Returns
    -------
    array
        Twice as many rows as `uniforms`; the first player to come stands first.

    Examples
    --------
    >>> orders(np.array([[0.5, 0.9, 0.1]])).tolist()
    [[2, 0, 1], [1, 0, 2]]
    """
    drawn = np.argsort(uniforms, axis=-1, kind="stable")
    return np.stack([drawn, drawn[:, ::-1]], axis=1).reshape(-1, uniforms.shape[-1]).astype(np.int64)


def along(order: Orders) -> Orders:
    """Give the numbers of the coalitions that form as players come in an order, nobody first and all last.

    Examples
    --------
    >>> along(np.array([2, 0, 1])).tolist()
    [0, 4, 5, 7]
    """
    start = np.zeros((*order.shape[:-1], 1), dtype=np.int64)
    return np.concatenate([start, np.cumsum(np.int64(1) << order, axis=-1)], axis=-1)


def shapley_along(values: Floats, order: Orders) -> Floats:
    """Estimate Shapley values from some orders: the mean of what each player adds when it comes.

    Whatever the orders, the shares add up to the value of all less that of nobody. Over orders drawn at
    random the estimate is unbiased (Castro et al. 2009).

    Parameters
    ----------
    values
        Of the coalitions `along` each order; the last two axes are orders and coalitions.
    order
        The orders; the last two axes are orders and players.

    Returns
    -------
    array
        The last axis runs over the players.

    Examples
    --------
    >>> gloves = np.array([0.0, 0, 0, 0, 0, 1, 1, 1])
    >>> some = np.array([[2, 0, 1], [1, 0, 2]])
    >>> shapley_along(gloves[along(some)], some).tolist()
    [0.5, 0.0, 0.5]
    """
    added = np.empty(np.broadcast_shapes(values[..., 1:].shape, order.shape))
    steps = np.broadcast_to(np.diff(values, axis=-1), added.shape)
    np.put_along_axis(added, np.broadcast_to(order, added.shape), steps, axis=-1)
    return np.asarray(added.mean(axis=-2))


def _players(values: Floats) -> int:
    count = values.shape[-1]
    players = int(count).bit_length() - 1
    if count != 2**players or not players:
        raise ValueError(f"values: {count} coalitions; give all 2^k of k players, k at least 1")
    return players


def _weighted(added: Floats, without: Orders, players: int) -> Floats:
    """Average what is added to sets, first over the sets of each size, then over sizes, 0 to players - 1."""
    size = np.array([int(one).bit_count() for one in without])
    weights = np.array([1 / (players * comb(players - 1, int(one))) for one in size])
    return np.asarray((added * weights).sum(axis=-1))
