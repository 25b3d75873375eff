"""Routes between activities, and conditions on the case."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from simulation.scenario.places import Standard
from simulation.scenario.quantities import Identifier, WholeShares
from simulation.spec import Spec

__all__ = ["EXITS", "JOIN", "Routes", "Routing", "TimeFactor", "When", "straight_to"]

EXITS = ("resolved", "unresolved", "refused", "lost", "ineligible", "dropped_out", "resolved_itself")
"""Targets of a route that end the case."""
JOIN = "join"
"""Target of a route that ends a branch of a fork."""


class When(Spec):
    """A condition on the case and on its work; all parts that are given must hold.

    `teams`, `staff`, `elsewhere` and `hurried` ask about work: factors on the time of work ask about the work
    that begins, everything else about the last work that was completed on the case. Before any work, no team
    and no staff group is meant, and nothing was done elsewhere or in a hurry.

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
    needs: tuple[Identifier, ...] = ()
    """The case is of one of these needs."""
    marks: tuple[Identifier, ...] = ()
    """The case bears all of these marks."""
    unmarked: tuple[Identifier, ...] = ()
    """The case bears none of these marks."""
    late: bool | None = None
    """Whether the deadline of the need has passed."""
    returned: bool | None = None
    """Whether the case has come back at least once."""
    teams: tuple[Identifier, ...] = ()
    """A team of one of these roles does the work."""
    staff: tuple[Identifier, ...] = ()
    """A staff group of one of these ids does the work."""
    elsewhere: bool | None = None
    """Whether the team that does the work stands elsewhere than at the place of first contact."""
    hurried: bool | None = None
    """Whether the work is done in a hurry, by a team that is pressed."""


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


def straight_to(target: str) -> Routing:
    """Return the row that sends every case to one target.

    Examples
    --------
    >>> straight_to("resolved").to[0].share
    1.0
    """
    return Routing.model_validate({"to": target})
