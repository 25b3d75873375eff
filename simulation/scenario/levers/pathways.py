"""Levers on what happens to cases: hand-overs and times."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, model_validator

from simulation.scenario.levers.base import AnyStep, LeverBase, part_of, with_steps
from simulation.scenario.pathways import Delay, Work
from simulation.scenario.quantities import Identifier
from simulation.scenario.routing import TimeFactor, When

if TYPE_CHECKING:
    from simulation.scenario.scenario import Scenario

__all__ = ["ImproveReferral", "ScaleTime"]


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
    delay_factor: float = Field(default=1.0, ge=0)
    """Factor on the time on the way."""
    loss_factor: float = Field(default=1.0, ge=0, le=1)
    """Factor on both probabilities of losing the case on the way."""
    refusal_factor: float = Field(default=1.0, ge=0, le=1)
    """Factor on the probability of refusal."""

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario with the hand-overs changed."""
        delay, loss, refusal = (
            part_of(factor, strength) for factor in (self.delay_factor, self.loss_factor, self.refusal_factor)
        )

        def improve(step: AnyStep) -> AnyStep:
            if step.referral is None:
                return step
            old = step.referral
            new = old.model_copy(
                update={
                    "factor": old.factor * delay,
                    "not_attempted": old.not_attempted * loss,
                    "not_reached": old.not_reached * loss,
                    "refusal": old.refusal * refusal,
                }
            )
            return step.model_copy(update={"referral": new})

        return with_steps(scenario, self.pathways, improve)


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

    def unknown(self, scenario: Scenario) -> list[tuple[str, str, list[str]]]:
        """Names that the lever uses and the scenario does not know."""
        known = sorted({step.id for pathway in scenario.pathways for step in pathway.steps})
        return super().unknown(scenario) + [
            ("steps", name, known) for name in self.steps if name not in known
        ]
