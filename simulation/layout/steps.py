"""Activities, with everything that an engine asks of them worked out once per phase of the system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from simulation.calendars import OpeningHours
from simulation.distributions import Distribution, hours_per
from simulation.layout.conditions import Condition, Index, Route, exit_target, target_of
from simulation.layout.places import BY_CONTACT, PlaceTree, presented_at
from simulation.records import Exit
from simulation.scenario.appointments import Booking
from simulation.scenario.pathways import Assign, Delay, Fork, OpenCase, Pathway, Release, Work
from simulation.scenario.routing import TimeFactor
from simulation.scenario.scenario import Scenario
from simulation.scenario.waiting import Referral
from simulation.streams import decision

__all__ = ["Activity", "Factors", "Option", "Sampler", "make_activity"]

BALKED, INELIGIBLE, REFUSED, RENEGED = (
    exit_target(exit_) for exit_ in (Exit.balked, Exit.ineligible, Exit.refused, Exit.reneged)
)

Reach = Callable[[str, str], list[tuple[int, ...]]]
Factors = tuple[tuple[Condition | None, float], ...]


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
    """Teams that may do the work, for each place."""

    by_contact: bool
    """Whether the place that counts is that of first contact; else the origin of the case."""
    teams: list[tuple[int, ...]]
    """Numbers of the teams, by place, the preferred first."""
    share: float
    """Share of the visits to which the option is open."""
    only_if_free: bool
    """Whether it is open only when somebody of the team could begin at once."""

    @property
    def always(self) -> bool:
        """Whether it is open to every visit at any time."""
        return self.share == 1.0 and not self.only_if_free


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
    factors: Factors = ()
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
    refused_to: int = REFUSED
    """Where a refused case goes; likewise below."""
    ineligible: float = 0.0
    ineligible_to: int = INELIGIBLE
    options: tuple[Option, ...] = ()
    """Teams that may do the work, in order of preference."""
    join: str = "first"
    pauses: bool = False
    priority: int = -1
    """Rank in the queue instead of the need's own; -1: the need's own."""
    patience: int = -1
    patience_open: bool = False
    patience_factors: Factors = ()
    patience_to: int = RENEGED
    balk_at: float = float("inf")
    balk_probability: float = 0.0
    balk_to: int = BALKED
    re_entry: float = 0.0
    """Content added when another team did the last work, hours."""
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
    opens_by_contact: bool = True
    """Whether the place that counts is that of first contact; else the origin of the case."""
    opens_at: list[int] | None = None
    """Where the new case is presented, by that place; None: where this one was."""
    opens_marks: int = 0
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
    tree: PlaceTree,
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
    fields: dict[str, object] = {"marks": index.bits(step.marks)}
    if isinstance(step, Work | Delay):
        calendar = step.calendar if isinstance(step, Delay) else "always"
        fields["time"] = sampler.number(step.time, system.calendar(calendar).day_hours)
        fields["factors"] = _factors(step.time_factors, index)
    if isinstance(step, Delay):
        fields["hours"] = hours[step.calendar]
    elif isinstance(step, Work):
        fields.update(_work_fields(step, local, index, sampler, reach))
        fields.update(_booking_fields(drawn, step.booking, local))
    elif isinstance(step, Fork):
        fields["branches"] = tuple(local[branch] for branch in step.branches)
    elif isinstance(step, OpenCase):
        fields.update(_opening_fields(step, system, needs, index, tree))
    elif isinstance(step, Assign | Release):
        fields.update(_caseload_fields(step, local, index, sampler, reach))
    if step.referral is not None:
        fields.update(_referral_fields(system, step.referral, local, hours, sampler))
    fields["approached"] = step.referral is not None or fields.get("booking") is not None
    return Activity(
        number=local[step.id],
        name=f"{pathway.id}.{step.id}",
        kind=step.kind,
        like=numbers.get(drawn, local[step.id]),
        service=decision(f"{drawn}/service"),
        entry=decision(f"{drawn}/entry"),
        routes=index.routes(pathway.routes(position), local),
        **fields,  # type: ignore[arg-type]
    )


def _referral_fields(
    system: Scenario,
    referral: Referral,
    local: Mapping[str, int],
    hours: Mapping[str, OpeningHours | None],
    sampler: Sampler,
) -> dict[str, object]:
    fields: dict[str, object] = {
        "handed_over": True,
        "loss": referral.loss,
        "refusal": referral.refusal,
        "refused_to": target_of(referral.refused_to or "refused", local),
        "ineligible": referral.ineligible,
        "ineligible_to": target_of(referral.ineligible_to or "ineligible", local),
    }
    if referral.delay is not None:
        fields["transit"] = sampler.number(referral.delay, system.calendar(referral.calendar).day_hours)
        fields["transit_factor"] = referral.factor
        fields["transit_hours"] = hours[referral.calendar]
    return fields


def _caseload_fields(
    step: Assign | Release, local: Mapping[str, int], index: Index, sampler: Sampler, reach: Reach
) -> dict[str, object]:
    if isinstance(step, Release):
        return {"roles": frozenset(step.teams)}
    return _waiting_fields(step, local, index, sampler, reach)


def _booking_fields(drawn: str, booking: Booking | None, local: Mapping[str, int]) -> dict[str, object]:
    if booking is None:
        return {}
    return {
        "booking": booking,
        "appointment": decision(f"{drawn}/appointment"),
        "declined_to": target_of(booking.declined_to or "balked", local),
        "missed_to": target_of(booking.to or "reneged", local),
    }


def _factors(factors: tuple[TimeFactor, ...], index: Index) -> Factors:
    return tuple((index.condition(each.when), each.factor) for each in factors)


def _opening_fields(
    step: OpenCase, system: Scenario, needs: Mapping[str, int], index: Index, tree: PlaceTree
) -> dict[str, object]:
    staffed = [place.staffed for place in system.places]
    return {
        "opens_need": needs[step.need],
        "opens_marks": index.bits(step.opened_marks),
        "opens_by_contact": step.at in BY_CONTACT,
        "opens_at": None if step.at == "contact" else presented_at(tree, staffed, step.at),
    }


def _work_fields(
    step: Work, local: Mapping[str, int], index: Index, sampler: Sampler, reach: Reach
) -> dict[str, object]:
    fields = _waiting_fields(step, local, index, sampler, reach)
    fields["pauses"], fields["re_entry"] = step.at_close == "pause", step.re_entry
    if step.balk is not None:
        fields["balk_at"] = float(step.balk.waiting)
        fields["balk_probability"] = step.balk.probability
        fields["balk_to"] = target_of(step.balk.to or "balked", local)
    return fields


def _waiting_fields(
    step: Work | Assign, local: Mapping[str, int], index: Index, sampler: Sampler, reach: Reach
) -> dict[str, object]:
    fields: dict[str, object] = {
        "options": tuple(
            Option(option.at in BY_CONTACT, reach(option.role, option.at), option.share, option.only_if_free)
            for option in step.teams
        ),
        "join": step.join,
        "priority": -1 if step.priority is None else step.priority,
    }
    if step.patience is not None:
        fields["patience"] = sampler.number(step.patience.time)
        fields["patience_open"] = step.patience.clock == "open"
        fields["patience_factors"] = _factors(step.patience.time_factors, index)
        fields["patience_to"] = target_of(step.patience.to or "reneged", local)
    return fields
