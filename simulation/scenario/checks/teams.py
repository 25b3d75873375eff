"""Rules on teams."""

from __future__ import annotations

from simulation.scenario.checks.base import Findings

__all__ = ["check_teams"]


def check_teams(findings: Findings) -> None:
    """Check where teams work, and whom they have.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> findings = Findings(single_queue())
    >>> check_teams(findings)
    >>> findings.problems
    []
    """
    for team in findings.parts.teams:
        path = f"teams.{team.id}"
        if team.place is not None:
            findings.known(f"{path}.place", [team.place], findings.places, "place")
        if team.tier is not None:
            findings.known(f"{path}.tier", [team.tier], findings.tiers, "tier")
        if team.place is None and team.tier is None and len(findings.parts.places) > 1:
            findings.say(f"{path}.place", None, "give the place or the tier at which the team works")
        for group in team.staff:
            here = f"{path}.staff.{group.id}"
            findings.known(f"{here}.calendar", [group.calendar], findings.calendars, "calendar")
            findings.known(f"{here}.skills", group.skills, findings.needs, "need")
