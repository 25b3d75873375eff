"""Room for a replication: everything where it begins, and more of it when there is too little."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from simulation.demand import Demand
from simulation.engines.compiled import codes
from simulation.engines.compiled.plan_teams import Crew, make_crew
from simulation.engines.compiled.state import (
    BEGINNING,
    EVENT,
    FORK,
    HEAP_NODE,
    LINK,
    LIVE,
    REPEAT,
    SWITCHED,
    VISITING,
    State,
)
from simulation.engines.compiled.tables import Plan
from simulation.layout import Layout
from simulation.records import CASE, SWITCH, VISIT, Exit
from simulation.roster import Roster

__all__ = ["make_state", "remember_room", "with_more_room"]

GROWS = {
    codes.MORE_VISITS: ("visits",),
    codes.MORE_ROWS: ("rows",),
    codes.MORE_EVENTS: ("events", "heap"),
    codes.MORE_CASES: ("cases", "live"),
    codes.MORE_REPEATS: ("repeats",),
    codes.MORE_FORKS: ("forks",),
    codes.MORE_LINKS: ("links",),
    codes.MORE_SWITCHES: ("switch_rows",),
}
"""What is made larger when the kernel comes back for more room."""

_needed: WeakKeyDictionary[Layout, dict[str, int]] = WeakKeyDictionary()
"""Rows of each table with which the last replication of a layout could end."""


def make_state(
    plan: Plan, layout: Layout, demand: Demand, roster: Roster, seed: int, replication: int
) -> State:
    """Make room for a replication, and put everything where it begins.

    Parameters
    ----------
    plan, layout
        The scenario as arrays, and what they were made of.
    demand, roster
        The cases that could arise, and who is there.
    seed, replication
        Key of the random numbers.

    Examples
    --------
    >>> from simulation.demand import make_demand
    >>> from simulation.engines.compiled.plan import plan_of
    >>> from simulation.layout import make_layout
    >>> from simulation.roster import make_roster
    >>> from simulation.scenario.examples import single_queue
    >>> layout = make_layout(single_queue(servers=2), 24.0)
    >>> demand, roster = make_demand(layout, 1, 0), make_roster(layout, 1, 0)
    >>> make_state(plan_of(layout), layout, demand, roster, 1, 0).duty_heads[0]
    np.int64(2)
    """
    arrivals = np.flatnonzero(demand.cases["exit"] == Exit.open)
    more = 1024 + len(arrivals) // 16
    buckets = 1 + len(arrivals) // 16
    latent, least = len(demand.cases), _needed.get(layout, {})
    cases, live = _cases(demand, max(more, least.get("cases", 0) - latent))

    def room(name: str, rows: int, dtype: np.dtype[Any]) -> NDArray[Any]:
        return np.zeros(max(rows, least.get(name, 0)), dtype)

    return State(
        n=_registers(latent),
        clock=np.array([0.0, buckets / layout.horizon]),
        run=np.array([seed, replication], np.uint64),
        arrivals=arrivals.astype(np.int64),
        begins=np.append(demand.begins, 0).astype(np.int64),
        cases=cases,
        live=live,
        visits=room("visits", more, VISITING),
        rows=room("rows", 4 * len(arrivals) + more, VISIT),
        **_teams(plan, layout, make_crew(layout, roster)),
        heap=room("heap", 2 * more, HEAP_NODE),
        events=room("events", 2 * more, EVENT),
        buckets=np.full(buckets, -1, np.int32),
        repeats=room("repeats", 4 * more, REPEAT),
        links=room("links", more, LINK),
        forks=room("forks", more, FORK),
        beginnings=np.zeros(64, BEGINNING),
        called=np.zeros(2 * len(plan.teams) + 1, np.int64),
        **_diaries(layout),
        switches=np.zeros(len(layout.triggers), SWITCHED),
        switch_rows=room("switch_rows", 64, SWITCH),
        found=np.zeros(plan.together, np.int64),
        ages=np.zeros(len(cases) if layout.triggers else 1),
    )


def _registers(latent: int) -> NDArray[np.int64]:
    n = np.zeros(codes.REGISTERS, np.int64)
    n[codes.CASES], n[codes.TARGET_NOW] = latent, codes.WAITS
    free = (codes.VISITS_FREE, codes.EVENTS_FREE, codes.REPEATS_FREE, codes.FORKS_FREE, codes.LINKS_FREE)
    n[list(free)] = -1
    return n


def _cases(demand: Demand, more: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Copy the latent cases, with room for those that others open, and what is known of them besides."""
    latent = len(demand.cases)
    cases, live = np.zeros(latent + more, CASE), np.zeros(latent + more, LIVE)
    cases[:latent] = demand.cases
    live["due"][:latent], live["dropout"][:latent] = demand.due, demand.dropout
    live["silent"][:latent] = demand.silent
    for name in ("team", "staff", "repeats", "held", "stamp"):
        live[name] = -1
    return cases, live


