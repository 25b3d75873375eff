"""Which needs are presented, over which channel and where: stored uniforms against probabilities."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.layout import Layout, Phase
from simulation.records import Exit
from simulation.scenario.needs import Need
from simulation.scenario.places import Channel, Group
from simulation.scenario.quantities import share_of
from simulation.streams import decision, uniforms, uniforms_array, variate, variates

__all__ = ["Presentation", "make_presentation", "present", "time_to_silent_end"]

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]

AT_ONCE = 2**14
"""Cases that are looked at together, so that what is drawn for them stays small."""
WAYS = ((3, int(Exit.dropped_out)), (2, int(Exit.resolved_itself)))
"""How a case may end silently: number of the draw, exit."""


class _Rules(NamedTuple):
    """How the needs of one phase are presented; a rule is that of a need, in the order of the needs."""

    probability: Floats
    """By need and group."""
    channel: Floats
    """Running sums of the shares of the channels but the last, by channel, need and group."""
    wanted: Floats
    """Running sums of the shares of the tiers of first contact but the last, by tier and need."""
    tier: Numbers
    """Row of each tier of first contact in the table of places, by tier and need."""
    stay: Floats
    """Logarithm of the probability of one more companion, by need; minus infinity for none."""
    silent: tuple[Numbers, Numbers]
    """Where the laws of the time until a silent end begin, by way and need; -1 for none."""
    nearest: Numbers
    """Nearest staffed place at or above each place; -1 for none."""
    travelling: Floats
    """Probability that a need is taken to it, by group and place."""
    remote: Flags
    """By channel."""
    diverted: Floats
    """By group."""
    diverted_to: Numbers
    """By group."""


class _Draws(NamedTuple):
    """Uniforms by case."""

    first: Floats
    """Whether presented, channel, place of first contact."""
    second: Floats
    """Whether taken further away, persons, when resolved by itself, when silently given up."""
    third: Floats | None
    """Whether diverted to another channel; none where nobody is."""


@dataclass(frozen=True)
class Presentation:
    """All that presentation asks of a layout.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> make_presentation(make_layout(single_queue(), 10.0)).starts
    array([0.])
    """

    starts: Floats
    """Hour at which each phase begins."""
    rules: tuple[_Rules, ...]
    """By phase."""
    places: Numbers
    """Which place is meant by a tier, by row and place; the first row is the place itself."""
    table: Floats
    """All distributions."""
    diverts: bool
    """Whether anybody is diverted to another channel."""


def make_presentation(layout: Layout) -> Presentation:
    """Write out how needs are presented, phase by phase.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> make_presentation(make_layout(single_queue(), 10.0)).diverts
    False
    """
    used = {
        share.of for phase in layout.phases for need in phase.system.needs for share in need.first_contact
    }
    tiers = {tier: row for row, tier in enumerate(sorted(used), start=1)}
    itself = list(range(len(layout.tree.places)))
    places = np.array([itself, *(layout.tree.all_at_tier(tier) for tier in tiers)])
    above: dict[tuple[bool, ...], tuple[Numbers, Floats]] = {}
    rules = []
    for phase in layout.phases:
        if phase.staffed not in above:
            above[phase.staffed] = _staffed_above(layout, phase)
        rules.append(_make_rules(layout, phase, tiers, *above[phase.staffed]))
    starts = np.array([phase.start for phase in layout.phases])
    diverts = any(group.diverted for phase in layout.phases for group in phase.system.groups)
    return Presentation(starts, tuple(rules), places, layout.table, diverts)


def _make_rules(layout: Layout, phase: Phase, tiers: dict[str, int], nearest: Numbers, way: Floats) -> _Rules:
    needs, groups = phase.system.needs, phase.system.groups or layout.groups
    channels: Sequence[Channel] = phase.system.channels or layout.channels
    wanted, tier = _wanted(needs, tiers)
    uncovered = np.array([group.uncovered for group in groups])[:, None]
    reach = np.array([math.inf if group.reach is None else group.reach for group in groups])[:, None]
    names = layout.names.channels
    laws = [
        np.array([layout.starts[law] if law >= 0 else -1 for law in each], dtype=np.int64)
        for each in (phase.dropout, phase.resolves)
    ]
    return _Rules(
        probability=np.array(
            [
                [need.presented * (g.presented if need.initiated == "veteran" else 1.0) for g in groups]
                for need in needs
            ]
        ),
        channel=np.array([_channels(need, groups, names) for need in needs]).transpose(2, 0, 1),
        wanted=wanted,
        tier=tier,
        stay=np.array([_stay(need.companions) for need in needs]),
        silent=(laws[0], laws[1]),
        nearest=nearest,
        travelling=uncovered * np.exp2(-way / reach),
        remote=np.array([channel.remote for channel in channels]),
        diverted=np.array([group.diverted for group in groups]),
        diverted_to=np.array([-1 if g.diverted_to is None else names.index(g.diverted_to) for g in groups]),
    )


def _stay(companions: float) -> float:
    return math.log(companions / (1.0 + companions)) if companions > 0 else -math.inf


def _channels(need: Need, groups: Sequence[Group], names: Sequence[str]) -> Floats:
    """Cumulative shares of the channels, by group; the last channel takes the rest."""
    rows = []
    for group in groups:
        shares = need.channels or group.channels
        row = [share_of(shares, name, 0.0) for name in names] if shares else [1.0] + [0.0] * (len(names) - 1)
        rows.append(np.cumsum(row)[:-1])
    edges = np.array(rows).reshape(len(rows), len(names) - 1)
    return np.where(edges > 1.0 - 1e-12, np.inf, edges)


def _wanted(needs: Sequence[Need], tiers: dict[str, int]) -> tuple[Floats, Numbers]:
    """Add up the shares of the tiers of first contact, and give their rows; without any, the place itself."""
    most = max((len(need.first_contact) for need in needs), default=0)
    edges = np.full((max(most - 1, 0), len(needs)), np.inf)
    rows = np.zeros((max(most, 1), len(needs)), np.int64)
    for number, need in enumerate(needs):
        some = need.first_contact
        edges[: max(len(some) - 1, 0), number] = np.cumsum([share.share for share in some])[:-1]
        rows[: len(some), number] = [tiers[share.of] for share in some]
    return edges, rows


def _staffed_above(layout: Layout, phase: Phase) -> tuple[Numbers, Floats]:
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


def present(
    presentation: Presentation, cases: NDArray[Any], opening: Numbers, seed: int, replication: int
) -> tuple[Floats, NDArray[np.int8]]:
    """Fill in presentation, channel, place of first contact and persons of latent cases.

    Parameters
    ----------
    presentation
        How needs are presented.
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
    >>> one, none = np.zeros(1, CASE), np.empty(0, np.int64)
    >>> present(make_presentation(make_layout(single_queue(), 10.0)), one, none, seed=1, replication=0)[0]
    array([inf])
    """
    presented = np.zeros(len(cases), bool)
    dropout = np.full(len(cases), np.inf)
    silent = np.full(len(cases), Exit.dropped_out, np.int8)
    arrival = cases["arrival"].copy()
    bounds = [0, *np.searchsorted(arrival, presentation.starts[1:]).tolist(), len(cases)]
    for rules, begin, end in zip(presentation.rules, bounds, bounds[1:], strict=False):
        for first in range(begin, end, AT_ONCE):
            some = slice(first, min(first + AT_ONCE, end))
            draws = _draw(presentation, cases["key"][some], seed, replication)
            presented[some] = _present(presentation, rules, cases[some], draws)
            begun = np.maximum(arrival[some], 0.0)
            _end_silently(presentation, rules, cases["need"][some], begun, draws, dropout[some], silent[some])
    _present_opening(presentation, cases[: len(opening)], presented, opening)
    cases["exit"] = np.where(presented, Exit.open, Exit.not_presented)
    cases["ended"] = np.where(presented, np.nan, arrival)
    cases["channel"][~presented] = -1
    return dropout, silent


def _draw(presentation: Presentation, keys: NDArray[np.uint64], seed: int, replication: int) -> _Draws:
    named, diversion = decision("presentation"), decision("diversion")
    first, second = (uniforms_array(seed, replication, named, keys, 0, block) for block in (0, 1))
    third = uniforms_array(seed, replication, diversion, keys, 0)[:, 0] if presentation.diverts else None
    return _Draws(first, second, third)


def _present(presentation: Presentation, rules: _Rules, cases: NDArray[Any], draws: _Draws) -> Flags:
    """Decide the channel, the place of first contact and the persons; return which cases are presented."""
    need, group, origin = (cases[name].astype(np.int64) for name in ("need", "group", "origin"))
    first, second, third = draws
    both = need * rules.probability.shape[1] + group
    channel = np.zeros(len(cases), np.int64)
    for edges in rules.channel:
        channel += first[:, 1] >= edges.take(both)
    tier = np.zeros(len(cases), np.int64)
    for edges in rules.wanted:
        tier += first[:, 2] >= edges.take(need)
    meant = rules.tier.take(tier * rules.tier.shape[1] + need)
    wanted = presentation.places.take(meant * presentation.places.shape[1] + origin)
    nearest = rules.nearest.take(wanted)
    staffed = nearest >= 0
    carried = (nearest == wanted) | rules.remote.take(channel)
    carried |= second[:, 0] < rules.travelling.take(group * rules.travelling.shape[1] + wanted)
    if third is not None:
        diverted = ~carried & (third < rules.diverted.take(group))
        channel = np.where(diverted, rules.diverted_to.take(group), channel)
        carried |= diverted
    cases["contact"] = np.where(staffed, nearest, wanted)
    cases["channel"] = channel
    cases["persons"] = 1 + np.floor(np.log(second[:, 1]) / rules.stay.take(need)).astype(np.int32)
    presented: Flags = (first[:, 0] < rules.probability.take(both)) & carried & staffed
    return presented


def _end_silently(
    presentation: Presentation,
    rules: _Rules,
    need: NDArray[np.int32],
    begun: Floats,
    draws: _Draws,
    dropout: Floats,
    silent: NDArray[np.int8],
) -> None:
    """Put in when each case ends silently, and how: by the way that comes first."""
    for laws, (draw, exit_) in zip(rules.silent, WAYS, strict=True):
        starts = laws[need]
        mine = np.flatnonzero(starts >= 0)
        moment = begun[mine] + variates(presentation.table, starts[mine], draws.second[mine, draw])
        sooner = moment < dropout[mine]
        dropout[mine[sooner]], silent[mine[sooner]] = moment[sooner], exit_


def _present_opening(
    presentation: Presentation, cases: NDArray[Any], presented: Flags, channel: Numbers
) -> None:
    """Let the cases that are under way at time 0 be presented where they are."""
    nearest, origin = presentation.rules[0].nearest, cases["origin"]
    cases["contact"] = np.where(nearest[origin] >= 0, nearest[origin], origin)
    cases["channel"] = np.where(channel >= 0, channel, cases["channel"])
    presented[: len(cases)] = True


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
    for law, (draw, exit_) in zip((phase.dropout[need], phase.resolves[need]), WAYS, strict=True):
        if law < 0:
            continue
        u = uniforms(seed, replication, decision("presentation"), key, 0, 1)[draw]
        time = variate(layout.table, layout.starts[law], u)
        if time < soonest:
            soonest, silent = time, exit_
    return soonest, silent
