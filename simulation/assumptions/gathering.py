"""The assumptions of a configuration, each once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulation.analysis.wording import label
from simulation.assumptions.meaning import meaning
from simulation.assumptions.reach import Reach, reach
from simulation.scenario import Evidence, Policy, Scenario

__all__ = ["Assumption", "gather"]


@dataclass(frozen=True)
class Assumption:
    """One thing that is not known, wherever it is used.

    Parameters
    ----------
    number
        From 1, in the order of the configuration; 0 for what is taken as known.
    what
        What the number means.
    values
        The values as configured, each once; empty for a block of many numbers.
    range
        Lowest and highest value to be considered, in words; with × they are factors. Empty when known.
    reason
        Why it is assumed, or the source that comes from elsewhere.
    sourced
        Whether there is a source, from another place or time, so that a range was given nevertheless.
    paths
        Where it stands in the configuration.
    reach
        What depends on it.
    """

    number: int
    what: str
    values: tuple[str, ...]
    range: str
    reason: str
    sourced: bool
    paths: tuple[str, ...]
    reach: Reach


def gather(
    evidence: Iterable[Evidence], scenario: Scenario, policies: Sequence[Policy]
) -> tuple[Assumption, ...]:
    """Collect what is not known: assumptions, and sourced numbers that were given a range.

    Sourced numbers without a range come last, unnumbered (0): they are taken as known. What has the same
    meaning, range and reason is one assumption, in however many places it is used.

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
    >>> (rate,) = gather([found], single_queue(), [])
    >>> rate.what, rate.values, rate.range, rate.reach.needs
    ('How many needs arise per period', ('9',), '6 to 12', ('illness',))
    """
    known = {policy.id: policy for policy in policies}
    groups: dict[tuple[Any, ...], list[Evidence]] = {}
    for one in evidence:
        key = (meaning(one.path, scenario, known), one.range, one.relative, one.source, one.assumption)
        groups.setdefault(key, []).append(one)
    ordered = sorted(groups.items(), key=lambda item: item[0][1] is None)
    return tuple(
        Assumption(
            number=0 if key[1] is None else number,
            what=key[0],
            values=_values(some, scenario),
            range=_range(key[1], relative=key[2]),
            reason=some[0].assumption or some[0].source,
            sourced=not some[0].assumption,
            paths=tuple(one.path for one in some),
            reach=reach([one.path for one in some], scenario, _by_origin(policies)),
        )
        for number, (key, some) in enumerate(ordered, start=1)
    )


def _by_origin(policies: Sequence[Policy]) -> Mapping[str, list[Policy]]:
    """Give for each policy those that consist of it, itself among them."""
    found: dict[str, list[Policy]] = {}
    for policy in policies:
        for part in (policy.id, *policy.includes):
            found.setdefault(part, []).append(policy)
    return found


def _values(some: Sequence[Evidence], scenario: Scenario) -> tuple[str, ...]:
    """Give each value once, with the names of what has it where there are several."""
    where: dict[str, dict[str, None]] = {}
    for one in some:
        if one.found:
            where.setdefault(one.found, {})[one.path] = None
    if len(where) < 2:
        return tuple(where)
    return tuple(
        f"{', '.join(dict.fromkeys(_item(path, scenario) for path in paths))}: {value}"
        for value, paths in where.items()
    )


def _item(path: str, scenario: Scenario) -> str:
    """Name the thing that a path is about."""
    part, name, *_ = [*path.split("."), ""]
    items = getattr(scenario, part, ())
    found = next((item.title for item in items if item.id == name and getattr(item, "title", "")), "")
    return found or label(name)


def _range(edges: tuple[float, float] | None, *, relative: bool) -> str:
    if edges is None:
        return ""
    sign = "× " if relative else ""
    return " to ".join(f"{sign}{edge:,.10g}" for edge in edges)
