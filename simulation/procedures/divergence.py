"""Why two runs with the same luck differ: where they part, what is behind it, and how it spreads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulation.engines import Replication, replicate
from simulation.layout import make_layout
from simulation.procedures._matching import FIELDS, Matched, match
from simulation.records import Exit
from simulation.scenario import Scenario
from simulation.scenario.difference import PathwayDifference, pathway_differences
from simulation.study import Study

__all__ = ["CAUSES", "Divergence", "Parting", "diverge", "divergence"]

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

CAUSES = ("rule", "capacity", "queue", "set off")
"""What touches a case first: a rule or number of its own that is not the same; another staff of the team;
only others in the queue; or that another case sets it off in one run alone, or at another time."""
QUEUE = CAUSES.index("queue")
DAY = 24.0


@dataclass(frozen=True)
class Parting:
    """The first difference between two runs."""

    moment: float
    """Hours."""
    case: int
    """Row of the case in the first run, or in the second where it is in that alone."""
    need: str
    place: str
    """Of first contact."""
    field: str
    """What differs: presented, sent, activity, queued, team, started, staff, ended, outcome or the case."""
    before: str
    """In the first run."""
    after: str
    """In the second."""
    activity: str
    team: str
    cause: str
    """One of `CAUSES`."""
    stream: str
    """The decision whose draw the case took there; the same number in both runs."""
    heads: tuple[int, int]
    """Heads of the team on duty then, in each run."""
    levers: tuple[str, ...]
    """Levers that only one scenario has and that name the step, the need or the team; else all such."""
    changes: tuple[PathwayDifference, ...]
    """What differs in the pathway of the need at that step."""


@dataclass(frozen=True)
class Divergence:
    """How two runs differ.

    Parameters
    ----------
    parting
        The first difference; none where the runs are the same.
    cases
        Of each case that differs: moment (hours), cause, need, field, activity, team.
    spread
        day, and for each cause how many cases differ by its end.
    total
        Cases of both runs together.
    same_until
        Visits that were sent before the runs parted.
    exits
        first, second, cases: how cases ended in each run, where that is not the same.
    """

    parting: Parting | None
    cases: pd.DataFrame
    spread: pd.DataFrame
    total: int
    same_until: int
    exits: pd.DataFrame


def divergence(study: Study, first: Scenario, second: Scenario, replication: int) -> Divergence:
    """Run one replication of two scenarios with the same luck, and tell how they differ.

    Parameters
    ----------
    study
        Seed, times and engine.
    first, second
        The scenarios.
    replication
        Its number.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> study = Study(id="quick", run_length=48)
    >>> found = divergence(study, single_queue(servers=10), single_queue(servers=11), 0)
    >>> found.parting.cause, found.parting.heads
    ('capacity', (10, 11))
    """
    runs = [
        replicate(make_layout(scenario, study.horizon), study.seed, replication, study.engine)
        for scenario in (first, second)
    ]
    return diverge(*runs)


def diverge(one: Replication, other: Replication) -> Divergence:
    """Compare two replications that were made with the same seed and number, visit by visit.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> run = replicate(make_layout(single_queue(), 24.0), 1, 0)
    >>> diverge(run, run).parting is None
    True
    """
    found = match(one.records, other.records)
    causes = _causes(found, one, other)
    table = pd.DataFrame(
        {
            "moment": found.moment,
            "cause": np.array(CAUSES, dtype=object)[causes],
            "need": np.array(found.needs, dtype=object)[found.need],
            "field": np.array(FIELDS, dtype=object)[found.field],
            "activity": _named(found.activities, found.activity),
            "team": _named(found.teams, found.team),
        }
    )
    order = np.lexsort((found.case, causes, found.moment))  # of one instant, what is behind the others first
    parting = _parting(found, int(order[0]), causes, one, other) if len(order) else None
    sent = one.records.visits["sent"]
    until = np.inf if parting is None else parting.moment
    return Divergence(
        parting=parting,
        cases=table.iloc[order].reset_index(drop=True),
        spread=_spread(found.moment, causes, one.records.horizon),
        total=found.total,
        same_until=int((sent < until).sum()),
        exits=_exits(found),
    )


def _named(names: tuple[str, ...], numbers: Numbers) -> NDArray[Any]:
    return np.array([*names, ""], dtype=object)[numbers]


def _spread(moments: Floats, causes: Numbers, horizon: float) -> pd.DataFrame:
    """Count the cases that differ by the end of each day, by cause."""
    days = np.arange(int(np.ceil(horizon / DAY)))
    ends = (days + 1.0) * DAY
    counts = {
        cause: np.searchsorted(np.sort(moments[causes == number]), ends, side="left")
        for number, cause in enumerate(CAUSES)
    }
    return pd.DataFrame({"day": days, **counts})


def _exits(found: Matched) -> pd.DataFrame:
    names = np.array([*(exit_.name for exit_ in Exit), "no such case"], dtype=object)
    differ = found.exits[0] != found.exits[1]
    pairs = pd.DataFrame({"first": names[found.exits[0][differ]], "second": names[found.exits[1][differ]]})
    return pairs.value_counts().rename("cases").reset_index()


def _causes(found: Matched, one: Replication, other: Replication) -> Numbers:
    """Find what touches each case first, as the number of a cause."""
    causes = np.zeros(len(found.moment), np.int64)
    field = np.array(FIELDS, dtype=object)[found.field]
    waits = np.isin(field, ["started", "staff"])
    causes[waits | ((field == "queued") & _booked(found, one)) | ~_ruled(found, field, one, other)] = QUEUE
    staffed = {team.id: team for team in one.roster.teams}, {team.id: team for team in other.roster.teams}
    for row in np.flatnonzero((waits | (field == "ended")) & (found.team >= 0)):
        name = found.teams[found.team[row]]
        teams = [known.get(name) for known in staffed]
        if _differs(teams[0], teams[1], found.since[row], found.moment[row]):
            causes[row] = CAUSES.index("capacity")
    begins = np.isin(field, ["sent", "activity"]) & (found.before < 0)
    causes[((field == "case") | begins) & found.child] = CAUSES.index("set off")
    return causes


def _ruled(found: Matched, field: NDArray[Any], one: Replication, other: Replication) -> NDArray[np.bool_]:
    """Tell which cases part at a step that the scenarios do not write alike; else who waits is behind it.

    Of two pathways written alike, the same draws lead another way only where lateness, hurry or who is free
    is asked. Where places, groups or channels differ, any rule may.
    """
    systems = one.layout.phases[-1].system, other.layout.phases[-1].system
    if any(
        getattr(systems[0], part) != getattr(systems[1], part) for part in ("places", "groups", "channels")
    ):
        return np.ones(len(field), bool)
    changed = {
        (each.need, each.step) for each in pathway_differences(one.layout.scenario, other.layout.scenario)
    }
    way_on = np.isin(field, ["sent", "activity"])
    at = np.where(way_on, found.before, found.activity)
    steps = [name.partition(".")[2] for name in found.activities]
    ruled = [
        (need, "") in changed or (need, steps[step] if step >= 0 else "") in changed
        for need, step in zip((found.needs[number] for number in found.need), at.tolist(), strict=True)
    ]
    return np.array(ruled, dtype=bool) | np.isin(field, FIELDS[:4])


def _booked(found: Matched, one: Replication) -> NDArray[np.bool_]:
    names = {
        each.name for phase in one.layout.phases for each in phase.activities if each.booking is not None
    }
    known = np.array([*(name in names for name in found.activities), False])
    return known[found.activity]


def _differs(one: Any, other: Any, since: float, until: float) -> bool:
    """Tell whether two teams have other heads on duty, or another pace, between two moments."""
    if one is None or other is None:
        return True
    mine = {unit.id: unit for unit in one.staff}
    if mine.keys() != {unit.id for unit in other.staff}:
        return True
    for unit in other.staff:
        twin = mine[unit.id]
        moments = np.unique(np.concatenate(([since, until], unit.times, twin.times)))
        moments = moments[(moments >= since) & (moments <= until)]
        for name in ("capacity", "pace"):
            here, there = (
                getattr(each, name)[np.searchsorted(each.times, moments, side="right") - 1]
                for each in (twin, unit)
            )
            if (here != there).any():
                return True
    return False


def _parting(found: Matched, row: int, causes: Numbers, one: Replication, other: Replication) -> Parting:
    """Tell the first difference in full."""
    activity = found.activities[found.activity[row]] if found.activity[row] >= 0 else ""
    team = found.teams[found.team[row]] if found.team[row] >= 0 else ""
    need = found.needs[found.need[row]]
    field = FIELDS[found.field[row]]
    heads = [
        sum(each.on_duty(found.moment[row]) for each in run.roster.teams if each.id == team)
        for run in (one, other)
    ]
    step = activity.partition(".")[2]
    scenarios = one.layout.scenario, other.layout.scenario
    changes = [each for each in pathway_differences(*scenarios) if each.need == need]
    return Parting(
        moment=float(found.moment[row]), case=int(found.case[row]), need=need,
        place=found.places[found.place[row]], field=field, before=found.told(row, 0),
        after=found.told(row, 1), activity=activity, team=team, cause=CAUSES[causes[row]],
        stream=_stream(field, need, activity, found.before[row], found.activities),
        heads=(heads[0], heads[1]), levers=_levers(*scenarios, (need, step, team.partition("@")[0])),
        changes=tuple([each for each in changes if each.step in (step, "")] or changes),
    )  # fmt: skip


def _stream(field: str, need: str, activity: str, before: int, activities: tuple[str, ...]) -> str:
    """Name the decision whose draw was taken where two runs part."""
    if field in ("presented", "channel", "contact"):
        return "presentation"
    if field == "case":
        return "arrivals"
    if field in ("sent", "activity", "branch"):
        return f"{need}/first" if before < 0 else f"{activities[before]}/service"
    return f"{activity}/{'entry' if field in ('queued', 'team', 'outcome') else 'service'}"


def _levers(one: Scenario, other: Scenario, names: tuple[str, ...]) -> tuple[str, ...]:
    """Name the levers that only one scenario has, those first of all that name the need, step or team."""
    mine, theirs = ({lever.id: lever for lever in scenario.levers} for scenario in (one, other))
    only = [
        lever for lever_id, lever in {**mine, **theirs}.items() if mine.get(lever_id) != theirs.get(lever_id)
    ]
    wanted = {f'"{name}"' for name in names if name}
    fitting = [lever.id for lever in only if any(name in lever.model_dump_json() for name in wanted)]
    return tuple(fitting or [lever.id for lever in only])
