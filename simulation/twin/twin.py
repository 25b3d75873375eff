"""The analytic twin of a scenario: offered loads, stations, and the backlog as a fluid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import toeplitz

from simulation.layout import Layout
from simulation.twin.capacity import capacity, mean_pace
from simulation.twin.classes import DAY, midnights
from simulation.twin.stations import Station, stations
from simulation.twin.traffic import Traffic, make_traffic
from simulation.twin.walking import Visits

__all__ = ["Twin", "make_twin"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Twin:
    """What can be said of a scenario without simulating it.

    Parameters
    ----------
    teams
        A row for each team: team, role, place, visits, work (hours of content), capacity (hours of content
        that it could do), duty (head-hours), load (work over the hours of the window, erlangs), intensity
        (work over capacity), utilisation (that it will have), law, mean_wait (hours), fails.
    path
        day, role, hours and cases that wait, by the fluid, at the end of each day.
    cases
        Cases presented or set off in the window.
    latent
        Needs that arise in the window.
    time
        Mean time that these take without any queue, hours.
    omissions
        What could not be computed, and where.
    """

    teams: pd.DataFrame
    path: pd.DataFrame
    cases: float
    latent: float
    time: float
    omissions: dict[str, tuple[str, ...]]


def make_twin(layout: Layout, begin: float, end: float) -> Twin:
    """Compute the twin of a layout over a window.

    Parameters
    ----------
    layout
        The scenario written out.
    begin, end
        The measured stretch, hours.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> twin = make_twin(make_layout(single_queue(rate=9.0), 96.0), 24.0, 72.0)
    >>> round(twin.cases), twin.teams.intensity.tolist(), twin.teams.law.tolist()
    (432, [0.9], ['Erlang-C'])
    """
    traffic = make_traffic(layout)
    work, duty = capacity(layout)
    asked, visits, inside = _asked(layout, traffic, begin, end)
    waiting = _fluid(np.diff(asked, axis=1), work)
    known = stations(layout, traffic)
    inside_work, able, hours = (
        inside[1],
        _between(layout, work, begin, end),
        _between(layout, duty, begin, end),
    )
    served = _served(layout, asked, waiting, begin, end)
    share = np.divide(inside_work, able, out=np.full(len(able), np.nan), where=able > 0)
    pace = mean_pace(layout)
    used = np.divide(served, pace * hours, out=np.full(len(able), np.nan), where=hours > 0)
    teams = _table(layout, known, inside[0], inside_work, able, hours, end - begin, share, used)
    sizes = np.divide(asked[:, -1], visits, out=np.zeros(len(visits)), where=visits > 0)
    cases, time = _ends(layout, traffic, begin, end)
    latent = sum(
        source.latent * float(np.diff(np.interp([begin, end], midnights(layout), source.arrived))[0])
        for source in traffic.sources
        if source.activity < 0 and layout.scenario.needs[source.need].initiated == "veteran"
    )
    path = _path(layout, waiting, sizes)
    return Twin(teams, path, cases, latent, time, traffic.omissions)


def _asked(
    layout: Layout, traffic: Traffic, begin: float, end: float
) -> tuple[Floats, Floats, tuple[Floats, Floats]]:
    """Add up the work that reaches each team by each midnight; visits in all, and both in the window.

    Each stream comes its mean time after its cases arose; a part of a day is divided between two whole ones.
    """
    days = midnights(layout)
    length = len(days) - 1
    come = np.zeros((2, len(layout.teams), length))
    for number, source in enumerate(traffic.sources):
        later = np.zeros((2, len(layout.teams), length + 1))
        for stream in traffic.streams:
            if stream.source == number:
                _lay_out(stream.visits, later)
        arrived = np.diff(source.arrived)
        teams, lags = (np.flatnonzero(later[:, :, :length].any(axis=axes)) for axes in ((0, 2), (0, 1)))
        if len(teams):
            most = lags[-1] + 1
            shifted = toeplitz(np.append(arrived[0], np.zeros(most - 1)), arrived)
            come[:, teams] += later[:, teams, :most] @ shifted
    visits, work = (
        np.concatenate([np.zeros((len(part), 1)), np.cumsum(part, axis=1)], axis=1) for part in come
    )
    inside = (_between(layout, come[0], begin, end), _between(layout, come[1], begin, end))
    return work, visits[:, -1], inside


def _lay_out(of: Visits, later: Floats) -> None:
    """Add visits and work of a stream to the teams, by the days that pass before they come."""
    last = later.shape[2] - 1
    lag = np.minimum(of.time / of.visits / DAY, last)
    whole = np.floor(lag).astype(np.int64)
    part = lag - whole
    for total, amount in zip(later, (of.visits, of.content), strict=True):
        np.add.at(total, (of.team, whole), amount * (1.0 - part))
        np.add.at(total, (of.team, np.minimum(whole + 1, last)), amount * part)


def _fluid(arriving: Floats, able: Floats) -> Floats:
    """Let what is asked of each team on each day wait where it is more than can be done (hours of content).

    The backlog at the end of a day is what was there and came, less what could be done; never below none.
    """
    waiting = np.zeros((len(arriving), arriving.shape[1] + 1))
    for day in range(arriving.shape[1]):
        waiting[:, day + 1] = np.maximum(waiting[:, day] + arriving[:, day] - able[:, day], 0.0)
    return waiting


def _served(layout: Layout, asked: Floats, waiting: Floats, begin: float, end: float) -> Floats:
    """Return the work that is done in the window."""
    days = midnights(layout)
    done = asked - waiting
    return np.array([float(np.diff(np.interp([begin, end], days, row))[0]) for row in done])


def _between(layout: Layout, by_day: Floats, begin: float, end: float) -> Floats:
    gathered = np.concatenate([np.zeros((len(by_day), 1)), np.cumsum(by_day, axis=1)], axis=1)
    days = midnights(layout)
    return np.array([float(np.diff(np.interp([begin, end], days, row))[0]) for row in gathered])


def _ends(layout: Layout, traffic: Traffic, begin: float, end: float) -> tuple[float, float]:
    """Count the cases that begin in the window, and the mean time that they take without any queue."""
    days = midnights(layout)
    cases = time = 0.0
    for each in traffic.ended:
        source = traffic.sources[each.source]
        if source.activity >= 0 or layout.scenario.needs[each.need].initiated != "veteran":
            continue
        units = float(np.diff(np.interp([begin, end], days, source.arrived))[0])
        cases += each.cases * units
        time += each.time * units
    return cases, time / cases if cases else np.nan


def _table(
    layout: Layout,
    known: tuple[Station, ...],
    visits: Floats,
    work: Floats,
    able: Floats,
    duty: Floats,
    length: float,
    share: Floats,
    used: Floats,
) -> pd.DataFrame:
    places = layout.names.places
    return pd.DataFrame(
        {
            "team": [team.id for team in layout.teams],
            "role": [team.role for team in layout.teams],
            "place": [places[team.place] for team in layout.teams],
            "visits": visits,
            "work": work,
            "capacity": able,
            "duty": duty,
            "load": work / length,
            "intensity": share,
            "utilisation": used,
            "law": [station.law for station in known],
            "mean_wait": [station.mean_wait for station in known],
            "fails": ["; ".join(station.fails) for station in known],
        }
    )


def _path(layout: Layout, waiting: Floats, sizes: Floats) -> pd.DataFrame:
    """Put the backlogs of all teams of a role together, day by day."""
    roles = sorted({team.role for team in layout.teams})
    number = {role: n for n, role in enumerate(roles)}
    rows = np.array([number[team.role] for team in layout.teams], dtype=np.int64)
    cases = np.divide(waiting, sizes[:, None], out=np.zeros_like(waiting), where=sizes[:, None] > 0)
    hours, open_ = np.zeros((2, len(roles), waiting.shape[1]))
    np.add.at(hours, rows, waiting)
    np.add.at(open_, rows, cases)
    days = np.tile(np.arange(waiting.shape[1]), len(roles))
    return pd.DataFrame(
        {
            "day": days,
            "role": np.repeat(roles, waiting.shape[1]),
            "hours": hours.ravel(),
            "cases": open_.ravel(),
        }
    )
