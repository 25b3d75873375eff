"""Distributions on a bounded range: uniform, triangular, and the ones that are given point by point."""

from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from simulation.distributions.base import Array, Law, Weight, cumulative, require_increasing

__all__ = ["Deterministic", "Discrete", "Empirical", "Triangular", "Uniform"]


def _power_integral(order: int, low: float, high: float) -> float:
    """Integrate x**order from low to high."""
    return (high ** (order + 1) - low ** (order + 1)) / (order + 1)


class Uniform(Law):
    """Uniform: every amount between two ends equally likely."""

    kind: Literal["uniform"] = "uniform"
    """Chooses the uniform distribution."""

    min: float
    """Smallest possible amount."""

    max: float
    """Largest possible amount, above `min`."""

    @model_validator(mode="after")
    def _order(self) -> Self:
        if self.min >= self.max:
            raise ValueError(
                f"min={self.min:g} is not below max={self.max:g}: exchange them, or use kind: deterministic"
            )
        return self

    def minimum(self) -> float:
        """Give the lower end of the support."""
        return self.min

    def maximum(self) -> float:
        """Give the upper end of the support."""
        return self.max

    def _quantile(self, u: Array) -> Array:
        return self.min + (self.max - self.min) * u

    def _probability(self, x: Array) -> Array:
        return np.clip((x - self.min) / (self.max - self.min), 0.0, 1.0)

    def _partial(self, order: int, low: float, high: float) -> float:
        low, high = max(low, self.min), min(high, self.max)
        return _power_integral(order, low, high) / (self.max - self.min) if low < high else 0.0

    def variance(self) -> float:
        """Give the variance: a twelfth of the squared range."""
        return (self.max - self.min) ** 2 / 12


class Triangular(Law):
    """Triangular: an expert's smallest, most likely and largest amount."""

    kind: Literal["triangular"] = "triangular"
    """Chooses the triangular distribution."""

    min: float
    """Smallest possible amount."""

    mode: float
    """Most likely amount, from `min` to `max`."""

    max: float
    """Largest possible amount, above `min`."""

    @model_validator(mode="after")
    def _order(self) -> Self:
        if not (self.min <= self.mode <= self.max and self.min < self.max):
            raise ValueError(
                f"min={self.min:g}, mode={self.mode:g}, max={self.max:g}: write them so that "
                "min <= mode <= max and min < max, or use kind: deterministic"
            )
        return self

    def minimum(self) -> float:
        """Give the lower end of the support."""
        return self.min

    def maximum(self) -> float:
        """Give the upper end of the support."""
        return self.max

    @property
    def turn(self) -> float:
        """Probability of an amount below the mode."""
        return (self.mode - self.min) / (self.max - self.min)

    @property
    def areas(self) -> tuple[float, float]:
        """Range times the rise to the mode, and range times the fall after it."""
        width = self.max - self.min
        return width * (self.mode - self.min), width * (self.max - self.mode)

    def _quantile(self, u: Array) -> Array:
        rise, fall = self.areas
        left = self.min + np.sqrt(u * rise)
        return np.where(u < self.turn, left, self.max - np.sqrt((1.0 - u) * fall))

    def _probability(self, x: Array) -> Array:
        rise, fall = self.areas
        x = np.clip(x, self.min, self.max)
        left = (x - self.min) ** 2 / rise if rise else np.zeros_like(x)
        right = 1.0 - (self.max - x) ** 2 / fall if fall else np.ones_like(x)
        return np.where(x < self.mode, left, right)

    def _partial(self, order: int, low: float, high: float) -> float:
        total = 0.0
        for area, foot, start, end, sign in (
            (self.areas[0], self.min, self.min, self.mode, 1.0),
            (self.areas[1], self.max, self.mode, self.max, -1.0),
        ):
            left, right = max(low, start), min(high, end)
            if left < right:
                slope = _power_integral(order + 1, left, right) - foot * _power_integral(order, left, right)
                total += sign * 2.0 * slope / area
        return total

    def mean(self) -> float:
        """Give the expectation: the mean of the three amounts."""
        return (self.min + self.mode + self.max) / 3

    def variance(self) -> float:
        """Give the variance."""
        rise, fall, width = self.mode - self.min, self.max - self.mode, self.max - self.min
        return (rise**2 + fall**2 + width**2) / 36


class Deterministic(Law):
    """Deterministic: always the same amount."""

    kind: Literal["deterministic"] = "deterministic"
    """Chooses a constant."""

    at: float
    """The amount."""

    def minimum(self) -> float:
        """Give the amount itself."""
        return self.at

    def maximum(self) -> float:
        """Give the amount itself."""
        return self.at

    def _quantile(self, u: Array) -> Array:
        return np.full_like(u, self.at)

    def _probability(self, x: Array) -> Array:
        return (x >= self.at).astype(np.float64)

    def _partial(self, order: int, low: float, high: float) -> float:
        return self.at**order if low <= self.at <= high else 0.0


