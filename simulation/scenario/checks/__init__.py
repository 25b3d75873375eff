"""Rules that hold between the parts of a scenario, a file for each part."""

from __future__ import annotations

from simulation.scenario.checks.base import Findings, Parts
from simulation.scenario.checks.needs import check_needs
from simulation.scenario.checks.opening import check_opening
from simulation.scenario.checks.pathways import check_pathways
from simulation.scenario.checks.places import check_places
from simulation.scenario.checks.teams import check_teams
from simulation.spec import Problem

__all__ = ["Parts", "problems"]


def problems(parts: Parts) -> list[Problem]:
    """Return everything that is wrong between the parts of a scenario.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> problems(single_queue())
    []
    """
    findings = Findings(parts)
    for calendar in parts.calendars:
        if calendar.id == "always" and calendar.kind != "always":
            findings.say("calendars.always", calendar.kind, "always is always open; choose another id")
    check_places(findings)
    check_teams(findings)
    check_pathways(findings)
    check_needs(findings)
    check_opening(findings)
    return findings.problems
