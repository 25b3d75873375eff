"""Pathways: the activities that a case goes through."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from simulation.distributions import Distribution
from simulation.scenario.appointments import Booking
from simulation.scenario.quantities import Hours, Identifier, WrittenDuration
from simulation.scenario.routing import EXITS, JOIN, Routes, Routing, TimeFactor, straight_to
from simulation.scenario.waiting import Balk, Patience, Referral, TeamOptions
from simulation.spec import Spec

__all__ = ["Assign", "Delay", "Fork", "OpenCase", "Pathway", "Release", "Step", "Work"]


class _Step(Spec):
    id: Identifier
    """Short name, unique within the pathway."""
    title: str = ""
    """Name for people."""
    next: Routes = ()
    """Where cases go from here; empty: to the next step of the list, after the last one resolved."""
    referral: Referral | None = None
    """The hand-over through which every case comes here; none: it is here at once."""
    deadline: WrittenDuration | None = None
    """Time from being sent here within which the activity should end."""
    deadline_calendar: Identifier = "always"
    """The calendar of a deadline in working days."""
    marks: tuple[Identifier, ...] = ()
    """Marks that the case bears once this step is completed, from before it is sent on; conditions ask for
    them."""
    wrong_desk: bool = False
    """Whether coming here means that the case was sent to the wrong desk first."""


class _Timed(_Step):
    time: Distribution
    """How long it takes; for work the content of one case: the clock time is this over the staff group's
    speed and share."""
    time_factors: tuple[TimeFactor, ...] = ()
    """Factors on the time for some cases; all that apply are multiplied."""


class Work(_Timed):
    """An activity done by a team.

    Examples
    --------
    >>> time = {"kind": "exponential", "mean": 0.2}
    >>> Work(id="consult", kind="work", teams="desk @ contact", time=time).join
    'first'
    """

    kind: Literal["work"]
    """Work by a team."""
    teams: TeamOptions
    """Teams that may do it, in order of preference; passed over are those that do not exist for a case, that
    are not open to it, or whose queue is full. A case that finds none is refused."""
    join: Literal["first", "available", "shortest", "earliest", "all"] = "first"
    """Which queue the case joins: of the first team; of the first that could start at once, else
    of the first; of the one with the fewest cases waiting or in service; of the one with the earliest free
    slot (for bookings); or the queues of all of them, to be served by all together."""
    at_close: Literal["finish", "pause"] = "finish"
    """At closing time, work begun is finished in overtime, or put down until the team opens again."""
    priority: int | None = Field(default=None, ge=0, le=1000)
    """Rank in this queue instead of the need's own."""
    re_entry: Hours = 0.0
    """Content added when another team did the last work on the case, which must be entered and read again;
    no factor applies to it."""
    patience: Patience | None = None
    """How long a case waits in this queue; none: for ever."""
    balk: Balk | None = None
    """Whether a long queue is joined; none: always."""
    booking: Booking | None = None
    """Whether the case is booked into a slot of the team, and queues only then; none: it queues at once."""


class Delay(_Timed):
    """Time that passes without a team.

    Examples
    --------
    >>> Delay(id="review", kind="delay", time={"kind": "deterministic", "at": 20, "unit": "d"}).calendar
    'always'
    """

    kind: Literal["delay"]
    """A delay."""
    calendar: Identifier = "always"
    """The calendar on which the time passes."""


class Fork(_Step):
    """Several branches at the same time; the case goes on when all have joined.

    Examples
    --------
    >>> Fork(id="departments", kind="fork", branches=["police", "pension"]).branches
    ('police', 'pension')
    """

    kind: Literal["fork"]
    """Fork and join."""
    branches: tuple[Identifier, ...] = Field(min_length=2)
    """The first step of each branch; a branch ends by a route to `join`. A branch that ends by an exit
    other than resolved ends the case so, once all branches have ended."""


class OpenCase(_Step):
    """Opens a new case of another need for the same veteran, and goes on.

    Examples
    --------
    >>> OpenCase(id="escalate", kind="open_case", need="petition").need
    'petition'
    """

    kind: Literal["open_case"]
    """Opens another case."""
    need: Identifier
    """The need of the new case."""
    at: Identifier = "contact"
    """Where the new case is first presented: at the place of first `contact` of this one, at the place
    `above` it, at its `origin`, or at the place of a named tier at or above the origin; elsewhere than at
    the same place, if that is not staffed, at the next one above."""
    opened_marks: tuple[Identifier, ...] = ()
    """Marks that the new case bears from the beginning."""


class Assign(_Step):
    """Takes the case onto the caseload of a team, when there is a place on it; then the case goes on.

    The team holds the case until a `release` step or the end of the case. A case that the team holds already
    goes on at once. The work for the case is a matter of other steps.

    Examples
    --------
    >>> Assign(id="manager", kind="assign", teams="case_managers @ contact").join
    'first'
    """

    kind: Literal["assign"]
    """Takes the case onto a caseload."""
    teams: TeamOptions
    """Teams that may hold it, in order of preference; an option that does not exist for a case is passed
    over."""
    join: Literal["first", "available"] = "first"
    """Which team it asks: the first that exists; or the first with a place to spare, else the first."""
    priority: int | None = Field(default=None, ge=0, le=1000)
    """Rank among those who wait for a place instead of the need's own."""
    patience: Patience | None = None
    """How long a case waits for a place; none: for ever."""


class Release(_Step):
    """Takes the case off the caseloads that hold it, and goes on.

    Examples
    --------
    >>> Release(id="done", kind="release", teams=["case_managers"]).teams
    ('case_managers',)
    """

    kind: Literal["release"]
    """Takes the case off caseloads."""
    teams: tuple[Identifier, ...] = ()
    """Roles whose caseloads; none: all that hold it."""


Step = Annotated[Work | Delay | Fork | OpenCase | Assign | Release, Field(discriminator="kind")]


class Pathway(Spec):
    """What happens to the cases of a need, step by step.

    Examples
    --------
    >>> step = {"id": "rest", "kind": "delay", "time": {"kind": "deterministic", "at": 1}}
    >>> Pathway(id="wait", steps=[step]).steps[0].id
    'rest'
    """

    id: Identifier
    """Short name."""
    title: str = ""
    """Name for people."""
    variant_of: Identifier | None = None
    """The pathway of which this is another version; steps of the same name share their draws."""
    first: Routes = ()
    """Where a case begins; empty: at the first step of the list."""
    steps: tuple[Step, ...] = Field(min_length=1)
    """The activities, in the order in which cases usually take them."""

    @model_validator(mode="after")
    def _distinct(self) -> Pathway:
        names = [step.id for step in self.steps]
        if len(set(names)) != len(names):
            twice = sorted({name for name in names if names.count(name) > 1})
            raise ValueError(f"each step id may stand once; duplicate: {', '.join(twice)}")
        taken = sorted(set(names) & {*EXITS, JOIN})
        if taken:
            raise ValueError(f"a step may not be called {taken[0]}: the word ends a case or a branch")
        return self

    def routes(self, index: int) -> tuple[Routing, ...]:
        """Rows by which cases leave the step at `index`, the default written out."""
        step = self.steps[index]
        if step.next:
            return step.next
        target = self.steps[index + 1].id if index + 1 < len(self.steps) else "resolved"
        return (straight_to(target),)

    def first_routes(self) -> tuple[Routing, ...]:
        """Rows by which cases enter the pathway, the default written out."""
        return self.first or (straight_to(self.steps[0].id),)