def _teams(plan: Plan, layout: Layout, crew: Crew) -> dict[str, Any]:
    """Return teams and staff groups as they are at the beginning, and who of them is there over time."""
    teams, staff = plan.teams.copy(), plan.staff.copy()
    groups = len(crew.duty_at)
    staff["duty_at"][:groups] = staff["now"][:groups] = crew.duty_at
    staff["duty_n"][:groups], staff["rises_n"][:groups] = crew.duty_n, crew.rises_n
    staff["rises_at"][:groups] = staff["next_rise"][:groups] = crew.rises_at
    teams["in_post_at"][: len(layout.teams)] = crew.in_post_at
    teams["in_post_n"][: len(layout.teams)] = crew.in_post_n
    over_time = {name: getattr(crew, name) for name in Crew._fields if not name.endswith(("_at", "_n"))}
    return {"teams": teams, "staff": staff, **over_time}


def _diaries(layout: Layout) -> dict[str, Any]:
    """Return the free places of all slots."""
    diaries = [slots for slots in layout.diaries if slots is not None]
    last = np.zeros(1, np.int64)
    places = [[each.open for each in diaries], [each.kept for each in diaries]]
    return {
        "free_places": np.array([np.concatenate([*kind, last]) for kind in places], np.int64),
        "taken_before": np.zeros((max(1, len(diaries)), 2), np.int64),
    }


def remember_room(state: State, layout: Layout) -> None:
    """Give later replications of a layout as much room from the beginning as this one came to have.

    Parameters
    ----------
    state
        The state at the end.
    layout
        What was run.

    Examples
    --------
    >>> from simulation.demand import make_demand
    >>> from simulation.engines.compiled.plan import plan_of
    >>> from simulation.layout import make_layout
    >>> from simulation.roster import make_roster
    >>> from simulation.scenario.examples import single_queue
    >>> layout = make_layout(single_queue(), 24.0)
    >>> drawn = make_demand(layout, 1, 0), make_roster(layout, 1, 0)
    >>> state = with_more_room(make_state(plan_of(layout), layout, *drawn, 1, 0), codes.MORE_FORKS)
    >>> remember_room(state, layout)
    >>> len(make_state(plan_of(layout), layout, *drawn, 1, 1).forks) == len(state.forks)
    True
    """
    _needed[layout] = {name: len(getattr(state, name)) for names in GROWS.values() for name in names}


def with_more_room(state: State, code: int) -> State:
    """Return the same state with twice as much room for what there is too little of.

    Parameters
    ----------
    state
        The state of a run that cannot go on.
    code
        What there is too little room for, as the kernel says.

    Examples
    --------
    >>> GROWS[codes.MORE_EVENTS]
    ('events', 'heap')
    """
    if code == codes.MORE_BEGINNINGS:
        n = state.n
        first = int(n[codes.BEGIN_FIRST])
        n[codes.BEGIN_FIRST] = 0
        return state._replace(beginnings=_twice(np.roll(state.beginnings, -first)))
    larger = {name: _twice(getattr(state, name)) for name in GROWS[code]}
    if code == codes.MORE_CASES and len(state.ages) > 1:
        larger["ages"] = _twice(state.ages)
    return state._replace(**larger)


def _twice(table: NDArray[Any]) -> NDArray[Any]:
    larger = np.zeros(2 * len(table), table.dtype)
    larger[: len(table)] = table
    return larger
