"""Rules on places, groups, channels and profiles."""

from __future__ import annotations

from simulation.scenario.arrivals import SeasonalProfile
from simulation.scenario.checks.base import Findings, names_of
from simulation.scenario.places import Group

__all__ = ["check_places"]


def check_places(findings: Findings) -> None:
    """Check the tree of places, and the people who live there.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> findings = Findings(single_queue())
    >>> check_places(findings)
    >>> findings.problems
    []
    """
    parents = {place.id: place.parent for place in findings.parts.places}
    for place in findings.parts.places:
        if place.parent is not None:
            findings.known(f"places.{place.id}.parent", [place.parent], findings.places, "place")
        seen, above = {place.id}, place.parent
        while above is not None and above not in seen:
            seen.add(above)
            above = parents.get(above)
        if above == place.id:
            findings.say(
                f"places.{place.id}.parent",
                place.parent,
                "the place stands above itself; break the cycle",
            )
    _people(findings)


def _people(findings: Findings) -> None:
    total = sum(group.share for group in findings.parts.groups)
    if findings.parts.groups and abs(total - 1.0) > 1e-9:
        findings.say("groups", round(total, 9), "the shares of the groups must sum to 1")
    for group in findings.parts.groups:
        findings.known(f"groups.{group.id}.channels", names_of(group.channels), findings.channels, "channel")
        _diversion(findings, group)
    for channel in findings.parts.channels:
        findings.known(f"channels.{channel.id}.calendar", [channel.calendar], findings.calendars, "calendar")
    for profile in findings.parts.profiles:
        if isinstance(profile, SeasonalProfile) and profile.calendar is not None:
            findings.known(
                f"profiles.{profile.id}.calendar", [profile.calendar], findings.calendars, "calendar"
            )


def _diversion(findings: Findings, group: Group) -> None:
    path = f"groups.{group.id}.diverted_to"
    if group.diverted_to is None:
        if group.diverted:
            findings.say(path, None, "name the remote channel over which diverted needs come")
        return
    findings.known(path, [group.diverted_to], findings.channels, "channel")
    near = [c.id for c in findings.parts.channels if c.id == group.diverted_to and not c.remote]
    for channel in near:
        findings.say(path, channel, "this channel needs a station nearby; name a remote one")
