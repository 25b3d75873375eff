"""Where the numbers of a scenario come from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simulation.spec import Problem, Spec

__all__ = ["Evidence", "separate_evidence"]

EVIDENCE_KEYS = ("source", "assumption", "low", "high", "factors")
LABELS = ("id", "title", "summary", "csv", "file")
FEW = 6
"""Numbers of a block that are still read at a glance."""


class Evidence(Spec):
    """The source of a number, or the admission that it is an assumption, with a range.

    Examples
    --------
    >>> Evidence(path="needs.card.arrivals.rate", found="45", assumption="no count", range=(20, 90)).source
    ''
    """

    path: str
    """Dotted path of the number, or of the block of numbers, in the configuration."""
    found: str = ""
    """The number as it is configured; of a block its numbers, where they are few."""
    source: str = ""
    """Where it comes from; empty for an assumption."""
    assumption: str = ""
    """Why it is assumed; empty when there is a source."""
    range: tuple[float, float] | None = None
    """Lowest and highest value to be considered."""
    relative: bool = False
    """Whether the range holds factors on the number (or on each number of the block)."""


@dataclass
class _Collector:
    evidence: list[Evidence] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def walk(self, data: Any, path: str) -> Any:
        if isinstance(data, Mapping):
            # What is itself a mapping is an item that bears a reserved name; its id will be refused.
            marks = {
                key: data[key] for key in EVIDENCE_KEYS if key in data and not isinstance(data[key], Mapping)
            }
            if "value" in data and not isinstance(data["value"], Mapping):
                self._mark(path, marks, str(data["value"]))
                self.problems += [
                    Problem(
                        f"{path}.{key}",
                        data[key],
                        "a value stands with source, assumption, low, high, factors",
                    )
                    for key in data
                    if key not in (*EVIDENCE_KEYS, "value")
                ]
                return data["value"]
            if marks:
                self._mark(path, marks, _numbers(data))
            return {
                key: self.walk(item, f"{path}.{key}" if path else str(key))
                for key, item in data.items()
                if key not in marks
            }
        if isinstance(data, list | tuple):
            return [
                self.walk(item, f"{path}.{item.get('id', n) if isinstance(item, Mapping) else n}")
                for n, item in enumerate(data)
            ]
        return data

    def _mark(self, path: str, marks: dict[str, Any], found: str) -> None:
        source, assumption = str(marks.get("source", "")), str(marks.get("assumption", ""))
        relative = "factors" in marks
        span = marks["factors"] if relative else (marks.get("low"), marks.get("high"))
        try:
            low, high = (float(str(edge)) for edge in span)
        except (TypeError, ValueError):
            low, high = float("nan"), float("nan")
        ranged = -math.inf < low <= high < math.inf
        if not source and not assumption:
            self.problems.append(
                Problem(path, found, "say where the value comes from: source, or assumption with a range")
            )
        elif assumption and not ranged:
            self.problems.append(
                Problem(
                    path, found, "an assumption needs its range: low and high, or factors: [lowest, highest]"
                )
            )
        else:
            self.evidence.append(
                Evidence(
                    path=path,
                    found=found,
                    source=source,
                    assumption=assumption,
                    range=(low, high) if ranged else None,
                    relative=relative,
                )
            )


def _numbers(block: Mapping[str, Any]) -> str:
    """Write the numbers of a small block in a line; nothing for a large one."""
    found: list[str] = []
    for key, item in block.items():
        if key in (*EVIDENCE_KEYS, *LABELS):
            continue
        if isinstance(item, Mapping) and "value" in item:
            continue  # it speaks for itself
        inner = item if isinstance(item, Mapping) else {key: item}
        if any(isinstance(value, Mapping | list | tuple) for value in inner.values()):
            return ""
        found += [
            str(value) if name == "kind" else f"in {value}" if name == "unit" else f"{label} {value}"
            for name, value in inner.items()
            for label in [str(name).replace("_", " ")]
        ]
    found.sort(key=lambda words: words.startswith("in "))  # the unit last
    return ", ".join(found) if len(found) <= FEW else ""


def separate_evidence(data: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Evidence, ...], list[Problem]]:
    """Take the evidence out of plain data: the bare data, the evidence, and what is wrong with it.

    Examples
    --------
    >>> bare, evidence, found = separate_evidence({"rate": {"value": 45, "source": "a yearbook"}})
    >>> bare, evidence[0].path
    ({'rate': 45}, 'rate')
    """
    collector = _Collector()
    plain = collector.walk(data, "")
    return plain, tuple(collector.evidence), collector.problems
