"""Tiny scenarios whose every moment can be worked out by hand, and ways to read what happened in them.

Time is hours since Monday 5 January 2026, 00:00. Unless a test says otherwise there is one place, ``town``,
one team, ``desk``, of one clerk who never closes, one need, ``help``, and one pathway, ``path``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulation.engines import simulate
from simulation.records import Exit, Outcome, Records
from simulation.scenario import Scenario, read_scenario

MONDAY = "2026-01-05"
OFFICE = {
    "office": {
        "kind": "weekly",
        "week": {day: ["09:00-12:00", "13:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
    }
}
"""Seven hours on every weekday: Monday is open from 9 to 12 and from 13 to 17."""


def exactly(hours: float) -> dict[str, Any]:
    """A time that is always the same (hours)."""
    return {"kind": "deterministic", "at": hours}


def exponential(mean: float) -> dict[str, Any]:
    """A time without memory (hours)."""
    return {"kind": "exponential", "mean": mean}


def work(id_: str = "serve", hours: float | Mapping[str, Any] = 1.0, **fields: Any) -> dict[str, Any]:
    """A step of work by the desk."""
    time = dict(hours) if isinstance(hours, Mapping) else exactly(hours)
    return {"id": id_, "kind": "work", "teams": "desk", "time": time, **fields}


def delay(id_: str = "rest", hours: float | Mapping[str, Any] = 1.0, **fields: Any) -> dict[str, Any]:
    """A step without a team."""
    time = dict(hours) if isinstance(hours, Mapping) else exactly(hours)
    return {"id": id_, "kind": "delay", "time": time, **fields}


def fork(id_: str, *branches: str, **fields: Any) -> dict[str, Any]:
    """A fork into branches."""
    return {"id": id_, "kind": "fork", "branches": list(branches), **fields}


def opening(id_: str, need: str, **fields: Any) -> dict[str, Any]:
    """A step that opens a case of another need."""
    return {"id": id_, "kind": "open_case", "need": need, **fields}


def listed(*times: float, **fields: Any) -> dict[str, Any]:
    """Cases that arise at these moments."""
    return {"kind": "listed", "times": list(times), **fields}


def team(count: int = 1, place: str | None = "town", **fields: Any) -> dict[str, Any]:
    """A team with one staff group, ``clerk``; fields that a staff group has go to the group."""
    of_group = {
        "annual_cost", "calendar", "changes", "overtime", "overtime_cost", "proficiency", "rank", "share",
        "skills", "speed", "workforce",
    }  # fmt: skip
    group = {name: fields.pop(name) for name in of_group & fields.keys()}
    where = {} if place is None or "tier" in fields else {"place": place}
    return {**where, "staff": {"clerk": {"count": count, **group}}, **fields}


def need(arrivals: Mapping[str, Any] | None = None, pathway: str = "path", **fields: Any) -> dict[str, Any]:
    """A need."""
    return {"pathway": pathway, **({} if arrivals is None else {"arrivals": dict(arrivals)}), **fields}


def written(
    *steps: Mapping[str, Any], arrivals: Mapping[str, Any] | None = None, **parts: Any
) -> dict[str, Any]:
    """The plain data of a scenario: `steps` are the pathway ``path``, `parts` replace whole parts of it."""
    return {
        "start": MONDAY,
        "places": {"town": {}},
        "teams": {"desk": team()},
        "pathways": {"path": {"steps": list(steps) or [work()]}},
        "needs": {"help": need(arrivals or listed(0.0))},
        **parts,
    }


def scenario(*steps: Mapping[str, Any], arrivals: Mapping[str, Any] | None = None, **parts: Any) -> Scenario:
    """The scenario that `written` writes down."""
    return read_scenario(written(*steps, arrivals=arrivals, **parts))


def run(
    *steps: Mapping[str, Any], horizon: float = 1000.0, seed: int = 1, replication: int = 0, **parts: Any
) -> Records:
    """Run the scenario that `written` writes down."""
    return simulate(scenario(*steps, **parts), horizon, seed, replication)


# ------------------------------------------------------------------------------------- reading records


def diary(records: Records, *columns: str, case: int | None = None) -> list[tuple[Any, ...]]:
    """The visits in order, each as the given columns; ``step`` is the activity without its pathway.

    Without columns: case, step, queued, started, ended, outcome. A moment that was not reached is None.
    """
    columns = columns or ("case", "step", "queued", "started", "ended", "outcome")
    return [
        tuple(_entry(records, row, column) for column in columns)
        for row in records.visits
        if case is None or row["case"] == case
    ]


def _entry(records: Records, row: Any, column: str) -> Any:
    names = records.names
    if column == "step":
        return names.activities[row["activity"]].split(".", 1)[1]
    if column == "activity":
        return names.activities[row["activity"]]
    if column in ("team", "staff"):
        known = names.teams if column == "team" else names.staff
        return None if row[column] < 0 else known[row[column]]
    if column == "outcome":
        return Outcome(row[column]).name
    if column == "wait":
        return float(row["started"] - row["queued"])
    number = row[column].item()
    return None if number != number else number


def exits(records: Records) -> list[str]:
    """How each case ended, by case number."""
    return [Exit(number).name for number in records.cases["exit"]]


def ends(records: Records) -> list[float | None]:
    """When each case ended, by case number; None while it is open."""
    return [None if np.isnan(moment) else float(moment) for moment in records.cases["ended"]]


def started(records: Records, step: str = "serve") -> list[int]:
    """Case numbers in the order in which the services of a step started."""
    chosen = [n for n, name in enumerate(records.names.activities) if name.split(".", 1)[1] == step]
    rows = records.visits[np.isin(records.visits["activity"], chosen) & ~np.isnan(records.visits["started"])]
    return [int(number) for number in rows["case"][np.argsort(rows["started"], kind="stable")]]


# ------------------------------------------------------------------------------------ comparing records


def keyed(records: Records) -> tuple[dict[int, tuple[Any, ...]], dict[tuple[int, int], tuple[Any, ...]]]:
    """Cases by key and visits by (key of the case, visit), names instead of numbers, so that the numbering
    of cases, places and teams does not matter."""
    cases, visits, names = records.cases, records.visits, records.names
    keys = cases["key"].tolist()
    by_case = {
        key: (
            keys[row["parent"]] if row["parent"] >= 0 else None,
            *(
                _entry_of_case(names, row, column)
                for column in row.dtype.names
                if column not in ("key", "parent")
            ),
        )
        for key, row in zip(keys, cases, strict=True)
    }
    by_visit = {
        (keys[row["case"]], int(row["visit"])): tuple(
            _entry(records, row, column)
            for column in (
                "branch",
                "activity",
                "team",
                "staff",
                "sent",
                "queued",
                "started",
                "ended",
                "outcome",
            )
        )
        for row in visits
    }
    assert len(by_case) == len(cases)
    assert len(by_visit) == len(visits)
    return by_case, by_visit


def _entry_of_case(names: Any, row: Any, column: str) -> Any:
    known = {
        "need": names.needs, "group": names.groups, "origin": names.places, "contact": names.places,
        "channel": names.channels,
    }  # fmt: skip
    number = row[column].item()
    if column in known:
        return known[column][number] if number >= 0 else None
    return None if number != number else number


def until(records: Records, moment: float) -> tuple[Any, Any]:
    """What `keyed` says of everything that happened before a moment (hours), the ends of what was then under
    way left out. Where several teams work together, the rows of the others are there from its start."""
    by_case, by_visit = keyed(records)
    cases = {}
    for key, (*who, _, arrival, ended, exit_) in by_case.items():
        if arrival < moment:
            has_ended = ended is not None and ended < moment
            cases[key] = (*who, arrival, (ended, exit_) if has_ended else "under way")
    visits = {}
    waiting = set()
    for key, (branch, activity, team_, staff, *moments, outcome) in sorted(by_visit.items()):
        if moments[0] < moment:
            sent, queued, started_, ended = (m if m is not None and m < moment else None for m in moments)
            who = (team_, staff) if started_ is not None else None
            if who is None:
                stay = (key[0], branch, activity, sent)
                if stay in waiting:
                    continue
                waiting.add(stay)
            visits[key] = (
                branch,
                activity,
                who,
                sent,
                queued,
                started_,
                ended,
                outcome if ended is not None else None,
            )
    return cases, visits


def same(one: Records, other: Records) -> bool:
    """Whether two runs left the same records, bit for bit."""
    return one.visits.tobytes() == other.visits.tobytes() and one.cases.tobytes() == other.cases.tobytes()
