"""Activities, with everything that an engine asks of them worked out once per phase of the system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from simulation.calendars import OpeningHours
from simulation.distributions import Distribution, hours_per
from simulation.layout.conditions import Condition, Index, Route, target_of
from simulation.scenario.appointments import Booking
from simulation.scenario.pathways import Assign, Delay, Fork, OpenCase, Pathway, Release, Work
from simulation.scenario.scenario import Scenario
from simulation.scenario.waiting import Referral
from simulation.streams import decision

__all__ = ["Activity", "Option", "Sampler", "make_activity"]

Reach = Callable[[str, str], list[int]]
BY_CONTACT = ("contact", "above")


class Sampler:
    """Collects distributions and numbers them, so that all are encoded into one table.

    Equal distributions in equal units share a number.
    """

    def __init__(self) -> None:
        self._numbers: dict[tuple[Distribution, float], int] = {}

    def number(self, distribution: Distribution, day_hours: float = 24.0) -> int:
        """Return the number of a distribution; a working day counts as `day_hours` hours."""
        entry = (distribution, hours_per(distribution.unit, day_hours))
        return self._numbers.setdefault(entry, len(self._numbers))

    def entries(self) -> list[tuple[Distribution, float]]:
        """Distributions with their hours per unit, in the order of their numbers."""
        return list(self._numbers)


@dataclass(frozen=True, slots=True)
class Option:
    """A team that may do the work, for each place."""

    by_contact: bool
    """Whether the place that counts is that of first contact; else the origin of the case."""
    team: list[int]
    """Number of the team, by place; -1 for none."""


@dataclass(frozen=True, slots=True)
class Activity:
    """An activity of a pathway in one phase of the system.

    Distributions are numbers of the layout's sampler, -1 for none; opening hours are None for always.
    """

    number: int
    name: str
    """"pathway.step"."""
    kind: str
    """work, delay, fork, open_case, assign or release."""
    like: int
    """Number of the activity of the original pathway whose draws it takes; its own where it is no other."""
    service: int
    """Decision that names the draws of its time, patience and way on."""
    entry: int
    """Decision that names the draws made when a case is sent here."""
    routes: tuple[Route, ...]
    time: int = -1
    factors: tuple[tuple[Condition | None, float], ...] = ()
    """Factors on the time, each with the cases for which it holds; None: for all."""
    marks: int = 0
    """Marks that its completion gives, as the bits of a number."""
    hours: OpeningHours | None = None
    """Of a delay."""
    handed_over: bool = False
    transit: int = -1
    """Time on the way here."""
    transit_factor: float = 1.0
    transit_hours: OpeningHours | None = None
    loss: float = 0.0
    refusal: float = 0.0
    options: tuple[Option, ...] = ()
    """Teams that may do the work, in order of preference."""
    join: str = "first"
    pauses: bool = False
    priority: int = -1
    """Rank in the queue instead of the need's own; -1: the need's own."""
    patience: int = -1
    patience_open: bool = False
    balk_at: float = float("inf")
    balk_probability: float = 0.0
    booking: Booking | None = None
    appointment: int = 0
    """Decision that names the draws of bookings."""
    declined_to: int = 0
    """Where a case goes that declines a slot."""
    missed_to: int = 0
    """Where a case goes that does not come and books no other slot."""
    approached: bool = False
    """Whether something happens between being sent here and being here: a hand-over or a booking."""
    branches: tuple[int, ...] = ()
    opens_need: int = -1
    roles: frozenset[str] = frozenset()
    """Of a release: the teams whose caseloads are meant; empty: all."""


def make_activity(
    system: Scenario,
    pathway: Pathway,
    position: int,
    hours: Mapping[str, OpeningHours | None],
    index: Index,
    needs: Mapping[str, int],
    numbers: Mapping[str, int],
    sampler: Sampler,
    reach: Reach,
) -> Activity:
    """Return the activity at a position of a pathway.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> [activity.name for activity in make_layout(single_queue(), 24.0).phases[0].activities]
    ['visit.consult']
    """
    step = pathway.steps[position]
    local = {other.id: numbers[f"{pathway.id}.{other.id}"] for other in pathway.steps}
    drawn = f"{pathway.variant_of or pathway.id}.{step.id}"
    name = f"{pathway.id}.{step.id}"
    fields: dict[str, object] = {}
    if isinstance(step, Work | Delay):
        calendar = step.calendar if isinstance(step, Delay) else "always"
        fields["time"] = sampler.number(step.time, system.calendar(calendar).day_hours)
        fields["factors"] = tuple((index.condition(f.when), f.factor) for f in step.time_factors)
    if isinstance(step, Delay):
        fields["hours"] = hours[step.calendar]
    elif isinstance(step, Work):
        fields.update(_work_fields(step, sampler, reach) | _booking_fields(drawn, step.booking, local))
    elif isinstance(step, Fork):
        fields["branches"] = tuple(local[branch] for branch in step.branches)
    elif isinstance(step, OpenCase):
        fields["opens_need"] = needs[step.need]
    elif isinstance(step, Assign | Release):
        fields.update(_caseload_fields(step, sampler, reach))
    fields["marks"] = index.bits(step.marks)
    if step.referral is not None:
        fields.update(_referral_fields(system, step.referral, hours, sampler))
    fields["approached"] = step.referral is not None or fields.get("booking") is not None
    return Activity(
        number=local[step.id],
        name=name,
        kind=step.kind,
        like=numbers.get(drawn, local[step.id]),
        service=decision(f"{drawn}/service"),
        entry=decision(f"{drawn}/entry"),
        routes=index.routes(pathway.routes(position), local),
        **fields,  # type: ignore[arg-type]
    )


def _referral_fields(
    system: Scenario, referral: Referral, hours: Mapping[str, OpeningHours | None], sampler: Sampler
) -> dict[str, object]:
    fields: dict[str, object] = {"handed_over": True, "loss": referral.loss, "refusal": referral.refusal}
    if referral.delay is not None:
        fields["transit"] = sampler.number(referral.delay, system.calendar(referral.calendar).day_hours)
        fields["transit_factor"] = referral.factor
        fields["transit_hours"] = hours[referral.calendar]
    return fields


def _caseload_fields(step: Assign | Release, sampler: Sampler, reach: Reach) -> dict[str, object]:
    if isinstance(step, Release):
        return {"roles": frozenset(step.teams)}
    return _waiting_fields(step, sampler, reach)


def _booking_fields(drawn: str, booking: Booking | None, local: Mapping[str, int]) -> dict[str, object]:
    if booking is None:
        return {}
    return {
        "booking": booking,
        "appointment": decision(f"{drawn}/appointment"),
        "declined_to": target_of(booking.declined_to or "balked", local),
        "missed_to": target_of(booking.to or "reneged", local),
    }


def _work_fields(step: Work, sampler: Sampler, reach: Reach) -> dict[str, object]:
    fields = {**_waiting_fields(step, sampler, reach), "pauses": step.at_close == "pause"}
    if step.balk is not None:
        fields["balk_at"] = float(step.balk.waiting)
        fields["balk_probability"] = step.balk.probability
    return fields


def _waiting_fields(step: Work | Assign, sampler: Sampler, reach: Reach) -> dict[str, object]:
    fields: dict[str, object] = {
        "options": tuple(
            Option(option.at in BY_CONTACT, reach(option.role, option.at)) for option in step.teams
        ),
        "join": step.join,
        "priority": -1 if step.priority is None else step.priority,
    }
    if step.patience is not None:
        fields["patience"] = sampler.number(step.patience.time)
        fields["patience_open"] = step.patience.clock == "open"
    return fields
