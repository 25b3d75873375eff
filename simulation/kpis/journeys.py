"""What happened to the cases of a window on their way: their visits, case by case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulation.kpis.measures import ByCell, Counts, Flags, Floats

if TYPE_CHECKING:
    from simulation.kpis.measured import Measured

__all__ = ["Contacts", "Referrals", "Stages", "count_referrals", "count_stages", "find_contacts"]


@dataclass(frozen=True)
class Contacts:
    """Who worked on the cases that arose in the window; arrays have an item per case."""

    first: Floats
    """When a team first began to work on it, hours; where none did when it was resolved, else NaN."""
    at_once: Flags
    """There was nothing but one piece of work, or one visit without; opening another case does not count."""
    again: Flags
    """After its first activity it stood at one with which cases begin that come in person."""
    in_person: Counts
    """Contacts in person, as the KPI `trips` defines them."""
    teams: Counts
    """Teams that worked on it, each counted once, those that worked jointly with others too."""


@dataclass(frozen=True)
class Referrals:
    """Referrals of the cases that arose in the window, counted by cell.

    Those that were *sought* are hand-overs to departments or partners: a place that does not lie on the way
    up from where needs arise; also a delay that cases are referred to. What was sent to a wrong desk was not
    sought there.
    """

    misled: Flags
    """Whether a case was sent to a wrong desk at least once; an item per case."""
    sent: ByCell
    done: ByCell
    """Those completed, wrong desks left out."""
    unfinished: ByCell
    """Those still on the way or in hand when the run ended."""
    sought: ByCell
    undecided: ByCell
    """Those sought on the way or in the queue when the run ended."""
    begun: ByCell
    """Those sought at which service was begun; of the others:"""
    lost: ByCell
    refused: ByCell
    ineligible: ByCell
    given_up: ByCell
    waiting: ByCell


@dataclass(frozen=True)
class Stages:
    """Activities with a time limit, of the cases that arose in the window, counted by cell."""

    due: ByCell
    kept: ByCell
    """Those completed within the limit."""
    pending: ByCell
    """Those under way whose limit lies beyond the end of the run."""


def find_contacts(measured: Measured) -> Contacts:
    """Find who worked on the cases of the window.

    Examples
    --------
    >>> from simulation.kpis.examples import worked_example
    >>> find_contacts(worked_example()).in_person.tolist()
    [1, 1, 0, 0, 1, 1]
    """
    from simulation.kpis._loops.visits import follow_contacts

    scheme, visits, number = measured.scheme, measured.visits, len(measured.records.cases)
    kinds = scheme.activities
    near = scheme.near[measured.cases["channel"]]
    last_case = np.full(len(scheme.outside), -1, np.int64)
    first, at_once, again = np.full(number, np.nan), np.ones(number, bool), np.zeros(number, bool)
    trips, teams = np.zeros(number, np.int32), np.zeros(number, np.int32)
    follow_contacts(
        visits["case"], visits["visit"], visits["lead"], visits["activity"], visits["team"], visits["staff"],
        visits["started"], measured.cohort, near, kinds.opens, kinds.waits, kinds.in_person,
        last_case, first, at_once, again, trips, teams,
    )  # fmt: skip
    np.copyto(first, measured.cases["ended"], where=np.isnan(first) & measured.resolved)
    return Contacts(first, at_once, again, trips, teams)


def count_referrals(measured: Measured) -> Referrals:
    """Count the referrals of the cases of the window.

    Examples
    --------
    >>> from simulation.kpis.examples import worked_example
    >>> float(count_referrals(worked_example()).sought.sums.sum())
    1.0
    """
    from simulation.kpis._loops.visits import follow_referrals

    scheme, visits, number = measured.scheme, measured.visits, len(measured.records.cases)
    kinds = scheme.activities
    cells, misled = measured.cells, np.zeros(number, bool)
    counts = np.zeros((11, len(cells.example)))
    follow_referrals(
        visits["case"], visits["lead"], visits["activity"], visits["team"], visits["started"],
        visits["outcome"], measured.cohort, kinds.referral, kinds.wrong_desk, kinds.meant,
        scheme.outside, cells.codes, misled, counts,
    )  # fmt: skip
    return Referrals(misled, *(ByCell(row) for row in counts))


def count_stages(measured: Measured) -> Stages:
    """Count the activities with a time limit of the cases of the window.

    Examples
    --------
    >>> from simulation.kpis.examples import worked_example
    >>> float(count_stages(worked_example()).due.sums.sum())
    1.0
    """
    from simulation.kpis._loops.hours import follow_stages

    scheme, visits = measured.scheme, measured.visits
    limits = scheme.stages
    counts = np.zeros((3, len(measured.cells.example)))
    follow_stages(
        scheme.calendars.hours, visits["case"], visits["lead"], visits["activity"], visits["sent"],
        visits["ended"], visits["outcome"], measured.cohort, limits.calendar, limits.work,
        measured.records.horizon, measured.cells.codes, counts,
    )  # fmt: skip
    return Stages(*(ByCell(row) for row in counts))
