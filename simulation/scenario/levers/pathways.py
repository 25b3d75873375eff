"""Levers on what happens to cases: hand-overs, times, routes, records and who may serve."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, model_validator

from simulation.scenario.levers.base import AnyStep, LeverBase, part_of, with_steps
from simulation.scenario.levers.versions import rerouted
from simulation.scenario.marks import marks_of
from simulation.scenario.pathways import Delay, Pathway, Work
from simulation.scenario.quantities import Identifier, Probability, Share
from simulation.scenario.routing import EXITS, JOIN, Routing, TimeFactor, When
from simulation.scenario.waiting import POSITIONS, TeamOptions

if TYPE_CHECKING:
    from simulation.scenario.scenario import Scenario

__all__ = ["ImproveReferral", "Offer", "Reroute", "ScaleTime", "ShareRecords"]

Unknown = list[tuple[str, str, list[str]]]


class ImproveReferral(LeverBase):
    """Faster and safer hand-overs.

    Examples
    --------
    >>> ImproveReferral(id="wire", kind="improve_referral", delay_factor=0.35, loss_factor=0.5).refusal_factor
    1.0
    """

    dynamic: ClassVar[bool] = True
    kind: Literal["improve_referral"]
    """Coordination: the hand-over between desks and departments."""
    pathways: tuple[Identifier, ...] = ()
    """Pathways whose hand-overs change; empty: all."""
    steps: tuple[Identifier, ...] = ()
    """Only hand-overs to steps of this name; empty: all."""
    delay_factor: float = Field(default=1.0, ge=0)
    """Factor on the time on the way."""
    loss_factor: float = Field(default=1.0, ge=0, le=1)
    """Factor on both probabilities of losing the case on the way."""
    refusal_factor: float = Field(default=1.0, ge=0, le=1)
    """Factor on the probability of refusal."""
    ineligible_factor: float = Field(default=1.0, ge=0, le=1)
    """Factor on the probability that a case is found not to be eligible."""

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario with the hand-overs changed."""
        factors = (self.delay_factor, self.loss_factor, self.refusal_factor, self.ineligible_factor)
        delay, loss, refusal, ineligible = (part_of(factor, strength) for factor in factors)

        def improve(step: AnyStep) -> AnyStep:
            if step.referral is None or (self.steps and step.id not in self.steps):
                return step
            old = step.referral
            new = old.model_copy(
                update={
                    "factor": old.factor * delay,
                    "not_attempted": old.not_attempted * loss,
                    "not_reached": old.not_reached * loss,
                    "refusal": old.refusal * refusal,
                    "ineligible": old.ineligible * ineligible,
                }
            )
            return step.model_copy(update={"referral": new})

        return with_steps(scenario, self.pathways, improve)

    def unknown(self, scenario: Scenario) -> Unknown:
        """Names that the lever uses and the scenario does not know."""
        return super().unknown(scenario) + _unknown_steps(scenario, self.pathways, self.steps)


