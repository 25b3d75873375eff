"""What all rules share: the parts that they look at, and how they say what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from simulation.calendars import Calendar
from simulation.distributions import Distribution
from simulation.scenario.arrivals import Profile
from simulation.scenario.marks import marks_of
from simulation.scenario.needs import Need
from simulation.scenario.opening import OpeningCase
from simulation.scenario.pathways import Pathway
from simulation.scenario.places import Channel, Group, Place
from simulation.scenario.quantities import Duration, Share
from simulation.scenario.routing import When
from simulation.scenario.teams import Team
from simulation.spec import Problem, nearest

__all__ = ["Findings", "Parts", "names_of"]


class Parts(Protocol):
    """What the rules look at: the parts of a scenario."""

    @property
    def calendars(self) -> tuple[Calendar, ...]: ...  # noqa: D102
    @property
    def places(self) -> tuple[Place, ...]: ...  # noqa: D102
    @property
    def groups(self) -> tuple[Group, ...]: ...  # noqa: D102
    @property
    def channels(self) -> tuple[Channel, ...]: ...  # noqa: D102
    @property
    def profiles(self) -> tuple[Profile, ...]: ...  # noqa: D102
    @property
    def teams(self) -> tuple[Team, ...]: ...  # noqa: D102
    @property
    def pathways(self) -> tuple[Pathway, ...]: ...  # noqa: D102
    @property
    def needs(self) -> tuple[Need, ...]: ...  # noqa: D102
    @property
    def opening(self) -> tuple[OpeningCase, ...]: ...  # noqa: D102


class Findings:
    """The names that a scenario knows, and everything that was found to be wrong with it.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> findings = Findings(single_queue())
    >>> findings.known("needs.illness.pathway", ["vist"], ["visit"], "pathway")
    >>> findings.problems[0].message
    'there is no such pathway; did you mean "visit"?'
    """

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.problems: list[Problem] = []
        self.calendars = ["always", *(c.id for c in parts.calendars)]
        self.places = [p.id for p in parts.places]
        self.tiers = sorted({p.tier for p in parts.places})
        self.groups = [g.id for g in parts.groups]
        self.channels = [c.id for c in parts.channels]
        self.teams = [t.id for t in parts.teams]
        self.needs = [n.id for n in parts.needs]
        self.staff = sorted({group.id for team in parts.teams for group in team.staff})
        self.marks = marks_of(parts.pathways, parts.needs)

    def say(self, path: str, value: object, message: str) -> None:
        """Note one thing that is wrong."""
        self.problems.append(Problem(path, value, message))

    def known(self, path: str, names: Iterable[str], known: Sequence[str], noun: str) -> None:
        """Note every name that is not known."""
        for name in names:
            if name not in known:
                self.say(path, name, f"there is no such {noun}; {nearest(name, known)}")

    def time(self, path: str, time: Distribution | None, calendar: str | None) -> None:
        """Check a time: not negative, and its working days on a calendar that closes."""
        if time is None:
            return
        if time.minimum() < 0:
            self.say(path, time.minimum(), "a time cannot be negative; truncate the distribution at 0")
        if calendar is not None:
            self.known(path.rsplit(".", 1)[0] + ".calendar", [calendar], self.calendars, "calendar")
        if time.unit == "wd" and calendar in (None, "always"):
            self.say(path, "wd", "working days need a calendar that closes; name one, or use min, h or d")

    def working_days(self, path: str, deadline: Duration | None, calendar: str) -> None:
        """Check a deadline and the calendar of its working days."""
        self.known(f"{path}_calendar", [calendar], self.calendars, "calendar")
        if deadline is not None and deadline.unit == "wd" and calendar == "always":
            self.say(path, f"{deadline.amount:g} wd", "working days need a deadline_calendar that closes")

    def when(self, path: str, when: When) -> None:
        """Check the names that a condition uses."""
        self.known(f"{path}.when.channels", when.channels, self.channels, "channel")
        self.known(f"{path}.when.groups", when.groups, self.groups, "group")
        self.known(f"{path}.when.tiers", when.tiers, self.tiers, "tier")
        self.known(f"{path}.when.needs", when.needs, self.needs, "need")
        self.known(f"{path}.when.teams", when.teams, self.teams, "team")
        self.known(f"{path}.when.staff", when.staff, self.staff, "staff group")
        for field, names in (("marks", when.marks), ("unmarked", when.unmarked)):
            self.known(f"{path}.when.{field}", names, self.marks, "mark that anything gives")


def names_of(shares: Sequence[Share]) -> list[str]:
    """List what shares are of.

    Examples
    --------
    >>> names_of((Share(of="phone", share=1.0),))
    ['phone']
    """
    return [share.of for share in shares]
