"""What overdue and unmet cases set off, with numbers instead of names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from simulation.layout.places import PlaceTree, presented_at
from simulation.layout.steps import Sampler
from simulation.records import Exit
from simulation.scenario.needs import Need, Overdue, Unmet
from simulation.scenario.quantities import Duration
from simulation.streams import decision

__all__ = ["FollowUp", "FollowUps", "follow_ups"]


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A rule by which a case sets off another one for the same veteran."""

    need: int
    """Number of the need of the new case."""
    probability: float
    named: int
    """Decision that names its draws, and the new case among those of the old one."""
    by_contact: bool
    """Whether the place that counts is that of first contact of the old case; else its origin."""
    place: tuple[int, ...]
    """Number of the place of first contact of the new case, by that place."""
    marks: int
    """Marks of the new case, as the bits of a number."""
    after: Duration | None = None
    """Of an overdue case: the time from arising; none: the deadline."""
    exits: frozenset[int] = frozenset()
    """Of an unmet case: the exits."""
    delay: int = -1
    """Of an unmet case: number of the distribution of the time until the new case."""


FollowUps = tuple[tuple[FollowUp, ...], tuple[FollowUp, ...]]


def follow_ups(
    need: Need,
    tree: PlaceTree,
    staffed: Sequence[bool],
    needs: Mapping[str, int],
    sampler: Sampler,
    bits: Callable[[Sequence[str]], int],
) -> FollowUps:
    """Return what overdue and what unmet cases of a need set off.

    The draws of a rule are named after the need that it sets off, the second of the same with its number.

    Examples
    --------
    >>> from simulation.scenario.places import Place
    >>> tree = PlaceTree((Place(id="a"),))
    >>> need = Need(id="claim", pathway="p", overdue=[{"need": "petition", "probability": 0.25}])
    >>> follow_ups(need, tree, [True], {"petition": 3}, Sampler(), len)[0][0].need
    3
    """
    seen: dict[str, int] = {}

    def made(rule: Overdue | Unmet, word: str) -> FollowUp:
        name = f"{need.id}/{word}/{rule.need}"
        seen[name] = seen.get(name, 0) + 1
        number = f"/{seen[name]}" if seen[name] > 1 else ""
        return FollowUp(
            need=needs[rule.need],
            probability=rule.probability,
            named=decision(name + number),
            by_contact=rule.at in ("contact", "above"),
            place=tuple(presented_at(tree, staffed, rule.at)),
            marks=bits(rule.marks),
            after=rule.after if isinstance(rule, Overdue) else None,
            exits=frozenset(int(Exit[e]) for e in rule.exits) if isinstance(rule, Unmet) else frozenset(),
            delay=sampler.number(rule.delay) if isinstance(rule, Unmet) else -1,
        )

    return (
        tuple(made(rule, "overdue") for rule in need.overdue),
        tuple(made(rule, "unmet") for rule in need.unmet),
    )
