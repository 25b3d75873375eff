"""What was published and what comes out here, and how far they may lie apart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from scipy import stats

__all__ = ["LEVEL", "Agreement", "Published", "Quantity", "compare"]

LEVEL = 0.001
"""Probability with which a value that decides is called wrong although nothing is, for each of them."""


@dataclass(frozen=True)
class Published:
    """A published mean.

    Examples
    --------
    >>> round(Published(0.354, 0.002).uncertainty, 4)
    0.0002
    """

    mean: float
    """As printed."""
    sd: float | None = None
    """Standard deviation over its replications; none: not printed."""
    replications: int = 100
    """How many replications it is the mean of."""
    decimals: int = 3
    """Decimals with which it is printed."""

    @property
    def uncertainty(self) -> float:
        """Standard error of the mean; 0 when no spread was printed."""
        return 0.0 if self.sd is None else self.sd / math.sqrt(self.replications)


@dataclass(frozen=True)
class Quantity:
    """Something that is measured here and was published there."""

    id: str
    """Name in the tables."""
    title: str
    """Name for people, with its unit."""
    note: str = ""
    """Why it is shown and does not decide; empty: it decides."""


@dataclass(frozen=True)
class Agreement:
    """One value beside the published one."""

    scenario: str
    quantity: Quantity
    published: Published
    mean: float
    """Mean over the replications here."""
    sd: float
    """Standard deviation over the replications here."""
    tolerance: float
    """How far the two means may lie apart."""

    @property
    def difference(self) -> float:
        """How far the mean here lies above the published one."""
        return self.mean - self.published.mean

    @property
    def within(self) -> bool:
        """Whether the difference is no more than the tolerance."""
        return abs(self.difference) <= self.tolerance

    @property
    def holds(self) -> bool:
        """Whether it is within its tolerance, or does not decide."""
        return self.within or bool(self.quantity.note)

    def plain(self) -> dict[str, object]:
        """Return it as plain data."""
        return {
            "scenario": self.scenario,
            "quantity": self.quantity.id,
            "published": self.published.mean,
            "published_sd": self.published.sd,
            "mean": self.mean,
            "sd": self.sd,
            "tolerance": self.tolerance,
            "within": self.within,
            "decides": not self.quantity.note,
            "note": self.quantity.note,
        }


def tolerance(published: Published, sd: float, replications: int) -> float:
    """Return how far two means may lie apart when they are estimates of the same thing.

    Half a unit of the last decimal printed, and as many standard errors of the difference (both means are
    estimates) as Student's law with `replications` - 1 degrees of freedom exceeds with probability `LEVEL`.
    Nothing is allowed for differences between the two systems.

    Parameters
    ----------
    published
        The published mean.
    sd, replications
        Standard deviation over the replications here, and their number, at least 2.

    Examples
    --------
    >>> round(tolerance(Published(0.354, 0.002), 0.002, 100), 5)
    0.00146
    """
    error = math.hypot(published.uncertainty, sd / math.sqrt(replications))
    times = float(stats.t.isf(LEVEL / 2, replications - 1))
    return 0.5 * 10.0**-published.decimals + times * error


def compare(
    runs: pd.DataFrame,
    published: Mapping[str, Mapping[str, Published]],
    quantities: Sequence[Quantity],
) -> list[Agreement]:
    """Set what was measured in the runs beside what was published, scenario by scenario.

    Parameters
    ----------
    runs
        A row per scenario and replication: columns scenario, replication and the ids of the quantities.
    published
        Published values by scenario and quantity.
    quantities
        What is compared, in the order of the table.

    Examples
    --------
    >>> runs = pd.DataFrame({"scenario": "queue", "replication": [0, 1], "wait": [0.9, 1.1]})
    >>> row = compare(runs, {"queue": {"wait": Published(1.0, 0.1)}}, [Quantity("wait", "Wait, h")])[0]
    >>> row.mean, row.holds
    (1.0, True)
    """
    found = []
    for scenario, values in published.items():
        mine = runs[runs["scenario"] == scenario]
        for quantity in quantities:
            if quantity.id in values:
                column = mine[quantity.id]
                mean, sd = float(column.mean()), float(column.std(ddof=1))
                allowed = tolerance(values[quantity.id], sd, len(column))
                found.append(Agreement(scenario, quantity, values[quantity.id], mean, sd, allowed))
    return found
