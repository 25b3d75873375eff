"""The one way out of an engine: a row per visit, a row per case, and the identity that they must satisfy."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CASE",
    "MODEL_VERSION",
    "SWITCH",
    "VISIT",
    "ConservationError",
    "Exit",
    "Names",
    "Outcome",
    "Records",
]

MODEL_VERSION = 2
"""Raised when the same scenario, seed and replication give other records; stored ones are then not used."""


class Outcome(IntEnum):
    """How a visit ended.

    Examples
    --------
    >>> Outcome(1).name
    'reneged'
    """

    completed = 0
    reneged = 1
    balked = 2
    lost = 3
    refused = 4
    waiting = 5
    in_service = 6
    ineligible = 7


class Exit(IntEnum):
    """How a case ended; `open` while it has not.

    Examples
    --------
    >>> [exit.name for exit in Exit][:2]
    ['not_presented', 'resolved']
    """

    not_presented = 0
    resolved = 1
    unresolved = 2
    reneged = 3
    balked = 4
    lost = 5
    refused = 6
    ineligible = 7
    dropped_out = 8
    resolved_itself = 9
    open = 10


VISIT = np.dtype(
    [
        ("case", "i8"),
        ("visit", "i4"),
        ("branch", "i4"),
        ("lead", "i4"),
        ("activity", "i4"),
        ("team", "i4"),
        ("staff", "i4"),
        ("sent", "f8"),
        ("queued", "f8"),
        ("started", "f8"),
        ("ended", "f8"),
        ("outcome", "i1"),
    ]
)
"""A row per visit: indices into `Names`, moments in hours (nan: not reached); team, staff -1 for a delay.

