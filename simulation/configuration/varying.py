"""One assumption given another value in composed configs, before they become a scenario."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from simulation.spec import InputError, Problem

__all__ = ["DESIGN_POINT", "put", "vary"]

DESIGN_POINT: Final = "set by the design of a sweep"
"""The source of a value that a design point gives."""

WHOLE: Final = ("count", "heads", "limit")
"""What is counted: rounded to whole numbers; of what is there, at least one stays."""
SIZES: Final = ("mean", "at", "median", "min", "mode", "max", "low", "high", "scale", "offset")
"""Parameters of distributions that are lengths of time; the others are shapes."""
MARKS: Final = ("source", "assumption", "low", "high", "factors")
NOWHERE: Final = "it is not written in the configs that make this scenario"
UNCLEAR: Final = "which of its numbers a factor acts on is not clear; give each a range of its own"


def vary(data: dict[str, Any], path: str, value: float, *, relative: bool) -> None:
    """Set the number at a path, or multiply the block there; changes the data in place.

    A factor acts on what has a size in its block: the lengths of a distribution, the times of the steps of
    a pathway, the heads of a team, a probability (at most 1), the first of several shares (the others share
    the rest as before). Numbers that have evidence of their own are left alone.

    Parameters
    ----------
    data
        The part of the composed configs that holds the path: the scenario, or everything for policies.
    path
        Dotted name; items of lists by their id or number.
    value
        The number, in the unit in which it is configured, or the factor.
    relative
        Whether it is a factor.

    Raises
    ------
    InputError
        When there is no number there, or it is not clear which numbers a factor would act on.

    Examples
    --------
    >>> data = {"rate": {"value": 9, "assumption": "a guess", "low": 6, "high": 12}}
    >>> vary(data, "rate", 7.5, relative=False)
    >>> data["rate"]["value"]
    7.5
    """
    parts = path.split(".")
    above: Any = data
    for part in parts[:-1]:
        above = _below(above, part, path)
    node = _below(above, parts[-1], path)
    if isinstance(node, dict) and "value" in node and not isinstance(node["value"], Mapping):
        node["value"] = _changed(parts[-1], node["value"], value, path, relative=relative)
    elif not relative:
        raise InputError([Problem(path, node, "a block takes factors; its range holds values")])
    elif not (isinstance(node, dict) and _scaled(node, parts, value)):
        raise InputError([Problem(path, list(node) if isinstance(node, Mapping) else node, UNCLEAR)])


def put(data: dict[str, Any], path: str, value: Any) -> None:
    """Set the value at a path, whatever it is, and write beside it where it comes from.

    Parameters
    ----------
    data
        Composed configs; changed in place.
    path
        Dotted name; items of lists by their id or number. The last part may be new: whether there is such a
        field is found out when the configs are read.
    value
        As it would be written in a config.

    Raises
    ------
    InputError
        When the path leads nowhere.

    Examples
    --------
    >>> data = {"scenario": {"teams": [{"id": "desk", "heads": 2}]}}
    >>> put(data, "scenario.teams.desk.heads", 3)
    >>> data["scenario"]["teams"]
    [{'id': 'desk', 'heads': {'value': 3, 'source': 'set by the design of a sweep'}}]
    """
    *before, last = path.split(".")
    above: Any = data
    for part in before:
        above = _below(above, part, path)
    if isinstance(above, dict) and last == "value":
        above.clear()
        above.update(value=value, source=DESIGN_POINT)
        return
    plain = value is None or isinstance(value, list | dict)
    written = value if plain else {"value": value, "source": DESIGN_POINT}
    if isinstance(above, dict):
        above[last] = written
    elif isinstance(above, list) and last.isdigit() and int(last) < len(above):
        above[int(last)] = written
    else:
        raise InputError([Problem(path, last, NOWHERE)])


def _below(here: Any, part: str, path: str) -> Any:
    if isinstance(here, Mapping) and part in here:
        return here[part]
    if isinstance(here, list):
        named = [item for item in here if isinstance(item, Mapping) and str(item.get("id")) == part]
        if named:
            return named[0]
        if part.isdigit() and int(part) < len(here):
            return here[int(part)]
    raise InputError([Problem(path, part, NOWHERE)])


def _changed(name: str, old: Any, value: float, path: str, *, relative: bool) -> Any:
    """Give the new value in the form of the old: with its unit, whole where things are counted."""
    found = re.fullmatch(r"\s*(-?[0-9.]+(?:[eE][-+]?\d+)?)(\s*\S*)\s*", str(old))
    if isinstance(old, bool) or found is None:
        raise InputError([Problem(path, old, "it is no number; only numbers can be varied")])
    new = float(found[1]) * value if relative else value
    if name in WHOLE:
        return _whole(float(found[1]), new)
    return f"{new:.12g}{found[2]}" if found[2] else new


def _whole(old: float, new: float) -> int:
    return max(1 if old >= 1 and new > 0 else 0, int(new + 0.5))


def _scaled(block: dict[str, Any], path: list[str], factor: float) -> bool:
    """Multiply what has a size in a block; tell whether there was anything."""
    if isinstance(block.get("kind"), str) and any(name in block for name in SIZES):
        return _lengths(block, factor)
    if path[0] == "teams" and "staff" in block:
        done = [_heads(group, factor) for group in _own(block["staff"])]
        return any(done)
    if path[0] == "pathways" and "steps" in block:
        done = [_lengths(time, factor) for time in _times(block["steps"])]
        return any(done)
    if isinstance(block.get("probability"), int | float):
        block["probability"] = min(1.0, block["probability"] * factor)
        return True
    shares = block.get("to") if isinstance(block.get("to"), dict) else block
    return _first_share(shares, factor) if isinstance(shares, dict) else False


def _lengths(block: dict[str, Any], factor: float) -> bool:
    """Multiply the lengths of a distribution that have no evidence of their own."""
    own = [name for name in SIZES if name in block and not isinstance(block[name], Mapping | bool)]
    for name in own:
        block[name] = _changed(name, block[name], factor, name, relative=True)
    return bool(own)


def _heads(group: dict[str, Any], factor: float) -> bool:
    if isinstance(group.get("count"), int):
        group["count"] = _whole(group["count"], group["count"] * factor)
        return True
    if isinstance(group.get("per_veterans"), int | float) and factor > 0:
        group["per_veterans"] = group["per_veterans"] / factor
        return True
    return False


def _own(items: Any) -> Iterator[dict[str, Any]]:
    """Give the items of a block that have no evidence of their own."""
    listed = items.values() if isinstance(items, Mapping) else items
    for item in listed:
        if isinstance(item, dict) and not any(mark in item for mark in MARKS[:2]):
            yield item


def _times(steps: Any) -> Iterator[dict[str, Any]]:
    for step in _own(steps):
        time = step.get("time")
        if isinstance(time, dict) and isinstance(time.get("kind"), str):
            yield from _own([time])


def _first_share(shares: dict[str, Any], factor: float) -> bool:
    """Multiply the first of several shares, at most to 1; the others divide the rest as they did before."""
    numbers = {name: item for name, item in shares.items() if name not in MARKS}
    plain = all(isinstance(item, int | float) and not isinstance(item, bool) for item in numbers.values())
    if len(numbers) < 2 or not plain or abs(sum(numbers.values()) - 1) > 1e-9:
        return False
    first, *others = numbers
    rest = 1 - numbers[first]
    if rest <= 0:
        return False
    shares[first] = min(1.0, numbers[first] * factor)
    for name in others:
        shares[name] = numbers[name] / rest * (1 - shares[first])
    return True
