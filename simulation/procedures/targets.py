"""Targets as people write them: a KPI, at most or at least, and a value with its unit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from simulation.kpis import Kpi, named
from simulation.spec import InputError, Problem

__all__ = ["Target", "read_targets"]

_WRITTEN = re.compile(
    r"^\s*([A-Za-z_0-9]+)\s*(<=|>=|==|=|<|>)\s*([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)\s*(.*?)\s*$"
)
_TIMES = {"d": 24.0, "days": 24.0, "day": 24.0, "h": 1.0, "hours": 1.0, "min": 1 / 60}
_UNITS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "days": {unit: hours / 24.0 for unit, hours in _TIMES.items()},
        "h": _TIMES,
        "share": {"%": 0.01, "share": 1.0},
        "yuan": {"yuan": 1.0, "million yuan": 1e6},
    }
)
"""Units that may be written, and what one of each is in the unit of the KPI."""


@dataclass(frozen=True)
class Target:
    """What a KPI shall reach on average over the years that could be.

    Examples
    --------
    >>> target = read_targets(["fulfilment >= 70 %"])[0]
    >>> target.limit, target.sign, target.met(0.71)
    (0.7, -1, True)
    """

    kpi: Kpi
    """The KPI."""
    at_most: bool
    """Whether it shall be at most the limit; else at least."""
    limit: float
    """The limit, in the unit of the KPI."""
    words: str
    """As it was written."""

    @property
    def sign(self) -> int:
        """The factor that makes "at most" of it."""
        return 1 if self.at_most else -1

    def met(self, value: float) -> bool:
        """Tell whether a value meets it."""
        return self.sign * value <= self.sign * self.limit


def read_targets(texts: Sequence[str]) -> tuple[Target, ...]:
    """Read targets such as ``wait_first_contact_p90 <= 10 d``; several shall be met together.

    Raises
    ------
    InputError
        When a KPI is not known, cannot decide, or the comparison or the unit does not fit it.

    Examples
    --------
    >>> [(target.kpi.id, target.limit) for target in read_targets(["wait_first_contact_p90 <= 36 h"])]
    [('wait_first_contact_p90', 1.5)]
    """
    found: list[Target] = []
    problems: list[Problem] = []
    for text in texts:
        try:
            found.append(_read(text))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return tuple(found)


def _read(text: str) -> Target:
    match = _WRITTEN.match(text)
    if match is None or match[2] not in ("<=", ">="):
        hint = 'write a KPI, <= or >=, and a value with its unit, such as "wait_first_contact_p90 <= 10 d"'
        raise InputError([Problem("target", text, hint)])
    name, comparison, number, unit = match.groups()
    kpi, at_most = named("target", [name])[0], comparison == "<="
    if kpi.direction == (1 if at_most else -1):
        better = "more" if kpi.direction == 1 else "less"
        hint = f"of {name} {better} is better: write {name} {'>=' if at_most else '<='} {number} {unit}"
        raise InputError([Problem("target", text, hint.rstrip())])
    if not kpi.indifference > 0:
        hint = f"{name} has no smallest difference that matters, and cannot decide; choose another KPI"
        raise InputError([Problem("target", text, hint)])
    return Target(kpi, at_most, _in_unit(float(number), unit, kpi, text), " ".join(text.split()))


def _in_unit(number: float, unit: str, kpi: Kpi, text: str) -> float:
    """Convert a written value into the unit of its KPI; without a unit it is in it."""
    units = _UNITS.get(kpi.unit, {kpi.unit: 1.0})
    if unit and unit not in units:
        hint = f"{kpi.id} is measured in {kpi.unit}: write the value in {' or '.join(units)}"
        raise InputError([Problem("target", text, hint)])
    value = number * (units[unit] if unit else 1.0)
    if kpi.unit == "share" and not 0.0 <= value <= 1.0:
        raise InputError([Problem("target", text, "a share lies between 0 and 1, or 0 % and 100 %")])
    return value
