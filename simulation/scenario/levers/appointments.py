"""Levers on appointments and on case management."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, model_validator

from simulation.scenario.appointments import Booking
from simulation.scenario.levers.base import AnyStep, LeverBase, part_of, with_steps
from simulation.scenario.levers.versions import with_inserted, with_version
from simulation.scenario.pathways import Assign, Pathway, Release, Work
from simulation.scenario.quantities import Identifier, Probability
from simulation.scenario.teams import Team
from simulation.scenario.waiting import TeamOptions

if TYPE_CHECKING:
    from simulation.scenario.scenario import Scenario

__all__ = ["ManageCases", "SetAppointments"]


class SetAppointments(LeverBase):
    """Other rules for diaries, or other habits of those who are booked.

    In part, each number moves so far from what it is to what is written here.

    Examples
    --------
    >>> SetAppointments(id="remind", kind="set_appointments", no_show_factor=0.7).urgent_share is None
    True
    """

    kind: Literal["set_appointments"]
    """Appointments: urgent places, overbooking, reminders, booking again."""
    teams: tuple[Identifier, ...] = ()
    """Roles whose diaries change, and bookings with whom; empty: all that take bookings."""
    pathways: tuple[Identifier, ...] = ()
    """Pathways whose bookings change; empty: all."""
    urgent_share: Probability | None = None
    """Share of the places that is carved out for urgent cases; none: as it is."""
    overbooked: Probability | None = None
    """Share by which more places are given out than there are; none: as it is."""
    rebooks: Probability | None = None
    """Probability of booking a later slot after a missed one; none: as it is."""
    lead_factor: float = Field(default=1.0, ge=0)
    """Factor on the time that the earliest slot lies ahead."""
    no_show_factor: float = Field(default=1.0, ge=0, le=1)
    """Factor on the probability of not coming (reminders)."""
    cancelled_factor: float = Field(default=1.0, ge=0, le=1)
    """Factor on the probability of calling off."""

    @model_validator(mode="after")
    def _changes(self) -> SetAppointments:
        factors = (self.lead_factor, self.no_show_factor, self.cancelled_factor)
        if set(factors) == {1.0} and (self.urgent_share, self.overbooked, self.rebooks) == (None,) * 3:
            raise ValueError("say what changes: a share, a factor or the probability of booking again")
        return self

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario with the diaries and the bookings changed."""
        if strength == 0.0:
            return scenario

        def rebook(step: AnyStep) -> AnyStep:
            if not isinstance(step, Work) or step.booking is None:
                return step
            if self.teams and not any(option.role in self.teams for option in step.teams):
                return step
            return step.model_copy(update={"booking": self._booking(step.booking, strength)})

        teams = tuple(self._team(team, strength) for team in scenario.teams)
        return with_steps(scenario.model_copy(update={"teams": teams}), self.pathways, rebook)

    def _team(self, team: Team, strength: float) -> Team:
        diary = team.appointments
        if diary is None or (self.teams and team.id not in self.teams):
            return team
        update = {
            "urgent_share": _towards(diary.urgent_share, self.urgent_share, strength),
            "overbooked": _towards(diary.overbooked, self.overbooked, strength),
        }
        return team.model_copy(update={"appointments": diary.model_copy(update=update)})

    def _booking(self, booking: Booking, strength: float) -> Booking:
        lead = booking.lead.amount * part_of(self.lead_factor, strength)
        return booking.model_copy(
            update={
                "lead": booking.lead.model_copy(update={"amount": lead}),
                "no_show": booking.no_show * part_of(self.no_show_factor, strength),
                "cancelled": booking.cancelled * part_of(self.cancelled_factor, strength),
                "rebooks": _towards(booking.rebooks, self.rebooks, strength),
            }
        )


def _towards(old: float, new: float | None, strength: float) -> float:
    return old if new is None else (1.0 - strength) * old + strength * new


class ManageCases(LeverBase):
    """New cases are held by case managers, who take on no more than their caseload allows.

    The work of the managers is written in the pathway or done by the steps that are there; what the lever
    adds is that a case goes on only once somebody holds it. Without a `caseload` of the team nobody waits.

    Examples
    --------
    >>> held = {"pathways": ["hardship"], "before": "plan", "teams": ["case_managers @ above"]}
    >>> ManageCases(id="named", kind="manage_cases", **held).step
    'case_manager'
    """

    dynamic: ClassVar[bool] = True
    kind: Literal["manage_cases"]
    """A named case manager."""
    pathways: tuple[Identifier, ...] = Field(min_length=1)
    """Pathways whose cases are held."""
    before: Identifier | None = None
    """The step before which a case is taken on; none: where cases begin."""
    until: Identifier | None = None
    """The step before which the case is let go; none: it is held to its end."""
    teams: TeamOptions
    """Teams that may hold it, in order of preference."""
    join: Literal["first", "available"] = "first"
    """Which team is asked: the first that exists; or the first with a place to spare, else the first."""
    step: Identifier = "case_manager"
    """Id of the new step; the one at which a case is let go is called by it and `_ends`."""

    def change(self, scenario: Scenario, strength: float) -> Scenario:
        """Return the scenario in which new cases, or a share of them, wait until somebody holds them."""
        if strength == 0.0:
            return scenario
        known = {pathway.id: pathway.variant_of for pathway in scenario.pathways}
        needs = [
            need.id
            for need in scenario.needs
            if need.pathway in self.pathways or known[need.pathway] in self.pathways
        ]
        return with_version(scenario, self.id, needs, lambda old: self._managed(old, strength))

    def _managed(self, pathway: Pathway, strength: float) -> Pathway:
        hold = Assign(id=self.step, kind="assign", teams=self.teams, join=self.join)
        managed = with_inserted(pathway, self.before, hold, strength)
        if managed is pathway or self.until is None:
            return managed
        roles = tuple(dict.fromkeys(option.role for option in self.teams))
        end = Release(id=f"{self.step}_ends", kind="release", teams=roles)
        return with_inserted(managed, self.until, end, 1.0)

    def unknown(self, scenario: Scenario) -> list[tuple[str, str, list[str]]]:
        """Names that the lever uses and the scenario does not know."""
        chosen = [p for p in scenario.pathways if p.id in self.pathways or p.variant_of in self.pathways]
        steps = sorted({step.id for pathway in chosen for step in pathway.steps})
        roles = [team.id for team in scenario.teams]
        wanted = [
            (field, name, steps)
            for field, name in (("before", self.before), ("until", self.until))
            if name is not None
        ]
        wanted += [("teams", option.role, roles) for option in self.teams]
        pathways = [pathway.id for pathway in scenario.pathways]
        wanted += [("pathways", name, pathways) for name in self.pathways]
        return [entry for entry in wanted if entry[1] not in entry[2]]
