"""KPIs of load: what is open, how busy the teams are, and how long they stay."""

from __future__ import annotations

import numpy as np

from simulation.kpis.measured import Measured
from simulation.kpis.measures import Floats, Ratio, Total

__all__ = ["backlog_end", "backlog_mean", "overtime", "utilisation"]


def _closed(measured: Measured) -> Floats:
    return np.where(measured.open, np.inf, measured.cases["ended"])


def backlog_mean(measured: Measured) -> Total:
    """Presented cases that were open, on average over the window, whenever they arose.

    Cases that veterans started, those that other cases opened included; work that the service planned for
    itself appears under its own need only.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(backlog_mean)
    0.375
    """
    window = measured.window
    begin = np.maximum(measured.cases["arrival"], window.start)
    hours = np.maximum(np.minimum(_closed(measured), window.end) - begin, 0.0) * measured.presented
    seen = hours > 0
    return Total(hours / window.hours, seen, seen & measured.open, among=measured.by_veteran)


def backlog_end(measured: Measured) -> Total:
    """Presented cases that were open when the window ended, whenever they arose.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(backlog_end)
    0.0
    """
    moment = measured.window.end
    waiting = measured.presented & (measured.cases["arrival"] <= moment) & (_closed(measured) > moment)
    return Total(waiting, waiting, waiting & measured.open, among=measured.by_veteran)


def utilisation(measured: Measured) -> Ratio:
    """Hours worked on cases within opening hours, of all hours of heads on duty in the window.

    A case occupies a head for as long as it is in service, other duties that stretch the work included. Empty
    posts and heads that are away are not on duty. Work that several teams do together is counted for each of
    them.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(utilisation)
    0.375
    """
    load = measured.workload
    return Ratio(load.busy, load.duty, load.unfinished, counted=load.spells, of="staff")


def overtime(measured: Measured) -> Total:
    """Hours worked on cases outside opening hours in the window, to finish what was begun.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(overtime)
    1.0
    """
    load = measured.workload
    return Total(load.overtime, load.spells, load.unfinished, of="staff")
