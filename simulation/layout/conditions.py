"""Conditions and routes, with names turned into numbers once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from simulation.records import Exit
from simulation.scenario.routing import JOIN, Routing, When

__all__ = [
    "JOIN_TARGET",
    "NO_DEED",
    "CaseFacts",
    "Condition",
    "Deed",
    "Index",
    "Route",
    "asks_of_work",
    "choose",
    "exit_of",
    "exit_target",
    "target_of",
]

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
    need: int = 0
    marks: int = 0
    """Its marks as the bits of a number."""
    returned: bool = False
    """It has come back at least once."""


class Deed(NamedTuple):
    """What conditions ask of work; without arguments, that there was none."""

    team: int = -1
    """Number of the team."""
    staff: int = -1
    """Number of the staff group."""
    elsewhere: bool = False
    """The team stands elsewhere than at the place of first contact."""
    hurried: bool = False
    """The team was pressed."""


NO_DEED = Deed()


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on a case and its work; an empty part asks nothing.

    Examples
    --------
    >>> facts = CaseFacts(channel=1, group=0, standard=0, tier=0, due=10.0)
    >>> Condition(channels=frozenset({1})).holds(facts, 5.0, NO_DEED)
    True
    """

    channels: frozenset[int] = frozenset()
    groups: frozenset[int] = frozenset()
    standards: frozenset[int] = frozenset()
    tiers: frozenset[int] = frozenset()
    late: bool | None = None
    needs: frozenset[int] = frozenset()
    marks: int = 0
    """Bits that must all be set."""
    unmarked: int = 0
    """Bits of which none may be set."""
    returned: bool | None = None
    teams: frozenset[int] | None = None
    """Teams, of which there may be none that has the role; None asks nothing."""
    staff: frozenset[int] | None = None
    """Staff groups, likewise."""
    elsewhere: bool | None = None
    hurried: bool | None = None

    @property
    def asks_of_work(self) -> bool:
        """Whether it asks who does the work, or how."""
        return not (
            self.teams is None and self.staff is None and self.elsewhere is None and self.hurried is None
        )

    def holds(self, facts: CaseFacts, now: float, deed: Deed) -> bool:
        """Whether it holds for a case at a moment (hours) after, or at, a piece of work."""
        return (
            (not self.channels or facts.channel in self.channels)
            and (not self.groups or facts.group in self.groups)
            and (not self.standards or facts.standard in self.standards)
            and (not self.tiers or facts.tier in self.tiers)
            and (self.late is None or self.late == (now > facts.due))
            and (not self.needs or facts.need in self.needs)
            and facts.marks & self.marks == self.marks
            and not facts.marks & self.unmarked
            and (self.returned is None or self.returned == facts.returned)
            and (self.teams is None or deed.team in self.teams)
            and (self.staff is None or deed.staff in self.staff)
            and (self.elsewhere is None or self.elsewhere == deed.elsewhere)
            and (self.hurried is None or self.hurried == deed.hurried)
        )


class Route(NamedTuple):
    """One row of a routing: cumulative probabilities of its targets."""

    condition: Condition | None
    """None: it holds for every case."""
    cumulative: tuple[float, ...]
    targets: tuple[int, ...]


def asks_of_work(routes: Iterable[Route]) -> bool:
    """Tell whether any row of a routing asks about work.

    Examples
    --------
    >>> asks_of_work([Route(Condition(elsewhere=True), (1.0,), (3,))])
    True
    """
    return any(route.condition is not None and route.condition.asks_of_work for route in routes)


@dataclass(frozen=True)
class Index:
    """Numbers of the names that conditions use."""

    channels: Mapping[str, int]
    groups: Mapping[str, int]
    standards: Mapping[str, int]
    tiers: Mapping[str, int]
    needs: Mapping[str, int]
    marks: Mapping[str, int]
    teams: Mapping[str, frozenset[int]]
    """Numbers of the teams of each role."""
    staff: Mapping[str, frozenset[int]]
    """Numbers of the staff groups of each id."""

    def condition(self, when: When) -> Condition | None:
        """Turn the names of a condition into numbers; None when it asks nothing."""
        if when == When():
            return None
        return Condition(
            channels=frozenset(self.channels[name] for name in when.channels),
            groups=frozenset(self.groups[name] for name in when.groups),
            standards=frozenset(self.standards[name] for name in when.standards),
            tiers=frozenset(self.tiers[name] for name in when.tiers),
            late=when.late,
            needs=frozenset(self.needs[name] for name in when.needs),
            marks=self.bits(when.marks),
            unmarked=self.bits(when.unmarked),
            returned=when.returned,
            teams=_of_any(when.teams, self.teams),
            staff=_of_any(when.staff, self.staff),
            elsewhere=when.elsewhere,
            hurried=when.hurried,
        )

    def bits(self, marks: Iterable[str]) -> int:
        """Turn marks into the bits of a number."""
        return sum(1 << self.marks[name] for name in set(marks))

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


def _of_any(names: Sequence[str], numbers: Mapping[str, frozenset[int]]) -> frozenset[int] | None:
    if not names:
        return None
    return frozenset().union(*(numbers.get(name, frozenset()) for name in names))


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


def choose(routes: tuple[Route, ...], facts: CaseFacts, now: float, deed: Deed, u: float) -> int:
    """Return the target of the first row that holds for the case, by inversion of `u`.

    Examples
    --------
    >>> facts = CaseFacts(0, 0, 0, 0, float("inf"))
    >>> choose((Route(None, (0.3, 1.0), (5, 7)),), facts, 0.0, NO_DEED, 0.4)
    7
    """
    for condition, cumulative, targets in routes:
        if condition is None or condition.holds(facts, now, deed):
            for edge, target in zip(cumulative, targets, strict=True):
                if u < edge:
                    return target
            return targets[-1]
    raise LookupError("the last row of a routing holds for every case")
