"""What measurement asks of a layout, in arrays: worked out once for each layout and kept with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from simulation.kpis.coverage import Stretch, make_stretches
from simulation.kpis.deadlines import Calendars, Limits, case_limits, make_calendars, stage_limits
from simulation.kpis.measures import Dimension, Flags, Floats
from simulation.kpis.strata import Strata, make_strata, origins, staff_dimensions
from simulation.scenario.pathways import Assign, Delay, OpenCase, Step, Work
from simulation.scenario.routing import Routing

if TYPE_CHECKING:
    from simulation.layout import Layout

__all__ = ["SUPERVISION", "Activities", "Scheme", "Staff", "scheme_of"]

SUPERVISION = "supervision"
"""Who initiates a need that volunteers make for the staff."""


@dataclass(frozen=True)
class Activities:
    """What activities are; arrays have an item per activity. One that is in no pathway is none of these."""

    referral: Flags
    """It is reached by a referral."""
    wrong_desk: Flags
    opens: Flags
    """It opens another case."""
    waits: Flags
    """It stands for waiting until contact can be made."""
    in_person: Flags
    """A case can begin with it that does not come over a remote channel."""
    meant: Flags
    """It is a delay, or work for a role that stands at departments and partners only."""
    tail: Flags
    """It is a delay without a referral."""
    pausing: Flags
    """It is work that is put down at closing time."""
    receiver: tuple[str, ...]
    """Role of the first team that may do it; its own name when it needs none."""


@dataclass(frozen=True)
class Staff:
    """What staff groups are; arrays have an item per staff group."""

    volunteer: Flags
    annual_cost: Floats
    overtime_cost: Floats
    role: NDArray[np.int64]
    """Number of the role of its team."""
    roles: tuple[str, ...]
    dimensions: tuple[Dimension, ...]
    """How staff groups are divided into levels."""


@dataclass(frozen=True)
class Scheme:
    """What measurement asks of a layout. It does not hold the layout, which it must not keep alive."""

    activities: Activities
    staff: Staff
    strata: Strata
    calendars: Calendars
    """Opening hours of deadlines and of staff groups."""
    stages: Limits
    """Time limits by activity."""
    deadlines: Limits
    """Deadlines by need."""
    stretches: tuple[Stretch, ...]
    """Who is covered, phase by phase."""
    outside: Flags
    """Whether a team stands at a department or partner: not on the way up from where needs arise."""
    near: Flags
    """Whether a channel is in person; an item per channel, and one for none."""
    by_veteran: Flags
    """Whether veterans start cases of a need."""
    supervision: Flags
    """Whether a need is the supervision of volunteers."""
    petition: Flags
    """Whether a need is a veteran's that other cases can open."""


_SCHEMES: WeakKeyDictionary[Layout, Scheme] = WeakKeyDictionary()


def scheme_of(layout: Layout) -> Scheme:
    """Return the scheme of a layout, the same at every call.

    Parameters
    ----------
    layout
        The scenario written out.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> layout = make_layout(single_queue(), 24.0)
    >>> scheme_of(layout) is scheme_of(layout)
    True
    """
    found = _SCHEMES.get(layout)
    if found is None:
        found = _SCHEMES[layout] = _make(layout)
    return found


def _make(layout: Layout) -> Scheme:
    needs = layout.scenario.needs
    steps = _steps(layout)
    line = {place for origin in origins(layout) for place in layout.tree.above(origin)}
    outside = np.array([unit.place not in line for unit in layout.teams], dtype=bool)
    by_veteran = np.array([need.initiated == "veteran" for need in needs], dtype=bool)
    opened = {step.need for step in steps.values() if isinstance(step, OpenCase)}
    opened |= {rule.need for need in needs for rule in need.overdue}
    opened |= {rule.need for need in needs for rule in need.unmet}
    calendars = make_calendars(layout)
    return Scheme(
        activities=_activities(layout, steps, outside),
        staff=_staff(layout),
        strata=make_strata(layout),
        calendars=calendars,
        stages=stage_limits(layout, calendars, steps),
        deadlines=case_limits(layout, calendars),
        stretches=make_stretches(layout),
        outside=outside,
        near=np.array([*(not channel.remote for channel in layout.channels), True], dtype=bool),
        by_veteran=by_veteran,
        supervision=np.array([need.initiated == SUPERVISION for need in needs], dtype=bool),
        petition=by_veteran & np.array([need.id in opened for need in needs], dtype=bool),
    )


def _steps(layout: Layout) -> dict[str, Step]:
    """Return the steps by the name of their activity."""
    pathways = (pathway for system in layout.systems for pathway in system.pathways)
    return {f"{pathway.id}.{step.id}": step for pathway in pathways for step in pathway.steps}


def _activities(layout: Layout, steps: dict[str, Step], outside: Flags) -> Activities:
    names = layout.names.activities
    roles = {unit.role for unit, far in zip(layout.teams, outside, strict=True) if far}
    roles -= {unit.role for unit, far in zip(layout.teams, outside, strict=True) if not far}
    begun = _begun_in_person(layout)

    def flags(chosen: dict[str, bool]) -> Flags:
        return np.array([chosen.get(name, False) for name in names], dtype=bool)

    def for_department(step: Step) -> bool:
        return isinstance(step, Delay) or (isinstance(step, Work | Assign) and step.teams[0].role in roles)

    def receiver(name: str) -> str:
        step = steps.get(name)
        return step.teams[0].role if isinstance(step, Work) else name.partition(".")[2]

    return Activities(
        referral=flags({name: step.referral is not None for name, step in steps.items()}),
        wrong_desk=flags({name: step.wrong_desk for name, step in steps.items()}),
        opens=flags({name: isinstance(step, OpenCase) for name, step in steps.items()}),
        waits=np.isin(np.arange(len(names)), layout.contact),
        in_person=np.array([name in begun for name in names], dtype=bool),
        meant=flags({name: for_department(step) for name, step in steps.items()}),
        tail=flags({name: isinstance(s, Delay) and s.referral is None for name, s in steps.items()}),
        pausing=flags({name: isinstance(s, Work) and s.at_close == "pause" for name, s in steps.items()}),
        receiver=tuple(receiver(name) for name in names),
    )


def _begun_in_person(layout: Layout) -> set[str]:
    """Name the activities with which a case can begin that does not come over a remote channel."""
    near = {channel.id for channel in layout.channels if not channel.remote}

    def may_hold(row: Routing) -> bool:
        return not row.when.channels or not near.isdisjoint(row.when.channels)

    pathways = (pathway for system in layout.systems for pathway in system.pathways)
    return {
        f"{pathway.id}.{share.of}"
        for pathway in pathways
        for row in pathway.first_routes()
        if may_hold(row)
        for share in row.to
    }


def _staff(layout: Layout) -> Staff:
    units = [unit for team in layout.teams for unit in team.staff]
    dimensions = staff_dimensions(layout)
    role = next(dimension for dimension in dimensions if dimension.name == "team")
    return Staff(
        volunteer=np.array([unit.volunteer for unit in units], dtype=bool),
        annual_cost=np.array([unit.annual_cost for unit in units], dtype=np.float64),
        overtime_cost=np.array([unit.overtime_cost for unit in units], dtype=np.float64),
        role=role.codes.astype(np.int64),
        roles=role.levels,
        dimensions=dimensions,
    )
