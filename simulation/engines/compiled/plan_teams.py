"""Teams and staff groups as arrays; and who of them is there in a replication."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.engines.compiled.codes import DISCIPLINES
from simulation.engines.compiled.plan_tables import Tables
from simulation.engines.compiled.state import STAFF, TEAM
from simulation.layout import Layout, StaffUnit
from simulation.roster import Roster, make_duty

__all__ = ["Crew", "make_crew", "write_staff", "write_teams"]


def write_teams(layout: Layout, tables: Tables) -> NDArray[Any]:
    """Return the teams of a layout as they are before anything happens.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> layout = make_layout(single_queue(), 24.0)
    >>> write_teams(layout, Tables(layout))["staff_n"].tolist()
    [1]
    """
    teams = np.zeros(len(layout.teams), TEAM)
    diaries = 0
    for number, team in enumerate(layout.teams):
        row = teams[number]
        row["place"], row["role"] = team.place, tables.roles[team.role]
        row["staff_at"], row["staff_n"] = layout.first_staff[number], len(team.staff)
        row["discipline"] = DISCIPLINES[team.discipline]
        row["limited"], row["limit"] = team.queue_limit < math.inf, team.queue_limit
        row["overtime"] = any(era.overtime for unit in team.staff for era in unit.eras)
        row["choosy"] = row["overtime"] or any(unit.skills for unit in team.staff)
        row["caseload"] = team.caseload
        row["diary"] = -1
        if layout.diaries[number] is not None:
            row["diary"], diaries = diaries, diaries + 1
        if team.squeeze is not None:
            row["squeezes"] = 1
            row["squeeze_waiting"], row["squeeze_speed"] = team.squeeze.waiting, team.squeeze.speed
    for name in ("head", "tail", "caseload_head", "caseload_tail", "first_new", "caseload_first_new"):
        teams[name] = -1
    teams["wakes_at"] = teams["caseload_wakes_at"] = -1.0
    return teams


def write_staff(layout: Layout, tables: Tables) -> NDArray[Any]:
    """Return the staff groups of a layout as they are before anything happens.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> layout = make_layout(single_queue(), 24.0)
    >>> write_staff(layout, Tables(layout))["skills_at"].tolist()
    [-1]
    """
    units = [unit for team in layout.teams for unit in team.staff]
    staff = np.zeros(max(1, len(units)), STAFF)
    eras = 0
    for row, unit in zip(staff, units, strict=False):
        row["skills_at"] = tables.some(unit.skills, "needs")
        row["hours"] = tables.hours(unit.hours)
        row["closed"] = math.inf
        if any(era.proficiency for era in unit.eras):
            row["eras_at"], row["eras_n"] = eras, len(unit.eras)
            eras += len(unit.eras)
    return staff


class Crew(NamedTuple):
    """Who is there over time; a staff group's items stand together."""

    duty_at: NDArray[np.int64]
    duty_n: NDArray[np.int64]
    duty_times: NDArray[np.float64]
    duty_heads: NDArray[np.int64]
    duty_pace: NDArray[np.float64]
    duty_closed: NDArray[np.float64]
    rises_at: NDArray[np.int64]
    rises_n: NDArray[np.int64]
    rises: NDArray[np.float64]
    era_begins: NDArray[np.float64]
    era_factors: NDArray[np.float64]
    in_post_at: NDArray[np.int64]
    in_post_n: NDArray[np.int64]
    in_post_times: NDArray[np.float64]
    in_post_heads: NDArray[np.float64]


def make_crew(layout: Layout, roster: Roster) -> Crew:
    """Write down who of a roster is there over time.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.roster import make_roster
    >>> from simulation.scenario.examples import single_queue
    >>> layout = make_layout(single_queue(servers=3), 24.0)
    >>> make_crew(layout, make_roster(layout, 1, 0)).duty_heads[0]
    np.int64(3)
    """
    units = [unit for team in roster.teams for unit in team.staff]
    duties = [_duty(unit) for unit in units]
    rises = [unit.times[1:][np.diff(unit.capacity) > 0] for unit in units]
    in_post = [
        _in_post(team.in_post) if team.caseload < math.inf else np.empty((0, 2)) for team in roster.teams
    ]
    proficient = [unit for unit in units if any(era.proficiency for era in unit.eras)]
    eras = [era for unit in proficient for era in unit.eras]
    unsaid = (math.nan,) * len(layout.names.needs)
    return Crew(
        *_stand([duty[0] for duty in duties]),
        _joined([duty[0] for duty in duties]),
        _joined([duty[1] for duty in duties], np.int64),
        _joined([duty[2] for duty in duties]),
        _joined([duty[3] for duty in duties]),
        *_stand(rises),
        _joined(rises),
        np.array([era.begin for era in eras] or [0.0]),
        np.array([era.proficiency or unsaid for era in eras] or [unsaid]),
        *_stand(in_post),
        _joined([rows[:, 0] for rows in in_post]),
        _joined([rows[:, 1] for rows in in_post]),
    )


def _duty(unit: StaffUnit) -> tuple[NDArray[Any], ...]:
    """Return the moments of change of a staff group, heads, pace and, in overtime, the moment of closing."""
    if not any(era.overtime for era in unit.eras):
        return unit.times, unit.capacity, unit.pace, np.full(len(unit.times), math.inf)
    duty = make_duty(unit)
    return tuple(np.array(column) for column in (duty.times, duty.heads, duty.pace, duty.closed))


def _in_post(rows: list[tuple[float, int]]) -> NDArray[np.float64]:
    return np.array(rows, np.float64).reshape(len(rows), 2)


def _stand(parts: list[NDArray[Any]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where each of several parts stands when they are joined, and its length."""
    lengths = np.array([len(part) for part in parts], np.int64)
    return np.cumsum(lengths) - lengths, lengths


def _joined(parts: list[NDArray[Any]], dtype: type[np.float64 | np.int64] = np.float64) -> NDArray[Any]:
    """Join parts, with one item more, so that there is always one."""
    return np.concatenate([*parts, np.zeros(1, dtype)], dtype=dtype)
