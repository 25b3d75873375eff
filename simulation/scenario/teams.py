"""Teams: who serves, where, when, how fast and in which order."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from simulation.distributions import Deterministic, Distribution
from simulation.scenario.appointments import Appointments
from simulation.scenario.places import Place
from simulation.scenario.quantities import Day, Hours, Identifier, Named, Probability, Shares
from simulation.spec import Spec

__all__ = ["CapacityChange", "Squeeze", "StaffGroup", "Team", "Workforce"]


class CapacityChange(Spec):
    """Heads that come or go from a day on.

    Examples
    --------
    >>> CapacityChange.model_validate({"from": "2026-04-01", "add": 1}).add
    1
    """

    from_: Day = Field(alias="from")
    """First day."""
    to: Day | None = None
    """Last day; none: for good."""
    add: int
    """Heads added (negative: heads that leave; never below none)."""
    share: Probability = 1.0
    """Share of the places of the team at which they are; always the same places come first."""
    places: tuple[Identifier, ...] = ()
    """Places of the team at which alone they are; empty: at all."""

    @model_validator(mode="after")
    def _order(self) -> CapacityChange:
        if self.to is not None and self.to < self.from_:
            raise ValueError(f"the last day {self.to} lies before the first day {self.from_}")
        return self


class Workforce(Spec):
    """How the posts of a staff group are held: people leave, are replaced, are away, and have to learn.

    Each head of the group is a post. Somebody holds it until they leave; then it stands empty until somebody
    new begins. The posts that a group has at the start of the run are met in the middle of things, as they
    would be found on any day; posts that are added later first have to be filled.

    Examples
    --------
    >>> Workforce(turnover=0.25, recruitment={"kind": "exponential", "mean": 45, "unit": "d"}).absence
    0.0
    """

    turnover: float = Field(default=0.0, ge=0)
    """How often a head leaves, times a year; the moment does not depend on how long they have been there."""
    recruitment: Distribution = Deterministic(kind="deterministic", at=0.0)
    """How long a post stands empty until somebody new begins."""
    recruitment_factor: float = Field(default=1.0, ge=0)
    """Factor on that time."""
    absence: Probability = 0.0
    """Probability that a head is away on a given day (illness, courses, other duty), paid all the same."""
    ramp_up: Hours = 0.0
    """How long a newcomer learns, such as "120 d"."""
    ramp_speed: float = Field(default=1.0, gt=0, le=1)
    """Speed of a newcomer on the first day, as a factor; it rises to 1 in equal steps of a month."""
    training: Probability = 0.0
    """Share of one experienced colleague's time that each newcomer on duty takes while learning."""


class StaffGroup(Spec):
    """People of one kind within a team.

    Examples
    --------
    >>> StaffGroup(id="clerks", count=2, share=0.85).pace
    0.85
    """

    id: Identifier
    """Short name."""
    rank: int = 0
    """The free group of lowest rank takes the case."""
    count: int = Field(default=0, ge=0)
    """Heads."""
    per_veterans: float | None = Field(default=None, gt=0)
    """Instead of a count: one head for so many veterans registered at the place and below it, rounded to
    whole heads."""
    calendar: Identifier = "always"
    """Opening hours of the group."""
    speed: float = Field(default=1.0, gt=0)
    """Speed of work; 1 is the speed that the times of the activities are stated for."""
    share: float = Field(default=1.0, gt=0, le=1)
    """Share of open time that is really available for cases; the rest stretches the work."""
    skills: tuple[Identifier, ...] = ()
    """Needs that the group can serve; empty: all."""
    proficiency: Shares = ()
    """Factor on the speed of work for some needs, such as a specialist's 1.18; 1 for all others."""
    volunteer: bool = False
    """Whether they are volunteers: their hours are counted apart from those of staff."""
    overtime: Hours = 0.0
    """For so long after the last closing of a day, heads that were on duty at closing still begin cases that
    were waiting by then. Work that is put down at closing time is not begun in overtime."""
    annual_cost: float = Field(default=0.0, ge=0)
    """Cost of one head, yuan a year."""
    overtime_cost: float = Field(default=0.0, ge=0)
    """Cost of an hour worked outside opening hours, yuan."""
    changes: tuple[CapacityChange, ...] = ()
    """Heads that come or go over time."""
    workforce: Workforce | None = None
    """How its posts are held over time; none: every post is always filled and nobody is ever away."""

    @model_validator(mode="after")
    def _counted(self) -> StaffGroup:
        if self.per_veterans is None and "count" not in self.model_fields_set:
            raise ValueError("say how many heads there are: give a count, or per_veterans")
        if self.per_veterans is not None and self.count:
            raise ValueError("give a count or per_veterans, not both")
        return self

    @property
    def pace(self) -> float:
        """Work done per hour of open time: speed times share."""
        return self.speed * self.share


class Squeeze(Spec):
    """Faster work under pressure: a visit that begins while many wait is hurried.

    What hurry does to quality is said where cases go on: conditions may ask whether work was hurried.

    Examples
    --------
    >>> Squeeze(waiting=3, speed=1.2).speed
    1.2
    """

    waiting: float = Field(gt=0)
    """Cases left waiting for each head on duty, from which on work is hurried."""
    speed: float = Field(gt=0)
    """Factor on the speed of hurried work."""


class Team(Spec):
    """The resource: staff groups at a place, sharing one queue.

    A team written for a tier stands for one team at each staffed place of that tier.

    Examples
    --------
    >>> Team(id="desk", tier="street", staff={"clerks": {"count": 3}}).staff[0].count
    3
    """

    id: Identifier
    """The team's role: activities ask for a role, and the place decides which team that is."""
    title: str = ""
    """Name for people."""
    place: Identifier | None = None
    """The one place where the team works."""
    tier: Identifier | None = None
    """The tier at each place of which such a team works."""
    staff: Named[StaffGroup]
    """Who is in it."""
    discipline: Literal["fifo", "lifo", "deadline"] = "fifo"
    """Order within a priority: first come, last come, or earliest deadline first."""
    appointments: Appointments | None = None
    """The diary in which people are booked; none: the team takes no bookings."""
    caseload: int | None = Field(default=None, ge=0)
    """How many open cases each head in post may hold (steps of kind `assign`); none: no limit."""
    queue_limit: int | None = Field(default=None, ge=0)
    """How many may wait; a case that finds the queue full is refused, unless it has an appointment.
    None: no limit."""
    squeeze: Squeeze | None = None
    """How work is hurried when many wait; none: it never is."""

    @model_validator(mode="after")
    def _somewhere(self) -> Team:
        if self.place is not None and self.tier is not None:
            raise ValueError("give a place or a tier, not both")
        if not self.staff:
            raise ValueError("a team needs at least one staff group")
        return self

    def works_at(self, place: Place) -> bool:
        """Tell whether there is such a team at a place."""
        anywhere = self.place is None and self.tier is None
        return place.staffed and (anywhere or self.place == place.id or self.tier == place.tier)
