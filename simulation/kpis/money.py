"""KPIs of money: what the system cost in the window."""

from __future__ import annotations

import numpy as np

from simulation.kpis.measured import Measured
from simulation.kpis.measures import Amount, Total
from simulation.kpis.volunteers import volunteers
from simulation.kpis.workload import PER_YEAR

__all__ = [
    "cost",
    "cost_contacts",
    "cost_levers",
    "cost_per_resolved",
    "cost_staff",
    "resolved_per_staff_time",
]


PER_HOURS = 1000.0


def cost_staff(measured: Measured) -> Total:
    """Pay of all heads in the window, busy or not, at their annual cost; those that a policy adds included.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(cost_staff)
    48.0
    """
    pay = measured.workload.pay
    return Total(pay, np.ones(len(pay)), np.zeros(len(pay)), of="staff")


def cost_contacts(measured: Measured) -> Amount:
    """Contacts of the cases presented in the window, at the cost of their channel, returns included.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(cost_contacts)
    41.0
    """
    prices = np.array([channel.cost for channel in measured.layout.channels])
    rows = np.flatnonzero(measured.cohort & measured.presented)
    contacts = 1 + measured.cases["rounds"][rows]
    return Amount(float(prices[measured.cases["channel"][rows]] @ contacts), int(contacts.sum()))


def cost_levers(measured: Measured) -> Amount:
    """Cost of the policy besides its staff.

    One-off costs count in full, running costs for their time in the window; a lever that takes effect after
    the window costs nothing.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(cost_levers)
    0.0
    """
    total, window = 0.0, measured.window
    for lever in measured.scenario.levers:
        begin = 0.0 if lever.from_ is None else (lever.from_ - measured.scenario.start).days * 24.0
        if begin < window.end:
            years = (window.end - max(begin, window.start)) / PER_YEAR
            total += lever.cost_once + lever.cost_per_year * years
    return Amount(total, len(measured.scenario.levers))


def cost(measured: Measured) -> Amount:
    """Staff, contacts and levers together, for the window.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(cost)
    89.0
    """
    contacts, levers = cost_contacts(measured), cost_levers(measured)
    staff = float(measured.workload.pay.sum())
    return Amount(staff + contacts.value + levers.value, contacts.n)


def cost_per_resolved(measured: Measured) -> Amount:
    """All costs of the window, for each need of a veteran that arose in it and was resolved.

    The time of staff that went into other work, such as planned visits, is in the cost and not in the count.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(cost_per_resolved)
    44.5
    """
    chosen = measured.cohort & measured.headline
    resolved = int(np.sum(chosen & measured.resolved))
    value = cost(measured).value / resolved if resolved else float("nan")
    return Amount(value, resolved, int(np.sum(chosen & measured.open)))


def resolved_per_staff_time(measured: Measured) -> Amount:
    """Needs that arose in the window and were resolved, per 1,000 hours of paid heads on duty in it.

    Paid heads are all but volunteers, whether they were busy or not, those of departments included. Time that
    went into other work, such as planned visits, is in the hours and not in the count.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(resolved_per_staff_time)
    125.0
    """
    edges = np.array([measured.window.start, measured.window.end])
    hours = float(measured.workload.on_duty(edges)[~volunteers(measured), 0].sum())
    chosen = measured.cohort & measured.headline
    resolved = int(np.sum(chosen & measured.resolved))
    value = resolved * PER_HOURS / hours if hours > 0 else float("nan")
    return Amount(value, resolved, int(np.sum(chosen & measured.open)))
