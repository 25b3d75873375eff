"""Levers on places, on reach, and on the way in."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from simulation.scenario.levers.base import LeverBase, mixed, part_of
from simulation.scenario.needs import Need
from simulation.scenario.places import Place, Practice, Standard, among_first
from simulation.scenario.quantities import Identifier, Share, WholeShares
from simulation.scenario.teams import StaffGroup, Team

if TYPE_CHECKING:
    from simulation.scenario.scenario import Scenario

__all__ = [
    "BuildStations",
    "LevelPractice",
    "RaiseStandard",
    "ScaleEscalation",
    "ScalePresentation",
    "ShiftChannels",
]


class BuildStations(LeverBase):
    """Staffed stations where there are none; the tier's teams work there as they do elsewhere.

    Examples
    --------
    >>> BuildStations(id="near", kind="build_stations", tiers=["community"], standard="model").standard
    'model'
    """

    kind: Literal["build_stations"]
    """Position construction: coverage."""
    tiers: tuple[Identifier, ...] = Field(min_length=1)
    """Tiers whose places without a staffed station get one."""
    standard: Standard | None = None
    """The standard to which they are built; none: that of the place."""

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario with the stations, at part strength with a share of them."""
        update: dict[str, object] = {"staffed": True}
        if self.standard is not None:
            update["standard"] = self.standard
        built = {place.id for place in self._missing(scenario) if among_first(place.id, strength)}
        return _with_places(scenario, lambda p: p.model_copy(update=update) if p.id in built else p)

    def running_cost(self, scenario: Scenario) -> float:
        """Return the running cost at full strength with the pay of those who work there, yuan a year."""
        everywhere = self.change(scenario, 1.0)
        built = {place.id for place in self._missing(scenario)}
        veterans, pay = _veterans(scenario), 0.0
        for place in everywhere.places:
            for team in everywhere.teams if place.id in built else ():
                if team.works_at(place):
                    pay += sum(
                        _heads(team, group, place, veterans) * group.annual_cost for group in team.staff
                    )
        return self.cost_per_year + pay

    def _missing(self, scenario: Scenario) -> list[Place]:
        return [place for place in scenario.places if place.tier in self.tiers and not place.staffed]

    def unknown(self, scenario: Scenario) -> list[tuple[str, str, list[str]]]:
        """Names that the lever uses and the scenario does not know."""
        return super().unknown(scenario) + _unknown_tiers(self.tiers, scenario)


class RaiseStandard(LeverBase):
    """Stations that are brought up to a standard.

    Examples
    --------
    >>> RaiseStandard(id="up", kind="raise_standard", tiers=["community"]).to_standard
    'standard'
    """

    kind: Literal["raise_standard"]
    """Position construction: standards."""
    tiers: tuple[Identifier, ...] = Field(min_length=1)
    """Tiers whose stations are brought up."""
    to_standard: Literal["standard", "model"] = "standard"
    """The standard that those below it reach."""

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario with the stations brought up, at part strength a share of them."""
        order = ("below", "standard", "model")
        rank = order.index(self.to_standard)

        def raised(place: Place) -> Place:
            low = place.tier in self.tiers and order.index(place.standard) < rank
            if not low or not among_first(place.id, strength):
                return place
            return place.model_copy(update={"standard": self.to_standard})

        return _with_places(scenario, raised)

    def unknown(self, scenario: Scenario) -> list[tuple[str, str, list[str]]]:
        """Names that the lever uses and the scenario does not know."""
        return super().unknown(scenario) + _unknown_tiers(self.tiers, scenario)


class LevelPractice(LeverBase):
    """Local practice brought up to the standard: factors worse than 1 move to 1, better ones stay.

    Examples
    --------
    >>> LevelPractice(id="level", kind="level_practice", tiers=["street"], strength=0.5).strength
    0.5
    """

    kind: Literal["level_practice"]
    """Standardisation of practice between places."""
    tiers: tuple[Identifier, ...] = ()
    """Tiers whose practice is brought up; empty: all."""

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario with the practice brought up, at part strength everywhere part of the way."""

        def levelled(place: Place) -> Place:
            if place.practice is None or (self.tiers and place.tier not in self.tiers):
                return place
            factors = place.practice.model_dump()
            better = {n: 1.0 + (f - 1.0) * (1.0 - strength) if f > 1.0 else f for n, f in factors.items()}
            return place.model_copy(update={"practice": Practice(**better)})

        return _with_places(scenario, levelled) if strength else scenario

    def unknown(self, scenario: Scenario) -> list[tuple[str, str, list[str]]]:
        """Names that the lever uses and the scenario does not know."""
        return super().unknown(scenario) + _unknown_tiers(self.tiers, scenario)


