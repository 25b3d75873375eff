"""KPIs of contact: how long until the first one, how long until the end, and over which channel."""

from __future__ import annotations

import numpy as np

from simulation.kpis.measured import Measured
from simulation.kpis.measures import Flags, Ratio, Statistic, Wait

__all__ = [
    "ONLINE",
    "RESOLUTION_LIMIT",
    "WAIT_LIMIT",
    "failure_demand",
    "first_contact_resolution",
    "online_share",
    "time_to_resolution",
    "trips",
    "wait_first_contact",
]

WAIT_LIMIT = 90.0
"""Days after which a veteran who has met nobody counts as one who waited so long."""
RESOLUTION_LIMIT = 180.0
"""Days after which a case that is not resolved counts as one that took so long."""
ONLINE = "online"
"""Id of the on-line channel."""


def wait_first_contact(measured: Measured, statistic: Statistic) -> Wait:  # noqa: ARG001
    """Days from the moment a need arose until a team first began to work on it, over all presented needs.

    Estimated by Kaplan and Meier: a case still waiting at the end of the run counts for as long as it was
    followed. A case that gave up, was refused or was lost before anybody worked on it counts as waiting for
    ever, and waits are cut at 90 days, so losing people never looks fast: the 90th percentile is 90 days as
    soon as more than a tenth are never seen. A case resolved without any team was first met when it was
    resolved.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(lambda measured: wait_first_contact(measured, "median")) * 24.0
    1.0
    """
    return Wait("first contact", statistic, WAIT_LIMIT)


def time_to_resolution(measured: Measured, statistic: Statistic) -> Wait:  # noqa: ARG001
    """Days from the moment a need arose until it was resolved, over all presented needs.

    Estimated by Kaplan and Meier: a case still open at the end of the run counts for as long as it was
    followed. A case that ended in any other way counts as never resolved, and times are cut at 180 days:
    each need that is not resolved counts as 180 days, so losing cases never looks fast.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(lambda measured: time_to_resolution(measured, "median")) * 24.0
    5.0
    """
    return Wait("resolution", statistic, RESOLUTION_LIMIT)


def first_contact_resolution(measured: Measured) -> Ratio:
    """Needs resolved by the first team that worked on them, of all presented.

    Nothing may come after that work: no second activity, no referral, no return. An on-line form before it,
    and another case that was opened, do not count against it.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(first_contact_resolution)
    0.3333
    """
    asked = measured.asked
    return Ratio(asked & measured.solved_at_once, asked, measured.asked_open)


def online_share(measured: Measured) -> Ratio:
    """Needs presented over the channel `online`, of all presented.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(online_share)
    0.3333
    """
    asked = measured.asked
    return Ratio(asked & _online(measured), asked, measured.nobody)


def failure_demand(measured: Measured) -> Ratio:
    """On-line contacts that failed and came back in person, of all needs presented on-line.

    A contact came back when the case, after its first activity, stands at an activity with which cases begin
    that come in person.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(failure_demand)
    1.0
    """
    asked = measured.asked & _online(measured)
    return Ratio(asked & measured.contacts.again, asked, asked & measured.open)


def trips(measured: Measured) -> Ratio:
    """Contacts in person per presented need.

    Each team that begins to work on a case that was presented in person is one, work by the same team without
    another in between being one contact. A case that was presented over a remote channel has none, unless it
    stands at an activity with which cases begin that come in person. That departments may settle a case among
    themselves, without the veteran, is not known to the records: the figure is an upper bound.

    Examples
    --------
    >>> from simulation.kpis.examples import overall
    >>> overall(trips)
    0.6667
    """
    return Ratio(measured.contacts.in_person, measured.asked, measured.asked_open)


def _online(measured: Measured) -> Flags:
    channels = measured.records.names.channels
    number = channels.index(ONLINE) if ONLINE in channels else -2
    return np.asarray(measured.cases["channel"] == number)
