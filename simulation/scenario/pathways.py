"""Pathways: the activities that a case goes through, and the routes between them."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from simulation.distributions import Distribution
from simulation.scenario.places import Standard
from simulation.scenario.quantities import (
    Duration,
    Identifier,
    Named,
    Probability,
    WholeShares,
    WrittenDuration,
)
from simulation.spec import Spec

__all__ = [
    "EXITS",
    "Balk",
    "Booking",
    "Delay",
    "Fork",
    "OpenCase",
    "Pathway",
    "Patience",
    "Referral",
    "Routing",
    "Step",
    "TeamOption",
    "TimeFactor",
    "When",
    "Work",
]

EXITS = ("resolved", "unresolved", "refused", "lost", "dropped_out")
"""Targets of a route that end the case."""
JOIN = "join"
"""Target of a route that ends a branch of a fork."""


class When(Spec):
    """A condition on the case; all parts that are given must hold.

    Examples
    --------
    >>> When(channels=["online"]).channels
    ('online',)
    """

    channels: tuple[Identifier, ...] = ()
    """The case came over one of these channels."""
    groups: tuple[Identifier, ...] = ()
    """The veteran belongs to one of these groups."""
    standards: tuple[Standard, ...] = ()
    """The place of first contact has one of these standards."""
    tiers: tuple[Identifier, ...] = ()
    """The place of first contact has one of these tiers."""
    late: bool | None = None
    """Whether the deadline of the need has passed."""


class Routing(Spec):
    """Where a case goes next, by probability, for cases that meet a condition.

    Examples
    --------
    >>> Routing(to={"resolved": 0.7, "referral": 0.3}).to[0].of
    'referral'
    """

    when: When = When()
    """Which cases the row holds for; rows are tried in order."""
    to: WholeShares
    """Probabilities of the targets: an activity of the pathway, `join`, or an exit."""


def _read_routes(data: Any) -> Any:
    if isinstance(data, str):
        return [{"to": data}]
    if isinstance(data, dict):
        return [data] if "to" in data else [{"to": data}]
    return data


Routes = Annotated[tuple[Routing, ...], BeforeValidator(_read_routes)]


class Referral(Spec):
    """The hand-over that brings a case to an activity.

    Examples
    --------
    >>> Referral(not_attempted=0.09, not_reached=0.18).loss
    0.2538
    """

    delay: Distribution | None = None
    """Time on the way; none: at once."""
    calendar: Identifier = "always"
    """The calendar on which the time on the way passes."""
    not_attempted: Probability = 0.0
    """Probability that the hand-over is never made."""
    not_reached: Probability = 0.0
    """Probability that a hand-over which is made reaches nobody."""
    refusal: Probability = 0.0
    """Probability that the receiver refuses the case."""
    factor: float = Field(default=1.0, ge=0)
    """Factor on the time on the way."""

    @property
    def loss(self) -> float:
        """Probability that the case is lost on the way."""
        return round(1.0 - (1.0 - self.not_attempted) * (1.0 - self.not_reached), 12)


class Patience(Spec):
    """How long a case waits in the queue before it gives up.

    Examples
    --------
    >>> Patience(time={"kind": "exponential", "mean": 60, "unit": "min"}).clock
    'calendar'
    """

    time: Distribution
    """Time until it gives up."""
    clock: Literal["calendar", "open"] = "calendar"
    """Whether the time passes always, or only while the team is open (people wait in line)."""


class Balk(Spec):
    """Refusing to join a long queue.

    Examples
    --------
    >>> Balk(waiting=5, probability=0.3).waiting
    5
    """

    waiting: int = Field(ge=0)
    """Balking begins when at least so many are waiting."""
    probability: Probability
    """Probability of not joining then."""


class Booking(Spec):
    """Being seen by appointment: in the earliest free slot of the team's staff.

    Examples
    --------
    >>> Booking(lead="2 wd", no_show=0.12).lead.amount
    2.0
    """

    lead: WrittenDuration = Duration(amount=0.0, unit="h")
    """The earliest slot lies at least so long ahead; working days are those of the team."""
    no_show: Probability = 0.0
    """Probability of not coming; the slot is lost, and the case gives up unless it comes back."""
    too_far: WrittenDuration | None = None
    """A slot further ahead than this may be declined; working days are those of the team. None: never."""
    declined: Probability = 0.0
    """Probability of declining a slot that is too far ahead."""


_OPTION = re.compile(r"^\s*([A-Za-z0-9_\-]+)\s*(?:@\s*([A-Za-z0-9_\-]+))?\s*$")


class TeamOption(Spec):
    """A team that may do the work, named by role and by where it is; written as ``role @ where``.

    Examples
    --------
    >>> TeamOption(role="desk", at="contact").at
    'contact'
    """

    role: Identifier
    """The team's id."""
    at: Identifier = "nearest"
    """Which of the teams with that role: at the place of first `contact`, at the place `above` it, at the
    `origin` of the case, at the place of a named tier above the origin, or the `nearest` on the way up the
    tree from the origin (departments count as standing where their parent stands)."""


def _read_options(data: Any) -> Any:
    items = [data] if isinstance(data, str) else data
    if not isinstance(items, list | tuple):
        return items
    read = []
    for item in items:
        match = _OPTION.match(item) if isinstance(item, str) else None
        read.append({"role": match.group(1), "at": match.group(2) or "nearest"} if match else item)
    return read


class TimeFactor(Spec):
    """A factor on the time of an activity for some cases.

    Examples
    --------
    >>> TimeFactor(when={"channels": ["phone"]}, factor=0.7).factor
    0.7
    """

    when: When = When()
    """Which cases."""
    factor: float = Field(ge=0)
    """Factor on their time."""


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
    teams: Annotated[tuple[TeamOption, ...], BeforeValidator(_read_options), Field(min_length=1)]
    """Teams that may do it, in order of preference; an option that does not exist for a case is passed
    over."""
    join: Literal["first", "available", "shortest", "all"] = "first"
    """Which queue the case joins: of the first team that exists; of the first that could start at once, else
    of the first; of the one with the fewest cases waiting or in service; or the queues of all of them,
    to be served by all together."""
    at_close: Literal["finish", "pause"] = "finish"
    """At closing time, work begun is finished in overtime, or put down until the team opens again."""
    priority: int | None = Field(default=None, ge=0, le=1000)
    """Rank in this queue instead of the need's own."""
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


Step = Annotated[Work | Delay | Fork | OpenCase, Field(discriminator="kind")]


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
        return (_straight_to(target),)

    def first_routes(self) -> tuple[Routing, ...]:
        """Rows by which cases enter the pathway, the default written out."""
        return self.first or (_straight_to(self.steps[0].id),)


def _straight_to(target: str) -> Routing:
    return Routing.model_validate({"to": target})


NamedPathways = Named[Pathway]
