"""Triggers: levers that are switched on and off by what is observed while the system runs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from simulation.scenario.quantities import Identifier
from simulation.spec import Spec

__all__ = ["AT_MOST", "Trigger"]

AT_MOST = 4
"""Levers of a scenario that may have a trigger: every combination of them is laid out before the run."""


class Trigger(Spec):
    """Switches a lever on when something has been too high for some days, and off when it has been low.

    It is looked at once a day, when the calendar opens, before anything else happens at that moment. Between
    the two thresholds nothing is switched.

    Examples
    --------
    >>> Trigger(observe="waiting", teams=["street"], above=20, below=5, calendar="office").above_for
    1
    """

    observe: Literal["age_p90", "open_cases", "waiting"]
    """What is looked at: the 90th percentile of the age of open cases, in days; how many cases are open; or
    how many wait in the queues of teams. A case that has gone away and may come back is not open."""
    needs: tuple[Identifier, ...] = ()
    """Only cases of these needs; empty: of all."""
    teams: tuple[Identifier, ...] = ()
    """For `waiting`: only in the queues of teams with these roles; empty: of all."""
    above: float = Field(ge=0)
    """On, when more than this has been seen ..."""
    above_for: int = Field(default=1, ge=1)
    """... so many days in a row."""
    below: float = Field(ge=0)
    """Off, when less than this has been seen ..."""
    below_for: int = Field(default=1, ge=1)
    """... so many days in a row."""
    calendar: Identifier = "always"
    """The calendar whose open days count; `always`: every day, at its beginning."""

    @model_validator(mode="after")
    def _ordered(self) -> Trigger:
        if self.below > self.above:
            raise ValueError(
                f"below is {self.below:g} and above is {self.above:g}: the lever would be switched on and "
                "off at once; swap them"
            )
        if self.teams and self.observe != "waiting":
            raise ValueError(f"{self.observe} is not seen at a team: leave out teams, or observe waiting")
        return self
