"""What every distribution can do, and the unit that it is written in."""

import math
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Annotated, Any, Literal, Self, TypeAlias, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import ConfigDict, Field

from simulation.spec import Spec

__all__ = ["Law", "Unit", "cumulative", "hours_per", "require_increasing"]

Unit: TypeAlias = Literal["min", "h", "d", "wd"]
Array: TypeAlias = NDArray[np.float64]
Weight: TypeAlias = Annotated[float, Field(ge=0, le=1)]

# How far a list of weights may be from one, for hand-rounded shares; they are then rescaled.
_WEIGHT_SLACK = 1e-6


def hours_per(unit: Unit, day_hours: float) -> float:
    """Give the length of a unit in hours.

    Parameters
    ----------
    unit : {"min", "h", "d", "wd"}
        Minutes, hours, days of 24 hours, or working days.
    day_hours : float
        Length of a working day of the calendar in use, in hours.

    Examples
    --------
    >>> hours_per("d", 7.5), hours_per("wd", 7.5)
    (24.0, 7.5)
    """
    return {"min": 1.0 / 60.0, "h": 1.0, "d": 24.0, "wd": day_hours}[unit]


class Law(Spec):
    """A distribution of durations or amounts: what all kinds share."""

    model_config = ConfigDict(serialize_by_alias=True, populate_by_name=False)

    unit: Unit = "h"
    """Unit of every number of this distribution: minutes, hours, days of 24 hours, or working days
    (`wd`) of the calendar it is used with. A distribution inside another takes the outer one's unit."""

    @abstractmethod
    def minimum(self) -> float:
        """Give the lower end of the support, in the distribution's unit."""

    @abstractmethod
    def maximum(self) -> float:
        """Give the upper end of the support, in the distribution's unit; may be inf."""

    @abstractmethod
    def _quantile(self, u: Array) -> Array:
        """Give the smallest x with P(X <= x) >= u, for each u in [0, 1]."""

    @abstractmethod
    def _probability(self, x: Array) -> Array:
        """Give P(X <= x) for each x."""

    @abstractmethod
    def _partial(self, order: int, low: float, high: float) -> float:
        """Give E[X**order; low <= X <= high]: what moments and truncation are made from."""

    @overload
    def ppf(self, u: float) -> float: ...
    @overload
    def ppf(self, u: Sequence[float] | Array) -> Array: ...
    def ppf(self, u: ArrayLike) -> float | Array:
        """Invert the distribution function: the smallest x with P(X <= x) >= u.

        Parameters
        ----------
        u : float or array_like
            Probabilities from 0 to 1.

        Raises
        ------
        ValueError
            When a probability is outside 0 to 1.

        Examples
        --------
        >>> from simulation.distributions import Uniform
        >>> Uniform(min=2, max=4).ppf(0.25)
        2.5
        """
        levels = np.asarray(u, np.float64)
        if not np.all((levels >= 0) & (levels <= 1)):
            raise ValueError(f"u={u!r}: a quantile is asked for at a probability from 0 to 1")
        return _like(levels, self._quantile(np.atleast_1d(levels)))

    @overload
    def cdf(self, x: float) -> float: ...
    @overload
    def cdf(self, x: Sequence[float] | Array) -> Array: ...
    def cdf(self, x: ArrayLike) -> float | Array:
        """Give P(X <= x).

        Parameters
        ----------
        x : float or array_like
            Amounts, in the distribution's unit.

        Examples
        --------
        >>> from simulation.distributions import Uniform
        >>> Uniform(min=2, max=4).cdf([2.5, 9])
        array([0.25, 1.  ])
        """
        amounts = np.asarray(x, np.float64)
        return _like(amounts, self._probability(np.atleast_1d(amounts)))

    def mean(self) -> float:
        """Give the expectation, in the distribution's unit.

        Examples
        --------
        >>> from simulation.distributions import Uniform
        >>> Uniform(min=2, max=4).mean()
        3.0
        """
        return self._partial(1, -np.inf, np.inf)

    def variance(self) -> float:
        """Give the variance, in the square of the distribution's unit.

        Examples
        --------
        >>> from simulation.distributions import Exponential
        >>> Exponential(mean=2).variance()
        4.0
        """
        return max(self._partial(2, -np.inf, np.inf) - self.mean() ** 2, 0.0)

    def _window(self, low: float, high: float) -> tuple[float, float]:
        """Give the probabilities of falling below `low` and of not exceeding `high`."""
        below, up_to = self.cdf([math.nextafter(low, -math.inf), high])
        return float(below), float(up_to)

    def _in_unit(self, unit: Unit) -> Self:
        """Give the same numbers read in another unit."""
        return self.model_copy(update={"unit": unit})

    def _inside(self, unit: Unit) -> Self:
        """Give this distribution as part of one in `unit`; its own unit may be left out or repeated."""
        if self.unit == unit:
            return self
        if "unit" in self.model_fields_set:
            raise ValueError(
                f"unit {self.unit!r} inside a distribution in {unit!r}: write the unit once, on the outermost"
            )
        return self._in_unit(unit)

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        fields = type(self).model_fields
        for name, content in super().__repr_args__():
            yield (fields[name].alias or name if name in fields else name), content


def _like(asked: Array, answer: Array) -> float | Array:
    """Give a float when a float was asked for."""
    return float(answer[0]) if asked.ndim == 0 else answer


def require_increasing(field: str, numbers: Sequence[float], strictly: bool) -> None:
    """Refuse numbers that are not sorted, naming the first pair that is not.

    Examples
    --------
    >>> require_increasing("quantiles", (1, 3, 2), strictly=False)
    Traceback (most recent call last):
    ...
    ValueError: quantiles: 2 comes after 3; write them from the smallest to the largest
    """
    for before, after in pairwise(numbers):
        if after < before or (strictly and after == before):
            remedy = "write them from the smallest to the largest" + (", each once" if strictly else "")
            raise ValueError(f"{field}: {after:g} comes after {before:g}; {remedy}")


def cumulative(weights: Sequence[float]) -> Array:
    """Add weights up, rescaled so that the last is exactly one.

    Raises
    ------
    ValueError
        When the weights do not sum to one.

    Examples
    --------
    >>> cumulative([0.25, 0.75])
    array([0.25, 1.  ])
    """
    sums = np.cumsum(np.asarray(weights, np.float64))
    if abs(sums[-1] - 1.0) > _WEIGHT_SLACK:
        change = f"add {1 - sums[-1]:.6g}" if sums[-1] < 1 else f"take off {sums[-1] - 1:.6g}"
        raise ValueError(f"weights sum to {sums[-1]:.6g}; they must sum to 1 ({change})")
    sums /= sums[-1]
    return sums
