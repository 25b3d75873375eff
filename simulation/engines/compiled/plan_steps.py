"""Activities as arrays: what is done, by whom, and what follows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.engines.compiled.codes import JOIN_FIRST, JOINS, NOBODY, NOT_SURE, STEPS, WORK
from simulation.engines.compiled.plan_tables import Tables, as_table
from simulation.engines.compiled.tables import ACTIVITY, OPTION, REACHED
from simulation.layout import Activity, Layout, Slots
from simulation.scenario.appointments import Booking
from simulation.scenario.quantities import Duration

__all__ = ["ActivityWriter"]

Position = dict[str, Any]


class ActivityWriter:
    """Writes the activities of all phases, each of those that differ once.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> layout = make_layout(single_queue(), 24.0)
    >>> writer = ActivityWriter(layout, Tables(layout))
    >>> [writer.number(activity) for activity in layout.phases[0].activities]
    [0]
    """

    def __init__(self, layout: Layout, tables: Tables) -> None:
        self.layout = layout
        self.tables = tables
        self.starts = (*layout.starts, -1)
        self._known: dict[int, int] = {}
        self._kept: list[Activity] = []
        self._rows: list[Position] = []
        self._options: list[tuple[int, int, float, int]] = []
        self._reached: list[tuple[int, int]] = []
        self._teams: list[int] = []
        self._known_reached: dict[int, int] = {}
        self._known_teams: dict[tuple[int, ...], int] = {}
        self._sure: list[int] = []
        self._known_sure: dict[tuple[Any, ...], int] = {}
        self._leads: list[list[tuple[float, float, float, float]]] = []
        self._branches: list[int] = []

    def number(self, activity: Activity) -> int:
        """Write an activity; return its number."""
        if id(activity) not in self._known:
            self._known[id(activity)] = len(self._rows)
            self._kept.append(activity)
            self._rows.append(self._row(activity))
        return self._known[id(activity)]

    def _row(self, activity: Activity) -> Position:
        tables = self.tables
        routes_at, routes_n, sure = tables.routing(activity.routes)
        factors_at, factors_n = tables.scaling(activity.factors)
        patience_at, patience_n = tables.scaling(activity.patience_factors)
        same = (
            "like", "service", "entry", "appointment", "marks", "pauses", "patience_open", "transit_factor",
            "handed_over", "approached", "refused_to", "loss", "refusal", "ineligible", "ineligible_to",
            "priority", "patience_to", "balk_at", "balk_probability", "balk_to", "re_entry", "declined_to",
            "missed_to", "opens_need", "opens_by_contact", "opens_marks",
        )  # fmt: skip
        branches_at = len(self._branches)
        self._branches += activity.branches
        return {
            **{name: getattr(activity, name) for name in same},
            **self._work(activity),
            **self._booking(activity.booking),
            "kind": STEPS[activity.kind],
            "routes_at": routes_at,
            "routes_n": routes_n,
            "sure": sure,
            "time": self.starts[activity.time],
            "patience": self.starts[activity.patience],
            "transit": self.starts[activity.transit],
            "factors_at": factors_at,
            "factors_n": factors_n,
            "patience_factors_at": patience_at,
            "patience_factors_n": patience_n,
            "hours": tables.hours(activity.hours),
            "transit_hours": tables.hours(activity.transit_hours),
            "branches_at": branches_at,
            "branches_n": len(activity.branches),
            "opens_at": -1 if activity.opens_at is None else tables.each_place(activity.opens_at),
            "roles_at": tables.some_roles(activity.roles),
        }

    # --- who does the work --------------------------------------------------------------------------------

    def _work(self, activity: Activity) -> Position:
        at = len(self._options)
        self._options += [
            (option.by_contact, option.only_if_free, option.share, self._reach(option.teams))
            for option in activity.options
        ]
        return {
            "options_at": at,
            "options_n": len(activity.options),
            "join": JOINS[activity.join],
            "by_contact": bool(activity.options and activity.options[0].by_contact),
            "sure_teams_at": self._sure_teams(activity) if activity.kind == "work" else 0,
        }

    def _reach(self, teams: Sequence[tuple[int, ...]]) -> int:
        """Write the teams reached from every place; return where they stand."""
        if id(teams) not in self._known_reached:
            self._known_reached[id(teams)] = len(self._reached)
            self._reached += [(self._team_list(each), len(each)) for each in teams]
        return self._known_reached[id(teams)]

    def _team_list(self, teams: tuple[int, ...]) -> int:
        if teams not in self._known_teams:
            self._known_teams[teams] = len(self._teams)
            self._teams += teams
        return self._known_teams[teams]

    def _sure_teams(self, activity: Activity) -> int:
        """Write the team that does the work at each place, where that depends on nothing else."""
        options = activity.options
        key = (activity.join, *((each.by_contact, id(each.teams), each.always) for each in options))
        if key not in self._known_sure:
            self._known_sure[key] = len(self._sure)
            certain = len({each.by_contact for each in options}) == 1 and all(each.always for each in options)
            for place in range(len(self.layout.tree.places)):
                found = dict.fromkeys(team for each in options for team in each.teams[place])
                self._sure.append(self._sure_team(list(found), activity.join) if certain else NOT_SURE)
        return self._known_sure[key]

    def _sure_team(self, teams: list[int], join: str) -> int:
        if not teams:
            return NOBODY
        limited = self.layout.teams[teams[0]].queue_limit < math.inf
        return NOT_SURE if limited or (len(teams) > 1 and JOINS[join] != JOIN_FIRST) else teams[0]

    # --- by appointment -----------------------------------------------------------------------------------

    def _booking(self, booking: Booking | None) -> Position:
        if booking is None:
            return {"booked": 0, "lead_at": -1}
        diaries = [slots for slots in self.layout.diaries if slots is not None]
        self._leads.append(
            [(*_length(booking.lead, each), *_length(booking.too_far, each)) for each in diaries]
        )
        chances = ("no_show", "rebooks", "declined", "cancelled", "notice")
        return {
            **{name: getattr(booking, name) for name in chances},
            "booked": 1,
            "lead_at": len(self._leads) - 1,
        }

    # --- as arrays ----------------------------------------------------------------------------------------

    def written(self, *, lazily: bool) -> dict[str, Any]:
        """Return everything that was written, under the names of `Plan`.

        Parameters
        ----------
        lazily
            Whether nobody looks at who still waits, so that giving up may be seen late.
        """
        widest = max((n for _, n in self._reached), default=0)
        most = (widest * row["options_n"] for row in self._rows)
        return {
            "activities": self._activities(lazily),
            "options": as_table(self._options, OPTION),
            "reached": as_table(self._reached, REACHED),
            "teams_reached": np.array(self._teams or [0], np.int64),
            "sure_teams": np.array(self._sure or [0], np.int64),
            "leads": self._lead_table(),
            "branches": np.array(self._branches or [0], np.int64),
            "most_branches": max((row["branches_n"] for row in self._rows), default=0),
            "together": max(most, default=0) + 1,
        }

    def _activities(self, lazily: bool) -> NDArray[Any]:
        names = ACTIVITY.names or ()
        table = np.array([tuple(row.get(name, 0) for name in names) for row in self._rows], ACTIVITY)
        table["lazy"] = lazily & (table["kind"] == WORK) & (table["patience_to"] < 0)
        return table

    def _lead_table(self) -> NDArray[np.float64]:
        diaries = sum(slots is not None for slots in self.layout.diaries)
        leads = np.zeros((max(1, len(self._leads)), max(1, diaries), 4))
        for number, row in enumerate(self._leads):
            leads[number, :diaries] = np.reshape(row, (diaries, 4))
        return leads


def _length(duration: Duration | None, slots: Slots) -> tuple[float, float]:
    """Return a duration in hours (nan for none), and whether they are open hours."""
    if duration is None:
        return math.nan, 0.0
    return duration.hours(slots.day_hours), float(duration.unit == "wd")
