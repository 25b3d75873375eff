"""Levers: typed, pure changes to the service system, and policies as lists of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, model_validator

from simulation.scenario.pathways import Delay, Fork, OpenCase, Work
from simulation.scenario.quantities import Identifier, Named, WholeShares
from simulation.scenario.routing import TimeFactor, When
from simulation.scenario.teams import CapacityChange, StaffGroup
from simulation.spec import Spec

if TYPE_CHECKING:
    from simulation.scenario.scenario import Scenario

__all__ = [
    "AddStaff",
    "ImproveReferral",
    "Lever",
    "Policy",
    "ScalePresentation",
    "ScaleTime",
    "ShiftChannels",
]

AnyStep = Work | Delay | Fork | OpenCase


class _Lever(Spec):
    id: Identifier
    """Short name within its policy."""
    title: str = ""
    """What it does, for people."""
    from_: date | None = Field(default=None, alias="from")
    """The day it takes effect; none: from the start."""
    cost_once: float = Field(default=0.0, ge=0)
    """Cost of setting it up, yuan, once."""
    cost_per_year: float = Field(default=0.0, ge=0)
    """Running cost, yuan a year, staff that it adds not included."""

    def change(self, scenario: Scenario) -> Scenario:
        """Return the scenario as it is once the lever is in effect."""
        raise NotImplementedError

    def unknown(self, scenario: Scenario) -> list[tuple[str, str, list[str]]]:
        """Names that the lever uses and the scenario does not know: (field, name, known names)."""
        named: dict[str, Any] = {
            "team": scenario.teams,
            "teams": scenario.teams,
            "pathways": scenario.pathways,
            "groups": scenario.groups,
            "needs": scenario.needs,
            "channels": scenario.channels,
        }
        found = []
        for field, items in named.items():
            names = getattr(self, field, ())
            known = [item.id for item in items]
            listed = (names,) if isinstance(names, str) else names
            wanted = [getattr(entry, "of", entry) for entry in listed]
            found += [(field, name, known) for name in wanted if name not in known]
        return found


class AddStaff(_Lever):
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

    def change(self, scenario: Scenario) -> Scenario:
        """Return the scenario with the heads added, whatever a place's own number of heads is."""
        change = CapacityChange(from_=scenario.start, add=self.heads)

        def grow(group: StaffGroup) -> StaffGroup:
            if group.id != self.group:
                return group
            return group.model_copy(update={"changes": (*group.changes, change)})

        teams = tuple(
            team.model_copy(update={"staff": tuple(grow(group) for group in team.staff)})
            if team.id == self.team
            else team
            for team in scenario.teams
        )
        return scenario.model_copy(update={"teams": teams})

    def unknown(self, scenario: Scenario) -> list[tuple[str, str, list[str]]]:
        """Names that the lever uses and the scenario does not know."""
        found = super().unknown(scenario)
        for team in scenario.teams:
            groups = [group.id for group in team.staff]
            if team.id == self.team and self.group not in groups:
                found.append(("group", self.group, groups))
        return found


class ShiftChannels(_Lever):
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

    def change(self, scenario: Scenario) -> Scenario:
        """Return the scenario with the new shares."""
        update = {"channels": self.channels}
        return scenario.model_copy(
            update={
                "groups": tuple(
                    g.model_copy(update=update) if g.id in self.groups else g for g in scenario.groups
                ),
                "needs": tuple(
                    n.model_copy(update=update) if n.id in self.needs else n for n in scenario.needs
                ),
            }
        )


class ScalePresentation(_Lever):
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

    def change(self, scenario: Scenario) -> Scenario:
        """Return the scenario with the probabilities scaled."""
        return scenario.model_copy(
            update={
                "groups": tuple(
                    g.model_copy(update={"presented": min(1.0, g.presented * self.factor)})
                    if g.id in self.groups
                    else g
                    for g in scenario.groups
                )
            }
        )


