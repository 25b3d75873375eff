"""What a KPI hands back: numbers per case or per staff group, from which every level is tabulated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Across",
    "Amount",
    "ByCell",
    "Clock",
    "Counts",
    "Dimension",
    "Flags",
    "Floats",
    "Measure",
    "Numbers",
    "Ratio",
    "Statistic",
    "Total",
    "Wait",
]

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Counts: TypeAlias = NDArray[np.int32]
"""Counts, and numbers of levels."""
Statistic = Literal["mean", "median", "p90"]
Clock = Literal["first contact", "resolution", "department"]
"""What a time runs until: a team works on the case, it is resolved, a department is done with it."""


@dataclass(frozen=True)
class ByCell:
    """Numbers of cases that are added up by cell already, where nobody asks for those of a case."""

    sums: Floats
    """An item per cell."""


Numbers: TypeAlias = Floats | Flags | Counts | ByCell
"""What is added up: an item per case or staff group, or sums by cell."""


@dataclass(frozen=True)
class Dimension:
    """One way to divide cases (or staff groups) into levels."""

    name: str
    levels: tuple[str, ...]
    codes: Counts
    """Number of the level of each case, -1 for none."""


@dataclass(frozen=True)
class Ratio:
    """The sum of `part` over the sum of `whole`, level by level; no value where the whole is zero."""

    part: Numbers
    whole: Numbers
    censored: Numbers
    counted: Numbers | None = None
    """What `n` counts; none: the whole."""
    among: Flags | None = None
    """Cases of every dimension but need; none: the headline needs. The same for all cases of a need that
    arose by themselves, and for all that other cases opened."""
    needs: Counts | None = None
    """Need by which a case is counted; none: its own."""
    per: float = 1.0
    """Size of the unit of the whole, such as 1,000 needs."""
    of: Literal["case", "staff"] = "case"


@dataclass(frozen=True)
class Total:
    """The sum of `part`, level by level; zero where there is nothing."""

    part: Numbers
    counted: Numbers
    censored: Numbers
    among: Flags | None = None
    """As in `Ratio`."""
    of: Literal["case", "staff"] = "case"


@dataclass(frozen=True)
class Wait:
    """A statistic of the time until something, over the cases (or referrals) of each level."""

    until: Clock
    statistic: Statistic
    limit: float
    """Days; whatever takes longer counts as this."""


@dataclass(frozen=True)
class Amount:
    """A single number of the whole system."""

    value: float
    n: int
    censored: int = 0


@dataclass(frozen=True)
class Across:
    """How unequal a value is across the levels of each of several dimensions; over all, of the first."""

    dimensions: tuple[str, ...]
    values: tuple[float, ...]
    n: int
    censored: int


Measure: TypeAlias = Ratio | Total | Wait | Amount | Across