class ScaleTime(LeverBase):
    """Faster or slower activities.

    Examples
    --------
    >>> ScaleTime(id="fast", kind="scale_time", teams=["desk"], factor=0.85).steps
    ()
    """

    dynamic: ClassVar[bool] = True
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

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario with the times changed."""
        factor = TimeFactor(when=self.when, factor=part_of(self.factor, strength))

        def scale(step: AnyStep) -> AnyStep:
            if not isinstance(step, Work | Delay) or (self.steps and step.id not in self.steps):
                return step
            if self.teams and not (
                isinstance(step, Work) and any(option.role in self.teams for option in step.teams)
            ):
                return step
            return step.model_copy(update={"time_factors": (*step.time_factors, factor)})

        return with_steps(scenario, self.pathways, scale)

    def unknown(self, scenario: Scenario) -> Unknown:
        """Names that the lever uses and the scenario does not know."""
        found = super().unknown(scenario) + _unknown_steps(scenario, self.pathways, self.steps)
        known = {
            "channels": [channel.id for channel in scenario.channels],
            "groups": [group.id for group in scenario.groups],
            "tiers": sorted({place.tier for place in scenario.places}),
            "needs": [need.id for need in scenario.needs],
            "teams": [team.id for team in scenario.teams],
            "staff": sorted({group.id for team in scenario.teams for group in team.staff}),
            "marks": marks_of(scenario.pathways, scenario.needs),
            "unmarked": marks_of(scenario.pathways, scenario.needs),
        }
        for field, names in known.items():
            found += [
                (f"when.{field}", name, names) for name in getattr(self.when, field) if name not in names
            ]
        return found


class Reroute(LeverBase):
    """Cases that would have gone to some targets go to another one instead.

    Examples
    --------
    >>> lever = {"pathways": ["card"], "steps": ["desk"], "of": ["wrong_desk"], "into": "review"}
    >>> Reroute(id="trained", kind="reroute", part=0.6, **lever).part
    0.6
    """

    dynamic: ClassVar[bool] = True
    kind: Literal["reroute"]
    """Better sorting: where cases are sent."""
    pathways: tuple[Identifier, ...] = Field(min_length=1)
    """Pathways whose routes change."""
    first: bool = False
    """Whether the routes change by which cases begin."""
    steps: tuple[Identifier, ...] = ()
    """Steps from which the routes change."""
    of: tuple[Identifier, ...] = Field(min_length=1)
    """Targets (steps, `join` or exits) that lose cases, in all rows of the routes."""
    into: Identifier | None = None
    """The target that gets them; none: the other targets of the same row, in proportion."""
    part: Probability = 1.0
    """Share of their cases that it gets; the draws of the others lead where they led."""

    @model_validator(mode="after")
    def _selects(self) -> Reroute:
        if not (self.first or self.steps):
            raise ValueError("name the steps whose routes change, or set first")
        return self

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario with the routes changed."""
        moved = self.part * strength
        if moved == 0.0:
            return scenario

        def led(pathway: Pathway) -> Pathway:
            update: dict[str, object] = {}
            if self.first:
                update["first"] = self._rerouted(pathway.first_routes(), moved)
            update["steps"] = tuple(
                step.model_copy(update={"next": self._rerouted(pathway.routes(position), moved)})
                if step.id in self.steps
                else step
                for position, step in enumerate(pathway.steps)
            )
            return pathway.model_copy(update=update)

        changed = tuple(
            led(pathway) if {pathway.id, pathway.variant_of} & set(self.pathways) else pathway
            for pathway in scenario.pathways
        )
        return scenario.model_copy(update={"pathways": changed})

    def _rerouted(self, rows: Sequence[Routing], moved: float) -> tuple[Routing, ...]:
        """Return rows in which a share of the cases that go to some targets goes elsewhere."""
        return tuple(row for old in rows for row in rerouted([old], partial(self._shared, old, moved)))

    def _shared(self, row: Routing, moved: float, old: Share) -> list[Share]:
        if old.of not in self.of:
            return [old]
        others = [share for share in row.to if share.of not in self.of and share.share > 0.0]
        gets = [Share(of=self.into, share=1.0)] if self.into is not None else others
        total = sum(share.share for share in gets)
        if not total:
            return [old]
        gone = [Share(of=share.of, share=old.share * moved * share.share / total) for share in gets]
        return gone if moved == 1.0 else [*gone, Share(of=old.of, share=old.share * (1.0 - moved))]

    def unknown(self, scenario: Scenario) -> Unknown:
        """Names that the lever uses and the scenario does not know."""
        found = super().unknown(scenario) + _unknown_steps(scenario, self.pathways, self.steps)
        for pathway in scenario.pathways:
            if pathway.id in self.pathways:
                known = [*(step.id for step in pathway.steps), *EXITS, JOIN]
                wanted = [("of", name) for name in self.of]
                wanted += [] if self.into is None else [("into", self.into)]
                found += [(field, name, known) for field, name in wanted if name not in known]
        return found


