"""What every lever has, and how a change is carried out in part."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field, model_validator

from simulation.scenario.levers.triggers import Trigger
from simulation.scenario.pathways import Assign, Delay, Fork, OpenCase, Release, Work
from simulation.scenario.quantities import Day, Hours, Identifier, Probability, Share
from simulation.spec import Spec

if TYPE_CHECKING:
    from simulation.scenario.scenario import Scenario

__all__ = ["AnyStep", "LeverBase", "mixed", "part_of", "with_steps"]

AnyStep = Work | Delay | Fork | OpenCase | Assign | Release


class LeverBase(Spec):
    """What every lever has: when it holds, how strongly, and what it costs.

    Examples
    --------
    >>> LeverBase(id="pilot", strength=0.25, to="2026-06-30").to.month
    6
    """

    dynamic: ClassVar[bool] = False
    """Whether it changes nothing but pathways, so that it can be switched on and off during a run."""

    whole: ClassVar[bool] = False
    """Whether it cannot be carried out in part."""

    id: Identifier
    """Short name within its policy."""
    title: str = ""
    """What it does, for people."""
    from_: Day | None = Field(default=None, alias="from")
    """The day it takes effect; none: from the start."""
    to: Day | None = None
    """The last day on which it is in effect; none: for good."""
    ramp: Hours = 0.0
    """Time over which it is carried out, in equal monthly steps, the first at once; 0: all at once."""
    strength: Probability = 1.0
    """How far it is carried out: 1 as written, 0 not at all. Effects and costs go with it; what is done at
    places is done at this share of them, always the same ones first."""
    budget: Annotated[float, Field(ge=0)] | None = None
    """Yuan after which it ends, the pay of staff that it adds included; none: no limit."""
    trigger: Trigger | None = None
    """What switches it on and off within its dates; none: it is on. Only a lever that changes pathways
    alone can have one, without a ramp; its budget ends it on the first day that finds it spent."""
    cost_once: float = Field(default=0.0, ge=0)
    """Cost of setting it up, yuan, once."""
    cost_per_year: float = Field(default=0.0, ge=0)
    """Running cost, yuan a year, staff that it adds not included."""

    @model_validator(mode="after")
    def _order(self) -> LeverBase:
        if self.to is not None and self.from_ is not None and self.to < self.from_:
            raise ValueError(f"the last day {self.to} lies before the first day {self.from_}; swap them")
        if self.whole and (self.ramp or self.strength not in (0.0, 1.0)):
            raise ValueError("it cannot be carried out in part: leave out ramp, and use strength 0 or 1")
        if self.trigger is not None and not self.dynamic:
            raise ValueError(
                "a trigger cannot switch this kind of lever, which changes more than pathways (heads, "
                "places, or who presents a need); leave out trigger"
            )
        if self.trigger is not None and self.ramp:
            raise ValueError("a lever with a trigger has no ramp: leave out one of them")
        return self

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario as it is when the lever is carried out so far; 0 changes nothing."""
        raise NotImplementedError

    def running_cost(self, scenario: Scenario) -> float:  # noqa: ARG002 - kinds that add staff need it
        """Return the running cost at full strength, yuan a year, the pay of staff that it adds included."""
        return self.cost_per_year

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
        return found + ([] if self.trigger is None else _unknown_in(self.trigger, scenario))


def _unknown_in(trigger: Trigger, scenario: Scenario) -> list[tuple[str, str, list[str]]]:
    needs, roles = [need.id for need in scenario.needs], [team.id for team in scenario.teams]
    calendars = ["always", *(calendar.id for calendar in scenario.calendars)]
    wanted = [("needs", name, needs) for name in trigger.needs]
    wanted += [("teams", name, roles) for name in trigger.teams]
    wanted.append(("calendar", trigger.calendar, calendars))
    return [(f"trigger.{field}", name, known) for field, name, known in wanted if name not in known]


def part_of(factor: float, strength: float) -> float:
    """Return a factor carried out in part: 1 at strength 0, the factor itself at strength 1.

    Examples
    --------
    >>> part_of(0.5, 0.5)
    0.75
    """
    return (1.0 - strength) + strength * factor


def mixed(old: tuple[Share, ...], new: tuple[Share, ...], strength: float) -> tuple[Share, ...]:
    """Return shares part of the way from the old to the new.

    Examples
    --------
    >>> half = mixed((Share(of="desk", share=1.0),), (Share(of="web", share=1.0),), 0.5)
    >>> [(share.of, share.share) for share in half]
    [('desk', 0.5), ('web', 0.5)]
    """
    if strength in (0.0, 1.0):
        return new if strength else old
    names = sorted({share.of for share in (*old, *new)})
    before, after = ({share.of: share.share for share in shares} for shares in (old, new))
    return tuple(
        Share(of=name, share=(1.0 - strength) * before.get(name, 0.0) + strength * after.get(name, 0.0))
        for name in names
    )


def with_steps(
    scenario: Scenario, pathways: tuple[str, ...], change: Callable[[AnyStep], AnyStep]
) -> Scenario:
    """Return the scenario with every step of these pathways and their versions changed; none named: of all.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> with_steps(single_queue(), (), lambda step: step) == single_queue()
    True
    """
    changed = tuple(
        pathway.model_copy(update={"steps": tuple(change(step) for step in pathway.steps)})
        if not pathways or pathway.id in pathways or pathway.variant_of in pathways
        else pathway
        for pathway in scenario.pathways
    )
    return scenario.model_copy(update={"pathways": changed})
