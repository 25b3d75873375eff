"""Two sets of records laid side by side: the first difference of each case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.records import Exit, Outcome, Records

__all__ = ["FIELDS", "Matched", "match"]

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

FIELDS = (
    "case", "presented", "contact", "channel", "sent", "activity", "outcome", "queued", "team", "started",
    "staff", "ended",
)  # fmt: skip
"""What may differ, in the order in which it comes about."""
NO_CASE = len(Exit)
CASE_FIELDS = 4
"""How many of these are of the case; the others are of a visit."""


@dataclass(frozen=True)
class Matched:
    """Cases that differ; an item of each array for each, but for `exits`, which has all cases."""

    needs: tuple[str, ...]
    activities: tuple[str, ...]
    teams: tuple[str, ...]
    places: tuple[str, ...]
    case: Numbers
    moment: Floats
    field: Numbers
    need: Numbers
    place: Numbers
    activity: Numbers
    """-1 where it is the case itself that differs."""
    team: Numbers
    before: Numbers
    """Activity of the visit before, -1 for none."""
    since: Floats
    """When the case came to queue, or was sent there."""
    child: NDArray[np.bool_]
    """Whether another case set it off."""
    values: tuple[NDArray[Any], NDArray[Any]]
    """What stands in the field in each run, as a number."""
    exits: tuple[Numbers, Numbers]
    total: int
    words: tuple[tuple[str, ...], ...]
    """What the numbers in each field mean; empty: a moment."""

    def told(self, row: int, run: int) -> str:
        """Say what stands in the field that differs, in one run."""
        value, words = self.values[run][row], self.words[self.field[row]]
        if np.isnan(value):
            return "never"
        return words[int(value)] if words else f"hour {value:.3f}"


class _Side:
    """Records of one run, in the numbers of both together."""

    def __init__(self, records: Records, names: dict[str, list[str]]) -> None:
        self.records = records
        self.cases = records.cases
        maps = {kind: _numbers(getattr(records.names, kind), known) for kind, known in names.items()}
        visits = records.visits
        self.case = visits["case"]
        self.columns = {
            name: visits[name].astype(np.float64) for name in ("sent", "queued", "started", "ended")
        }
        self.columns["outcome"] = visits["outcome"].astype(np.float64)
        for name, kind in (("activity", "activities"), ("team", "teams"), ("staff", "staff")):
            self.columns[name] = maps[kind][visits[name]].astype(np.float64)
        self.of_case = {
            "contact": maps["places"][self.cases["contact"]].astype(np.float64),
            "channel": maps["channels"][self.cases["channel"]].astype(np.float64),
            "presented": (self.cases["exit"] != Exit.not_presented).astype(np.float64),
        }
        self.need = maps["needs"][self.cases["need"]]


def _numbers(names: tuple[str, ...], known: list[str]) -> Numbers:
    """Give names the numbers that they have in a list of all, -1 (the last) staying -1."""
    where = {name: number for number, name in enumerate(known)}
    return np.array([*(where[name] for name in names), -1], dtype=np.int64)


def match(one: Records, other: Records) -> Matched:
    """Find the cases that differ between two runs, and the first difference of each.

    Cases are the same that have the same key; visits, that have the same number of the same case.

    Examples
    --------
    >>> from simulation.engines import simulate
    >>> from simulation.scenario.examples import single_queue
    >>> run = simulate(single_queue(), 24.0, seed=1, replication=0)
    >>> len(match(run, run).case)
    0
    """
    kinds = ("needs", "activities", "teams", "staff", "places", "channels")
    names = {
        kind: list(dict.fromkeys([*getattr(one.names, kind), *getattr(other.names, kind)])) for kind in kinds
    }
    left, right = _Side(one, names), _Side(other, names)
    keys = np.unique(np.concatenate([one.cases["key"], other.cases["key"]]))
    rows = [np.full(len(keys), -1), np.full(len(keys), -1)]
    for row, side in zip(rows, (left, right), strict=True):
        row[np.searchsorted(keys, side.cases["key"])] = np.arange(len(side.cases))
    parts = [*_of_cases(rows, left, right), *_of_visits(keys, left, right)]
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    number, moment, field = columns[0].astype(np.int64), columns[1], columns[2].astype(np.int64)
    order = np.lexsort((field, columns[9], moment, number))
    _, first = np.unique(number[order], return_index=True)
    chosen = order[first]
    number, field = number[chosen], field[chosen]
    here = np.where(rows[0][number] >= 0, rows[0][number], rows[1][number])
    from_left = rows[0][number] >= 0
    need, place, parent = (
        np.where(from_left, a[np.where(from_left, here, 0)], b[np.where(from_left, 0, here)])
        if len(a) and len(b) else here
        for a, b in (
            (left.need, right.need), (left.of_case["contact"], right.of_case["contact"]),
            (left.cases["parent"], right.cases["parent"]),
        )
    )  # fmt: skip
    exits = tuple(
        np.where(row >= 0, side.cases["exit"][np.maximum(row, 0)], NO_CASE).astype(np.int64)
        for row, side in zip(rows, (left, right), strict=True)
    )
    return Matched(
        needs=tuple(names["needs"]), activities=tuple(names["activities"]), teams=tuple(names["teams"]),
        places=tuple(names["places"]), case=here, moment=moment[chosen], field=field,
        need=need.astype(np.int64), place=place.astype(np.int64),
        activity=columns[3][chosen].astype(np.int64),
        team=columns[4][chosen].astype(np.int64), before=columns[5][chosen].astype(np.int64),
        since=columns[6][chosen], child=parent >= 0, values=(columns[7][chosen], columns[8][chosen]),
        exits=(exits[0], exits[1]), total=len(keys), words=_meanings(names),
    )  # fmt: skip


def _meanings(names: dict[str, list[str]]) -> tuple[tuple[str, ...], ...]:
    """Say what the numbers in each field mean; moments mean themselves."""
    meanings: dict[str, tuple[str, ...]] = {
        "case": ("there is no such case", "the case arises"), "presented": ("not presented", "presented"),
        "contact": tuple(names["places"]), "channel": (*names["channels"], "none"),
        "activity": (*names["activities"], "nothing more"), "team": (*names["teams"], "no team"),
        "staff": (*names["staff"], "nobody"), "outcome": tuple(outcome.name for outcome in Outcome),
    }  # fmt: skip
    return tuple(meanings.get(name, ()) for name in FIELDS)


def _of_cases(rows: list[Numbers], left: _Side, right: _Side) -> list[tuple[NDArray[Any], ...]]:
    """Give the differences of cases themselves: of their being there, and of how they were presented."""
    parts = []
    for mine, yours, side, value in (
        (rows[0], rows[1], left, (1.0, 0.0)),
        (rows[1], rows[0], right, (0.0, 1.0)),
    ):
        alone = np.flatnonzero((mine >= 0) & (yours < 0))
        moment = side.cases["arrival"][mine[alone]]
        parts.append(
            _rows(alone, moment, 0, value=(np.full(len(alone), value[0]), np.full(len(alone), value[1])))
        )
    both = np.flatnonzero((rows[0] >= 0) & (rows[1] >= 0))
    for number, name in enumerate(FIELDS[1:CASE_FIELDS], start=1):
        here, there = left.of_case[name][rows[0][both]], right.of_case[name][rows[1][both]]
        if name != "presented":  # of those not presented it means nothing
            shown = [
                side.of_case["presented"][row[both]] for side, row in zip((left, right), rows, strict=True)
            ]
            differ = (here != there) & (shown[0] == 1.0) & (shown[1] == 1.0)
        else:
            differ = here != there
        moment = np.maximum(left.cases["arrival"][rows[0][both[differ]]], 0.0)
        parts.append(_rows(both[differ], moment, number, value=(here[differ], there[differ])))
    return parts


def _rows(
    number: Numbers,
    moment: Floats,
    field: int,
    activity: Floats | float = -1.0,
    team: Floats | float = -1.0,
    before: Floats | float = -1.0,
    since: Floats | None = None,
    value: tuple[NDArray[Any], NDArray[Any]] = (np.empty(0), np.empty(0)),
    visit: NDArray[Any] | float = -1.0,
) -> tuple[NDArray[Any], ...]:
    size = len(number)
    spread = [
        np.broadcast_to(np.asarray(each, dtype=np.float64), size) for each in (field, activity, team, before)
    ]
    of_visit = np.broadcast_to(np.asarray(visit, dtype=np.float64), size)
    return (number, moment, *spread, moment if since is None else since, *value, of_visit)


def _of_visits(keys: NDArray[np.uint64], left: _Side, right: _Side) -> list[tuple[NDArray[Any], ...]]:
    """Give the differences of visits: those in one run alone, and each field of those in both."""
    ids = []
    for side in (left, right):
        case = np.searchsorted(keys, side.cases["key"][side.case])
        ids.append(case * 2**20 + side.records.visits["visit"])
    _, mine, yours = np.intersect1d(ids[0], ids[1], assume_unique=True, return_indices=True)
    parts = []
    activity = FIELDS.index("activity")
    for side, known, alone, first in ((left, ids[0], mine, True), (right, ids[1], yours, False)):
        rest = np.setdiff1d(np.arange(len(known)), alone)
        nothing, there = np.full(len(rest), -1.0), side.columns["activity"][rest]
        value = (there, nothing) if first else (nothing, there)
        parts.append(_rows(
            known[rest] >> 20, side.columns["sent"][rest], activity, there, side.columns["team"][rest],
            _before(side, rest), value=value, visit=known[rest] & (2**20 - 1),
        ))  # fmt: skip
    case = ids[0][mine] >> 20
    sent = np.fmin(left.columns["sent"][mine], right.columns["sent"][yours])
    since = np.fmin(left.columns["queued"][mine], right.columns["queued"][yours])
    when = {name: np.fmin(left.columns[name][mine], right.columns[name][yours])
            for name in ("sent", "queued", "started", "ended")}  # fmt: skip
    at = {"activity": "sent", "team": "queued", "staff": "started", "outcome": "ended"}
    for number, name in enumerate(FIELDS):
        if number < CASE_FIELDS:
            continue
        here, there = left.columns[name][mine], right.columns[name][yours]
        differ = (here != there) & ~(np.isnan(here) & np.isnan(there))
        moment = when[at.get(name, name)][differ]
        moment = np.where(np.isnan(moment), left.records.horizon, moment)
        parts.append(_rows(
            case[differ], moment, number, left.columns["activity"][mine][differ],
            left.columns["team"][mine][differ], _before(left, mine[differ]),
            np.where(np.isnan(since), sent, since)[differ], (here[differ], there[differ]),
            (ids[0][mine] & (2**20 - 1))[differ],
        ))  # fmt: skip
    return parts


def _before(side: _Side, rows: Numbers) -> Floats:
    """Return the activity of the visit before each of the same case, -1 for none."""
    earlier = np.maximum(rows - 1, 0)
    same = (rows > 0) & (side.case[earlier] == side.case[rows])
    return np.where(same, side.columns["activity"][earlier], -1.0)
