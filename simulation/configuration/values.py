"""Every value of the configs with its source: what `vetsim show` prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

__all__ = ["Value", "values"]

MARKS = ("source", "assumption", "low", "high", "factors")


class Value(NamedTuple):
    """One value, under the name by which it can be set."""

    path: str
    """Dotted name, as in ``key=value``."""
    value: Any
    source: str
    """Where it comes from; empty for an assumption, and where the configs say nothing."""
    assumption: str
    """Why it is assumed; empty where there is a source."""
    range: str
    """Lowest and highest value to be considered; with × they are factors."""


def values(plain: Mapping[str, Any], policies: Sequence[str]) -> list[Value]:
    """List every value of composed configs; a value without a mark of its own has that of its block.

    Parameters
    ----------
    plain
        What `compose` returns.
    policies
        The policies to list; the others were only read.

    Examples
    --------
    >>> rate = {"value": 9, "assumption": "a guess", "low": 6, "high": 12}
    >>> found = values({"scenario": {"needs": {"illness": {"rate": rate}}}, "policies": {}}, [])
    >>> found[0].path, found[0].value, found[0].range
    ('scenario.needs.illness.rate', 9, '6 to 12')
    """
    chosen = {name: item for name, item in plain.items() if name != "policy"}
    written = chosen.get("policies") or {}
    chosen["policies"] = {name: written[name] for name in policies if name in written}
    return list(_walk(chosen, "", {}))


def _walk(data: Any, path: str, marks: Mapping[str, Any]) -> Iterator[Value]:
    if isinstance(data, Mapping):
        own = {key: data[key] for key in MARKS if key in data}
        if "value" in data:
            yield _value(path, data["value"], own)
            return
        for key, item in data.items():
            if key not in own:
                yield from _walk(item, f"{path}.{key}" if path else str(key), own or marks)
    elif isinstance(data, list) and any(isinstance(item, Mapping | list) for item in data):
        for index, item in enumerate(data):
            yield from _walk(item, f"{path}.{index}", marks)
    else:
        yield _value(path, data, marks)


def _value(path: str, value: Any, marks: Mapping[str, Any]) -> Value:
    factors = marks.get("factors")
    if isinstance(factors, list) and len(factors) == 2:
        span = f"× {factors[0]} to × {factors[1]}"
    elif "low" in marks and "high" in marks:
        span = f"{marks['low']} to {marks['high']}"
    else:
        span = ""
    return Value(path, value, str(marks.get("source", "")), str(marks.get("assumption", "")), span)