Work that several teams do together has a row for each of them: `lead` is -1 in the row of the first, and in
the rows of the others the number of the visit that they join. Cases are counted by rows whose `lead` is below
zero, hours of work by all."""

CASE = np.dtype(
    [
        ("key", "u8"),
        ("parent", "i8"),
        ("veteran", "i8"),
        ("need", "i4"),
        ("group", "i4"),
        ("origin", "i4"),
        ("contact", "i4"),
        ("channel", "i4"),
        ("persons", "i4"),
        ("rounds", "i4"),
        ("arrival", "f8"),
        ("ended", "f8"),
        ("exit", "i1"),
    ]
)
"""A row per latent case, then per case that arose in the run; `parent` is a row number, -1 for none."""

SWITCH = np.dtype([("time", "f8"), ("lever", "i4"), ("on", "i1")])
"""A row for each time that a lever with a trigger switched: hours, index into `Names.levers`, on or off."""


class ConservationError(RuntimeError):
    """Records that lose or invent cases, or hold an impossible row: a fault of an engine."""


_MOMENTS = {
    Outcome.completed: "++++",
    Outcome.reneged: "+?-+",
    Outcome.balked: "++-+",
    Outcome.lost: "+--+",
    Outcome.refused: "+?-+",
    Outcome.waiting: "+?--",
    Outcome.in_service: "+++-",
    Outcome.ineligible: "+?-+",
}
"""Whether a visit of each outcome has been sent, queued, started and ended; ? where it may or may not."""


def _refuse(wrong: NDArray[np.bool_], complaint: str) -> None:
    """Raise ConservationError for the first row that is wrong."""
    if wrong.any():
        raise ConservationError(complaint.format(int(np.flatnonzero(wrong)[0])))


@dataclass(frozen=True)
class Names:
    """What the integers in the records stand for.

    Examples
    --------
    >>> Names(needs=("illness",)).needs[0]
    'illness'
    """

    needs: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    staff: tuple[str, ...] = ()
    levers: tuple[str, ...] = ()
    """Levers that a trigger switches."""


@dataclass(frozen=True)
class Records:
    """All that one replication leaves behind.

    Parameters
    ----------
    visits
        Rows of `VISIT`, sorted by case and visit.
    cases
        Rows of `CASE`; the row number is the case number.
    names
        What the integers stand for.
    horizon
        Hours simulated.
    seed, replication
        What the random numbers were keyed by.
    opening
        How many cases were under way when the run began; they are the first, and arose before time 0.
    switches
        Rows of `SWITCH`, in the order of time.

    Examples
    --------
    >>> empty = Records(np.empty(0, VISIT), np.empty(0, CASE), Names(), horizon=24.0, seed=1, replication=0)
    >>> empty.check()
    """

    visits: NDArray[Any]
    cases: NDArray[Any]
    names: Names
    horizon: float
    seed: int
    replication: int
    opening: int = 0
    switches: NDArray[Any] = field(default_factory=lambda: np.empty(0, SWITCH))

    def check(self) -> None:
        """Raise ConservationError unless every case is accounted for and every row is possible.

        latent = not presented + resolved + each other exit + still open, in cases and in visits: a case that
        is open has a visit under way, a case that has ended has none.
        """
        cases, visits = self.cases, self.visits
        known = (cases["exit"] >= 0) & (cases["exit"] < len(Exit))
        _refuse(~known, "case {} ends by no exit that there is")
        is_open = cases["exit"] == Exit.open
        arrival, ended = cases["arrival"], cases["ended"]
        early = np.where(np.arange(len(cases)) < self.opening, -np.inf, 0.0)
        _refuse(~((arrival >= early) & (arrival < self.horizon)), "case {} does not arise within the run")
        _refuse(np.isnan(ended) != is_open, "case {} has an end and is open, or has neither")
        _refuse((ended < arrival) | (ended > self.horizon), "case {} ends before it arises or after the run")
        number, outcome = visits["case"], visits["outcome"]
        _refuse((number < 0) | (number >= len(cases)), "visit {} is of no case that there is")
        under_way = (outcome == Outcome.waiting) | (outcome == Outcome.in_service)
        busy = np.zeros(len(cases), bool)
        busy[number[under_way]] = True
        _refuse(busy & ~is_open, "case {} has ended but a visit of it is under way")
        _refuse(is_open & ~busy, "case {} is open but nothing is under way")
        _refuse(cases["exit"][number] == Exit.not_presented, "visit {} is of a case that was not presented")
        begun = np.maximum(arrival[number], 0.0)
        _refuse(visits["sent"] < begun, "visit {} comes before its case arises, or before the run")
        last = np.fmin(ended[number], self.horizon)
        _refuse(visits["ended"] > last, "visit {} ends after its case or after the run")
        self._check_rows()
        self._check_companions()

    def _check_rows(self) -> None:
        visits = self.visits
        outcome, case, number = visits["outcome"], visits["case"], visits["visit"]
        _refuse((outcome < 0) | (outcome >= len(Outcome)), "visit {} has no outcome that there is")
        moments = [visits[name] for name in ("sent", "queued", "started", "ended")]
        for column, moment in enumerate(moments):
            present = np.array([_MOMENTS[kind][column] for kind in Outcome])[outcome]
            wrong = (present != "?") & (np.isnan(moment) != (present == "-"))
            _refuse(wrong, "visit {} has a moment that its outcome excludes, or lacks one")
            for earlier in moments[:column]:
                _refuse(moment < earlier, "visit {} goes back in time")
        before = (case[1:] == case[:-1]) & (number[1:] == number[:-1])
        _refuse(np.append(False, before), "visit {} stands twice")
        behind = (case[1:] < case[:-1]) | ((case[1:] == case[:-1]) & (number[1:] < number[:-1]))
        _refuse(np.append(False, behind), "visit {} is not sorted by case and visit")

    def _check_companions(self) -> None:
        """Refuse a row that joins another and is not of another team, with the same moments and outcome."""
        joins = np.flatnonzero(self.visits["lead"] != -1)
        if not len(joins):
            return
        row, lead = self.visits[joins], self.visits["lead"][joins]
        led = np.searchsorted(self.visits["case"], row["case"]) + lead
        led = np.clip(led, 0, len(self.visits) - 1)
        other = self.visits[led]
        strange = (
            (lead < 0) | (other["case"] != row["case"]) | (other["visit"] != lead) | (other["lead"] != -1)
        )
        strange |= (other["team"] == row["team"]) | (row["staff"] < 0) | np.isnan(row["started"])
        for name in ("branch", "activity", "sent", "queued", "started", "ended", "outcome"):
            here, there = row[name], other[name]
            strange |= (here != there) & ~((here != here) & (there != there))
        wrong = np.zeros(len(self.visits), bool)
        wrong[joins[strange]] = True
        _refuse(wrong, "visit {} joins another, but not as one team beside another")
