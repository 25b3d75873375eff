"""Places generated from a few numbers."""

from __future__ import annotations

import math
from hashlib import blake2b
from statistics import NormalDist
from typing import Any

from pydantic import Field, model_validator

from simulation.scenario.places import Practice
from simulation.scenario.quantities import Identifier, Probability, WholeShares, share_of
from simulation.spec import Spec

__all__ = ["PlaceGenerator", "TierPlan"]

GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0


class TierPlan(Spec):
    """One tier of a generated tree of places.

    Examples
    --------
    >>> TierPlan(tier="street", prefix="s", per_parent=11).per_parent
    11
    """

    tier: Identifier
    """The tier's name."""
    prefix: Identifier
    """Beginning of the ids: a prefix and a running number."""
    per_parent: int = Field(default=1, ge=1)
    """How many there are under each place of the tier above; of the first tier, how many in all."""
    above: Identifier | None = None
    """The tier above it; none: the one before it in the list."""
    unstaffed: Probability = 0.0
    """Share of the places without a staffed station."""
    standards: WholeShares = ()
    """Shares of the places below standard, at standard and model; empty: all at standard."""
    distance: float = Field(default=0.0, ge=0)
    """Mean way to the place above, km."""
    distance_cv: float = Field(default=0.0, ge=0, le=2)
    """Coefficient of variation of the way (lognormal quantiles)."""
    practice_cv: float = Field(default=0.0, ge=0, le=2)
    """Coefficient of variation of each factor of local practice, whose mean is 1 (lognormal quantiles); 0:
    the places work as the place above them does."""


class PlaceGenerator(Spec):
    """A tree of places made from a few numbers, the same every time.

    Sizes, staffing and standards are spread over the places of a tier by the golden-ratio sequence, so that
    every share is met as closely as whole places allow and no random number is spent. Ways and practice are
    spread as evenly, over the places in an order of their own.

    Examples
    --------
    >>> tiers = [{"tier": "street", "prefix": "s"}, {"tier": "community", "prefix": "c", "per_parent": 11}]
    >>> places = PlaceGenerator(tiers=tiers, veterans=2000, registered_at="community").places()
    >>> len(places), sum(place["veterans"] for place in places)
    (12, 2000)
    """

    tiers: tuple[TierPlan, ...] = Field(min_length=1)
    """The tiers, from the top."""
    veterans: int = Field(ge=0)
    """Veterans in all, persons."""
    registered_at: Identifier
    """The tier at which veterans are registered."""
    size_cv: float = Field(default=0.0, ge=0, le=2)
    """Coefficient of variation of the number of veterans per place (lognormal quantiles)."""

    @model_validator(mode="after")
    def _known_tiers(self) -> PlaceGenerator:
        names = [plan.tier for plan in self.tiers]
        for index, plan in enumerate(self.tiers):
            if plan.above is not None and plan.above not in names[:index]:
                raise ValueError(
                    f"tier {plan.tier}: above must be a tier earlier in the list; {plan.above!r} is not"
                )
        if self.registered_at not in names:
            raise ValueError(f"registered_at: {self.registered_at!r} is none of the tiers {names}")
        return self

    def places(self) -> list[dict[str, Any]]:
        """Return the places, top first, as input for `Place`."""
        made: list[dict[str, Any]] = []
        by_tier: dict[str, list[str]] = {}
        for index, plan in enumerate(self.tiers):
            above = plan.above or (self.tiers[index - 1].tier if index else None)
            parents: list[str | None] = list(by_tier[above]) if above else [None]
            total = plan.per_parent * len(parents)
            width = len(str(total))
            sizes = self._sizes(total) if plan.tier == self.registered_at else [0] * total
            ids = [f"{plan.prefix}{n + 1:0{width}d}" if total > 1 else plan.prefix for n in range(total)]
            local = _local(plan, ids)
            for number, name in enumerate(ids):
                made.append(
                    {
                        "id": name,
                        "tier": plan.tier,
                        "parent": parents[number // plan.per_parent],
                        "veterans": sizes[number],
                        "staffed": _spread(number, 0.5) >= plan.unstaffed,
                        "standard": _standard(plan, _spread(number, 0.25)),
                        **local[number],
                    }
                )
            by_tier[plan.tier] = ids
        return made

    def _sizes(self, total: int) -> list[int]:
        """Whole numbers of veterans per place that add up exactly (largest remainders)."""
        weights = [_lognormal(self.size_cv, _spread(n, 0.0)) for n in range(total)]
        exact = [self.veterans * weight / sum(weights) for weight in weights]
        sizes = [int(size) for size in exact]
        by_remainder = sorted(range(total), key=lambda n: (sizes[n] - exact[n], n))
        for number in by_remainder[: self.veterans - sum(sizes)]:
            sizes[number] += 1
        return sizes


def _spread(number: int, shift: float) -> float:
    """Golden-ratio sequence: evenly spread over (0, 1) for every number of terms."""
    return ((number + 0.5) * GOLDEN + shift) % 1.0


def _lognormal(cv: float, position: float) -> float:
    """Quantile of the lognormal law of median one and a coefficient of variation."""
    return math.exp(math.sqrt(math.log1p(cv**2)) * NormalDist().inv_cdf(position))


def _local(plan: TierPlan, ids: list[str]) -> list[dict[str, Any]]:
    """Make what is particular to each place of a tier: its way to the place above, and its practice."""
    made: list[dict[str, Any]] = [{} for _ in ids]
    if plan.distance > 0:
        for place, factor in zip(made, _spread_over(ids, "distance", plan.distance_cv), strict=True):
            place["distance"] = plan.distance * factor
    if plan.practice_cv > 0:
        for part in Practice.model_fields:
            for place, factor in zip(made, _spread_over(ids, part, plan.practice_cv), strict=True):
                place.setdefault("practice", {})[part] = factor
    return made


def _spread_over(ids: list[str], what: str, cv: float) -> list[float]:
    """Even lognormal quantiles whose mean is one, given to the places in the order of a digest."""
    order = sorted(range(len(ids)), key=lambda n: blake2b(f"{what}/{ids[n]}".encode()).digest())
    factors = [0.0] * len(ids)
    for rank, number in enumerate(order):
        factors[number] = _lognormal(cv, (rank + 0.5) / len(ids))
    mean = math.fsum(factors) / len(factors)
    return [round(factor / mean, 6) for factor in factors]


def _standard(plan: TierPlan, position: float) -> str:
    below = share_of(plan.standards, "below", 0.0)
    model = share_of(plan.standards, "model", 0.0)
    if position < below:
        return "below"
    return "model" if position >= 1.0 - model else "standard"