class ImproveReferral(_Lever):
    """Faster and safer hand-overs.

    Examples
    --------
    >>> ImproveReferral(id="wire", kind="improve_referral", delay_factor=0.35, loss_factor=0.5).refusal_factor
    1.0
    """

    kind: Literal["improve_referral"]
    """Coordination: the hand-over between desks and departments."""
    pathways: tuple[Identifier, ...] = ()
    """Pathways whose hand-overs change; empty: all."""
    delay_factor: float = Field(default=1.0, ge=0)
    """Factor on the time on the way."""
    loss_factor: float = Field(default=1.0, ge=0, le=1)
    """Factor on both probabilities of losing the case on the way."""
    refusal_factor: float = Field(default=1.0, ge=0, le=1)
    """Factor on the probability of refusal."""

    def change(self, scenario: Scenario) -> Scenario:
        """Return the scenario with the hand-overs changed."""

        def improve(step: AnyStep) -> AnyStep:
            if step.referral is None:
                return step
            old = step.referral
            new = old.model_copy(
                update={
                    "factor": old.factor * self.delay_factor,
                    "not_attempted": old.not_attempted * self.loss_factor,
                    "not_reached": old.not_reached * self.loss_factor,
                    "refusal": old.refusal * self.refusal_factor,
                }
            )
            return step.model_copy(update={"referral": new})

        return _with_steps(scenario, self.pathways, improve)


class ScaleTime(_Lever):
    """Faster or slower activities.

    Examples
    --------
    >>> ScaleTime(id="fast", kind="scale_time", teams=["desk"], factor=0.85).steps
    ()
    """

    kind: Literal["scale_time"]
    """Working methods: how long activities take."""
    pathways: tuple[Identifier, ...] = ()
    """Only activities of these pathways; empty: of all."""
    steps: tuple[Identifier, ...] = ()
    """Only activities of this name; empty: all."""
    teams: tuple[Identifier, ...] = ()
    """Only work that one of these roles may do; empty: all work and delays."""
    when: When = When()
    """Only for these cases."""
    factor: float = Field(ge=0)
    """Factor on the time."""

    @model_validator(mode="after")
    def _selects(self) -> ScaleTime:
        if not (self.pathways or self.steps or self.teams):
            raise ValueError("name the pathways, steps or teams whose time changes")
        return self

    def change(self, scenario: Scenario) -> Scenario:
        """Return the scenario with the times changed."""

        def scale(step: AnyStep) -> AnyStep:
            if not isinstance(step, Work | Delay) or (self.steps and step.id not in self.steps):
                return step
            if self.teams and not (
                isinstance(step, Work) and any(option.role in self.teams for option in step.teams)
            ):
                return step
            factors = (*step.time_factors, TimeFactor(when=self.when, factor=self.factor))
            return step.model_copy(update={"time_factors": factors})

        return _with_steps(scenario, self.pathways, scale)

    def unknown(self, scenario: Scenario) -> list[tuple[str, str, list[str]]]:
        """Names that the lever uses and the scenario does not know."""
        known = sorted({step.id for pathway in scenario.pathways for step in pathway.steps})
        return super().unknown(scenario) + [
            ("steps", name, known) for name in self.steps if name not in known
        ]


def _with_steps(
    scenario: Scenario, pathways: tuple[str, ...], change: Callable[[AnyStep], AnyStep]
) -> Scenario:
    changed = tuple(
        pathway.model_copy(update={"steps": tuple(change(step) for step in pathway.steps)})
        if not pathways or pathway.id in pathways
        else pathway
        for pathway in scenario.pathways
    )
    return scenario.model_copy(update={"pathways": changed})


Lever = Annotated[
    AddStaff | ShiftChannels | ScalePresentation | ImproveReferral | ScaleTime,
    Field(discriminator="kind"),
]


class Policy(Spec):
    """A named list of levers; it may take in the levers of other policies.

    Examples
    --------
    >>> Policy(id="baseline", title="As it is").levers
    ()
    """

    id: Identifier
    """Short name."""
    title: str = ""
    """Name for people."""
    summary: str = ""
    """What would be done, in a sentence."""
    includes: tuple[Identifier, ...] = ()
    """Policies whose levers come first."""
    levers: Named[Lever] = ()
    """The changes, in the order of their names."""
