"""Distributions made of others, and the union of all kinds."""

import math
from typing import Annotated, Literal, Self, TypeAlias, Union

import numpy as np
from pydantic import Field, ValidationInfo, field_validator, model_validator

from simulation.distributions.base import Array, Law, Unit, Weight, cumulative
from simulation.distributions.bounded import Deterministic, Discrete, Empirical, Triangular, Uniform
from simulation.distributions.continuous import Exponential, Gamma, Lognormal, Normal, Weibull

__all__ = ["Distribution", "Mixture", "Truncated"]

# Least share of a distribution that a truncation may keep: below, a quantile has lost its digits.
_LEAST_SHARE = 1e-6
# How near a rescaled probability may come to 0 and 1; `streams.variate` keeps the same distance.
_NEAREST = 2.0**-53


class Mixture(Law):
    """Mixture: one of several distributions, chosen with given probabilities."""

    kind: Literal["mixture"] = "mixture"
    """Chooses a mixture of distributions."""

    components: tuple["Distribution", ...]
    """The distributions mixed, all in the unit of the mixture."""

    weights: tuple[Weight, ...]
    """Probability of each component; they sum to 1."""

    @field_validator("components")
    @classmethod
    def _one_unit(
        cls, components: tuple["Distribution", ...], info: ValidationInfo
    ) -> tuple["Distribution", ...]:
        return tuple(component._inside(info.data.get("unit", "h")) for component in components)

    @model_validator(mode="after")
    def _pairs(self) -> Self:
        if len(self.components) != len(self.weights) or not self.components:
            raise ValueError(
                f"{len(self.components)} components and {len(self.weights)} weights: "
                "write one weight for each component"
            )
        cumulative(self.weights)
        return self

    def shares(self) -> Array:
        """Give the weights, summing to one to the last bit."""
        return np.diff(cumulative(self.weights), prepend=0.0)

    def minimum(self) -> float:
        """Give the lowest lower end of the components that have a weight."""
        return min(part.minimum() for part, share in zip(self.components, self.weights, strict=True) if share)

    def maximum(self) -> float:
        """Give the highest upper end of the components that have a weight."""
        return max(part.maximum() for part, share in zip(self.components, self.weights, strict=True) if share)

    def _in_unit(self, unit: Unit) -> Self:
        inner = tuple(component._in_unit(unit) for component in self.components)
        return self.model_copy(update={"unit": unit, "components": inner})

    def _quantile(self, u: Array) -> Array:
        # The quantile lies between the smallest and the largest quantile of the components. Between
        # them, halve the list of all floats: 64 steps end at the very float, whatever its size.
        inner = [c._quantile(u) for c, share in zip(self.components, self.weights, strict=True) if share]
        lowest, highest = np.min(inner, axis=0), np.max(inner, axis=0)
        low, high = _rank(lowest), _rank(highest)
        for _ in range(64):
            middle = (low & high) + ((low ^ high) >> 1)
            reached = self._probability(_unrank(middle)) >= u
            low, high = np.where(reached, low, np.minimum(middle + 1, high)), np.where(reached, middle, high)
        return np.where(u < 1, _unrank(high), highest)

    def _probability(self, x: Array) -> Array:
        parts = [share * c._probability(x) for c, share in zip(self.components, self.shares(), strict=True)]
        return np.where(x < self.maximum(), np.minimum(np.sum(parts, axis=0), 1.0), 1.0)

    def _partial(self, order: int, low: float, high: float) -> float:
        parts = zip(self.components, self.shares(), strict=True)
        return math.fsum(share * component._partial(order, low, high) for component, share in parts)


def _rank(x: Array) -> "np.ndarray[tuple[int, ...], np.dtype[np.int64]]":
    """Give each float its number in the order of all floats."""
    bits = (x + 0.0).view(np.int64)
    return np.where(bits < 0, np.int64(-(2**63)) - bits, bits)


