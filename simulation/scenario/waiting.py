"""How a case comes to an activity, for which team it waits, and how long."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from simulation.distributions import Distribution
from simulation.scenario.quantities import Identifier, Probability
from simulation.scenario.routing import TimeFactor
from simulation.spec import Spec

__all__ = ["POSITIONS", "Balk", "Patience", "Referral", "TeamOption", "TeamOptions"]


POSITIONS = ("nearest", "contact", "above", "origin", "siblings")
"""Where a team may be meant to stand; else a tier is named."""


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
    refused_to: Identifier | None = None
    """Where a refused case goes on (a step, `join` or an exit), also one that finds every queue full or no
    team; none: it ends as refused."""
    ineligible: Probability = 0.0
    """Probability that the receiver finds the case to be none that its rules cover."""
    ineligible_to: Identifier | None = None
    """Where an ineligible case goes on (a step, `join` or an exit); none: it ends as ineligible."""
    factor: float = Field(default=1.0, ge=0)
    """Factor on the time on the way."""

    @model_validator(mode="after")
    def _whole(self) -> Referral:
        if self.refusal + self.ineligible > 1.0 + 1e-9:
            raise ValueError("refusal and ineligible are shares of the same cases: their sum is at most 1")
        return self

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
    time_factors: tuple[TimeFactor, ...] = ()
    """Factors on that time for some cases; all that apply when the case joins the queue are multiplied."""
    to: Identifier | None = None
    """Where a case that gives up goes on (a step, `join` or an exit); none: it ends as reneged."""
    clock: Literal["calendar", "open"] = "calendar"
    """Whether the time passes always, or only while a staff group that can
    serve the need is open (people wait in line)."""


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
    to: Identifier | None = None
    """Where a case that does not join goes on (a step, `join` or an exit); none: it ends as balked."""


_OPTION = re.compile(r"^\s*([A-Za-z0-9_\-]+)\s*(?:@\s*([A-Za-z0-9_\-]+))?\s*$")


class TeamOption(Spec):
    """Teams that may do the work, named by role and by where they are; written as ``role @ where``.

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
    tree from the origin (departments count as standing where their parent stands); or all of them at the
    `siblings`, the other places with the same parent as the place of first contact, in the order of their
    names."""
    share: Probability = 1.0
    """Degree of adoption: the share of the visits to which the option is open. A visit to which an option
    with a smaller share is open finds those with a greater share open too."""
    only_if_free: bool = False
    """Whether the option is open only when somebody of the team could begin at once."""


def _read_options(data: Any) -> Any:
    items = [data] if isinstance(data, str) else data
    if not isinstance(items, list | tuple):
        return items
    read = []
    for item in items:
        match = _OPTION.match(item) if isinstance(item, str) else None
        read.append({"role": match.group(1), "at": match.group(2) or "nearest"} if match else item)
    return read


TeamOptions = Annotated[tuple[TeamOption, ...], BeforeValidator(_read_options), Field(min_length=1)]
"""Teams that may do the work, in order of preference."""