class Empirical(Law):
    """Empirical: a table of observed quantiles, joined by straight lines."""

    kind: Literal["empirical"] = "empirical"
    """Chooses a table of quantiles."""

    probabilities: tuple[Weight, ...]
    """Probabilities from 0 to 1, increasing; the first is 0 and the last is 1."""

    quantiles: tuple[float, ...]
    """The amount at each probability, never falling; the first is the smallest possible amount, the
    last the largest. A repeated amount is one that occurs with that share."""

    @model_validator(mode="after")
    def _table(self) -> Self:
        levels, amounts = self.probabilities, self.quantiles
        if len(levels) != len(amounts) or len(levels) < 2:
            raise ValueError(
                f"{len(levels)} probabilities and {len(amounts)} quantiles: write as many of one as of the "
                "other, and at least 2"
            )
        if (levels[0], levels[-1]) != (0.0, 1.0):
            raise ValueError(
                f"probabilities go from {levels[0]:g} to {levels[-1]:g}: begin with 0 and end with 1, "
                "and give the smallest and the largest possible amount there"
            )
        require_increasing("probabilities", levels, strictly=True)
        require_increasing("quantiles", amounts, strictly=False)
        return self

    def minimum(self) -> float:
        """Give the first quantile."""
        return self.quantiles[0]

    def maximum(self) -> float:
        """Give the last quantile."""
        return self.quantiles[-1]

    def _quantile(self, u: Array) -> Array:
        p, q = np.array(self.probabilities), np.array(self.quantiles)
        k = np.maximum(np.searchsorted(p, u, side="left"), 1)
        share = (u - p[k - 1]) / (p[k] - p[k - 1])
        return np.asarray(q[k - 1] + share * (q[k] - q[k - 1]), np.float64)

    def _probability(self, x: Array) -> Array:
        p, q = np.array(self.probabilities), np.array(self.quantiles)
        k = np.clip(np.searchsorted(q, x, side="right"), 1, q.size - 1)
        width = q[k] - q[k - 1]
        share = np.where(width > 0, (x - q[k - 1]) / np.where(width > 0, width, 1.0), x >= q[k])
        return np.asarray(p[k - 1] + np.clip(share, 0.0, 1.0) * (p[k] - p[k - 1]), np.float64)

    def _partial(self, order: int, low: float, high: float) -> float:
        total = 0.0
        for k in range(1, len(self.quantiles)):
            share = self.probabilities[k] - self.probabilities[k - 1]
            start, end = self.quantiles[k - 1], self.quantiles[k]
            left, right = max(low, start), min(high, end)
            if start == end:
                total += share * start**order if low <= start <= high else 0.0
            elif left < right:
                total += share * _power_integral(order, left, right) / (end - start)
        return total


class Discrete(Law):
    """Discrete: a few amounts, each with its probability."""

    kind: Literal["discrete"] = "discrete"
    """Chooses a list of amounts with weights."""

    values: tuple[float, ...]
    """The possible amounts, increasing."""

    weights: tuple[Weight, ...]
    """Probability of each amount; they sum to 1."""

    @model_validator(mode="after")
    def _pairs(self) -> Self:
        if len(self.values) != len(self.weights) or not self.values:
            raise ValueError(
                f"{len(self.values)} values and {len(self.weights)} weights: write one weight for each value"
            )
        require_increasing("values", self.values, strictly=True)
        cumulative(self.weights)
        return self

    def minimum(self) -> float:
        """Give the smallest amount that has a weight."""
        return min(amount for amount, weight in zip(self.values, self.weights, strict=True) if weight)

    def maximum(self) -> float:
        """Give the largest amount that has a weight."""
        return max(amount for amount, weight in zip(self.values, self.weights, strict=True) if weight)

    def _quantile(self, u: Array) -> Array:
        steps = np.searchsorted(cumulative(self.weights), u, side="left")
        return np.asarray(np.maximum(np.array(self.values)[steps], self.minimum()), np.float64)

    def _probability(self, x: Array) -> Array:
        sums = np.concatenate([[0.0], cumulative(self.weights)])
        return np.asarray(sums[np.searchsorted(np.array(self.values), x, side="right")], np.float64)

    def _partial(self, order: int, low: float, high: float) -> float:
        shares = np.diff(cumulative(self.weights), prepend=0.0)
        amounts = np.array(self.values)
        return float(np.sum(shares * amounts**order, where=(amounts >= low) & (amounts <= high)))