class ShiftChannels(LeverBase):
    """Other shares of the channels for some groups, and for needs that have shares of their own.

    Examples
    --------
    >>> ShiftChannels(id="web", kind="shift_channels", groups=["young"], channels={"online": 1}).needs
    ()
    """

    kind: Literal["shift_channels"]
    """Digitization: which channel is used."""
    groups: tuple[Identifier, ...] = ()
    """Groups whose shares change."""
    needs: tuple[Identifier, ...] = ()
    """Needs whose own shares change."""
    channels: WholeShares
    """The new shares."""

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario with the new shares, or with shares part of the way to them."""
        first = (Share(of=scenario.channels[0].id, share=1.0),) if scenario.channels else ()

        def shift(shares: tuple[Share, ...]) -> dict[str, object]:
            return {"channels": mixed(shares or first, self.channels, strength)}

        return scenario.model_copy(
            update={
                "groups": tuple(
                    g.model_copy(update=shift(g.channels)) if g.id in self.groups else g
                    for g in scenario.groups
                ),
                "needs": tuple(
                    n.model_copy(update=shift(n.channels)) if n.id in self.needs else n
                    for n in scenario.needs
                ),
            }
        )


class ScalePresentation(LeverBase):
    """More or fewer of the needs of some groups are presented.

    Examples
    --------
    >>> ScalePresentation(id="out", kind="scale_presentation", groups=["old"], factor=0.97).factor
    0.97
    """

    kind: Literal["scale_presentation"]
    """Reach: who presents a need at all."""
    groups: tuple[Identifier, ...] = Field(min_length=1)
    """Groups whose needs are presented more or less often."""
    factor: float = Field(ge=0)
    """Factor on the probability, which stays at most 1."""

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario with the probabilities scaled."""
        factor = part_of(self.factor, strength)
        return scenario.model_copy(
            update={
                "groups": tuple(
                    g.model_copy(update={"presented": min(1.0, g.presented * factor)})
                    if g.id in self.groups
                    else g
                    for g in scenario.groups
                )
            }
        )


class ScaleEscalation(LeverBase):
    """Fewer or more of the overdue and unmet cases of some needs open another case.

    Examples
    --------
    >>> ScaleEscalation(id="calm", kind="scale_escalation", needs=["claim"], factor=0.5).factor
    0.5
    """

    kind: Literal["scale_escalation"]
    """Mediation: what becomes of unmet and overdue needs."""
    needs: tuple[Identifier, ...] = ()
    """Needs whose cases open others less or more often; empty: all."""
    factor: float = Field(ge=0)
    """Factor on the probabilities, which stay at most 1."""

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario with the probabilities scaled."""
        factor = part_of(self.factor, strength)

        def scaled(need: Need) -> Need:
            if self.needs and need.id not in self.needs:
                return need
            overdue = tuple(
                rule.model_copy(update={"probability": min(1.0, rule.probability * factor)})
                for rule in need.overdue
            )
            unmet = tuple(
                rule.model_copy(update={"probability": min(1.0, rule.probability * factor)})
                for rule in need.unmet
            )
            return need.model_copy(update={"overdue": overdue, "unmet": unmet})

        return scenario.model_copy(update={"needs": tuple(scaled(need) for need in scenario.needs)})


def _veterans(scenario: Scenario) -> dict[str, int]:
    """Count the veterans registered at each place and at all below it."""
    places = {place.id: place for place in scenario.places}
    total = dict.fromkeys(places, 0)
    for place in scenario.places:
        above: str | None = place.id
        while above is not None:
            total[above] += place.veterans
            above = places[above].parent
    return total


def _heads(team: Team, group: StaffGroup, place: Place, veterans: dict[str, int]) -> int:
    """Count the heads of a staff group at a place, those included who come for good."""
    count = group.count
    if place.staff is not None and team.staff[0].id == group.id:
        count = place.staff
    elif group.per_veterans is not None:
        count = math.floor(veterans[place.id] / group.per_veterans + 0.5)
    lasting = [change for change in group.changes if change.to is None]
    return max(0, count + sum(change.add for change in lasting if among_first(place.id, change.share)))


def _with_places(scenario: Scenario, change: Callable[[Place], Place]) -> Scenario:
    return scenario.model_copy(update={"places": tuple(change(place) for place in scenario.places)})


def _unknown_tiers(tiers: tuple[str, ...], scenario: Scenario) -> list[tuple[str, str, list[str]]]:
    known = sorted({place.tier for place in scenario.places})
    return [("tiers", tier, known) for tier in tiers if tier not in known]
