"""Levers on structure: which teams there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, model_validator

from simulation.scenario.levers.base import AnyStep, LeverBase, with_steps
from simulation.scenario.levers.roles import refuse_own_heads, renamed, together
from simulation.scenario.levers.versions import with_version
from simulation.scenario.pathways import Work
from simulation.scenario.quantities import Identifier, Shares
from simulation.scenario.routing import TimeFactor, When
from simulation.scenario.teams import CapacityChange, Team
from simulation.scenario.waiting import TeamOption

if TYPE_CHECKING:
    from simulation.scenario.scenario import Scenario

__all__ = ["MergeTeams", "PoolQueues", "SplitTeam"]


class MergeTeams(LeverBase):
    """Teams of the same places become one, with one queue and all their staff.

    Examples
    --------
    >>> MergeTeams(id="one", kind="merge_teams", teams=["cards", "claims"], into="window").into
    'window'
    """

    whole: ClassVar[bool] = True
    kind: Literal["merge_teams"]
    """One window instead of several."""
    teams: tuple[Identifier, ...] = Field(min_length=2)
    """Roles of the teams; discipline, queue limit and slots are those of the first."""
    into: Identifier
    """Role of the new team; it may be that of one of them."""

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario with one team in the place of several."""
        merged = [team for role in self.teams for team in scenario.teams if team.id == role]
        if strength == 0.0 or not merged:
            return scenario
        refuse_own_heads(scenario, merged)
        one = merged[0].model_copy(update={"id": self.into, "staff": together(merged)})
        others = [team for team in scenario.teams if team.id not in self.teams]
        roles = dict.fromkeys(self.teams, self.into)
        pathways = tuple(renamed(pathway, roles) for pathway in scenario.pathways)
        return scenario.model_copy(update={"teams": (*others, one), "pathways": pathways})

    def unknown(self, scenario: Scenario) -> list[tuple[str, str, list[str]]]:
        """Names that the lever uses and the scenario does not know; teams elsewhere cannot be merged."""
        found = super().unknown(scenario)
        where = {team.id: (team.place, team.tier) for team in scenario.teams}
        beside = [role for role in where if where[role] == where.get(self.teams[0])]
        found += [("teams", role, beside) for role in self.teams if role in where and role not in beside]
        taken = {role for role in where if role not in self.teams}
        return found + [("into", self.into, sorted(self.teams))] * (self.into in taken)


class SplitTeam(LeverBase):
    """Some heads of a team become a team of their own, with its own queue, for some needs.

    Examples
    --------
    >>> lever = {"team": "desk", "into": "cards", "heads": {"clerk": 1}, "needs": ["card"]}
    >>> SplitTeam(id="own", kind="split_team", **lever).into
    'cards'
    """

    whole: ClassVar[bool] = True
    kind: Literal["split_team"]
    """Specialists instead of generalists."""
    team: Identifier
    """Role of the team."""
    into: Identifier
    """Role of the new team, which stands at the same places."""
    heads: Shares = Field(min_length=1)
    """Heads at each place that go over, by staff group."""
    needs: tuple[Identifier, ...] = Field(min_length=1)
    """Needs that the new team serves instead of the old one."""

    @model_validator(mode="after")
    def _whole_heads(self) -> SplitTeam:
        for share in self.heads:
            if share.share != int(share.share):
                raise ValueError(f"heads.{share.of}: {share.share:g} heads cannot go; give a whole number")
        return self

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario with two teams in the place of one."""
        if strength == 0.0:
            return scenario
        heads = {share.of: int(share.share) for share in self.heads}
        teams: list[Team] = []
        for team in scenario.teams:
            teams += [team] if team.id != self.team else self._split(scenario, team, heads)
        changed = scenario.model_copy(update={"teams": tuple(teams)})
        return with_version(changed, self.id, self.needs, lambda old: renamed(old, {self.team: self.into}))

    def _split(self, scenario: Scenario, team: Team, heads: dict[str, int]) -> list[Team]:
        refuse_own_heads(scenario, [team])
        kept, gone = [], []
        for group in team.staff:
            number = heads.get(group.id, 0)
            leave = CapacityChange(from_=scenario.start, add=-number)
            kept.append(group.model_copy(update={"changes": (*group.changes, leave)}) if number else group)
            if number:
                gone.append(group.model_copy(update={"count": number, "per_veterans": None, "changes": ()}))
        return [
            team.model_copy(update={"staff": tuple(kept)}),
            team.model_copy(update={"id": self.into, "staff": tuple(gone)}),
        ]

    def unknown(self, scenario: Scenario) -> list[tuple[str, str, list[str]]]:
        """Names that the lever uses and the scenario does not know."""
        found = super().unknown(scenario)
        for team in scenario.teams:
            groups = [group.id for group in team.staff]
            if team.id == self.team:
                found += [("heads", share.of, groups) for share in self.heads if share.of not in groups]
        return found


class PoolQueues(LeverBase):
    """Neighbouring stations serve each other's queues: a case may be done at a place beside its own.

    Examples
    --------
    >>> PoolQueues(id="pool", kind="pool_queues", teams=["desk"], strength=0.45).join
    'available'
    """

    dynamic: ClassVar[bool] = True
    kind: Literal["pool_queues"]
    """Synergy: shared queues between the places below the same one."""
    teams: tuple[Identifier, ...] = Field(min_length=1)
    """Roles of the teams that share their queues with those of the same role at the places beside theirs.
    Carried out in part, so large a share of the visits may be done there."""
    pathways: tuple[Identifier, ...] = ()
    """Only work of these pathways; empty: of all."""
    join: Literal["available", "shortest", "earliest"] = "available"
    """How a queue is chosen from then on: the first team that could start at once, else the first; the one
    with the fewest cases; or, for bookings, the one with the earliest slot."""
    unfamiliar: float = Field(default=1.0, ge=0)
    """Factor on the time of this work where it is done elsewhere than at the place of first contact: the
    price of lost ownership."""

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario in which the work may be done at the places beside."""
        if strength == 0.0:
            return scenario
        factor = TimeFactor(when=When(elsewhere=True), factor=self.unfamiliar)

        def pool(step: AnyStep) -> AnyStep:
            if not isinstance(step, Work) or step.join == "all":
                return step
            roles = dict.fromkeys(option.role for option in step.teams if option.role in self.teams)
            if not roles:
                return step
            beside = tuple(TeamOption(role=role, at="siblings", share=strength) for role in roles)
            factors = (*step.time_factors, factor) if self.unfamiliar != 1.0 else step.time_factors
            update = {"teams": (*step.teams, *beside), "join": self.join, "time_factors": factors}
            return step.model_copy(update=update)

        return with_steps(scenario, self.pathways, pool)
