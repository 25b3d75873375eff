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

__all__ = ["present", "time_to_silent_end"]

Floats = NDArray[np.float64]


class _Draws(NamedTuple):
    """Uniforms by case."""

    first: Floats
    """Whether presented, channel, place of first contact."""
    second: Floats
    """Whether taken further away, persons, when resolved by itself, when silently given up."""
    third: Floats | None
    """Whether diverted to another channel; none where nobody is."""


def present(
    layout: Layout, cases: NDArray[Any], opening: NDArray[np.int64], seed: int, replication: int
) -> tuple[Floats, NDArray[np.int8]]:
    """Fill in presentation, channel, place of first contact and persons of latent cases.

    Parameters
    ----------
    layout
        The scenario written out.
    cases
        Latent cases, those first that are under way at time 0.
    opening
        Channel of each of those, -1 where it is to be drawn.
    seed, replication
        Key of the random numbers.

    Returns
    -------
    ndarray of float64
        Moment at which each case ends silently if still open, hours.
    ndarray of int8
        The exit by which it then ends.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.records import CASE
    >>> from simulation.scenario.examples import single_queue
    >>> one = np.zeros(1, CASE)
    >>> present(make_layout(single_queue(), 10.0), one, np.empty(0, np.int64), seed=1, replication=0)[0]
    array([inf])
    """
    draws = _draw(layout, cases["key"], seed, replication)
    presented = np.zeros(len(cases), bool)
    dropout = np.full(len(cases), np.inf)
    silent = np.full(len(cases), Exit.dropped_out, np.int8)
    ends = [*(phase.start for phase in layout.phases[1:]), math.inf]
    for phase, end in zip(layout.phases, ends, strict=True):
        begun = np.maximum(cases["arrival"], 0.0)
        current = (begun >= phase.start) & (begun < end)
        for number, need in enumerate(phase.system.needs):
            mine = np.flatnonzero(current & (cases["need"] == number))
            if len(mine):
                presented[mine] = _present_need(layout, phase, need, cases, mine, draws)
                for law, draw, exit_ in _silent_ends(phase, number):
                    starts = np.full(len(mine), layout.starts[law])
                    moment = begun[mine] + variates(layout.table, starts, draws.second[mine, draw])
                    sooner = moment < dropout[mine]
                    dropout[mine] = np.where(sooner, moment, dropout[mine])
                    silent[mine] = np.where(sooner, exit_, silent[mine])
    _present_opening(layout, cases[: len(opening)], presented, opening)
    cases["exit"] = np.where(presented, Exit.open, Exit.not_presented)
    cases["ended"] = np.where(presented, np.nan, cases["arrival"])
    cases["channel"] = np.where(presented, cases["channel"], -1)
    return dropout, silent


def time_to_silent_end(
    layout: Layout, phase: Phase, need: int, key: int, seed: int, replication: int
) -> tuple[float, int]:
    """Return the time (hours) until one case ends silently, and the exit; infinite when it never does.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> layout = make_layout(single_queue(), 10.0)
    >>> time_to_silent_end(layout, layout.phases[0], need=0, key=17, seed=1, replication=0)
    (inf, 8)
    """
    soonest, silent = math.inf, int(Exit.dropped_out)
    for law, draw, exit_ in _silent_ends(phase, need):
        u = uniforms(seed, replication, decision("presentation"), key, 0, 1)[draw]
        time = variate(layout.table, layout.starts[law], u)
        if time < soonest:
            soonest, silent = time, exit_
    return soonest, silent


def _silent_ends(phase: Phase, need: int) -> list[tuple[int, int, int]]:
    """List how a case of a need may end silently: number of the time's law, number of the draw, exit."""
    ways = [
        (phase.dropout[need], 3, int(Exit.dropped_out)),
        (phase.resolves[need], 2, int(Exit.resolved_itself)),
    ]
    return [way for way in ways if way[0] >= 0]


def _present_opening(
    layout: Layout, cases: NDArray[Any], presented: NDArray[np.bool_], channel: NDArray[np.int64]
) -> None:
    """Let the cases that are under way at time 0 be presented where they are."""
    nearest, _ = _staffed_above(layout, layout.phases[0])
    origin = cases["origin"]
    cases["contact"] = np.where(nearest[origin] >= 0, nearest[origin], origin)
    cases["channel"] = np.where(channel >= 0, channel, cases["channel"])
    presented[: len(cases)] = True


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
    table = np.array([layout.tree.all_at_tier(tier) for tier in tiers]).T
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
