"""What a sweep varies, read from the command line, from assumptions, or from a table of points."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import (
    ChoiceSweep,
    IntervalSweep,
    Override,
    QuotedString,
    RangeSweep,
)

from simulation.configuration.composition import is_setting
from simulation.configuration.faults import in_our_words
from simulation.configuration.folders import search_path
from simulation.procedures.axes import Axis
from simulation.spec import InputError, Problem

__all__ = ["read_axes", "read_points"]

ELSEWHERE = (
    "a sweep varies the system and its policies; run this for each value on its own: "
    "python experiments/compare.py -m"
)
ENDLESS = "write the values, as 1,2,3, or range(1,10), or interval(1,10)"


def read_axes(overrides: Sequence[str], folder: Path | None = None) -> tuple[list[str], list[Axis]]:
    """Tell settings from what is varied: ``key=1,2,3``, ``key=range(1,9)``, ``key=interval(1,9)``.

    ``policy=A,B`` is no axis: it stands for the policies that are run at every point.

    Parameters
    ----------
    overrides
        In Hydra's grammar.
    folder
        The user's own folder of configs.

    Returns
    -------
    list of str
        The overrides that vary nothing.
    list of Axis
        What is varied, in the order of the command line.

    Raises
    ------
    InputError
        When something that is no part of the system is varied, or an override cannot be read.

    Examples
    --------
    >>> read_axes(["city=street", "size.veterans=900,1800", "policy=baseline,training"])[0]
    ['city=street', 'policy=[baseline,training]']
    """
    with in_our_words(overrides):
        parsed = OverridesParser.create().parse_overrides(list(overrides))
    settings, axes, found = [], [], []
    folders = search_path(folder)
    for one in parsed:
        key, written = str(one.key_or_group), str(one.input_line)
        if not one.is_sweep_override():
            settings.append(written)
        elif key == "policy" and isinstance(value := one.value(), ChoiceSweep):
            settings.append(f"policy=[{','.join(str(_plain(item)) for item in value.list)}]")
        elif key.partition(".")[0] == "study" or not is_setting(one, folders):
            found.append(Problem(key, written.partition("=")[2], ELSEWHERE))
        else:
            axes.append(_axis(key, one))
    if found:
        raise InputError(found)
    return settings, axes


def _axis(key: str, override: Override) -> Axis:
    value = override.value()
    if isinstance(value, IntervalSweep):
        low, high = float(value.start or 0), float(value.end or 0)
        written = str(override.input_line).partition("=")[2]
        if not low < high:
            raise InputError([Problem(key, written, "the interval must end after it begins")])
        # Hydra makes floats of the ends: that they were written as whole numbers shows in the text.
        return Axis(key, key, low=low, high=high, whole=re.search(r"[.eE]", written[9:]) is None)
    if isinstance(value, RangeSweep):
        return Axis(key, key, tuple(value.range()))
    if isinstance(value, ChoiceSweep):
        return Axis(key, key, tuple(_plain(item) for item in value.list))
    raise InputError([Problem(key, str(override.input_line), ENDLESS)])


def _plain(item: Any) -> Any:
    if isinstance(item, QuotedString):
        return item.text
    return [_plain(part) for part in item] if isinstance(item, list) else item


def read_points(file: Path) -> tuple[list[Axis], list[dict[str, Any]]]:
    r"""Read design points from a CSV: a column for each dotted name, a row for each point.

    An empty cell is as configured; a column ``point`` is left out.

    Parameters
    ----------
    file
        The table, in UTF-8.

    Raises
    ------
    InputError
        When it cannot be read, has no rows, or a column has no name.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "points.csv"
    >>> _ = file.write_text("size.veterans,scenario.needs.card.priority\n900,\n1800,3\n")
    >>> read_points(file)[1]
    [{'size.veterans': 900}, {'size.veterans': 1800, 'scenario.needs.card.priority': 3}]
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            heads, *rows = list(csv.reader(text)) or [[]]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError([Problem("--from", str(file), f"the table cannot be read ({error})")]) from None
    uneven = [number for number, row in enumerate(rows, 2) if row and len(row) != len(heads)]
    names = [head.strip() for head in heads]
    if not rows or "" in names or len(set(names)) < len(names) or uneven:
        message = "it needs a line of dotted names, each once, and a row of as many cells for each point"
        raise InputError([Problem("--from", f"{file}, line {uneven[0]}" if uneven else str(file), message)])
    kept = [name for name in names if name != "point"]
    read = [dict(zip(names, map(_value, row), strict=True)) for row in rows if row]
    points = [{name: row[name] for name in kept if row[name] is not None} for row in read]
    listed = {name: tuple(dict.fromkeys(row[name] for row in points if name in row)) for name in kept}
    return [Axis(name, name, values) for name, values in listed.items()], points


def _value(cell: str) -> Any:
    """Read a cell as it would be read on the command line: a number, a truth value, or text."""
    text = cell.strip()
    if not text:
        return None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return {"true": True, "false": False}.get(text.lower(), text)
