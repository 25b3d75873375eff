"""Teams: who serves, where, when, how fast and in which order."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from simulation.scenario.places import Place
from simulation.scenario.quantities import Hours, Identifier, Named, Probability
from simulation.spec import Spec

__all__ = ["CapacityChange", "StaffGroup", "Team"]


class CapacityChange(Spec):
    """Heads that come or go from a day on.

    Examples
    --------
    >>> CapacityChange.model_validate({"from": "2026-04-01", "add": 1}).add
    1
    """

    from_: date = Field(alias="from")
    """First day."""
    to: date | None = None
    """Last day; none: for good."""
    add: int
    """Heads added (negative: heads that leave; never below none)."""
    share: Probability = 1.0
    """Share of the places of the team at which they are; always the same places come first."""

    @model_validator(mode="after")
    def _order(self) -> CapacityChange:
        if self.to is not None and self.to < self.from_:
            raise ValueError(f"the last day {self.to} lies before the first day {self.from_}")
        return self


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
    count: int = Field(ge=0)
    """Heads."""
    calendar: Identifier = "always"
    """Opening hours of the group."""
    speed: float = Field(default=1.0, gt=0)
    """Speed of work; 1 is the speed that the times of the activities are stated for."""
    share: float = Field(default=1.0, gt=0, le=1)
    """Share of open time that is really available for cases; the rest stretches the work."""
    skills: tuple[Identifier, ...] = ()
    """Needs that the group can serve; empty: all."""
    annual_cost: float = Field(default=0.0, ge=0)
    """Cost of one head, yuan a year."""
    changes: tuple[CapacityChange, ...] = ()
    """Heads that come or go over time."""

    @property
    def pace(self) -> float:
        """Work done per hour of open time: speed times share."""
        return self.speed * self.share


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
    slot: Annotated[Hours, Field(gt=0)] | None = None
    """Length of a slot when people are booked: each head on duty at its beginning sees one case. None: the
    team takes no bookings."""
    queue_limit: int | None = Field(default=None, ge=0)
    """How many may wait; a case that finds the queue full is refused. None: no limit."""

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