class ShareRecords(LeverBase):
    """Documents that one team has entered are there for the next.

    Examples
    --------
    >>> ShareRecords(id="one_file", kind="share_records").factor
    0.0
    """

    dynamic: ClassVar[bool] = True
    kind: Literal["share_records"]
    """Shared case record: less is entered again."""
    pathways: tuple[Identifier, ...] = ()
    """Pathways whose work needs less re-entry; empty: all."""
    factor: float = Field(default=0.0, ge=0, le=1)
    """Factor on the content of re-entry."""

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario with the re-entry changed."""
        factor = part_of(self.factor, strength)

        def share(step: AnyStep) -> AnyStep:
            if not isinstance(step, Work) or not step.re_entry:
                return step
            return step.model_copy(update={"re_entry": step.re_entry * factor})

        return with_steps(scenario, self.pathways, share)


class Offer(LeverBase):
    """More teams may do some work: partners, volunteers, neighbours who share their queues, an overflow desk.

    Examples
    --------
    >>> Offer(id="pool", kind="offer", steps=["ask"], options="desk @ siblings", join="shortest").stand
    'last'
    """

    dynamic: ClassVar[bool] = True
    kind: Literal["offer"]
    """Shared queues and partners: who may do the work."""
    pathways: tuple[Identifier, ...] = ()
    """Pathways whose steps are meant; empty: all."""
    steps: tuple[Identifier, ...] = Field(min_length=1)
    """The work."""
    options: TeamOptions
    """Teams that may do it now as well. Carried out in part, each is open to so much smaller a share of the
    visits."""
    stand: Literal["first", "last"] = "last"
    """Whether they come before or after the teams that did it already."""
    join: Literal["first", "available", "shortest", "earliest", "all"] | None = None
    """How a queue is chosen from now on, by all visits; none: as before."""

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario with the teams added."""
        if strength == 0.0:
            return scenario
        new = tuple(each.model_copy(update={"share": each.share * strength}) for each in self.options)

        def offer(step: AnyStep) -> AnyStep:
            if not isinstance(step, Work) or step.id not in self.steps:
                return step
            teams = (*new, *step.teams) if self.stand == "first" else (*step.teams, *new)
            return step.model_copy(update={"teams": teams, "join": self.join or step.join})

        return with_steps(scenario, self.pathways, offer)

    def unknown(self, scenario: Scenario) -> Unknown:
        """Names that the lever uses and the scenario does not know."""
        roles = [team.id for team in scenario.teams]
        positions = [*POSITIONS, *sorted({place.tier for place in scenario.places})]
        wanted = [("options", each.role, roles) for each in self.options]
        wanted += [("options", each.at, positions) for each in self.options]
        bookings = {
            step.booking is not None
            for pathway in scenario.pathways
            for step in pathway.steps
            if isinstance(step, Work)
            and step.id in self.steps
            and (not self.pathways or pathway.id in self.pathways)
        }
        if True in bookings:
            booked = [team.id for team in scenario.teams if team.appointments is not None]
            wanted += [("options", each.role, booked) for each in self.options if each.role in roles]
        for booking in bookings if self.join else ():
            joins = ["first", "earliest"] if booking else ["first", "available", "shortest", "all"]
            wanted.append(("join", str(self.join), joins))
        found = [entry for entry in wanted if entry[1] not in entry[2]]
        return [*super().unknown(scenario), *_unknown_steps(scenario, self.pathways, self.steps), *found]


def _unknown_steps(scenario: Scenario, pathways: tuple[str, ...], steps: tuple[str, ...]) -> Unknown:
    chosen = [pathway for pathway in scenario.pathways if not pathways or pathway.id in pathways]
    known = sorted({step.id for pathway in chosen for step in pathway.steps})
    return [("steps", name, known) for name in steps if name not in known]
