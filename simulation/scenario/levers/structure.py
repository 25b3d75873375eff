"""Levers on structure: which steps there are, in which order, and where they are done."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, model_validator

from simulation.scenario.levers.base import AnyStep, LeverBase, mixed
from simulation.scenario.levers.versions import rerouted, with_inserted, with_version
from simulation.scenario.pathways import Fork, Pathway, Step, Work
from simulation.scenario.quantities import Identifier, Share, WholeShares
from simulation.scenario.routing import JOIN, straight_to
from simulation.scenario.waiting import TeamOptions
from simulation.spec import InputError, Problem

if TYPE_CHECKING:
    from simulation.scenario.scenario import Scenario

__all__ = ["InsertStep", "MoveNeed", "RunParallel"]


class InsertStep(LeverBase):
    """A new step, such as a triage, that new cases pass through before another one.

    Examples
    --------
    >>> rest = {"id": "sort", "kind": "delay", "time": {"kind": "deterministic", "at": 1}}
    >>> InsertStep(id="triage", kind="insert_step", pathways=["card"], step=rest).step.id
    'sort'
    """

    dynamic: ClassVar[bool] = True
    kind: Literal["insert_step"]
    """Triage: one more step."""
    pathways: tuple[Identifier, ...] = Field(min_length=1)
    """Pathways that get the step."""
    before: Identifier | None = None
    """The step before which it stands; none: where cases begin."""
    step: Step
    """The step. In its routes `onward` is where the case would have gone without it; no routes: all go on."""

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario in which new cases, or a share of them, pass through the step."""
        needs = _on(scenario, self.pathways)
        if strength == 0.0:
            return scenario
        return with_version(
            scenario, self.id, needs, lambda old: with_inserted(old, self.before, self.step, strength)
        )

    def unknown(self, scenario: Scenario) -> list[tuple[str, str, list[str]]]:
        """Names that the lever uses and the scenario does not know."""
        steps = _steps(scenario, self.pathways)
        wanted = [] if self.before is None else [("before", self.before, steps)]
        if isinstance(self.step, Work):
            roles = [team.id for team in scenario.teams]
            wanted += [("step.teams", option.role, roles) for option in self.step.teams]
        return super().unknown(scenario) + [entry for entry in wanted if entry[1] not in entry[2]]


