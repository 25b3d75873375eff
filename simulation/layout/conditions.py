"""Conditions and routes, with names turned into numbers once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from simulation.records import Exit
from simulation.scenario.routing import JOIN, Routing, When

__all__ = ["JOIN_TARGET", "CaseFacts", "Condition", "Route", "choose", "exit_of", "exit_target", "target_of"]

JOIN_TARGET = -100
"""Number of the target `join`; exits are below zero, activities from zero on."""


def exit_target(exit_: Exit) -> int:
    """Return the number under which a route knows an exit.

    Examples
    --------
    >>> exit_target(Exit.resolved)
    -2
    """
    return -1 - int(exit_)


def exit_of(target: int) -> int:
    """Return the number of the exit that a route knows under a target.

    Examples
    --------
    >>> Exit(exit_of(-2)).name
    'resolved'
    """
    return -1 - target


class CaseFacts(NamedTuple):
    """What conditions ask of a case; all numbers are indices into the names of the layout."""

    channel: int
    group: int
    standard: int
    tier: int
    due: float
    """The moment of the deadline, hours; infinite without one."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on a case; an empty part asks nothing.

    Examples
    --------
    >>> facts = CaseFacts(channel=1, group=0, standard=0, tier=0, due=10.0)
    >>> Condition(frozenset({1}), frozenset(), frozenset(), frozenset(), None).holds(facts, 5.0)
    True
    """

    channels: frozenset[int]
    groups: frozenset[int]
    standards: frozenset[int]
    tiers: frozenset[int]
    late: bool | None

    @property
    def trivial(self) -> bool:
        """Whether it holds for every case."""
        return not (self.channels or self.groups or self.standards or self.tiers) and self.late is None

    def holds(self, facts: CaseFacts, now: float) -> bool:
        """Whether it holds for a case at a moment (hours)."""
        return (
            (not self.channels or facts.channel in self.channels)
            and (not self.groups or facts.group in self.groups)
            and (not self.standards or facts.standard in self.standards)
            and (not self.tiers or facts.tier in self.tiers)
            and (self.late is None or self.late == (now > facts.due))
        )


class Route(NamedTuple):
    """One row of a routing: cumulative probabilities of its targets."""

    condition: Condition
    cumulative: tuple[float, ...]
    targets: tuple[int, ...]


class Index(NamedTuple):
    """Numbers of the names that conditions use."""

    channels: Mapping[str, int]
    groups: Mapping[str, int]
    standards: Mapping[str, int]
    tiers: Mapping[str, int]

    def condition(self, when: When) -> Condition:
        """Turn the names of a condition into numbers."""
        return Condition(
            frozenset(self.channels[name] for name in when.channels),
            frozenset(self.groups[name] for name in when.groups),
            frozenset(self.standards[name] for name in when.standards),
            frozenset(self.tiers[name] for name in when.tiers),
            when.late,
        )

    def routes(self, rows: Sequence[Routing], activities: Mapping[str, int]) -> tuple[Route, ...]:
        """Turn rows of a routing into cumulative probabilities over numbered targets."""
        made = []
        for row in rows:
            cumulative, targets, total = [], [], 0.0
            for share in row.to:
                total += share.share
                if share.share > 0:
                    cumulative.append(total)
                    targets.append(target_of(share.of, activities))
            cumulative[-1] = 1.0
            made.append(Route(self.condition(row.when), tuple(cumulative), tuple(targets)))
        return tuple(made)


def target_of(name: str, activities: Mapping[str, int]) -> int:
    """Return the number of a target: an activity of the pathway, `join` or an exit.

    Examples
    --------
    >>> target_of("ask", {"ask": 4}), target_of("resolved", {})
    (4, -2)
    """
    if name == JOIN:
        return JOIN_TARGET
    return activities[name] if name in activities else exit_target(Exit[name])


def choose(routes: tuple[Route, ...], facts: CaseFacts, now: float, u: float) -> int:
    """Return the target of the first row that holds for the case, by inversion of `u`.

    Examples
    --------
    >>> anyone = Condition(frozenset(), frozenset(), frozenset(), frozenset(), None)
    >>> facts = CaseFacts(0, 0, 0, 0, float("inf"))
    >>> choose((Route(anyone, (0.3, 1.0), (5, 7)),), facts, 0.0, 0.4)
    7
    """
    for route in routes:
        if route.condition.trivial or route.condition.holds(facts, now):
            for edge, target in zip(route.cumulative, route.targets, strict=True):
                if u < edge:
                    return target
            return route.targets[-1]
    raise LookupError("the last row of a routing holds for every case")
