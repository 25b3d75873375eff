"""Tables that come with a scenario as CSV files: real places, and the cases that are open at the start."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from simulation.scenario.places import Practice
from simulation.spec import InputError, Problem, nearest

__all__ = ["read_opening", "read_places"]

PLACES = ("id", "name", "tier", "parent", "veterans", "staff", "open", "standard")
PRACTICE = {f"practice_{part}": part for part in Practice.model_fields}
OPENING = ("need", "place", "step", "age_days")
Cells = Mapping[str, str]
Read = Iterator[dict[str, Any] | Problem]


def read_places(path: Path) -> list[dict[str, Any]]:
    r"""Read real places from a CSV with the columns id, name, tier, parent, veterans, staff, open, standard.

    Parameters
    ----------
    path
        UTF-8 file, with or without byte order mark; `open` holds yes or no; empty cells take the default.

    Raises
    ------
    InputError
        When the file is missing, is not UTF-8, lacks a column, or a row has a duplicate id or a bad number.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "places.csv"
    >>> header = "id,name,tier,parent,veterans,staff,open,standard"
    >>> _ = file.write_text(header + "\nc1,,community,,150,2,yes,below\n")
    >>> read_places(file)[0]["veterans"]
    150
    """
    return _read(path, "places.csv", PLACES, _read_place)


def read_opening(path: Path) -> list[dict[str, Any]]:
    r"""Read open cases from a CSV with the columns need, place, step and age_days.

    There may also be columns count, group and channel; see `OpeningCase`.

    Parameters
    ----------
    path
        UTF-8 file, with or without byte order mark; empty cells take the default.

    Returns
    -------
    list of dict
        Input for `OpeningCase`, in the order of the rows; the row of each item stands under `row`.

    Raises
    ------
    InputError
        When the file is missing, is not UTF-8, lacks a column, or a row has a bad number.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "backlog.csv"
    >>> _ = file.write_text("need,place,step,age_days\nclaim,s1,review,41\n")
    >>> read_opening(file)
    [{'row': 2, 'need': 'claim', 'place': 's1', 'step': 'review', 'age': '41.0 d'}]
    """
    return _read(path, "opening.file", OPENING, _read_opening)


def _read(
    path: Path, what: str, columns: Sequence[str], read_row: Callable[[Cells, str, set[str]], Read]
) -> list[dict[str, Any]]:
    where = f"{what} {path}"
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            if missing:
                hint = f"columns missing: {', '.join(missing)}; the header must be {','.join(columns)}"
                raise InputError([Problem(where, reader.fieldnames, hint)])
            rows = list(_read_rows(reader, where, read_row))
    except FileNotFoundError:
        raise InputError([Problem(what, str(path), "there is no such file")]) from None
    except OSError as error:
        raise InputError([Problem(what, str(path), f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError as error:
        raise InputError(
            [Problem(where, str(error.object[error.start : error.end]), "save the file as UTF-8")]
        ) from None
    problems = [row for row in rows if isinstance(row, Problem)]
    if problems:
        raise InputError(problems)
    return [row for row in rows if isinstance(row, dict)]


def _read_rows(
    reader: csv.DictReader[str], where: str, read_row: Callable[[Cells, str, set[str]], Read]
) -> Read:
    seen: set[str] = set()
    for row in reader:
        here = f"{where} line {reader.line_num}"
        if None in row or None in row.values():
            hint = f"a row has one cell for each of the {len(reader.fieldnames or ())} columns; quote commas"
            yield Problem(here, [*row.values()], hint)
            continue
        yield from read_row({column: cell.strip() for column, cell in row.items()}, here, seen)


def _read_place(cells: Cells, here: str, seen: set[str]) -> Read:
    place: dict[str, Any] = {"id": cells["id"], "name": cells["name"], "tier": cells["tier"] or "place"}
    if not cells["id"]:
        yield Problem(f"{here} id", "", "each place needs an id")
    elif cells["id"] in seen:
        yield Problem(f"{here} id", cells["id"], "each id may stand once; this one is a duplicate")
    seen.add(cells["id"])
    place["parent"] = cells["parent"] or None
    for column in ("veterans", "staff"):
        if cells[column]:
            if cells[column].isascii() and cells[column].isdigit():
                place[column] = int(cells[column])
            else:
                yield Problem(f"{here} {column}", cells[column], "a whole number, zero or more, is needed")
    if cells["open"].lower() not in ("", "yes", "no"):
        yield Problem(f"{here} open", cells["open"], "write yes or no")
    place["staffed"] = cells["open"].lower() != "no"
    if cells["standard"] not in ("", "below", "standard", "model"):
        hint = nearest(cells["standard"], ["below", "standard", "model"])
        yield Problem(f"{here} standard", cells["standard"], f"unknown standard; {hint}")
    elif cells["standard"]:
        place["standard"] = cells["standard"]
    practice: dict[str, Any] = {}
    yield from _read_number(cells, here, "distance", place, "distance")
    for column, part in PRACTICE.items():
        yield from _read_number(cells, here, column, practice, part)
    if practice:
        place["practice"] = practice
    yield place


def _read_opening(cells: Cells, here: str, _: set[str]) -> Read:
    case: dict[str, Any] = {"row": int(here.rsplit(" ", 1)[1])}
    for column in ("need", "place", "step"):
        if cells[column]:
            case[column] = cells[column]
        else:
            yield Problem(f"{here} {column}", "", f"each open case needs a {column}")
    days: dict[str, Any] = {}
    if not cells["age_days"]:
        yield Problem(f"{here} age_days", "", "each open case needs an age: days since the need arose")
    yield from _read_number(cells, here, "age_days", days, "age")
    if days:
        case["age"] = f"{days['age']!r} d"
    count = cells.get("count", "")
    if count and not (count.isascii() and count.isdigit() and int(count)):
        yield Problem(f"{here} count", count, "a whole number, one or more, is needed")
    elif count:
        case["count"] = int(count)
    case.update({column: cells[column] for column in ("group", "channel") if cells.get(column)})
    yield case


def _read_number(cells: Cells, here: str, column: str, into: dict[str, Any], name: str) -> Iterator[Problem]:
    """Read a cell that may be missing or empty."""
    cell = cells.get(column, "")
    if not cell:
        return
    try:
        number = float(cell)
    except ValueError:
        number = math.nan
    if 0 <= number < math.inf:
        into[name] = number
    else:
        yield Problem(f"{here} {column}", cell, "a number, zero or more, is needed")
