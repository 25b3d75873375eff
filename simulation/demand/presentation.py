"""Which needs are presented, over which channel and where: stored uniforms against probabilities."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.layout import Layout, Phase
from simulation.records import Exit
from simulation.scenario.needs import Need
from simulation.scenario.places import Group
from simulation.scenario.quantities import share_of
from simulation.streams import decision, uniforms, uniforms_array, variate, variates

__all__ = ["present", "time_to_dropout"]

Floats = NDArray[np.float64]


class _Draws(NamedTuple):
    """Uniforms by case."""

    first: Floats
    """Whether presented, channel, place of first contact."""
    second: Floats
    """Whether taken further away, persons, (resolved by itself), silently given up."""
    third: Floats | None
    """Whether diverted to another channel; none where nobody is."""


def present(layout: Layout, cases: NDArray[Any], seed: int, replication: int) -> Floats:
    """Fill in presentation, channel, place of first contact and persons of latent cases.

    Returns
    -------
    ndarray of float64
        Moment at which each case is silently given up if still open, hours.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.records import CASE
    >>> from simulation.scenario.examples import single_queue
    >>> one = np.zeros(1, CASE)
    >>> present(make_layout(single_queue(), 10.0), one, seed=1, replication=0)
    array([inf])
    """
    draws = _draw(layout, cases["key"], seed, replication)
    presented = np.zeros(len(cases), bool)
    dropout = np.full(len(cases), np.inf)
    ends = [*(phase.start for phase in layout.phases[1:]), math.inf]
    for phase, end in zip(layout.phases, ends, strict=True):
        current = (cases["arrival"] >= phase.start) & (cases["arrival"] < end)
        for number, need in enumerate(phase.system.needs):
            mine = np.flatnonzero(current & (cases["need"] == number))
            if len(mine):
                presented[mine] = _present_need(layout, phase, need, cases, mine, draws)
                if phase.dropout[number] >= 0:
                    starts = np.full(len(mine), layout.starts[phase.dropout[number]])
                    stays = variates(layout.table, starts, draws.second[mine, 3])
                    dropout[mine] = cases["arrival"][mine] + stays
    cases["exit"] = np.where(presented, Exit.open, Exit.not_presented)
    cases["ended"] = np.where(presented, np.nan, cases["arrival"])
    cases["channel"] = np.where(presented, cases["channel"], -1)
    return dropout


def time_to_dropout(layout: Layout, phase: Phase, need: int, key: int, seed: int, replication: int) -> float:
    """Return the time (hours) until one case is silently given up; infinite when cases of the need never are.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> layout = make_layout(single_queue(), 10.0)
    >>> time_to_dropout(layout, layout.phases[0], need=0, key=17, seed=1, replication=0)
    inf
    """
    number = phase.dropout[need]
    if number < 0:
        return math.inf
    u = uniforms(seed, replication, decision("presentation"), key, 0, 1)[3]
    return variate(layout.table, layout.starts[number], u)


def _draw(layout: Layout, keys: NDArray[np.uint64], seed: int, replication: int) -> _Draws:
    named = decision("presentation")
    first, second = (uniforms_array(seed, replication, named, keys, 0, block) for block in (0, 1))
    diverts = any(group.diverted for phase in layout.phases for group in phase.system.groups)
    third = uniforms_array(seed, replication, decision("diversion"), keys, 0)[:, 0] if diverts else None
    return _Draws(first, second, third)


def _present_need(
    layout: Layout, phase: Phase, need: Need, cases: NDArray[Any], mine: NDArray[np.intp], draws: _Draws
) -> NDArray[np.bool_]:
    """Decide the channel, the place of first contact and the persons; return which cases are presented."""
    groups = phase.system.groups or layout.groups
    group = cases["group"][mine]
    first, second = draws.first[mine], draws.second[mine]
    by_veterans = need.initiated == "veteran"
    probability = need.presented * np.array([g.presented if by_veterans else 1.0 for g in groups])[group]
    channel = (first[:, 1][:, None] >= _channels(layout, phase, need)[group]).sum(axis=1)
    wanted = _wanted_places(layout, need, cases["origin"][mine], first[:, 2])
    above, way = _staffed_above(layout, phase)
    nearest, further = above[wanted], way[wanted]
    cases["contact"][mine] = np.where(nearest >= 0, nearest, wanted)
    remote = np.array([c.remote for c in phase.system.channels or layout.channels])[channel]
    carried = (nearest == wanted) | remote | (second[:, 0] < _travelling(groups, group, further))
    if draws.third is not None:
        diverted = ~carried & (draws.third[mine] < np.array([g.diverted for g in groups])[group])
        channel = np.where(diverted, _diverted_to(layout, groups)[group], channel)
        carried |= diverted
    cases["channel"][mine] = channel
    if need.companions > 0:
        stay = math.log(need.companions / (1.0 + need.companions))
        cases["persons"][mine] = 1 + np.floor(np.log(second[:, 1]) / stay).astype(np.int32)
    else:
        cases["persons"][mine] = 1
    presented: NDArray[np.bool_] = (first[:, 0] < probability) & carried & (nearest >= 0)
    return presented


def _travelling(groups: Sequence[Group], group: NDArray[Any], further: Floats) -> Floats:
    """Probability that a need is taken a further way (km), by case."""
    uncovered = np.array([g.uncovered for g in groups])[group]
    reach = np.array([math.inf if g.reach is None else g.reach for g in groups])[group]
    travelling: Floats = uncovered * np.exp2(-further / reach)
    return travelling


def _diverted_to(layout: Layout, groups: Sequence[Group]) -> NDArray[np.int64]:
    names = layout.names.channels
    return np.array([-1 if g.diverted_to is None else names.index(g.diverted_to) for g in groups])


def _channels(layout: Layout, phase: Phase, need: Need) -> Floats:
    """Cumulative shares of the channels, by group; the last channel takes the rest."""
    names = layout.names.channels
    rows = []
    for group in phase.system.groups or layout.groups:
        shares = need.channels or group.channels
        row = [share_of(shares, name, 0.0) for name in names] if shares else [1.0] + [0.0] * (len(names) - 1)
        rows.append(np.cumsum(row)[:-1])
    edges = np.array(rows).reshape(len(rows), len(names) - 1)
    return np.where(edges > 1.0 - 1e-12, np.inf, edges)


def _wanted_places(layout: Layout, need: Need, origin: NDArray[Any], u: Floats) -> NDArray[np.int64]:
    if not need.first_contact:
        return origin.astype(np.int64)
    tiers = [share.of for share in need.first_contact]
    table = np.array(
        [[layout.tree.at_tier(place, tier) for tier in tiers] for place in range(len(layout.tree.places))]
    )
    edges = np.cumsum([share.share for share in need.first_contact])[:-1]
    wanted: NDArray[np.int64] = table[origin, np.searchsorted(edges, u, side="right")]
    return wanted


def _staffed_above(layout: Layout, phase: Phase) -> tuple[NDArray[np.int64], Floats]:
    """Find the nearest staffed place at or above each place (-1 for none), and the way to it, km."""
    places = layout.tree.places
    nearest, further = np.full(len(places), -1), np.zeros(len(places))
    for place in range(len(places)):
        for number in layout.tree.above(place):
            if phase.staffed[number]:
                nearest[place] = number
                break
            further[place] += places[number].distance
    return nearest, further
