"""Series of one replication, for the figures."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulation.kpis.measured import Measured
from simulation.kpis.measures import Floats
from simulation.kpis.window import Window
from simulation.records import Exit
from simulation.scenario.pathways import Work

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["series"]

DAYS = np.arange(0.0, 30.25, 0.25)
"""Grid of the waits, days."""
LOSSES = (
    Exit.not_presented,
    Exit.balked,
    Exit.reneged,
    Exit.lost,
    Exit.refused,
    Exit.ineligible,
    Exit.dropped_out,
    Exit.resolved_itself,
    Exit.unresolved,
    Exit.open,
)
"""What is taken away from the needs that arose, before those resolved are left."""


def series(measured: Measured) -> dict[str, pd.DataFrame]:
    """Return what the figures draw of one replication.

    Parameters
    ----------
    measured
        The replication.

    Returns
    -------
    dict of DataFrame
        - ``waits``: dimension (all, group), level, days, share still waiting for the first contact;
        - ``waterfall``: stage, cases: latent, each way in which needs were lost, resolved;
        - ``backlog``: day since the start of the scenario, open: presented cases open at the end of the day;
        - ``utilisation``: team (role), month (its number; year and month in a window of more than twelve),
          share;
        - ``ledger``: need, exit, cases: how the needs of the window ended, each once; planned work included,
          cases that other cases opened not;
        - ``flows``: source, target (roles of teams), cases referred.

    Examples
    --------
    >>> from simulation.kpis.examples import worked_example
    >>> series(worked_example())["flows"].values.tolist()
    [['desk', 'bureau', 1]]
    """
    return {
        "waits": _waits(measured),
        "waterfall": _waterfall(measured),
        "backlog": _backlog(measured),
        "utilisation": _utilisation(measured),
        "ledger": _ledger(measured),
        "flows": _flows(measured),
    }


def _waits(measured: Measured) -> pd.DataFrame:
    import pandas as pd

    parts = []
    for dimension in measured.dimensions:
        if dimension.name in ("all", "group"):
            curves = measured.curves("first contact", dimension)
            for level, found in zip(dimension.levels, curves, strict=True):
                share = np.full(len(DAYS), np.nan) if found is None else found.at(DAYS)
                parts.append(
                    pd.DataFrame({"dimension": dimension.name, "level": level, "days": DAYS, "share": share})
                )
    return pd.concat(parts, ignore_index=True)


def _waterfall(measured: Measured) -> pd.DataFrame:
    import pandas as pd

    chosen = measured.cohort & measured.headline
    stages = {"latent": int(chosen.sum())}
    for exit_ in (*LOSSES, Exit.resolved):
        stages[exit_.name] = int(np.sum(chosen & measured.has_exit(exit_)))
    return pd.DataFrame({"stage": list(stages), "cases": list(stages.values())})


def _ledger(measured: Measured) -> pd.DataFrame:
    import pandas as pd

    names = measured.records.names.needs
    chosen = measured.cohort & measured.primary
    pairs = measured.cases["need"][chosen].astype(np.int64) * len(Exit) + measured.cases["exit"][chosen]
    return pd.DataFrame(
        {
            "need": np.repeat(np.array(names, dtype=object), len(Exit)),
            "exit": [exit_.name for exit_ in Exit] * len(names),
            "cases": np.bincount(pairs, minlength=len(names) * len(Exit)),
        }
    )


def _backlog(measured: Measured) -> pd.DataFrame:
    import pandas as pd

    window = measured.window
    days = np.arange(np.floor(window.start / 24.0), np.ceil(window.end / 24.0))
    moments = np.minimum((days + 1.0) * 24.0, window.end)
    chosen = measured.presented & measured.by_veteran
    begun = np.sort(measured.cases["arrival"][chosen])
    ended = np.sort(measured.cases["ended"][chosen & ~measured.open])
    number = np.searchsorted(begun, moments, side="right") - np.searchsorted(ended, moments, side="right")
    return pd.DataFrame({"day": days.astype(np.int64), "open": number})


def _utilisation(measured: Measured) -> pd.DataFrame:
    import pandas as pd

    edges, months = _months(measured.scenario.start, measured.window)
    load = measured.workload
    roles = next(dimension for dimension in load.dimensions if dimension.name == "team")
    first = np.searchsorted(edges, load.start, side="right") - 1
    last = np.maximum(np.searchsorted(edges, load.end, side="left") - 1, first)
    pieces = last - first + 1
    spell = np.repeat(np.arange(len(pieces)), pieces)
    month = first[spell] + np.arange(len(spell)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    start = np.maximum(load.start[spell], edges[month])
    end = np.minimum(load.end[spell], edges[month + 1])
    hours = load.open_hours(load.staff[spell], start, end)
    size = len(roles.levels) * len(months)
    busy = np.bincount(roles.codes[load.staff[spell]] * len(months) + month, hours, minlength=size)
    duty = np.zeros((len(roles.levels), len(months)))
    np.add.at(duty, roles.codes, load.on_duty(edges))
    share = np.full(size, np.nan)
    np.divide(busy, duty.ravel(), out=share, where=duty.ravel() > 0)
    return pd.DataFrame(
        {
            "team": np.repeat(np.array(roles.levels, dtype=object), len(months)),
            "month": months * len(roles.levels),
            "share": share,
        }
    )


def _months(start: date, window: Window) -> tuple[Floats, list[int | str]]:
    """Return the edges of the months that the window touches, cut to it (hours), and how they are called."""
    day = (start + timedelta(hours=window.start)).replace(day=1)
    edges, firsts = [window.start], [day]
    while True:
        day = (day + timedelta(days=31)).replace(day=1)
        hour = (day - start).days * 24.0
        if hour >= window.end:
            break
        edges.append(hour)
        firsts.append(day)
    named: list[int | str] = [first.month if len(firsts) <= 12 else f"{first:%Y-%m}" for first in firsts]
    return np.array([*edges, window.end]), named


def _flows(measured: Measured) -> pd.DataFrame:
    """Referrals that arrived, or were meant to: from the team that worked on the case before."""
    import pandas as pd

    visits = measured.visits
    roles = [team.role for team in measured.layout.teams]
    nodes = sorted({*roles, *(_receiver(measured, name) for name in measured.records.names.activities)})
    number = {name: n for n, name in enumerate(nodes)}
    by_team = np.array([number[role] for role in [*roles, nodes[0]]], dtype=np.int64)
    by_activity = np.array(
        [number[_receiver(measured, n)] for n in measured.records.names.activities], dtype=np.int64
    )
    cohort = (measured.cohort & measured.headline)[visits["case"]]
    rows = np.flatnonzero(measured.referrals & cohort)
    sender = _previous_team(visits["case"], visits["branch"], visits["team"])[rows]
    target = np.where(
        visits["team"][rows] >= 0, by_team[visits["team"][rows]], by_activity[visits["activity"][rows]]
    )
    known = sender >= 0
    pairs, counts = np.unique(by_team[sender[known]] * len(nodes) + target[known], return_counts=True)
    names = np.array(nodes, dtype=object)
    return pd.DataFrame(
        {"source": names[pairs // len(nodes)], "target": names[pairs % len(nodes)], "cases": counts}
    )


def _receiver(measured: Measured, activity: str) -> str:
    """Role of the first team that may do an activity; the activity's own name when it needs none."""
    step = measured.steps.get(activity)
    return step.teams[0].role if isinstance(step, Work) else activity.partition(".")[2]


def _previous_team(
    case: NDArray[np.int64], branch: NDArray[np.int32], team: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Return the team that had the case before each visit, in its branch or else before the fork, or -1."""
    order = np.lexsort((np.arange(len(case)), branch, case))
    mine = np.empty(len(case), np.int64)
    mine[order] = _last_before(case[order] * (int(branch.max(initial=0)) + 1) + branch[order], team[order])
    trunk = _last_before(case, np.where(branch == 0, team, -1))
    return np.where(mine >= 0, mine, trunk)


def _last_before(run: NDArray[np.int64], team: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the last team in an earlier row of the same run (rows of a run lie together); -1 for none."""
    row = np.where(team >= 0, np.arange(len(team)), -1)
    before = np.concatenate(([-1], np.maximum.accumulate(row)[:-1])) if len(row) else row
    found = (before >= 0) & (run[before] == run)
    return np.where(found, team[before], -1).astype(np.int64)
