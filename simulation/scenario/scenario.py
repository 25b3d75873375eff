"""The scenario: one complete specification of a service system."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date

from pydantic import Field, model_validator

from simulation.calendars import AlwaysOpen, Calendar
from simulation.scenario.evidence import Evidence
from simulation.scenario.levers import Lever, Policy
from simulation.scenario.needs import Need, Profile
from simulation.scenario.pathways import Pathway
from simulation.scenario.places import Channel, Group, Place
from simulation.scenario.quantities import Identifier, Named
from simulation.scenario.teams import Team
from simulation.spec import Problem, Spec

__all__ = ["Scenario", "apply", "digest", "phases"]

LABELS = {"id", "title", "evidence"}


class Scenario(Spec):
    """One complete configuration of a service system.

    Examples
    --------
    >>> time = {"kind": "exponential", "mean": 1}
    >>> consult = {"id": "consult", "kind": "work", "teams": "doctors", "time": time}
    >>> queue = Scenario(
    ...     start="2026-01-01",
    ...     places=[{"id": "clinic"}],
    ...     teams=[{"id": "doctors", "place": "clinic", "staff": {"gp": {"count": 10}}}],
    ...     pathways=[{"id": "visit", "steps": [consult]}],
    ...     needs=[{"id": "illness", "pathway": "visit", "arrivals": {"kind": "poisson", "rate": 9}}],
    ... )
    >>> queue.needs[0].pathway
    'visit'
    """

    id: Identifier = "scenario"
    """Label; it changes no result."""
    title: str = ""
    """Label for people; it changes no result."""
    start: date
    """The day at whose beginning time is zero."""
    calendars: Named[Calendar] = ()
    """Opening hours; `always` exists without being written."""
    places: Named[Place] = Field(min_length=1)
    """Units and departments."""
    groups: Named[Group] = ()
    """Age and access groups; empty: everybody is alike."""
    channels: Named[Channel] = ()
    """Ways of making contact; empty: one, in person."""
    profiles: Named[Profile] = ()
    """How rates vary over year, week and day."""
    teams: Named[Team] = ()
    """Who serves."""
    pathways: Named[Pathway] = Field(min_length=1)
    """What happens to cases."""
    needs: Named[Need] = Field(min_length=1)
    """What veterans need."""
    levers: tuple[Lever, ...] = ()
    """Changes to the system, in the order in which they are made."""
    evidence: tuple[Evidence, ...] = ()
    """Where the numbers come from; it changes no result."""

    @model_validator(mode="after")
    def _consistent(self) -> Scenario:
        from simulation.scenario.checks import problems

        found = problems(self)
        if found:
            raise ValueError("\n".join(str(problem) for problem in found))
        return self

    def calendar(self, name: str) -> Calendar:
        """Look up a calendar; `always` exists without being written."""
        for calendar in self.calendars:
            if calendar.id == name:
                return calendar
        return AlwaysOpen(id="always", kind="always")


def apply(policy: Policy, scenario: Scenario) -> Scenario:
    """Return the scenario with the policy's levers added; without levers only the label differs.

    Parameters
    ----------
    policy
        Levers, those of the policies that it includes already written out.
    scenario
        The system to change.

    Raises
    ------
    InputError
        When a lever names something that the scenario does not have.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> apply(Policy(id="none"), single_queue()).levers
    ()
    """
    from simulation.spec import InputError, nearest

    found: list[Problem] = []
    for lever in policy.levers:
        for field, name, known in lever.unknown(scenario):
            path = f"policy.{policy.id}.levers.{lever.id}.{field}"
            found.append(Problem(path, name, f"the scenario has no such name; {nearest(name, known)}"))
    if found:
        raise InputError(found)
    return scenario.model_copy(
        update={
            "id": policy.id,
            "title": policy.title or policy.id,
            "levers": (*scenario.levers, *policy.levers),
        }
    )


def phases(scenario: Scenario) -> tuple[tuple[float, Scenario], ...]:
    """Return the system in each stretch of time, as its levers take effect.

    Returns
    -------
    tuple of (float, Scenario)
        Hour from which the system holds, the first 0, and the system without levers.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> [time for time, system in phases(single_queue())]
    [0.0]
    """
    starts: Sequence[float] = sorted({0.0, *(_hour(scenario, lever) for lever in scenario.levers)})
    systems = []
    for start in starts:
        system = scenario.model_copy(update={"levers": ()})
        for lever in scenario.levers:
            if _hour(scenario, lever) <= start:
                system = lever.change(system, lever.strength)
        systems.append((start, system))
    return tuple(systems)


def _hour(scenario: Scenario, lever: Lever) -> float:
    return 0.0 if lever.from_ is None else max(0.0, (lever.from_ - scenario.start).days * 24.0)


def digest(scenario: Scenario) -> str:
    """Return the address of a scenario's content, labels and evidence left out.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> digest(single_queue()) == digest(single_queue().model_copy(update={"title": "another name"}))
    True
    """
    content = scenario.model_dump(mode="json", exclude=LABELS)
    return hashlib.sha256(json.dumps(content, sort_keys=True, allow_nan=False).encode()).hexdigest()
