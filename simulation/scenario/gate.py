"""The gate: from plain data, as written in YAML, to a validated scenario with its evidence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from simulation.calendars import Calendar
from simulation.scenario.arrivals import Profile
from simulation.scenario.checks import problems as cross_problems
from simulation.scenario.evidence import Evidence, separate_evidence
from simulation.scenario.files import read_opening, read_places
from simulation.scenario.generation import PlaceGenerator
from simulation.scenario.levers import Lever
from simulation.scenario.needs import Need
from simulation.scenario.opening import OpeningCase
from simulation.scenario.pathways import Pathway
from simulation.scenario.places import Channel, Group, Place
from simulation.scenario.quantities import Day
from simulation.scenario.scenario import Scenario, unknown_names
from simulation.scenario.teams import Team
from simulation.spec import InputError, Problem, Spec, nearest

__all__ = ["read_scenario", "read_spec"]

ITEMS: dict[str, Any] = {
    "calendars": Calendar,
    "places": Place,
    "groups": Group,
    "channels": Channel,
    "profiles": Profile,
    "teams": Team,
    "pathways": Pathway,
    "needs": Need,
    "levers": Lever,
}


def read_scenario(data: Mapping[str, Any], folder: Path | None = None) -> Scenario:
    """Validate plain data into a scenario, or report everything that is wrong with it at once.

    Parameters
    ----------
    data
        The scenario as nested mappings and lists. A number may be written as
        ``{value: 45, source: "..."}`` or ``{value: 0.2, assumption: "...", low: 0.1, high: 0.3}``; a block
        may carry ``source`` or ``assumption`` for all numbers in it.
    folder
        Folder from which relative file names are read; none: files cannot be named.

    Raises
    ------
    InputError
        With the dotted path, the value and the remedy of every problem.

    Examples
    --------
    >>> try:
    ...     read_scenario({"start": "2026-01-01", "place": {}, "pathways": {}, "needs": {}})
    ... except InputError as error:
    ...     print(error.problems[0].path, error.problems[0].message)
    place unknown key; did you mean "places"?
    """
    plain, evidence, found = separate_evidence(data)
    content: dict[str, Any] = dict(plain)
    unmade: list[Problem] = []
    if "places" in content:
        content["places"], unmade = _make_places(content["places"], folder)
        found += unmade
    opening, labels, untold = _make_opening(content.get("opening", ()), folder)
    if opening:
        content["opening"] = opening
    found += untold
    known = [name for name in Scenario.model_fields if name != "evidence"]
    for name in sorted(set(content) - set(known)):
        found.append(Problem(name, content.pop(name), f"unknown key; {nearest(name, known)}"))
    good, invalid, problems = _read_parts(content)
    found += problems
    if not unmade and not untold and all(name in good for name in ITEMS if name in content):
        parts = {name: good.get(name, ()) for name in ITEMS if name != "levers"}
        crossed = cross_problems(SimpleNamespace(**parts, opening=opening))
        found += [_labelled(p, labels) for p in crossed if str(p.value) not in invalid]
    if found:
        raise InputError(found)
    return _build(content, evidence)


def _build(content: dict[str, Any], evidence: tuple[Evidence, ...]) -> Scenario:
    try:
        scenario = Scenario.model_validate({**content, "evidence": evidence})
    except ValidationError as error:
        raise InputError(_problems_of(error, content, "")) from None
    unknown = unknown_names(scenario, "levers")
    if unknown:
        raise InputError(unknown)
    return scenario


def _read_parts(content: dict[str, Any]) -> tuple[dict[str, tuple[Any, ...]], set[str], list[Problem]]:
    """Validate each named item by itself, so that one bad item hides no other."""
    good: dict[str, tuple[Any, ...]] = {}
    invalid: set[str] = set()
    found: list[Problem] = []
    for name, item_type in ITEMS.items():
        if name not in content:
            continue
        items = _named_items(content[name])
        if items is None:
            found.append(Problem(name, content[name], "write the items as a mapping from id to item"))
            continue
        adapter: TypeAdapter[Any] = TypeAdapter(item_type)
        read = []
        for index, item in enumerate(items):
            label = item.get("id", index) if isinstance(item, Mapping) else index
            try:
                read.append(adapter.validate_python(item))
            except ValidationError as error:
                invalid.add(str(label))
                found += _problems_of(error, item, f"{name}.{label}")
        for label, times in Counter(item.id for item in read).items():
            if times > 1:
                found.append(
                    Problem(f"{name}.{label}", label, "each id may stand once; this one is a duplicate")
                )
        good[name] = tuple(read)
    return good, invalid, found + _missing(content)


def _missing(content: dict[str, Any]) -> list[Problem]:
    """Parts without which there is no scenario."""
    found = []
    for name in ("places", "pathways", "needs", "start"):
        if name not in content:
            found.append(Problem(name, None, "this part of the scenario is missing"))
        elif not content[name]:
            found.append(Problem(name, content[name], "at least one is needed"))
    try:
        TypeAdapter(Day).validate_python(content.get("start", "2026-01-01"))
    except ValidationError:
        found.append(Problem("start", content["start"], 'write the first day as "YYYY-MM-DD", in quotes'))
    return found


def _named_items(data: Any) -> list[Any] | None:
    if isinstance(data, Mapping):
        return [
            {**item, "id": name} if isinstance(item, Mapping) else {"id": name}
            for name, item in data.items()
            if item is not None
        ]
    return list(data) if isinstance(data, Sequence) and not isinstance(data, str) else None


def _make_places(data: Any, folder: Path | None) -> tuple[Any, list[Problem]]:
    if not isinstance(data, Mapping):
        return data, []
    if "generate" in data and not data.get("csv"):
        try:
            return PlaceGenerator.model_validate(data["generate"]).places(), []
        except ValidationError as error:
            return [{"id": "unknown"}], _problems_of(error, data["generate"], "places.generate")
    if "csv" in data and isinstance(data["csv"], str):
        path = Path(data["csv"])
        if folder is None and not path.is_absolute():
            return [{"id": "unknown"}], [Problem("places.csv", data["csv"], "give the full path of the file")]
        try:
            return read_places(path if folder is None else folder / path), []
        except InputError as error:
            return [{"id": "unknown"}], list(error.problems)
    return data, []


def _make_opening(data: Any, folder: Path | None) -> tuple[tuple[OpeningCase, ...], list[str], list[Problem]]:
    """Read the open cases of the beginning, written out or in a file: cases, what to call each, problems."""
    items, labels = data, []
    if isinstance(data, Mapping):
        if list(data) != ["file"] or not isinstance(data["file"], str):
            hint = 'write the open cases as a list, or as {file: "name.csv"}'
            return (), [], [Problem("opening", list(data), hint)]
        path = Path(data["file"])
        if folder is None and not path.is_absolute():
            return (), [], [Problem("opening.file", data["file"], "give the full path of the file")]
        path = path if folder is None else folder / path
        try:
            items = read_opening(path)
        except InputError as error:
            return (), [], list(error.problems)
        labels = [f"opening.file {path} line {item.pop('row')}" for item in items]
    if not isinstance(items, Sequence) or isinstance(items, str):
        return (), [], [Problem("opening", items, "write the open cases as a list")]
    cases, found = [], []
    for number, item in enumerate(items):
        try:
            cases.append(OpeningCase.model_validate(item))
        except ValidationError as error:
            prefix = labels[number] if labels else f"opening.{number}"
            found += _problems_of(error, item, prefix)
    return tuple(cases), labels, found


def _labelled(problem: Problem, labels: list[str]) -> Problem:
    """Name the row of the file in which an open case stands, instead of its number."""
    part, _, rest = problem.path.partition(".")
    number, _, field = rest.partition(".")
    if part != "opening" or not labels:
        return problem
    return Problem(f"{labels[int(number)]} {field}", problem.value, problem.message)


def _problems_of(error: ValidationError, data: Any, prefix: str) -> list[Problem]:
    """Turn pydantic's errors into problems with dotted paths that name items by their id."""
    found = []
    lines = error.errors(include_url=False)
    inner = {line["loc"][:length] for line in lines for length in range(len(line["loc"]))}
    for line in lines:
        if line["type"] == "too_short" and line["loc"] in inner:
            continue  # its items were dropped because of their own errors
        message = _message(line)
        way = _path(line["loc"], data, line["type"] == "missing")
        path = ".".join(part for part in (prefix, *way) if part)
        found.append(Problem(path or "scenario", line["input"], message))
    return found