def _unrank(rank: "np.ndarray[tuple[int, ...], np.dtype[np.int64]]") -> Array:
    """Give back the float of a number made by `_rank`."""
    return np.where(rank < 0, np.int64(-(2**63)) - rank, rank).view(np.float64)


class Truncated(Law):
    """Truncated: another distribution, given that it falls in a range; never clipped to its ends."""

    kind: Literal["truncated"] = "truncated"
    """Chooses the conditional distribution of another one."""

    of: "Distribution"
    """The distribution before the cut, in the unit of the truncation."""

    min: float | None = None
    """Smallest amount kept; left out for no lower cut."""

    max: float | None = None
    """Largest amount kept; left out for no upper cut."""

    @field_validator("of")
    @classmethod
    def _one_unit(cls, of: "Distribution", info: ValidationInfo) -> "Distribution":
        return of._inside(info.data.get("unit", "h"))

    @model_validator(mode="after")
    def _range(self) -> Self:
        low, high = self.cut()
        if self.min is None and self.max is None:
            raise ValueError("neither min nor max is given: write one, or use the inner distribution alone")
        if low > high:
            raise ValueError(f"min={low:g} is above max={high:g}: exchange them")
        if high < self.of.minimum() or low > self.of.maximum():
            raise ValueError(
                f"min={low:g} to max={high:g} holds nothing of a distribution that lies in "
                f"{self.of.minimum():g} to {self.of.maximum():g}: move the range or the distribution"
            )
        return self

    def cut(self) -> tuple[float, float]:
        """Give the ends of the range kept, infinite where none is given."""
        return -math.inf if self.min is None else self.min, math.inf if self.max is None else self.max

    def minimum(self) -> float:
        """Give the lower cut or the lower end of what is cut, whichever is higher."""
        return max(self.cut()[0], self.of.minimum())

    def maximum(self) -> float:
        """Give the upper cut or the upper end of what is cut, whichever is lower."""
        return min(self.cut()[1], self.of.maximum())

    def _in_unit(self, unit: Unit) -> Self:
        return self.model_copy(update={"unit": unit, "of": self.of._in_unit(unit)})

    def window(self) -> tuple[float, float]:
        """Give the probabilities, before the cut, of falling below the range and of not exceeding it.

        Raises
        ------
        ValueError
            When the range holds almost nothing of the distribution.
        """
        low, high = self.cut()
        below, up_to = self.of._window(low, high)
        if up_to - below < _LEAST_SHARE:
            raise ValueError(
                f"min={low:g} to max={high:g} holds a share of {up_to - below:.1g} of the {self.of.kind} "
                "distribution that it truncates: move the range or the distribution"
            )
        return below, up_to

    def _quantile(self, u: Array) -> Array:
        below, up_to = self.window()
        inner = below + u * (up_to - below)
        inner = np.where((u > 0) & (u < 1), np.clip(inner, _NEAREST, 1 - _NEAREST), inner)
        return np.clip(self.of._quantile(inner), *self.cut())

    def _probability(self, x: Array) -> Array:
        below, up_to = self.window()
        low, high = self.cut()
        inside = np.clip((self.of._probability(x) - below) / (up_to - below), 0.0, 1.0)
        return np.where(x < low, 0.0, np.where(x >= high, 1.0, inside))

    def _partial(self, order: int, low: float, high: float) -> float:
        below, up_to = self.window()
        left, right = self.cut()
        if max(low, left) > min(high, right):
            return 0.0
        return self.of._partial(order, max(low, left), min(high, right)) / (up_to - below)


Distribution: TypeAlias = Annotated[
    Union[  # noqa: UP007
        Exponential,
        Lognormal,
        Gamma,
        Weibull,
        Triangular,
        Uniform,
        Normal,
        Deterministic,
        Empirical,
        Discrete,
        Mixture,
        Truncated,
    ],
    Field(discriminator="kind"),
]
"""Any distribution; `kind` says which."""

Mixture.model_rebuild()
Truncated.model_rebuild()
