"""Other teams for the same work: staff put together, and pathways that name other roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from simulation.scenario.pathways import Release, Work
from simulation.scenario.routing import When
from simulation.scenario.teams import StaffGroup, Team
from simulation.scenario.waiting import TeamOption
from simulation.spec import InputError, Problem

if TYPE_CHECKING:
    from simulation.scenario.scenario import Scenario

__all__ = ["refuse_own_heads", "renamed", "together"]

T = TypeVar("T")


def renamed(value: T, roles: Mapping[str, str]) -> T:
    """Return a specification in which teams are called by other roles, in steps and in conditions.

    Examples
    --------
    >>> renamed(TeamOption(role="cards"), {"cards": "window"}).role
    'window'
    """
    if isinstance(value, tuple):
        return tuple(renamed(item, roles) for item in value)  # type: ignore[return-value]
    if not isinstance(value, BaseModel):
        return value
    update: dict[str, Any] = {}
    for name in type(value).model_fields:
        old = getattr(value, name)
        if isinstance(value, TeamOption) and name == "role":
            new = roles.get(old, old)
        elif isinstance(value, When | Release) and name == "teams":
            new = tuple(dict.fromkeys(roles.get(role, role) for role in old))
        else:
            new = renamed(old, roles)
            new = tuple(dict.fromkeys(new)) if isinstance(value, Work) and name == "teams" else new
        if new != old:
            update[name] = new
    return value.model_copy(update=update) if update else value  # type: ignore[attr-defined]


def together(teams: Sequence[Team]) -> tuple[StaffGroup, ...]:
    """Return the staff of several teams as that of one: groups that are alike become one with all heads.

    Of different groups of the same name, the later one is called by the name of its team as well.

    Examples
    --------
    >>> teams = [Team(id=name, tier="street", staff={"clerks": {"count": 2}}) for name in ("a", "b")]
    >>> [(group.id, group.count) for group in together(teams)]
    [('clerks', 4)]
    """
    found: dict[str, StaffGroup] = {}
    for team in teams:
        for group in team.staff:
            twin = found.get(group.id)
            if twin is None:
                found[group.id] = group
            elif twin.per_veterans is None and _alike(twin, group):
                heads = {"count": twin.count + group.count, "changes": (*twin.changes, *group.changes)}
                found[group.id] = twin.model_copy(update=heads)
            else:
                name = f"{group.id}_{team.id}"
                found[name] = group.model_copy(update={"id": name})
    return tuple(sorted(found.values(), key=lambda group: (group.rank, group.id)))


def _alike(one: StaffGroup, other: StaffGroup) -> bool:
    return one.model_copy(update={"count": other.count, "changes": other.changes}) == other


def refuse_own_heads(scenario: Scenario, teams: Sequence[Team]) -> None:
    """Refuse places with a number of heads of their own, which would count for each team that stands there.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> refuse_own_heads(single_queue(), single_queue().teams)
    """
    hint = "teams here are merged or split, and it is not said whose heads these are; write them in the teams"
    found = [
        Problem(f"places.{place.id}.staff", place.staff, hint)
        for place in scenario.places
        if place.staff is not None and any(team.works_at(place) for team in teams)
    ]
    if found:
        raise InputError(found)
