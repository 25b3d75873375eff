"""KPIs of money: what the system cost in the window."""

from __future__ import annotations

import math

import numpy as np

from simulation.kpis.cells import add_up
from simulation.kpis.measured import Measured
from simulation.kpis.measures import Amount, Total
from simulation.kpis.workload import PER_YEAR
from simulation.records import Records
from simulation.scenario.phases import course

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
    """Pay of all heads in the window, busy, idle or away, at their annual cost, those that a policy adds too.

    Empty posts are not paid; hours worked outside opening hours cost what the staff group says, if anything.

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
    prices = [channel.cost for channel in measured.layout.channels]
    asked, cases = measured.asked, measured.cases
    contacts = add_up(cases["channel"][asked], 1 + cases["rounds"][asked], len(prices))
    value = math.fsum(price * number for price, number in zip(prices, contacts.tolist(), strict=True))
    return Amount(value, int(contacts.sum()))


def cost_levers(measured: Measured) -> Amount:
    """Cost of the policy besides its staff.

    A one-off cost counts in full once the lever is in effect before the end of the window, by the steps of a
    ramp; running costs count for the time in the window in which the lever is in effect, in proportion to its
    strength. A lever with a trigger is in effect while it is switched on.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(cost_levers)
    0.0
    """
    scenario, window = measured.scenario, measured.window
    total = 0.0
    for lever in scenario.levers:
        steps = [step for step in course(lever, scenario) if step[0] < window.end]
        spans = [(-math.inf, math.inf)]
        strength = max((strength for _, strength in steps), default=0.0)
        if lever.trigger is not None:
            spans = _switched_on(measured.records, lever.id)
            strength = lever.strength if any(begin < window.end for begin, _ in spans) else 0.0
        total += lever.cost_once * strength
        ends = [*(moment for moment, _ in steps[1:]), window.end]
        for (begin, level), end in zip(steps, ends, strict=False):
            inside = [(max(begin, on, window.start), min(end, off, window.end)) for on, off in spans]
            hours = sum(max(0.0, last - first) for first, last in inside)
            total += lever.cost_per_year * level * hours / PER_YEAR
    return Amount(total, len(scenario.levers))


def _switched_on(records: Records, lever: str) -> list[tuple[float, float]]:
    """List the spans of time in which a lever with a trigger was on."""
    if lever not in records.names.levers:
        return []
    rows = records.switches[records.switches["lever"] == records.names.levers.index(lever)]
    moments = [*rows["time"].tolist(), math.inf]
    return list(zip(moments[::2], moments[1::2], strict=False))


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
    resolved = int(np.sum(measured.core & measured.resolved))
    value = cost(measured).value / resolved if resolved else float("nan")
    return Amount(value, resolved, int(np.sum(measured.core & measured.open)))


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
    hours = float(measured.workload.duty[~measured.scheme.staff.volunteer].sum())
    resolved = int(np.sum(measured.core & measured.resolved))
    value = resolved * PER_HOURS / hours if hours > 0 else float("nan")
    return Amount(value, resolved, int(np.sum(measured.core & measured.open)))
