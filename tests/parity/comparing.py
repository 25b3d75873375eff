"""Two engines on one world, and what their records do not agree on, in words."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulation.demand import make_demand
from simulation.engines.reference import simulate_reference
from simulation.layout import Layout, make_layout
from simulation.records import Exit, Outcome, Records
from simulation.roster import make_roster
from simulation.scenario import Scenario

ROWS = 6
"""Rows that are shown of a table, those that part first."""


def compiled() -> Any:
    """The compiled engine."""
    from simulation.engines.compiled import simulate_compiled

    return simulate_compiled


def both(scenario: Scenario, horizon: float, seed: int, replication: int = 0) -> tuple[Records, Records]:
    """Run both engines on a scenario: the reference, then the compiled one."""
    return of_layout(make_layout(scenario, horizon), seed, replication)


def of_layout(layout: Layout, seed: int, replication: int = 0) -> tuple[Records, Records]:
    """Run both engines on a layout, with the same demand and roster."""
    inputs = (layout, make_demand(layout, seed, replication), make_roster(layout, seed, replication))
    return simulate_reference(*inputs, seed, replication), compiled()(*inputs, seed, replication)


def differences(one: Records, other: Records) -> str:
    """Say what two runs do not agree on, bit for bit, table by table and column by column; empty: nothing."""
    said = [
        f"{field}: {getattr(one, field)!r} and {getattr(other, field)!r}"
        for field in ("names", "horizon", "seed", "replication", "opening")
        if getattr(one, field) != getattr(other, field)
    ]
    for table in ("switches", "visits", "cases"):
        said += _of_tables(one, table, getattr(one, table), getattr(other, table))
    return "\n".join(said)


def _of_tables(records: Records, table: str, one: np.ndarray, other: np.ndarray) -> list[str]:
    if one.dtype != other.dtype:
        return [f"{table}: columns {one.dtype} and {other.dtype}"]
    said = [] if len(one) == len(other) else [f"{table}: {len(one)} and {len(other)} rows"]
    least, most = sorted((len(one), len(other)))
    unlike = {name: _unlike(one[name][:least], other[name][:least]) for name in one.dtype.names}
    counts = {name: int(np.sum(wrong)) for name, wrong in unlike.items() if np.any(wrong)}
    if counts:
        said.append(f"{table}: values that differ, by column: {counts}")
    rows = [*np.flatnonzero(np.any(list(unlike.values()), axis=0)).tolist(), *range(least, most)]
    rows.sort(key=lambda row: _moment(row, unlike, one, other))
    for row in rows[:ROWS]:
        said.append(f"  {table}, row {row}")
        said.append(f"    reference  {written(records, row, one)}")
        said.append(f"    compiled   {written(records, row, other)}")
    return said


def _moment(row: int, unlike: dict[str, np.ndarray], one: np.ndarray, other: np.ndarray) -> float:
    """When two rows part: the earliest moment in which they differ."""
    tables = [table for table in (one, other) if row < len(table)]
    names = [name for name in one.dtype.names if one.dtype[name].kind == "f"]
    parted = [name for name in names if len(tables) < 2 or unlike[name][row]] or names
    return min((float(table[name][row]) for table in tables for name in parted
                if not np.isnan(table[name][row])), default=np.inf)  # fmt: skip


def _unlike(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Where two columns differ in any bit: the sign of a zero counts, and the kind of a missing number."""
    whole = np.dtype(f"u{one.dtype.itemsize}")
    return np.ascontiguousarray(one).view(whole) != np.ascontiguousarray(other).view(whole)


def written(records: Records, row: int, table: np.ndarray) -> str:
    """A row in words, names instead of numbers."""
    if row >= len(table):
        return "(no such row)"
    names = records.names
    known = {
        "need": names.needs, "group": names.groups, "origin": names.places, "contact": names.places,
        "channel": names.channels, "activity": names.activities, "team": names.teams, "staff": names.staff,
        "lever": names.levers,
    }  # fmt: skip
    words = []
    for name in table.dtype.names:
        value: Any = table[row][name].item()
        if name in known and 0 <= value < len(known[name]):
            value = known[name][value]
        elif name in ("outcome", "exit"):
            kinds = Outcome if name == "outcome" else Exit
            value = kinds(value).name if value in list(kinds) else value
        words.append(f"{name}={value}")
    return " ".join(words)
