"""Which assumptions the answer on a policy hangs on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from simulation.assumptions.gathering import Assumption
from simulation.assumptions.reach import doers
from simulation.scenario import Policy, Scenario, apply
from simulation.scenario.phases import in_full
from simulation.spec import Spec

__all__ = ["Grounds", "grounds"]

TIMES: Final = ("time", "time_factors")
WITH: Final = {
    "time_factors": TIMES,
    "re_entry": TIMES,
    "teams": ("teams", "join", "patience", "balk", "booking", *TIMES),
    "join": ("teams", "join", "patience", *TIMES),
}
"""Fields of a step that are felt together with one that changes; any other is felt alone."""
BLOCK: Final = ("teams", "next", *TIMES)
"""Fields that the assumption of a whole pathway is about: minutes, shares and routes."""


class Grounds(NamedTuple):
    """What the answer on a policy hangs on."""

    levers: tuple[Assumption, ...]
    """How strongly its levers work and what they cost."""
    mechanisms: tuple[Assumption, ...]
    """How what the levers change works without them."""


def grounds(policy: Policy, scenario: Scenario, assumptions: Sequence[Assumption]) -> Grounds:
    """Find the assumptions on the levers of a policy, then those on the parts of the system that it changes.

    What it changes is read off the system with and without it, so that every kind of lever is understood.
    The people who change, or whose queue changes, bring with them the time that their work takes.

    Parameters
    ----------
    policy
        The policy, those that it includes written out.
    scenario
        The system without policies.
    assumptions
        All of them.

    Examples
    --------
    >>> from simulation.assumptions import gather
    >>> from simulation.scenario import Evidence
    >>> from simulation.scenario.examples import single_queue
    >>> lever = {"id": "more", "kind": "add_staff", "team": "doctors", "group": "doctor", "heads": 1}
    >>> paths = ["teams.doctors", "needs.illness.arrivals.rate", "policies.more.levers.more.heads"]
    >>> evidence = [Evidence(path=path, assumption=path, range=(1, 2)) for path in paths]
    >>> policy = Policy(id="more", levers=[lever])
    >>> found = grounds(policy, single_queue(), gather(evidence, single_queue(), [policy]))
    >>> [one.paths for one in found.levers], [one.paths for one in found.mechanisms]
    ([('policies.more.levers.more.heads',)], [('teams.doctors',)])
    """
    changed = set(_changes(policy, scenario))
    own = tuple(one for one in assumptions if one.number and policy.id in one.reach.policies)
    touched = tuple(
        one
        for one in assumptions
        if one.number
        and not one.reach.policies
        and any(_felt(path.split("."), changed) for path in one.paths)
    )
    return Grounds(own, touched)


def _felt(path: Sequence[str], changed: set[tuple[str, ...]]) -> bool:
    """Tell whether an assumption is about one of the changed fields, or about the whole that they are in."""
    if path[0] == "places":
        return any(change[0] == "places" for change in changed)
    return any(path[: len(change)] == list(change) or path == list(change[: len(path)]) for change in changed)


def _changes(policy: Policy, scenario: Scenario) -> Iterator[tuple[str, ...]]:
    """Give the paths of what is felt to change once all levers are in effect, those with a trigger too."""
    system = in_full(apply(policy, scenario))
    for part in ("teams", "groups", "needs", "channels", "profiles", "calendars"):
        for name, field in _fields(getattr(scenario, part), getattr(system, part)):
            yield (part, name, field)
            yield from _beside(part, name, field, system)
    if scenario.places != system.places:
        yield ("places",)
        yield from (("groups", group.id, "uncovered") for group in scenario.groups)
    yield from _steps(scenario, system)


def _beside(part: str, name: str, field: str, system: Scenario) -> Iterator[tuple[str, ...]]:
    """Give what is felt when a field of a named thing changes: the work of a team, the price of a channel."""
    if part == "teams":
        yield ("teams", name)
        for pathway in system.pathways:
            for step in pathway.steps:
                if name in doers(step):
                    yield from (("pathways", pathway.id, "steps", step.id, time) for time in TIMES)
    if field == "channels":
        yield ("channels",)


def _steps(scenario: Scenario, system: Scenario) -> Iterator[tuple[str, ...]]:
    before = {pathway.id: pathway for pathway in scenario.pathways}
    for pathway in system.pathways:
        name = getattr(pathway, "variant_of", None) or pathway.id
        if name not in before:
            continue
        fields = list(_fields(before[name].steps, pathway.steps))
        for step, field in fields:
            yield from (("pathways", name, "steps", step, also) for also in WITH.get(field, (field,)))
        if any(field in BLOCK for _, field in fields):
            yield ("pathways", name, "")


def _fields(before: Sequence[Any], after: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """Give item and field of everything that is not the same; of what is new or gone, only the neighbours."""
    known = {item.id: item for item in after}
    for item in before:
        other: Spec | None = known.get(item.id)
        if other is None or other == item:
            continue
        for field in type(item).model_fields:
            if getattr(item, field) != getattr(other, field, None):
                yield (item.id, field)
