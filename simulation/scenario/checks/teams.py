"""Rules on teams."""

from __future__ import annotations

from simulation.scenario.appointments import Appointments
from simulation.scenario.checks.base import Findings
from simulation.scenario.teams import StaffGroup

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
        if team.appointments is not None:
            _appointments(findings, f"{path}.appointments", team.appointments)
        for group in team.staff:
            here = f"{path}.staff.{group.id}"
            findings.known(f"{here}.calendar", [group.calendar], findings.calendars, "calendar")
            findings.known(f"{here}.skills", group.skills, findings.needs, "need")
            _check_people(findings, here, group)


def _check_people(findings: Findings, here: str, group: StaffGroup) -> None:
    """Check how fast people are at which needs, and how posts are filled."""
    findings.known(f"{here}.proficiency", [share.of for share in group.proficiency], findings.needs, "need")
    for share in group.proficiency:
        if share.share <= 0:
            hint = "a factor on the speed is above 0; whoever cannot do it is left out of the skills"
            findings.say(f"{here}.proficiency.{share.of}", share.share, hint)
    for change in group.changes:
        findings.known(f"{here}.changes.places", change.places, findings.places, "place")
    if group.workforce is not None:
        findings.time(f"{here}.workforce.recruitment", group.workforce.recruitment, None)


def _appointments(findings: Findings, path: str, appointments: Appointments) -> None:
    if appointments.calendar is not None:
        findings.known(f"{path}.calendar", [appointments.calendar], findings.calendars, "calendar")
    seen: set[str] = set()
    for here in appointments.local:
        findings.known(f"{path}.local.{here.id}.at", here.at, findings.places, "place")
        if here.calendar is not None:
            findings.known(
                f"{path}.local.{here.id}.calendar", [here.calendar], findings.calendars, "calendar"
            )
        twice = sorted(seen & set(here.at))
        if twice:
            hint = "the place has slots of its own already; name it once"
            findings.say(f"{path}.local.{here.id}.at", twice[0], hint)
        seen.update(here.at)
