"""Levers on the people who serve."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from simulation.scenario.levers.base import LeverBase, part_of
from simulation.scenario.quantities import Hours, Identifier, Share, Shares
from simulation.scenario.teams import CapacityChange, StaffGroup
from simulation.spec import InputError, Problem

if TYPE_CHECKING:
    from simulation.scenario.scenario import Scenario

__all__ = ["AddStaff", "AllowOvertime", "ConvertStaff", "RetainStaff", "TrainStaff"]


class AddStaff(LeverBase):
    """More heads in a staff group of a team, at every place where the team works, or at some of them.

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
    places: tuple[Identifier, ...] = ()
    """Places at which alone they are added; empty: all of the team's."""

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario with the heads added, whatever a place's own number of heads is.

        At part strength every place gets the whole part of its heads, and some places one more.
        """
        changes = _arrivals(scenario, self.heads * strength, self.places)

        def grow(group: StaffGroup) -> StaffGroup:
            return group.model_copy(update={"changes": (*group.changes, *changes)})

        return _with_staff(scenario, (self.team,), self.group, grow)

    def running_cost(self, scenario: Scenario) -> float:
        """Return the running cost at full strength with the pay of the heads that it adds, yuan a year."""
        pay = 0.0
        for team in scenario.teams:
            if team.id == self.team:
                meant = (place for place in scenario.places if not self.places or place.id in self.places)
                places = sum(team.works_at(place) for place in meant)
                prices = [group.annual_cost for group in team.staff if group.id == self.group]
                pay += sum(prices) * self.heads * places
        return self.cost_per_year + max(0.0, pay)

    def unknown(self, scenario: Scenario) -> list[tuple[str, str, list[str]]]:
        """Names that the lever uses and the scenario does not know."""
        found = super().unknown(scenario)
        known = [place.id for place in scenario.places]
        found += [("places", name, known) for name in self.places if name not in known]
        return found + _unknown_groups(scenario, (self.team,), {"group": self.group})


class ConvertStaff(LeverBase):
    """Heads of one staff group become heads of another of the same team: specialisation, or its undoing.

    What the new group can do, how fast and at which cost, is said where the group is. Where the new group has
    a workforce, its posts stand empty for its recruitment first: the time of the course.

    Examples
    --------
    >>> moved = {"team": "desk", "group": "clerks", "into": "experts", "heads": 1}
    >>> ConvertStaff(id="legal", kind="convert_staff", **moved).into
    'experts'
    """

    kind: Literal["convert_staff"]
    """Specialisation: other kinds of staff instead of more."""
    team: Identifier
    """The team's role."""
    group: Identifier
    """The staff group that the heads come from; it has that many."""
    into: Identifier
    """The staff group that they belong to from then on."""
    heads: int = Field(ge=1)
    """Heads at each place."""

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario with the heads moved; at part strength, at some of the places.

        Raises
        ------
        InputError
            When the group that the heads come from does not have as many.
        """
        self._refuse_more_than_there_are(scenario)
        heads = self.heads * strength

        def leave(group: StaffGroup) -> StaffGroup:
            return group.model_copy(update={"changes": (*group.changes, *_arrivals(scenario, -heads))})

        def come(group: StaffGroup) -> StaffGroup:
            return group.model_copy(update={"changes": (*group.changes, *_arrivals(scenario, heads))})

        moved = _with_staff(scenario, (self.team,), self.group, leave)
        return _with_staff(moved, (self.team,), self.into, come)

    def _refuse_more_than_there_are(self, scenario: Scenario) -> None:
        for team in scenario.teams:
            for group in team.staff if team.id == self.team else ():
                if group.id == self.group and group.per_veterans is None and group.count < self.heads:
                    hint = f"{self.group} of {self.team} has {group.count} heads; convert as many at most"
                    raise InputError([Problem(f"levers.{self.id}.heads", self.heads, hint)])

    def running_cost(self, scenario: Scenario) -> float:
        """Return the running cost at full strength with what the heads cost more than before, yuan a year."""
        pay = 0.0
        for team in scenario.teams:
            if team.id == self.team:
                places = sum(team.works_at(place) for place in scenario.places)
                prices = {group.id: group.annual_cost for group in team.staff}
                pay += (prices.get(self.into, 0.0) - prices.get(self.group, 0.0)) * self.heads * places
        return self.cost_per_year + max(0.0, pay)

    def unknown(self, scenario: Scenario) -> list[tuple[str, str, list[str]]]:
        """Names that the lever uses and the scenario does not know."""
        found = super().unknown(scenario)
        return found + _unknown_groups(scenario, (self.team,), {"group": self.group, "into": self.into})


class _OnStaff(LeverBase):
    teams: tuple[Identifier, ...] = ()
    """Roles of the teams; empty: all."""
    group: Identifier | None = None
    """The staff group of these teams; none: all of them."""

    def unknown(self, scenario: Scenario) -> list[tuple[str, str, list[str]]]:
        """Names that the lever uses and the scenario does not know."""
        return super().unknown(scenario) + _unknown_groups(scenario, self.teams, {"group": self.group})


class TrainStaff(_OnStaff):
    """Staff who work faster, at everything or at some needs.

    Examples
    --------
    >>> TrainStaff(id="course", kind="train_staff", teams=["desk"], needs={"hardship": 1.15}).speed
    1.0
    """

    kind: Literal["train_staff"]
    """Training."""
    speed: float = Field(default=1.0, gt=0)
    """Factor on the speed of all work."""
    needs: Shares = ()
    """Factor on the speed of work for some needs."""

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario with the speeds changed; at part strength, part of the way."""
        speed = part_of(self.speed, strength)

        def train(group: StaffGroup) -> StaffGroup:
            before = {share.of: share.share for share in group.proficiency}
            gained = {share.of: part_of(share.share, strength) for share in self.needs}
            names = sorted({*before, *(name for name, factor in gained.items() if factor != 1.0)})
            after = tuple(
                Share(of=name, share=before.get(name, 1.0) * gained.get(name, 1.0)) for name in names
            )
            return group.model_copy(update={"speed": group.speed * speed, "proficiency": after})

        return _with_staff(scenario, self.teams, self.group, train)


