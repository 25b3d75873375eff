"""Rules on needs."""

from __future__ import annotations

from simulation.scenario.arrivals import PoissonArrivals, RenewalArrivals
from simulation.scenario.checks.base import Findings, names_of
from simulation.scenario.needs import Need

__all__ = ["check_needs"]


def check_needs(findings: Findings) -> None:
    """Check what each need names.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> findings = Findings(single_queue())
    >>> check_needs(findings)
    >>> findings.problems
    []
    """
    for need in findings.parts.needs:
        _need(findings, need)


def _need(findings: Findings, need: Need) -> None:
    path = f"needs.{need.id}"
    findings.known(f"{path}.pathway", [need.pathway], [p.id for p in findings.parts.pathways], "pathway")
    findings.known(f"{path}.channels", names_of(need.channels), findings.channels, "channel")
    findings.known(f"{path}.first_contact", names_of(need.first_contact), findings.tiers, "tier")
    findings.known(f"{path}.group_rates", names_of(need.group_rates), findings.groups, "group")
    findings.working_days(f"{path}.deadline", need.deadline, need.deadline_calendar)
    if need.returns is not None:
        findings.time(f"{path}.returns.delay", need.returns.delay, None)
    _escalation(findings, need)
    if need.arrivals is None:
        return
    findings.known(f"{path}.arrivals.at", need.arrivals.at, findings.places, "place")
    if isinstance(need.arrivals, PoissonArrivals) and need.arrivals.profile is not None:
        profiles = [profile.id for profile in findings.parts.profiles]
        findings.known(f"{path}.arrivals.profile", [need.arrivals.profile], profiles, "profile")
    if len(set(need.arrivals.at)) < len(need.arrivals.at):
        findings.say(f"{path}.arrivals.at", need.arrivals.at, "each place may stand once")
    if isinstance(need.arrivals, RenewalArrivals):
        findings.time(f"{path}.arrivals.gap", need.arrivals.gap, None)
        if need.arrivals.gap.maximum() <= 0:
            findings.say(f"{path}.arrivals.gap", 0.0, "a gap must be longer than zero")
        findings.time(f"{path}.arrivals.first", need.arrivals.first, None)
    if (
        not need.arrivals.at
        and len(findings.places) > 1
        and not any(p.veterans for p in findings.parts.places)
    ):
        findings.say(f"{path}.arrivals.at", (), "no place has veterans: say where the need arises")


def _escalation(findings: Findings, need: Need) -> None:
    """Check what overdue and unmet cases set off, and that time passes before they do."""
    path = f"needs.{need.id}"
    positions = ["contact", "above", "origin", *findings.tiers]
    rules = [(f"{path}.overdue.{number}", rule.need, rule.at) for number, rule in enumerate(need.overdue)]
    rules += [(f"{path}.unmet.{number}", rule.need, rule.at) for number, rule in enumerate(need.unmet)]
    for here, opened, at in rules:
        findings.known(f"{here}.need", [opened], findings.needs, "need")
        findings.known(f"{here}.at", [at], positions, "position or tier")
    for number, late in enumerate(need.overdue):
        here = f"{path}.overdue.{number}.after"
        after = late.after or need.deadline
        if after is None:
            findings.say(here, None, "the need has no deadline; say after what time a case is overdue")
        elif after.amount == 0:
            findings.say(here, 0, "a case cannot be overdue as it arises; let time pass")
        if late.after is not None and late.after.unit == "wd" and need.deadline_calendar == "always":
            findings.say(here, "wd", "working days need a deadline_calendar that closes")
    for number, missed in enumerate(need.unmet):
        here = f"{path}.unmet.{number}.delay"
        findings.time(here, missed.delay, None)
        if missed.delay.maximum() <= 0:
            findings.say(here, 0.0, "the time until the new case must be longer than zero")
