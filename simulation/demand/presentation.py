"""Which needs are presented, over which channel and where: stored uniforms against probabilities."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.layout import Layout, Phase
from simulation.records import Exit
from simulation.scenario.needs import Need
from simulation.scenario.quantities import share_of
from simulation.streams import decision, uniforms, uniforms_array, variate, variates

__all__ = ["present", "time_to_dropout"]

Floats = NDArray[np.float64]


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
    first = uniforms_array(seed, replication, decision("presentation"), cases["key"], 0, 0)
    second = uniforms_array(seed, replication, decision("presentation"), cases["key"], 0, 1)
    presented = np.zeros(len(cases), bool)
    dropout = np.full(len(cases), np.inf)
    ends = [*(phase.start for phase in layout.phases[1:]), math.inf]
    for phase, end in zip(layout.phases, ends, strict=True):
        current = (cases["arrival"] >= phase.start) & (cases["arrival"] < end)
        for number, need in enumerate(phase.system.needs):
            mine = np.flatnonzero(current & (cases["need"] == number))
            if len(mine):
                _present_need(layout, phase, need, cases, mine, first, second, presented)
                if phase.dropout[number] >= 0:
                    starts = np.full(len(mine), layout.starts[phase.dropout[number]])
                    dropout[mine] = cases["arrival"][mine] + variates(layout.table, starts, second[mine, 3])
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


def _present_need(
    layout: Layout,
    phase: Phase,
    need: Need,
    cases: NDArray[Any],
    mine: NDArray[np.intp],
    first: Floats,
    second: Floats,
    presented: NDArray[np.bool_],
) -> None:
    groups = phase.system.groups or layout.groups
    group = cases["group"][mine]
    reaches_out = need.initiated == "service"
    probability = need.presented * np.array([1.0 if reaches_out else g.presented for g in groups])[group]
    channel = _channels(layout, phase, need)[group]
    cases["channel"][mine] = (first[mine, 1][:, None] >= channel).sum(axis=1)
    wanted = _wanted_places(layout, need, cases["origin"][mine], first[mine, 2])
    remote = np.array([c.remote for c in phase.system.channels or layout.channels])[cases["channel"][mine]]
    covered = np.array(phase.staffed)[wanted]
    travels = second[mine, 0] < np.array([g.uncovered for g in groups])[group]
    contact = np.array(_staffed_above(layout, phase))[wanted]
    cases["contact"][mine] = np.where(contact >= 0, contact, wanted)
    presented[mine] = (first[mine, 0] < probability) & (covered | remote | travels) & (contact >= 0)
    if need.companions > 0:
        stay = math.log(need.companions / (1.0 + need.companions))
        cases["persons"][mine] = 1 + np.floor(np.log(second[mine, 1]) / stay).astype(np.int32)
    else:
        cases["persons"][mine] = 1


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


def _staffed_above(layout: Layout, phase: Phase) -> list[int]:
    """List the nearest staffed place at or above each place, -1 for none."""
    return [
        next((number for number in layout.tree.above(place) if phase.staffed[number]), -1)
        for place in range(len(layout.tree.places))
    ]
