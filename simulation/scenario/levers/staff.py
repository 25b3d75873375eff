"""Levers on the people who serve."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from simulation.scenario.levers.base import LeverBase
from simulation.scenario.quantities import Identifier
from simulation.scenario.teams import CapacityChange, StaffGroup

if TYPE_CHECKING:
    from simulation.scenario.scenario import Scenario

__all__ = ["AddStaff"]


class AddStaff(LeverBase):
    """More heads in a staff group of a team, at every place where the team works.

    Examples
    --------
    >>> AddStaff(id="more", kind="add_staff", team="street_desk", group="clerks", heads=1).heads
    1
    """

    kind: Literal["add_staff"]
    """Team expansion."""
    team: Identifier
    """The team's role."""
    group: Identifier
    """The staff group of the team that grows."""
    heads: int
    """Heads added at each place (negative: taken away, never below none)."""

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario with the heads added, whatever a place's own number of heads is.

        At part strength every place gets the whole part of its heads, and some places one more.
        """
        heads = round(self.heads * strength, 9)
        whole, rest = math.trunc(heads), abs(heads - math.trunc(heads))
        changes: tuple[CapacityChange, ...] = ()
        if whole:
            changes += (CapacityChange(from_=scenario.start, add=whole),)
        if rest:
            changes += (CapacityChange(from_=scenario.start, add=1 if heads > 0 else -1, share=rest),)

        def grow(group: StaffGroup) -> StaffGroup:
            if group.id != self.group:
                return group
            return group.model_copy(update={"changes": (*group.changes, *changes)})

        teams = tuple(
            team.model_copy(update={"staff": tuple(grow(group) for group in team.staff)})
            if team.id == self.team
            else team
            for team in scenario.teams
        )
        return scenario.model_copy(update={"teams": teams})

    def running_cost(self, scenario: Scenario) -> float:
        """Return the running cost at full strength with the pay of the heads that it adds, yuan a year."""
        pay = 0.0
        for team in scenario.teams:
            if team.id == self.team:
                places = sum(team.works_at(place) for place in scenario.places)
                prices = [group.annual_cost for group in team.staff if group.id == self.group]
                pay += sum(prices) * self.heads * places
        return self.cost_per_year + max(0.0, pay)

    def unknown(self, scenario: Scenario) -> list[tuple[str, str, list[str]]]:
        """Names that the lever uses and the scenario does not know."""
        found = super().unknown(scenario)
        for team in scenario.teams:
            groups = [group.id for group in team.staff]
            if team.id == self.team and self.group not in groups:
                found.append(("group", self.group, groups))
        return found
