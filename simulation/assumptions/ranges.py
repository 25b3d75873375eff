"""What may turn out otherwise: assumptions that have one meaning and one range, turned together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from simulation.analysis.wording import label
from simulation.assumptions.meaning import meaning
from simulation.assumptions.reach import reach
from simulation.scenario import Evidence, Policy, Scenario

__all__ = ["Unknown", "unknowns"]

NAMED = 2
"""Names at most that tell unknowns of the same meaning apart."""


@dataclass(frozen=True)
class Unknown:
    """A number that is not known, at one or several places of the configuration, with its range.

    Parameters
    ----------
    id
        The first of its places.
    what
        What it means, in words.
    paths
        Dotted names of its places; all take the same value, or the same factor.
    low, high
        Lowest and highest value to be considered.
    relative
        Whether the range holds factors on what is configured.
    base
        Value as configured, where it is one number; 1 for factors.
    policies
        Policies whose levers carry it; none for what belongs to the system.

    Examples
    --------
    >>> demand = Unknown("needs.a.arrivals.rate", "demand", ("needs.a.arrivals.rate",), 0.5, 2, True, 1.0)
    >>> demand.at(0.5), demand.words(1.12)
    (1.0, '+12 %')
    """

    id: str
    what: str
    paths: tuple[str, ...]
    low: float
    high: float
    relative: bool
    base: float | None
    policies: tuple[str, ...] = ()

    def at(self, position: float) -> float:
        """Give the value at a position of the range, 0 its lowest and 1 its highest.

        Factors are spread evenly on the logarithmic scale, so that half and twice are equally far from one;
        all else, and factors from zero, evenly.
        """
        if self.relative and self.low > 0:
            return math.exp(math.log(self.low) + position * (math.log(self.high) - math.log(self.low)))
        return self.low + position * (self.high - self.low)

    def words(self, value: float) -> str:
        """Write a value: a factor as percent more or less than assumed."""
        if self.relative:
            return f"{(value - 1) * 100:+.0f} %".replace("-", "−")
        return f"{value:,.3g}".replace("-", "−")


def unknowns(
    evidence: Iterable[Evidence], scenario: Scenario, policies: Sequence[Policy]
) -> tuple[Unknown, ...]:
    """Gather what has a range into unknowns: places of the same meaning and range move together.

    So the rates of all needs, each with a source of its own, are one unknown (demand), and the times of the
    same kind of step too. That is the cautious reading: what is wrong in one place is wrong in all.

    Parameters
    ----------
    evidence
        Of the system and of the policies.
    scenario
        The system without policies.
    policies
        The policies, those that they include written out.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> found = Evidence(path="needs.illness.arrivals.rate", found="9", assumption="no count", range=(6, 12))
    >>> (rate,) = unknowns([found], single_queue(), [])
    >>> rate.what, rate.base, rate.at(0), rate.at(1)
    ('How many needs arise per period', 9.0, 6.0, 12.0)
    """
    known = {policy.id: policy for policy in policies}
    groups: dict[tuple[Any, ...], list[Evidence]] = {}
    for one in evidence:
        if one.range is not None and one.range[0] < one.range[1]:
            what = meaning(one.path, scenario, known).partition(", which ")[0]
            key = (what, one.range, one.relative)
            groups.setdefault(key, []).append(one)
    origins: dict[str, list[Policy]] = {}
    for policy in policies:
        for part in (policy.id, *policy.includes):
            origins.setdefault(part, []).append(policy)
    found, places = [], []
    for (what, (low, high), relative), some in groups.items():
        paths = tuple(one.path for one in some)
        about = reach(paths, scenario, origins)
        carried = about.levers if all(path.startswith("policies.") for path in paths) else ()
        places.append(_named(paths, carried or about.items or about.steps or about.teams))
        base = 1.0 if relative else _number({one.found for one in some})
        found.append(Unknown(paths[0], what, paths, low, high, relative, base, about.policies))
    return tuple(_told_apart(found, places))


def _told_apart(found: Sequence[Unknown], places: Sequence[str]) -> list[Unknown]:
    """Add the lever to what policies carry, and to meanings that occur more than once what they are about."""
    whats = [one.what for one in found]
    told = []
    for one, place in zip(found, places, strict=True):
        if place and all(path.startswith("policies.") for path in one.paths):
            told.append(replace(one, what=f"{place}: {one.what[:1].lower()}{one.what[1:]}"))
        elif place and whats.count(one.what) > 1:
            told.append(replace(one, what=f"{one.what} ({place})"))
        else:
            told.append(one)
    return told


def _named(paths: Sequence[str], names: Sequence[str]) -> str:
    if not names:
        parts = dict.fromkeys(label(path.split(".")[1]) for path in paths if "." in path)
        names = tuple(parts)
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _number(found: set[str]) -> float | None:
    """Give the one number that is configured everywhere, without its unit."""
    if len(found) != 1:
        return None
    try:
        return float(next(iter(found)).split()[0])
    except (ValueError, IndexError):
        return None
