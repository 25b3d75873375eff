"""One replication on the compiled engine: room for it, the kernel, and what comes out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.demand import Demand
from simulation.engines.compiled import codes
from simulation.engines.compiled.entry import run
from simulation.engines.compiled.plan import plan_of
from simulation.engines.compiled.room import make_state, remember_room, with_more_room
from simulation.engines.compiled.sorting import put_in_order
from simulation.layout import Layout
from simulation.records import Records
from simulation.roster import Roster

__all__ = ["simulate_compiled"]

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
    state = make_state(plan, layout, demand, roster, seed, replication)
    del demand  # the state has what it needs of it; if nobody else holds it, its room is free
    while (code := run(plan, state)) != codes.FINISHED:
        if code in FAULTS:
            raise LookupError(FAULTS[code])
        state = with_more_room(state, code)
    remember_room(state, layout)
    n = state.n
    rows, cases = state.rows[: n[codes.ROWS]], state.cases[: n[codes.CASES]]
    switches = state.switch_rows[: n[codes.SWITCH_ROWS]]
    counts = state.live["visits"][: len(cases)].astype(np.int64)
    del state
    put_in_order(rows, _places(rows, counts))
    return Records(
        rows,
        cases,
        layout.names,
        layout.horizon,
        seed,
        replication,
        int(plan.opening),
        switches=switches,
    )


def _places(rows: NDArray[Any], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where each visit stands by case and number; `counts` says how many each case made."""
    first = np.cumsum(counts) - counts
    place: NDArray[np.int64] = first[rows["case"]]
    place += rows["visit"]
    return place
