"""How much work teams can do each day: heads on duty, their pace, and how many are likely to be there."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simulation.distributions import hours_per
from simulation.layout import Layout, StaffUnit
from simulation.scenario.teams import Workforce
from simulation.twin.classes import midnights

__all__ = ["availability", "capacity", "mean_pace"]

Floats = NDArray[np.float64]
YEAR = 8760.0


def availability(workforce: Workforce) -> tuple[float, float]:
    """Return the share of heads that are on duty, and how fast they are, in the long run.

    Parameters
    ----------
    workforce
        How posts are held. A post is held for 1 / turnover on average and then stands empty
        (renewal-reward; Ross 1996, section 3.4); learning is a straight line to full speed.

    Returns
    -------
    tuple of float
        Shares of the planned heads, and of full speed.

    Examples
    --------
    >>> gap = {"kind": "deterministic", "at": 365, "unit": "d"}
    >>> away = Workforce(turnover=0.25, recruitment=gap, absence=0.1)
    >>> [round(share, 3) for share in availability(away)]
    [0.72, 1.0]
    """
    there, speed = 1.0 - workforce.absence, 1.0
    if workforce.turnover > 0:
        stay = YEAR / workforce.turnover
        gap = workforce.recruitment.mean() * hours_per(workforce.recruitment.unit, 24.0)
        there *= stay / (stay + gap * workforce.recruitment_factor)
        learning = 1.0 - math.exp(-workforce.ramp_up / stay) if workforce.ramp_up else 0.0
        speed = 1.0 - learning * ((1.0 - workforce.ramp_speed) / 2.0 + workforce.training)
    return there, speed


def _likely(unit: StaffUnit, at: Floats) -> tuple[Floats, Floats]:
    """Return the share of heads on duty and of full speed from each moment on."""
    shares = np.ones((2, len(at)))
    for era in unit.eras:
        shares[:, at >= era.begin] = np.array(availability(era.workforce))[:, None]
    return shares[0], shares[1]


def _gathered(times: Floats, rate: Floats, at: Floats, horizon: float) -> Floats:
    """Integrate steps from 0 to each moment."""
    edges = np.append(times, horizon)
    reached: Floats = np.interp(at, edges, np.append(0.0, np.cumsum(rate * np.diff(edges))))
    return reached


def capacity(layout: Layout) -> tuple[Floats, Floats]:
    """Return what each team could do on each day, and its head-hours on duty: a row for each team.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> work, duty = capacity(make_layout(single_queue(servers=3), 36.0))
    >>> work.tolist(), duty.tolist()
    ([[72.0, 36.0]], [[72.0, 36.0]])
    """
    days = midnights(layout)
    work, duty = np.zeros((2, len(layout.teams), len(days) - 1))
    for number, team in enumerate(layout.teams):
        for unit in team.staff:
            there, speed = _likely(unit, unit.times)
            heads = unit.capacity * there
            duty[number] += np.diff(_gathered(unit.times, heads, days, layout.horizon))
            work[number] += np.diff(_gathered(unit.times, heads * unit.pace * speed, days, layout.horizon))
    return work, duty


def mean_pace(layout: Layout) -> Floats:
    """Return the mean pace of the heads of each team on duty; 1 where there never are any.

    Examples
    --------
    >>> from simulation.layout import make_layout
    >>> from simulation.scenario.examples import single_queue
    >>> mean_pace(make_layout(single_queue(), 24.0))
    array([1.])
    """
    work, duty = (part.sum(axis=1) for part in capacity(layout))
    pace: Floats = np.divide(work, duty, out=np.ones(len(work)), where=duty > 0)
    return pace