class RetainStaff(_OnStaff):
    """Fewer who leave, sooner replaced, and less often away, in staff groups that have a workforce.

    Examples
    --------
    >>> RetainStaff(id="stay", kind="retain_staff", teams=["desk"], turnover=0.6).absence
    1.0
    """

    kind: Literal["retain_staff"]
    """Retention."""
    turnover: float = Field(default=1.0, ge=0)
    """Factor on the turnover."""
    recruitment: float = Field(default=1.0, ge=0)
    """Factor on the time for which a post stands empty."""
    absence: float = Field(default=1.0, ge=0)
    """Factor on the probability of absence, which stays at most 1."""

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario with the workforce changed; at part strength, part of the way."""

        def retain(group: StaffGroup) -> StaffGroup:
            old = group.workforce
            if old is None:
                return group
            new = old.model_copy(
                update={
                    "turnover": old.turnover * part_of(self.turnover, strength),
                    "recruitment_factor": old.recruitment_factor * part_of(self.recruitment, strength),
                    "absence": min(1.0, old.absence * part_of(self.absence, strength)),
                }
            )
            return group.model_copy(update={"workforce": new})

        return _with_staff(scenario, self.teams, self.group, retain)


class AllowOvertime(_OnStaff):
    """Cases that wait at the last closing of a day are still begun for some time.

    Examples
    --------
    >>> AllowOvertime(id="late", kind="allow_overtime", teams=["desk"], hours="90 min").hours
    1.5
    """

    kind: Literal["allow_overtime"]
    """Overtime up to a limit."""
    hours: Hours
    """Time after the last closing of a day, such as "90 min"."""

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario with the overtime allowed; at part strength, part of the way."""

        def allow(group: StaffGroup) -> StaffGroup:
            gain = max(0.0, self.hours - group.overtime)
            return group.model_copy(update={"overtime": group.overtime + strength * gain})

        return _with_staff(scenario, self.teams, self.group, allow)


def _arrivals(scenario: Scenario, heads: float, places: tuple[str, ...] = ()) -> tuple[CapacityChange, ...]:
    """Heads that come (or go) at each place: the whole part at all, the rest as one more at some of them."""
    heads = round(heads, 9)
    whole, rest = math.trunc(heads), abs(heads - math.trunc(heads))
    changes: tuple[CapacityChange, ...] = ()
    if whole:
        changes += (CapacityChange(from_=scenario.start, add=whole, places=places),)
    if rest:
        one = 1 if heads > 0 else -1
        changes += (CapacityChange(from_=scenario.start, add=one, share=rest, places=places),)
    return changes


def _with_staff(
    scenario: Scenario, teams: tuple[str, ...], group: str | None, change: Callable[[StaffGroup], StaffGroup]
) -> Scenario:
    """Return the scenario with staff groups changed: of these teams, or all; of this name, or all."""
    changed = tuple(
        team.model_copy(
            update={"staff": tuple(change(each) if group in (None, each.id) else each for each in team.staff)}
        )
        if not teams or team.id in teams
        else team
        for team in scenario.teams
    )
    return scenario.model_copy(update={"teams": changed})


def _unknown_groups(
    scenario: Scenario, teams: tuple[str, ...], named: dict[str, str | None]
) -> list[tuple[str, str, list[str]]]:
    """List staff groups that none of the teams has: (field, name, known names)."""
    chosen = [team for team in scenario.teams if not teams or team.id in teams]
    known = sorted({group.id for team in chosen for group in team.staff})
    return [
        (field, name, known)
        for field, name in named.items()
        if chosen and name is not None and name not in known
    ]
