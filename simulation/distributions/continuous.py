"""Distributions given by a formula on an unbounded range: exponential, lognormal, gamma, Weibull, normal."""

import math
from typing import Annotated, Literal, Self, TypeAlias

import numpy as np
from pydantic import Field, model_validator

from simulation.distributions.base import Array, Law

__all__ = ["Exponential", "Gamma", "Lognormal", "Normal", "Weibull"]

Positive: TypeAlias = Annotated[float, Field(gt=0)]

# Least share of a normal distribution that its bounds may leave: with less, the numbers say little
# about what is drawn.
_LEAST_SHARE = 1e-6


def _rising(start: float, order: int) -> float:
    return math.prod(start + i for i in range(order))


def _gamma_share(shape: float, low: float, high: float) -> float:
    """Give P(low <= G <= high) for a gamma variable of unit scale."""
    from scipy.special import gammainc

    return float(gammainc(shape, max(high, 0.0)) - gammainc(shape, max(low, 0.0)))


class Exponential(Law):
    """Exponential: no memory; the standard law of times between independent arrivals."""

    kind: Literal["exponential"] = "exponential"
    """Chooses the exponential distribution."""

    average: float = Field(alias="mean", gt=0)
    """Mean, above 0."""

    def minimum(self) -> float:
        """Give the lower end of the support: 0."""
        return 0.0

    def maximum(self) -> float:
        """Give the upper end of the support: inf."""
        return math.inf

    def mean(self) -> float:
        """Give the expectation."""
        return self.average

    def variance(self) -> float:
        """Give the variance: the square of the mean."""
        return self.average**2

    def _quantile(self, u: Array) -> Array:
        with np.errstate(divide="ignore"):
            return -self.average * np.log1p(-u)

    def _probability(self, x: Array) -> Array:
        return -np.expm1(-np.maximum(x, 0.0) / self.average)

    def _partial(self, order: int, low: float, high: float) -> float:
        share = _gamma_share(1.0 + order, low / self.average, high / self.average)
        return self.average**order * _rising(1.0, order) * share


class _MeanAndSpread(Law):
    """A positive law given by its mean and either its standard deviation or its coefficient of variation."""

    average: float = Field(alias="mean", gt=0)
    """Mean of the variable itself, above 0."""

    sd: Positive | None = None
    """Standard deviation of the variable itself; give this or `cv`."""

    cv: Positive | None = None
    """Coefficient of variation, sd / mean; give this or `sd`."""

    @model_validator(mode="after")
    def _one_spread(self) -> Self:
        if (self.sd is None) == (self.cv is None):
            given = (
                "neither sd nor cv is" if self.sd is None else f"both sd={self.sd:g} and cv={self.cv:g} are"
            )
            raise ValueError(f"{given} given: write exactly one of them")
        return self

    @property
    def variation(self) -> float:
        """Coefficient of variation, whichever way it was written."""
        return self.cv if self.cv is not None else (self.sd or 0.0) / self.average

    def minimum(self) -> float:
        """Give the lower end of the support: 0."""
        return 0.0

    def maximum(self) -> float:
        """Give the upper end of the support: inf."""
        return math.inf

    def mean(self) -> float:
        """Give the expectation."""
        return self.average

    def variance(self) -> float:
        """Give the variance: (cv * mean)**2."""
        return (self.variation * self.average) ** 2


class Lognormal(_MeanAndSpread):
    """Lognormal: a right-skewed duration; the usual fit to service and handling times."""

    kind: Literal["lognormal"] = "lognormal"
    """Chooses the lognormal distribution."""

    @property
    def sigma(self) -> float:
        """Standard deviation of the logarithm."""
        return math.sqrt(math.log1p(self.variation**2))

    @property
    def median(self) -> float:
        """Median, in the distribution's unit."""
        return self.average / math.sqrt(1.0 + self.variation**2)

    def _quantile(self, u: Array) -> Array:
        from scipy.special import ndtri

        return np.asarray(self.median * np.exp(self.sigma * ndtri(u)), np.float64)

    def _probability(self, x: Array) -> Array:
        from scipy.special import ndtr

        with np.errstate(divide="ignore"):
            return np.asarray(ndtr(np.log(np.maximum(x, 0.0) / self.median) / self.sigma), np.float64)

    def _partial(self, order: int, low: float, high: float) -> float:
        from scipy.special import ndtr

        with np.errstate(divide="ignore"):
            ends = np.log(np.maximum([low, high], 0.0) / self.median) / self.sigma
        below, above = ndtr(ends - order * self.sigma)
        return float(self.median**order * math.exp((order * self.sigma) ** 2 / 2) * (above - below))