class RunParallel(LeverBase):
    """Parts of a pathway that follow each other are done at the same time.

    Every branch is begun, even if another one fails; the case ends by the failure once all have ended.

    Examples
    --------
    >>> lever = {"pathway": "return", "branches": ["police", "pension"], "then": "resolved"}
    >>> RunParallel(id="at_once", kind="run_parallel", **lever).fork
    'together'
    """

    dynamic: ClassVar[bool] = True
    whole: ClassVar[bool] = True
    kind: Literal["run_parallel"]
    """Parallel instead of sequential."""
    pathway: Identifier
    """The pathway."""
    branches: tuple[Identifier, ...] = Field(min_length=2)
    """First step of each part, in the order in which they follow each other now."""
    then: Identifier
    """The step or exit to which the last part leads now, where the case goes once all parts are done."""
    fork: Identifier = "together"
    """Id of the new step at which they begin."""

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario in which new cases are in all parts at once."""
        if strength == 0.0:
            return scenario
        return with_version(scenario, self.id, _on(scenario, (self.pathway,)), self._parallel)

    def _parallel(self, pathway: Pathway) -> Pathway:
        names = [step.id for step in pathway.steps]
        if not set(self.branches) <= set(names):
            return pathway
        steps: list[AnyStep] = []
        segment: str | None = None
        ends = dict(zip(self.branches, (*self.branches[1:], self.then), strict=True))
        inside = self._segments(pathway)
        for position, step in enumerate(pathway.steps):
            segment = inside.get(step.id)
            if step.id == self.branches[0]:
                steps.append(
                    Fork(id=self.fork, kind="fork", branches=self.branches, next=(straight_to(self.then),))
                )
            target = self.branches[0] if segment is None else ends[segment]
            instead = self.fork if segment is None else JOIN
            rows = rerouted(pathway.routes(position), _replacing(target, instead))
            steps.append(step.model_copy(update={"next": rows}))
        first = rerouted(pathway.first_routes(), _replacing(self.branches[0], self.fork))
        return pathway.model_copy(update={"first": first, "steps": tuple(steps)})

    def _segments(self, pathway: Pathway) -> dict[str, str]:
        """Say of each step within a part which part it is: what is reached before the next one begins."""
        rows = {step.id: pathway.routes(position) for position, step in enumerate(pathway.steps)}
        stops = {*self.branches, self.then}
        found: dict[str, str] = {}
        for head in self.branches:
            todo = [head]
            while todo:
                name = todo.pop()
                found[name] = head
                targets = {share.of for row in rows[name] for share in row.to}
                todo += [target for target in targets if target in rows and target not in {*found, *stops}]
        return found

    def unknown(self, scenario: Scenario) -> list[tuple[str, str, list[str]]]:
        """Names that the lever uses and the scenario does not know."""
        pathways = [pathway.id for pathway in scenario.pathways]
        steps = _steps(scenario, (self.pathway,))
        found = super().unknown(scenario)
        if self.pathway not in pathways:
            return [*found, ("pathway", self.pathway, pathways)]
        return found + [("branches", name, steps) for name in self.branches if name not in steps]


class MoveNeed(LeverBase):
    """Some needs are presented at another tier, or worked on by another team.

    Examples
    --------
    >>> MoveNeed(id="up", kind="move_need", needs=["card"], first_contact={"street": 1}).steps
    ()
    """

    kind: Literal["move_need"]
    """Division of responsibilities: who does what."""
    needs: tuple[Identifier, ...] = Field(min_length=1)
    """The needs."""
    first_contact: WholeShares = ()
    """Shares of the tiers at which they are first presented; empty: as now."""
    steps: tuple[Identifier, ...] = ()
    """Steps of their pathways that other teams do."""
    teams: TeamOptions | None = None
    """The teams that do these steps."""

    @model_validator(mode="after")
    def _moves(self) -> MoveNeed:
        if not self.first_contact and not self.steps:
            raise ValueError("say to which tiers they move (first_contact), or which steps (steps, teams)")
        if bool(self.steps) != (self.teams is not None):
            raise ValueError("give both the steps and the teams that do them, or neither")
        if self.steps and (self.ramp or self.strength not in (0.0, 1.0)):
            raise ValueError("teams cannot be changed in part: leave out ramp, and use strength 0 or 1")
        return self

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario with the needs moved; first contact may move in part."""
        if strength == 0.0:
            return scenario
        needs = tuple(
            need.model_copy(update={"first_contact": self._shares(need.first_contact, strength)})
            if need.id in self.needs and self.first_contact
            else need
            for need in scenario.needs
        )
        moved = scenario.model_copy(update={"needs": needs})
        return with_version(moved, self.id, self.needs, self._retargeted) if self.steps else moved

    def _shares(self, old: tuple[Share, ...], strength: float) -> tuple[Share, ...]:
        if not old and strength < 1.0:
            hint = "a need that is presented where it arises moves altogether: use strength 1 and no ramp"
            raise InputError([Problem(f"levers.{self.id}.strength", strength, hint)])
        return mixed(old, self.first_contact, strength)

    def _retargeted(self, pathway: Pathway) -> Pathway:
        steps = tuple(
            step.model_copy(update={"teams": self.teams})
            if step.id in self.steps and isinstance(step, Work)
            else step
            for step in pathway.steps
        )
        return pathway.model_copy(update={"steps": steps})

    def unknown(self, scenario: Scenario) -> list[tuple[str, str, list[str]]]:
        """Names that the lever uses and the scenario does not know."""
        tiers = sorted({place.tier for place in scenario.places})
        pathways = {need.pathway for need in scenario.needs if need.id in self.needs}
        steps = _steps(scenario, tuple(pathways))
        roles = [team.id for team in scenario.teams]
        needs = [need.id for need in scenario.needs]
        wanted = [("needs", name, needs) for name in self.needs]
        wanted += [("first_contact", share.of, tiers) for share in self.first_contact]
        wanted += [("steps", name, steps) for name in self.steps]
        wanted += [("teams", option.role, roles) for option in self.teams or ()]
        return [entry for entry in wanted if entry[1] not in entry[2]]


def _replacing(target: str, instead: str) -> Callable[[Share], list[Share]]:
    def replace(share: Share) -> list[Share]:
        return [Share(of=instead, share=share.share)] if share.of == target else [share]

    return replace


def _on(scenario: Scenario, pathways: tuple[str, ...]) -> list[str]:
    """List the needs that take one of these pathways, or a version of it."""
    known = {pathway.id: pathway.variant_of for pathway in scenario.pathways}
    return [
        need.id for need in scenario.needs if need.pathway in pathways or known.get(need.pathway) in pathways
    ]


def _steps(scenario: Scenario, pathways: tuple[str, ...]) -> list[str]:
    """List the steps of these pathways and of their versions."""
    chosen = [p for p in scenario.pathways if p.id in pathways or p.variant_of in pathways]
    return sorted({step.id for pathway in chosen for step in pathway.steps})
