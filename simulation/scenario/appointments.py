"""Appointments: the slots that a team gives out, and how a case is booked into one."""

from __future__ import annotations

from typing import Annotated, Any, get_args

from pydantic import BeforeValidator, Field

from simulation.calendars import Weekday
from simulation.scenario.quantities import (
    Duration,
    Hours,
    Identifier,
    Named,
    Probability,
    WrittenDuration,
)
from simulation.spec import Spec

__all__ = ["Appointments", "Booking", "LocalSlots", "SlotPlaces"]

WEEKDAYS: tuple[str, ...] = get_args(Weekday)
Count = Annotated[int, Field(ge=0)]


class SlotPlaces(Spec):
    """How many people a slot is given to, by weekday; a single number holds for every day.

    Examples
    --------
    >>> SlotPlaces(mon=5, thu=2).on(3)
    2
    """

    mon: Count = 0
    """In a slot that begins on a Monday."""
    tue: Count = 0
    """On a Tuesday."""
    wed: Count = 0
    """On a Wednesday."""
    thu: Count = 0
    """On a Thursday."""
    fri: Count = 0
    """On a Friday."""
    sat: Count = 0
    """On a Saturday."""
    sun: Count = 0
    """On a Sunday."""

    def on(self, weekday: int) -> int:
        """Places of a slot on a weekday, Monday being 0."""
        places: int = getattr(self, WEEKDAYS[weekday])
        return places


def _read_places(data: Any) -> Any:
    if isinstance(data, int) and not isinstance(data, bool):
        return dict.fromkeys(WEEKDAYS, data)
    return data


Places = Annotated[SlotPlaces, BeforeValidator(_read_places)]


class LocalSlots(Spec):
    """Slots of the team at some places, where they differ from those of the others.

    Examples
    --------
    >>> LocalSlots(id="small", at=["north", "south"], places={"tue": 3}).places.tue
    3
    """

    id: Identifier
    """Short name."""
    at: tuple[Identifier, ...] = Field(min_length=1)
    """The places."""
    calendar: Identifier | None = None
    """When there are sessions; none: as the team's appointments say."""
    places: Places | None = None
    """Places of a slot; none: as the team's appointments say."""


class Appointments(Spec):
    """The diary of a team: sessions cut into slots, and for whom their places are.

    A slot has as many places as the team has heads on duty when it begins, unless `places` gives a number.
    Places are counted through the diary from the start of the run, and a share of them takes effect each time
    that it has added up to one more place: of a share of 0.2, every fifth.

    Examples
    --------
    >>> Appointments(slot="30 min", urgent_share=0.2, urgent_released="1 d").slot
    0.5
    """

    slot: Annotated[Hours, Field(gt=0)]
    """Length of a slot; a session is cut into slots from its beginning, a rest at its end unused."""
    calendar: Identifier | None = None
    """When there are sessions; none: whenever the team's first staff group is there."""
    places: Places | None = None
    """Places of a slot, by weekday (`{mon: 5, thu: 2}`) or one number for all; none: one for each head on
    duty when the slot begins."""
    local: Named[LocalSlots] = ()
    """Other sessions or places of a slot at some of the places where the team works."""
    urgent_share: Probability = 0.0
    """Share of the places carved out for urgent cases."""
    urgent_priority: int = Field(default=1, ge=0)
    """Cases of this rank or a smaller one are urgent: they may take any place, the carved out first."""
    urgent_released: WrittenDuration | None = None
    """How long before its slot a place that is carved out and still free is given to anybody; working days
    are those of the team's first staff group. None: never."""
    overbooked: Probability = 0.0
    """Share by which more places are given out than there are."""

    def sessions(self, place: str) -> tuple[str | None, SlotPlaces | None]:
        """Return the calendar of the sessions at a place, and the places of a slot there."""
        for here in self.local:
            if place in here.at:
                return here.calendar or self.calendar, here.places or self.places
        return self.calendar, self.places


class Booking(Spec):
    """Being seen by appointment: in the earliest free slot of the team's staff.

    A case queues from the moment it books, so that its wait counts from there; its patience begins at its
    slot, when it joins the queue of the team and is served once somebody is free. With `join: earliest` the
    slots of all teams that may do the work are looked through, and the earliest wins; of equal ones that of
    the team named first.

    Examples
    --------
    >>> Booking(lead="2 wd", no_show=0.12, rebooks=0.5).lead.amount
    2.0
    """

    lead: WrittenDuration = Duration(amount=0.0, unit="h")
    """The earliest slot lies at least so long ahead; working days are those of the team's first staff
    group."""
    too_far: WrittenDuration | None = None
    """A slot further ahead than this may be declined; working days are those of the team's first staff
    group. None: never."""
    declined: Probability = 0.0
    """Probability of declining a slot that is too far ahead."""
    declined_to: Identifier | None = None
    """Where a case goes that declines: a step of the pathway or an exit. None: it has balked."""
    no_show: Probability = 0.0
    """Probability of not coming; the place is lost."""
    cancelled: Probability = 0.0
    """Probability of calling the appointment off."""
    notice: Hours = 0.0
    """How long before its slot an appointment is called off (at once, if it was booked later than that); from
    then on the place is free for others."""
    rebooks: Probability = 0.0
    """Probability of booking a later slot after one that was called off or missed."""
    to: Identifier | None = None
    """Where a case goes that has called off or missed its appointment and books no other: a step of the
    pathway or an exit. None: it has reneged."""
