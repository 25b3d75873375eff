"""The one way out of an engine: a row per visit, a row per case, and the identity that they must satisfy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CASE", "MODEL_VERSION", "VISIT", "ConservationError", "Exit", "Names", "Outcome", "Records"]

MODEL_VERSION = 1
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
    dropped_out = 7
    open = 8


VISIT = np.dtype(
    [
        ("case", "i8"),
        ("visit", "i4"),
        ("branch", "i4"),
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
"""A row per visit: indices into `Names`, moments in hours (nan: not reached); team, staff -1 for a delay."""

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


class ConservationError(RuntimeError):
    """Records that lose or invent cases, or hold an impossible row: a fault of an engine."""


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

    def check(self) -> None:
        """Raise ConservationError unless every case is accounted for and every row is possible.

        latent = not presented + resolved + each other exit + still open, in cases and in visits: a case that
        is open has a visit under way, a case that has ended has none.
        """
        cases, visits = self.cases, self.visits
        counts = np.bincount(cases["exit"], minlength=len(Exit)) if len(cases) else np.zeros(len(Exit), int)
        if counts.sum() != len(cases) or len(counts) != len(Exit):
            raise ConservationError(f"{len(cases)} cases but exits {counts.tolist()}")
        is_open = cases["exit"] == Exit.open
        if np.any(np.isnan(cases["ended"]) != is_open):
            raise ConservationError("a case has an end and is open, or has neither")
        if np.any(cases["ended"] < cases["arrival"]) or np.any(cases["ended"] > self.horizon):
            raise ConservationError("a case ends before it arises or after the horizon")
        under_way = (visits["outcome"] == Outcome.waiting) | (visits["outcome"] == Outcome.in_service)
        busy = np.zeros(len(cases), bool)
        busy[visits["case"][under_way]] = True
        if np.any(busy & ~is_open):
            number = int(np.flatnonzero(busy & ~is_open)[0])
            raise ConservationError(f"case {number} has ended but a visit of it is under way")
        idle = is_open & ~busy & (cases["arrival"] <= self.horizon)
        if np.any(idle):
            raise ConservationError(f"case {int(np.flatnonzero(idle)[0])} is open but nothing is under way")
        silent = (cases["exit"] == Exit.not_presented) & np.isin(np.arange(len(cases)), visits["case"])
        if np.any(silent):
            raise ConservationError(f"case {int(np.flatnonzero(silent)[0])} was not presented but has visits")
        self._check_rows()

    def _check_rows(self) -> None:
        visits = self.visits
        for early, late in (
            ("sent", "queued"),
            ("queued", "started"),
            ("started", "ended"),
            ("sent", "ended"),
        ):
            wrong = visits[late] < visits[early]
            if np.any(wrong):
                raise ConservationError(f"{late} before {early} in row {visits[np.flatnonzero(wrong)[0]]}")
        order = np.lexsort((visits["visit"], visits["case"]))
        if np.any(order != np.arange(len(visits))):
            raise ConservationError("visits are not sorted by case and visit")
        same = (np.diff(visits["case"]) == 0) & (np.diff(visits["visit"]) == 0)
        if np.any(same):
            raise ConservationError(f"visit stands twice: {visits[np.flatnonzero(same)[0]]}")

    def visit_frame(self) -> pd.DataFrame:
        """Visits as a table with names instead of numbers."""
        named = {
            "activity": self.names.activities,
            "team": self.names.teams,
            "staff": self.names.staff,
            "outcome": tuple(outcome.name for outcome in Outcome),
        }
        return _frame(self.visits, named)

    def case_frame(self) -> pd.DataFrame:
        """Cases as a table with names instead of numbers."""
        named = {
            "need": self.names.needs,
            "group": self.names.groups,
            "origin": self.names.places,
            "contact": self.names.places,
            "channel": self.names.channels,
            "exit": tuple(exit_.name for exit_ in Exit),
        }
        return _frame(self.cases, named)


def _frame(rows: NDArray[Any], named: dict[str, tuple[str, ...]]) -> pd.DataFrame:
    import pandas as pd

    columns: dict[str, Any] = {name: rows[name] for name in rows.dtype.names or ()}
    for column, names in named.items():
        columns[column] = pd.Categorical.from_codes(rows[column].astype(np.int64), pd.Index(names))
    return pd.DataFrame(columns)