class Gamma(_MeanAndSpread):
    """Gamma: a skewed duration; with cv = 1 / sqrt(k) the sum of k exponential stages (Erlang)."""

    kind: Literal["gamma"] = "gamma"
    """Chooses the gamma distribution."""

    @property
    def shape(self) -> float:
        """Shape: the number of exponential stages when whole."""
        return 1.0 / self.variation**2

    @property
    def scale(self) -> float:
        """Scale: the mean of one stage, in the distribution's unit."""
        return self.average * self.variation**2

    def _quantile(self, u: Array) -> Array:
        from scipy.special import gammaincinv

        return np.asarray(gammaincinv(self.shape, u) * self.scale, np.float64)

    def _probability(self, x: Array) -> Array:
        from scipy.special import gammainc

        return np.asarray(gammainc(self.shape, np.maximum(x, 0.0) / self.scale), np.float64)

    def _partial(self, order: int, low: float, high: float) -> float:
        share = _gamma_share(self.shape + order, low / self.scale, high / self.scale)
        return self.scale**order * _rising(self.shape, order) * share


class Weibull(Law):
    """Weibull: a duration whose rate of ending falls (shape below 1) or rises (above 1) with its age."""

    kind: Literal["weibull"] = "weibull"
    """Chooses the Weibull distribution."""

    shape: float = Field(ge=0.05)
    """Shape, at least 0.05; 1 is the exponential distribution."""

    scale: Positive
    """Scale, above 0: the 63 % quantile."""

    def minimum(self) -> float:
        """Give the lower end of the support: 0."""
        return 0.0

    def maximum(self) -> float:
        """Give the upper end of the support: inf."""
        return math.inf

    def _quantile(self, u: Array) -> Array:
        with np.errstate(divide="ignore"):
            return np.asarray(self.scale * (-np.log1p(-u)) ** (1.0 / self.shape), np.float64)

    def _probability(self, x: Array) -> Array:
        return np.asarray(-np.expm1(-((np.maximum(x, 0.0) / self.scale) ** self.shape)), np.float64)

    def _partial(self, order: int, low: float, high: float) -> float:
        power = 1.0 + order / self.shape
        ends = [(max(end, 0.0) / self.scale) ** self.shape for end in (low, high)]
        return self.scale**order * math.gamma(power) * _gamma_share(power, ends[0], ends[1])


class Normal(Law):
    """Normal, cut to a range and renormalised: the part outside is redrawn, never piled up at the ends."""

    kind: Literal["normal"] = "normal"
    """Chooses the (truncated) normal distribution."""

    average: float = Field(alias="mean")
    """Mean before the cut."""

    sd: Positive
    """Standard deviation before the cut, above 0."""

    min: float | None = None
    """Smallest possible amount; left out for no lower end. A duration needs 0 or more."""

    max: float | None = None
    """Largest possible amount; left out for no upper end."""

    @model_validator(mode="after")
    def _room(self) -> Self:
        low, high = self.minimum(), self.maximum()
        if low >= high:
            raise ValueError(f"min={low:g} is not below max={high:g}: write the smaller one as min")
        below, above = (math.erfc((self.average - end) / self.sd / math.sqrt(2)) / 2 for end in (low, high))
        if above - below < _LEAST_SHARE:
            raise ValueError(
                f"min={low:g} to max={high:g} holds a share of {above - below:.1g} of a normal distribution "
                f"with mean={self.average:g} and sd={self.sd:g}: move the mean towards the range"
            )
        return self

    def minimum(self) -> float:
        """Give the lower end of the support; -inf when no `min` is given."""
        return -math.inf if self.min is None else self.min

    def maximum(self) -> float:
        """Give the upper end of the support; inf when no `max` is given."""
        return math.inf if self.max is None else self.max

    def window(self) -> tuple[float, float]:
        """Give the probabilities, before the cut, up to the lower and the upper end."""
        from scipy.special import ndtr

        low, high = ((end - self.average) / self.sd for end in (self.minimum(), self.maximum()))
        return float(ndtr(low)), float(ndtr(high))

    def _quantile(self, u: Array) -> Array:
        from scipy.special import ndtri

        low, high = self.window()
        uncut = self.average + self.sd * ndtri(low + u * (high - low))
        return np.clip(uncut, self.minimum(), self.maximum())

    def _probability(self, x: Array) -> Array:
        from scipy.special import ndtr

        low, high = self.window()
        return np.clip((ndtr((x - self.average) / self.sd) - low) / (high - low), 0.0, 1.0)

    def _partial(self, order: int, low: float, high: float) -> float:
        from scipy.special import ndtr

        below, above = self.window()
        low, high = max(low, self.minimum()), min(high, self.maximum())
        if low > high:
            return 0.0
        ends = [(end - self.average) / self.sd for end in (low, high)]
        densities = [math.exp(-end * end / 2) / math.sqrt(2 * math.pi) for end in ends]
        weighted = [end * density if density else 0.0 for end, density in zip(ends, densities, strict=True)]
        share = float(ndtr(ends[1]) - ndtr(ends[0]))
        first = densities[0] - densities[1]
        second = share + weighted[0] - weighted[1]
        mean, sd = self.average, self.sd
        moments = (share, mean * share + sd * first, mean**2 * share + 2 * mean * sd * first + sd**2 * second)
        return moments[order] / (above - below)
