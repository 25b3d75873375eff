"""How a case comes to an activity, for which team it waits, and how long."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from simulation.distributions import Distribution
from simulation.scenario.quantities import Identifier, Probability
from simulation.spec import Spec

__all__ = ["Balk", "Patience", "Referral", "TeamOption", "TeamOptions"]


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
    """Whether the time passes always, or only while somebody of the team is there (people wait in line)."""


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


TeamOptions = Annotated[tuple[TeamOption, ...], BeforeValidator(_read_options), Field(min_length=1)]
"""Teams that may do the work, in order of preference."""
