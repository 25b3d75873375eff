"""A day that can be worked out by hand, and the means to write down other such days."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from simulation.kpis.measures import Measure
from simulation.kpis.window import Window
from simulation.records import CASE, VISIT, Exit, Outcome, Records
from simulation.scenario import Scenario

if TYPE_CHECKING:
    from simulation.kpis.measured import Measured

__all__ = ["make_records", "overall", "town", "worked_example"]

MINUTES = {"kind": "deterministic", "at": 30, "unit": "min"}


def town(**changes: Any) -> Scenario:
    """Return a town with a desk and a bureau that it refers to, one head each, open from 9 to 17.

    Parameters
    ----------
    changes
        Parts of the scenario written anew.

    Examples
    --------
    >>> [need.id for need in town().needs]
    ['claim', 'petition', 'visit']
    """
    week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-17:00")
    head = {"count": 1, "calendar": "office", "annual_cost": 8760}
    work: dict[str, Any] = {"kind": "work", "time": MINUTES}
    sent = {"delay": {"kind": "deterministic", "at": 1}}
    claim: list[dict[str, Any]] = [
        {"id": "form", "kind": "delay", "time": MINUTES, "next": {"review": 0.5, "desk": 0.5}},
        {"id": "review", **work, "teams": "desk", "next": "resolved"},
        {"id": "desk", **work, "teams": "desk", "next": {"resolved": 0.5, "wrong": 0.1, "bureau": 0.4}},
        {"id": "wrong", **work, "teams": "bureau", "referral": sent, "wrong_desk": True},
        {"id": "bureau", **work, "teams": "bureau", "referral": sent, "deadline": "2 h"},
        {"id": "escalate", "kind": "open_case", "need": "petition"},
    ]
    first = [{"when": {"channels": ["online"]}, "to": "form"}, {"to": "desk"}]
    content: dict[str, Any] = {
        "start": "2026-01-05",
        "calendars": [{"id": "office", "kind": "weekly", "week": week}],
        "channels": [{"id": "in_person", "cost": 10}, {"id": "online", "cost": 1, "remote": True}],
        "places": [
            {"id": "hall", "tier": "town", "veterans": 100},
            {"id": "bureau", "tier": "department", "parent": "hall"},
        ],
        "teams": [
            {"id": "desk", "place": "hall", "staff": [{"id": "clerk", **head}]},
            {"id": "bureau", "place": "bureau", "staff": [{"id": "officer", **head}]},
        ],
        "pathways": [
            {"id": "claim", "first": first, "steps": claim},
            {"id": "petition", "steps": [{"id": "decide", **work, "teams": "desk"}]},
            {"id": "visit", "steps": [{"id": "call", **work, "teams": "desk"}]},
        ],
        "needs": [
            {"id": "claim", "pathway": "claim", "arrivals": {"rate": 1}, "deadline": "3 h"},
            {"id": "petition", "pathway": "petition", "deadline": "1 h"},
            {"id": "visit", "pathway": "visit", "arrivals": {"rate": 1}, "initiated": "service"},
        ],
    }
    return Scenario.model_validate(content | changes)


def make_records(scenario: Scenario, horizon: float, rows: Sequence[Mapping[str, Any]]) -> Records:
    """Write records by hand.

    Parameters
    ----------
    scenario
        What the names belong to.
    horizon
        Hours simulated.
    rows
        Cases: columns of `CASE` with names instead of numbers, and `visits`, each a tuple of activity, team
        (None for a delay), sent, queued, started, ended and outcome. What is left out is as usual: presented
        over the first channel at the first place with veterans, by the first group, still open.

    Examples
    --------
    >>> silent = {"need": "claim", "arrival": 9, "exit": "not_presented"}
    >>> make_records(town(), 48.0, [silent]).cases["contact"]
    array([-1], dtype=int32)
    """
    from simulation.layout import make_layout

    names = make_layout(scenario, horizon).names
    usual = {
        "parent": -1,
        "group": names.groups[0],
        "origin": next((p.id for p in scenario.places if p.veterans), names.places[0]),
        "persons": 1,
        "exit": "open",
    }
    cases, visits = np.zeros(len(rows), CASE), []
    for number, given in enumerate(rows):
        row = {"channel": names.channels[0], **usual, **given}
        exit_ = Exit[row["exit"]]
        silent = exit_ == Exit.not_presented
        place = row.get("contact", None if silent else row["origin"])
        ended = row.get("ended", row["arrival"] if silent else np.nan)
        contact = -1 if place is None else names.places.index(place)
        cases[number] = (
            number, row["parent"], row.get("veteran", number), names.needs.index(row["need"]),
            names.groups.index(row["group"]), names.places.index(row["origin"]), contact,
            -1 if silent else names.channels.index(row["channel"]), row["persons"], row.get("rounds", 0),
            row["arrival"], ended, exit_,
        )  # fmt: skip
        for visit, (activity, team, sent, queued, started, end, outcome) in enumerate(row.get("visits", ())):
            place = -1 if team is None else names.teams.index(team)
            staff = [n for n, unit in enumerate(names.staff) if unit.split(".")[0] == team]
            served = -1 if team is None or np.isnan(started) else staff[0]
            activity_ = names.activities.index(activity)
            moments = (sent, queued, started, end)
            visits.append((number, visit, 0, -1, activity_, place, served, *moments, Outcome[outcome]))
    return Records(np.array(visits, VISIT), cases, names, horizon, seed=0, replication=0)


def worked_example() -> Measured:
    """Return the first day of a town with four claims, a visit that the service planned, and a petition.

    Case 0 is solved at the desk (9 to 10). Case 1 comes on-line, but has to come to the desk (10 to 11), is
    referred to the bureau (sent 11, served 12 to 14) and resolved. Case 2 gives up after an hour (12 to 13)
    and becomes case 5, a petition (16 to 18, in overtime from 17). Case 3 is never presented. Case 4 is the
    visit (15 to 16).

    Examples
    --------
    >>> worked_example().records.check()
    """
    from simulation.kpis.measured import prepare

    nan, scenario = np.nan, town()
    form = ("claim.form", None, 9.0, 9.0, 9.0, 9.5, "completed")
    office = ("claim.bureau", "bureau@bureau", 11.0, 12.0, 12.0, 14.0, "completed")
    rows: list[dict[str, Any]] = [
        {"need": "claim", "arrival": 9.0, "ended": 10.0, "exit": "resolved",
         "visits": [("claim.desk", "desk@hall", 9.0, 9.0, 9.0, 10.0, "completed")]},
        {"need": "claim", "arrival": 9.0, "ended": 14.0, "exit": "resolved", "channel": "online",
         "visits": [form, ("claim.desk", "desk@hall", 9.5, 9.5, 10.0, 11.0, "completed"), office]},
        {"need": "claim", "arrival": 12.0, "ended": 13.0, "exit": "reneged",
         "visits": [("claim.desk", "desk@hall", 12.0, 12.0, nan, 13.0, "reneged")]},
        {"need": "claim", "arrival": 15.0, "exit": "not_presented"},
        {"need": "visit", "arrival": 15.0, "ended": 16.0, "exit": "resolved",
         "visits": [("visit.call", "desk@hall", 15.0, 15.0, 15.0, 16.0, "completed")]},
        {"need": "petition", "arrival": 16.0, "ended": 18.0, "exit": "resolved", "parent": 2,
         "visits": [("petition.decide", "desk@hall", 16.0, 16.0, 16.0, 18.0, "completed")]},
    ]  # fmt: skip
    return prepare(scenario, make_records(scenario, 48.0, rows), Window(0.0, 24.0))


def overall(kpi: Callable[[Measured], Measure]) -> float:
    """Return the value of a KPI over the whole of the worked example.

    Examples
    --------
    >>> from simulation.kpis.needs import fulfilment
    >>> overall(fulfilment)
    0.5
    """
    from simulation.kpis.tabulation import tabulate

    example = worked_example()
    return float(tabulate(example, kpi(example))[0].values[0])
