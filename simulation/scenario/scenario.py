"""The scenario: one complete specification of a service system."""

from __future__ import annotations

import hashlib
import json

from pydantic import Field, model_validator

from simulation.calendars import AlwaysOpen, Calendar
from simulation.scenario.arrivals import Profile
from simulation.scenario.budget import within_budget
from simulation.scenario.evidence import Evidence
from simulation.scenario.indices import Indices
from simulation.scenario.levers import AT_MOST, Lever, Policy
from simulation.scenario.needs import Need
from simulation.scenario.opening import OpeningCase
from simulation.scenario.pathways import Pathway
from simulation.scenario.places import Channel, Group, Place
from simulation.scenario.quantities import Day, Identifier, Named
from simulation.scenario.teams import Team
from simulation.spec import InputError, Problem, Spec, nearest

__all__ = ["Scenario", "apply", "digest", "unknown_names"]

LABELS = {"id", "title", "evidence", "indices"}


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
    start: Day
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
    opening: tuple[OpeningCase, ...] = ()
    """Cases that are under way when the run begins; also `{file: name.csv}` with the columns need, place,
    step and age_days, and if wanted count, group and channel."""
    levers: tuple[Lever, ...] = ()
    """Changes to the system, in the order in which they are made."""
    indices: Indices = Indices()
    """Weights of the indices of satisfaction and of the sense of achievement; they change no record."""
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
    changed = scenario.model_copy(update={"levers": (*scenario.levers, *policy.levers)})
    found = unknown_names(changed, f"policy.{policy.id}.levers", len(scenario.levers))
    if found:
        raise InputError(found)
    return scenario.model_copy(
        update={
            "id": policy.id,
            "title": policy.title or policy.id,
            "levers": (*scenario.levers, *within_budget(policy, scenario)),
        }
    )


def unknown_names(scenario: Scenario, path: str, first: int = 0) -> list[Problem]:
    """Return every name that a lever uses and the system does not know, and what its levers make wrong.

    Parameters
    ----------
    scenario
        The scenario with its levers.
    path
        Dotted path of the levers, for the messages.
    first
        Number of the first lever that is looked at.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.scenario.levers import ScaleTime
    >>> lever = ScaleTime(id="fast", kind="scale_time", teams=["doctor"], factor=0.5)
    >>> queue = single_queue().model_copy(update={"levers": (lever,)})
    >>> print(unknown_names(queue, "levers")[0])
    levers.fast.teams: the system has no such name; did you mean "doctors"? (got 'doctor')
    """
    from simulation.scenario.checks import problems

    triggers = [lever.id for lever in scenario.levers if lever.trigger is not None]
    found: list[Problem] = []
    if len(triggers) > AT_MOST:
        found.append(Problem(path, triggers, f"at most {AT_MOST} levers of a scenario may have a trigger"))
    system = scenario.model_copy(update={"levers": ()})
    for number, lever in enumerate(scenario.levers):
        unknown = lever.unknown(system)
        if number >= first:
            found += [
                Problem(
                    f"{path}.{lever.id}.{field}", name, f"the system has no such name; {nearest(name, known)}"
                )
                for field, name, known in unknown
            ]
        if not unknown:
            system = lever.change(system, lever.strength)
    return found if found or not scenario.levers else problems(system)


def digest(scenario: Scenario) -> str:
    """Return the address of a scenario's content: labels, evidence and weights of indices left out.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> digest(single_queue()) == digest(single_queue().model_copy(update={"title": "another name"}))
    True
    """
    content = scenario.model_dump(mode="json", exclude=LABELS)
    return hashlib.sha256(json.dumps(content, sort_keys=True, allow_nan=False).encode()).hexdigest()
