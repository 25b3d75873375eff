"""One replication on the compiled engine: room for it, the kernel, and what comes out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.demand import Demand
from simulation.engines.compiled import codes
from simulation.engines.compiled.entry import run
from simulation.engines.compiled.plan import plan_of
from simulation.engines.compiled.plan_teams import make_crew
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
from simulation.records import CASE, SWITCH, VISIT, Exit, Records
from simulation.roster import Roster

__all__ = ["simulate_compiled"]

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
FAULTS = {
    codes.NO_BOOKING: "an activity by appointment is not done by appointment any more",
    codes.NO_DIARY: "no team that does an activity by appointment takes bookings",
    codes.NO_ROUTE: "no row of a routing holds for a case",
}


def simulate_compiled(layout: Layout, demand: Demand, roster: Roster, seed: int, replication: int) -> Records:
    """Run the service system for the layout's horizon.

    Parameters
    ----------
    layout
        The scenario written out.
    demand
        The latent cases of the replication.
    roster
        Who is there to serve them.
    seed, replication
        Key of the random numbers.

    Raises
    ------
    LookupError
        When a case can neither go on nor end; the checks of a scenario exclude it.

    Examples
    --------
    >>> from simulation.demand import make_demand
    >>> from simulation.layout import make_layout
    >>> from simulation.roster import make_roster
    >>> from simulation.scenario.examples import single_queue
    >>> layout = make_layout(single_queue(), 100.0)
    >>> demand, roster = make_demand(layout, 1, 0), make_roster(layout, 1, 0)
    >>> simulate_compiled(layout, demand, roster, 1, 0).check()
    """
    plan = plan_of(layout)
    state = _make_state(plan, layout, demand, roster, seed, replication)
    while (code := run(plan, state)) != codes.FINISHED:
        if code in FAULTS:
            raise LookupError(FAULTS[code])
        state = _with_more_room(state, code)
    return _records(state, layout, seed, replication)


def _make_state(
    plan: Plan, layout: Layout, demand: Demand, roster: Roster, seed: int, replication: int
) -> State:
    """Make room for a replication, and put everything where it begins."""
    latent, arrivals = len(demand.cases), np.flatnonzero(demand.cases["exit"] == Exit.open)
    some, buckets = 1024 + len(arrivals) // 16, 1 + len(arrivals) // 16
    cases, live = np.zeros(latent + some, CASE), np.zeros(latent + some, LIVE)
    cases[:latent] = demand.cases
    live["due"][:latent], live["dropout"][:latent] = demand.due, demand.dropout
    live["silent"][:latent] = demand.silent
    for name in ("team", "staff", "repeats", "held", "stamp"):
        live[name] = -1
    crew = make_crew(layout, roster)
    staff = plan.staff.copy()
    groups = len(crew.duty_at)
    staff["duty_at"][:groups] = staff["now"][:groups] = crew.duty_at
    staff["duty_n"][:groups], staff["rises_n"][:groups] = crew.duty_n, crew.rises_n
    staff["rises_at"][:groups] = staff["next_rise"][:groups] = crew.rises_at
    teams = plan.teams.copy()
    teams["in_post_at"][: len(layout.teams)] = crew.in_post_at
    teams["in_post_n"][: len(layout.teams)] = crew.in_post_n
    diaries = [slots for slots in layout.diaries if slots is not None]
    places = [[each.open for each in diaries], [each.kept for each in diaries]]
    n = np.zeros(codes.REGISTERS, np.int64)
    n[codes.CASES], n[codes.TARGET_NOW] = latent, codes.WAITS
    for register in (
        codes.VISITS_FREE,
        codes.EVENTS_FREE,
        codes.REPEATS_FREE,
        codes.FORKS_FREE,
        codes.LINKS_FREE,
    ):
        n[register] = -1
    return State(
        n=n,
        clock=np.array([0.0, buckets / layout.horizon]),
        run=np.array([seed, replication], np.uint64),
        arrivals=arrivals.astype(np.int64),
        begins=np.append(demand.begins, 0).astype(np.int64),
        cases=cases,
        live=live,
        visits=np.zeros(some, VISITING),
        rows=np.zeros(2 * len(arrivals) + some, VISIT),
        teams=teams,
        staff=staff,
        duty_times=crew.duty_times,
        duty_heads=crew.duty_heads,
        duty_pace=crew.duty_pace,
        duty_closed=crew.duty_closed,
        rises=crew.rises,
        era_begins=crew.era_begins,
        era_factors=crew.era_factors,
        in_post_times=crew.in_post_times,
        in_post_heads=crew.in_post_heads,
        heap=np.zeros(2 * some, HEAP_NODE),
        events=np.zeros(2 * some, EVENT),
        buckets=np.full(buckets, -1, np.int32),
        repeats=np.zeros(4 * some, REPEAT),
        links=np.zeros(some, LINK),
        forks=np.zeros(some, FORK),
        beginnings=np.zeros(some, BEGINNING),
        called=np.zeros(2 * len(teams) + 1, np.int64),
        free_places=np.array([np.concatenate([*kind, np.zeros(1, np.int64)]) for kind in places], np.int64),
        taken_before=np.zeros((max(1, len(diaries)), 2), np.int64),
        switches=np.zeros(len(layout.triggers), SWITCHED),
        switch_rows=np.zeros(64, SWITCH),
        found=np.zeros(plan.together, np.int64),
        ages=np.zeros(latent + some if layout.triggers else 1),
    )


def _with_more_room(state: State, code: int) -> State:
    """Return the same state with twice as much room for what there is too little of."""
    if code == codes.MORE_BEGINNINGS:
        n, size = state.n, len(state.beginnings)
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


def _records(state: State, layout: Layout, seed: int, replication: int) -> Records:
    """Return what was written down, visits by case and number."""
    n = state.n
    rows, cases = state.rows[: n[codes.ROWS]], state.cases[: n[codes.CASES]]
    counts = state.live["visits"][: len(cases)].astype(np.int64)
    first = np.cumsum(counts) - counts
    order = np.empty(len(rows), np.int64)
    order[first[rows["case"]] + rows["visit"]] = np.arange(len(rows))
    return Records(
        np.take(rows, order),
        cases,
        layout.names,
        layout.horizon,
        seed,
        replication,
        int(plan_of(layout).opening),
        switches=state.switch_rows[: n[codes.SWITCH_ROWS]],
    )
