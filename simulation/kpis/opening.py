"""KPIs of the opening backlog: the cases that were open when the run began."""

from __future__ import annotations

import math

import numpy as np

from simulation.kpis.measured import Measured
from simulation.kpis.measures import Amount, Flags, Ratio

__all__ = ["CLEARED", "opening_cleared", "opening_cleared_day"]

CLEARED = 0.95
"""Share of the opening backlog at which it counts as cleared."""


def _opening(measured: Measured) -> Flags:
    """Cases that arose before the run began."""
    return np.asarray(measured.cases["arrival"] < 0.0)


def opening_cleared(measured: Measured) -> Ratio:
    """Cases open when the run began that were closed, in whatever way, when the window ended.

    Those that are open at the end of the run are counted as censored. No value without an opening backlog.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(opening_cleared)
    nan
    """
    opening = _opening(measured)
    closed = ~measured.open & (measured.cases["ended"] <= measured.window.end)
    return Ratio(opening & closed, opening, opening & measured.open)


def opening_cleared_day(measured: Measured) -> Amount:
    """Day of the run on which 95 of 100 of the cases that were open when it began had been closed.

    Where that was not reached, the last day of the run, and the cases that are open are counted as censored:
    the true value is later. No value without an opening backlog.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(opening_cleared_day)
    nan
    """
    opening = _opening(measured) & measured.headline
    number = int(opening.sum())
    if not number:
        return Amount(float("nan"), 0)
    closed = np.where(measured.open, np.inf, measured.cases["ended"])[opening]
    moment = float(np.sort(closed)[math.ceil(CLEARED * number - 1e-9) - 1])
    reached = math.isfinite(moment)
    days = (moment if reached else measured.records.horizon) / 24.0
    return Amount(days, number, 0 if reached else int(np.sum(opening & measured.open)))
