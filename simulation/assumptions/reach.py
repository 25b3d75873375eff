"""What a number of the configuration can change: needs, steps, teams, policies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from simulation.analysis.wording import label
from simulation.scenario import Policy, Scenario
from simulation.scenario.pathways import Step

__all__ = ["Reach", "doers", "reach"]


class Reach(NamedTuple):
    """What depends on an assumption, by id; in the order of the scenario."""

    everything: bool
    """Whether it belongs to no single need: to places, groups, channels."""
    needs: tuple[str, ...] = ()
    """Needs."""
    steps: tuple[str, ...] = ()
    """Steps of pathways, by title."""
    teams: tuple[str, ...] = ()
    """Roles of teams."""
    policies: tuple[str, ...] = ()
    """Policies."""
    levers: tuple[str, ...] = ()
    """Levers of these policies, by title."""
    items: tuple[str, ...] = ()
    """Groups and channels, by title; indices."""


def reach(paths: Iterable[str], scenario: Scenario, origins: Mapping[str, Sequence[Policy]]) -> Reach:
    """Read off the paths of an assumption what depends on it.

    Parameters
    ----------
    paths
        Where it stands in the configuration.
    scenario
        The system without policies.
    origins
        For each policy those that consist of it, itself among them.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> found = reach(["pathways.visit.steps.consult.time"], single_queue(), {})
    >>> found.needs, found.steps, found.teams
    (('illness',), ('consult',), ('doctors',))
    """
    needs, teams, everything = set[str](), set[str](), False
    steps, policies, levers, items = (dict[str, None]() for _ in range(4))
    for path in paths:
        part, name, *rest = [*path.split("."), ""]
        if part == "needs":
            needs.add(name)
        elif part == "pathways":
            needs |= {need.id for need in scenario.needs if need.pathway == name}
            for step in _steps(scenario, name, rest):
                steps[step.title or label(step.id)] = None
                teams |= doers(step)
        elif part == "teams":
            teams.add(name)
            needs |= _served(scenario, name)
        elif part in ("profiles", "calendars"):
            needs |= {need.id for need in scenario.needs if _uses(need.arrivals, name)}
            teams |= {t.id for t in scenario.teams if any(staff.calendar == name for staff in t.staff)}
        elif part == "indices":
            items[f"the index of {label(name)}"] = None
        elif part == "policies":
            for policy in origins.get(name, ()):
                policies[policy.id] = None
                levers |= {
                    lever.title or label(lever.id): None for lever in policy.levers if lever.id in rest
                }
        else:
            everything = True
            named = getattr(scenario, part) if part in ("groups", "channels") else ()
            items |= {item.title or label(item.id): None for item in named if item.id == name}
    return Reach(
        everything,
        tuple(need.id for need in scenario.needs if need.id in needs),
        tuple(steps),
        tuple(team.id for team in scenario.teams if team.id in teams),
        tuple(policies),
        tuple(levers),
        tuple(items),
    )


def doers(step: object) -> set[str]:
    """Name the roles that may do a step; none for what needs no team.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> doers(single_queue().pathways[0].steps[0])
    {'doctors'}
    """
    return {option.role for option in getattr(step, "teams", ())}


def _steps(scenario: Scenario, pathway: str, rest: Sequence[str]) -> list[Step]:
    """Give the step that a path names, if it names one."""
    if rest[:1] != ["steps"]:
        return []
    return [
        step for item in scenario.pathways if item.id == pathway for step in item.steps if step.id == rest[1]
    ]


def _served(scenario: Scenario, team: str) -> set[str]:
    """Name the needs at which a team works."""
    pathways = {item.id for item in scenario.pathways if any(team in doers(step) for step in item.steps)}
    return {need.id for need in scenario.needs if need.pathway in pathways}


def _uses(arrivals: object, name: str) -> bool:
    return name in (getattr(arrivals, "profile", None), getattr(arrivals, "calendar", None))