def _message(line: ErrorDetails) -> str:
    """Say what is wrong in the words of the language, not of the library that found it."""
    message = line["msg"].removeprefix("Value error, ")
    if line["type"] in ("union_tag_not_found", "union_tag_invalid"):
        kinds = re.findall(r"'(\w+)'", line.get("ctx", {}).get("expected_tags", ""))
        given = line.get("ctx", {}).get("tag")
        if given is None:
            return "say of which kind it is" + (f": {', '.join(kinds)}" if kinds else ", by the key kind")
        return f"there is no kind {given!r}; {nearest(str(given), kinds)}"
    return message


def _path(location: tuple[int | str, ...], data: Any, is_missing: bool) -> list[str]:
    """Name the place of an error by ids; the end of `location` is a key that is not there if `is_missing`."""
    parts = []
    here = data
    for position, step in enumerate(location):
        if isinstance(here, Mapping) and isinstance(step, int):
            if location[position + 1 : position + 2] == ("to",):  # one row of a route, written without a list
                here = here if "to" in here else {"to": here}
                continue
            label, here = list(here.items())[step]  # named items are read by position
            parts.append(str(label))
        elif isinstance(here, Mapping):
            name = str(step).rstrip("_")
            is_last = position == len(location) - 1
            if step not in here and name not in here and not (is_last and is_missing):
                continue  # the tag of a discriminated union
            here = here.get(step, here.get(name))
            parts.append(name)
        elif isinstance(step, int) and isinstance(here, Sequence) and not isinstance(here, str):
            here = here[step] if step < len(here) else None
            label = here.get("id", step) if isinstance(here, Mapping) else step
            parts.append(str(label))
        else:
            parts.append(str(step))
    return parts


def read_spec(kind: type[Spec], data: Mapping[str, Any], name: str) -> tuple[Any, tuple[Evidence, ...]]:
    """Validate plain data into a specification of the given kind, with its evidence.

    Parameters
    ----------
    kind
        The specification's class.
    data
        Plain data.
    name
        What to call it in error messages.

    Raises
    ------
    InputError
        With every problem.

    Examples
    --------
    >>> from simulation.scenario.places import Channel
    >>> read_spec(Channel, {"id": "phone"}, "channel")[0].id
    'phone'
    """
    plain, evidence, found = separate_evidence(data)
    named = tuple(
        item.model_copy(update={"path": f"{name}.{item.path}" if item.path else name}) for item in evidence
    )
    try:
        spec = kind.model_validate(plain)
    except ValidationError as error:
        raise InputError([*found, *_problems_of(error, plain, name)]) from None
    if found:
        raise InputError(found)
    return spec, named
