"""From composed configs to a design: everything validated, everything wrong reported at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from simulation.configuration.composition import Composition, compose
from simulation.configuration.folders import search_path
from simulation.scenario import Evidence, Policy, Scenario, apply, read_scenario, read_spec
from simulation.spec import InputError, Problem, nearest
from simulation.study import Design, Study, include

__all__ = ["design_of", "read_design"]

T = TypeVar("T")
LONGEST = 1000
"""Signs in the name of a file."""


def read_design(overrides: Sequence[str] = (), folder: Path | None = None) -> Design:
    """Compose and validate a study, its city and its policies.

    Parameters
    ----------
    overrides
        In Hydra's grammar: ``study=NAME``, ``city=NAME``, ``key=value`` ... ``policy=NAME`` or
        ``policy=[A,B]`` stands for the policies of the study.
    folder
        The user's own folder of configs. Files that configs name are looked for there first.

    Raises
    ------
    InputError
        With the dotted path, the value and the remedy of everything that is wrong.

    Examples
    --------
    >>> design = read_design(["city=mmc", "policy=baseline", "study.replications=2"])
    >>> design.study.replications, [scenario.id for scenario in design.scenarios]
    (2, ['baseline'])
    """
    return design_of(compose(overrides, folder), search_path(folder))


def design_of(composition: Composition, folders: Sequence[Path]) -> Design:
    """Validate composed configs into a design.

    Parameters
    ----------
    composition
        What the configs say.
    folders
        Where files that they name are looked for.

    Raises
    ------
    InputError
        With everything that is wrong.

    Examples
    --------
    >>> design_of(compose(["city=mmc", "policy=baseline"]), search_path(None)).study.policies
    ('baseline',)
    """
    plain, chosen, files = composition
    found: list[Problem] = []
    parts = {name: plain.get(name) for name in ("study", "scenario", "policies")}
    for name, part in parts.items():
        if not isinstance(part, Mapping):
            message = f'missing, or not a mapping; a config fills it when it begins with "# @package {name}"'
            found.append(Problem(name, part, message))
    if found:
        raise InputError(found)
    settings = dict(parts["study"] or {})
    if chosen is not None:
        settings["policies"] = list(chosen)
    study = _collect(found, "", partial(_study, settings))
    city = _collect(found, "scenario.", partial(_scenario, parts["scenario"] or {}, folders, files))
    named = study.policies if study else _names(settings.get("policies"))
    policies = _policies(found, parts["policies"] or {}, named)
    if study is None or city is None or found:
        raise InputError(found)
    evidence = (*city.evidence, *(one for _, more in policies.values() for one in more))
    known = {name: policy for name, (policy, _) in policies.items()}
    cast, included = (
        tuple(include(known[name], known) for name in names)
        for names in (study.policies, [name for name in known if name not in study.policies])
    )
    design = Design(study, city, cast, evidence, included)
    for policy in design.policies:
        _collect(found, "", partial(apply, policy, city))
    found += _years(city, study)
    if found:
        raise InputError(found)
    return design


def _years(city: Scenario, study: Study) -> Iterator[Problem]:
    """Find calendars that reach a year whose public holidays are not known yet."""
    for calendar in city.calendars:
        try:
            calendar.hours(city.start, study.horizon)
        except ValueError as error:
            yield Problem(f"scenario.calendars.{calendar.id}", city.start.isoformat(), str(error))


def _study(settings: Mapping[str, Any]) -> Study:
    study: Study = read_spec(Study, settings, "study")[0]
    return study


def _names(written: Any) -> list[str]:
    """Return the policies of a study that has something wrong with it, as far as they can be told."""
    return [name for name in written if isinstance(name, str)] if isinstance(written, list) else []


def _collect(found: list[Problem], prefix: str, read: Callable[[], T]) -> T | None:
    """Read something; put what is wrong with it on the list and go on."""
    try:
        return read()
    except InputError as error:
        found += [Problem(prefix + one.path, one.value, one.message) for one in error.problems]
        return None


def _scenario(data: Mapping[str, Any], folders: Sequence[Path], files: Collection[str]) -> Scenario:
    """Read the scenario; the files that it names stand in one of the config folders."""
    for part, key in (("places", "csv"), ("opening", "file")):
        named = data.get(part)
        if isinstance(named, Mapping) and key in named:
            written = named[key]
            name = written.get("value") if isinstance(written, Mapping) else written
            if isinstance(name, str):
                file = _file(f"{part}.{key}", name, folders, anywhere=name in files)
                data = {**data, part: {**named, key: str(file)}}
    return read_scenario(data)


def _file(where: str, name: str, folders: Sequence[Path], *, anywhere: bool) -> Path:
    """Find a file in the config folders; only one that the command line names may lie elsewhere."""
    if "\0" in name or len(name) > LONGEST:
        raise InputError([Problem(where, name, f"write the name of a file, of at most {LONGEST} signs")])
    tried = {folder / name: anywhere or _within(folder / name, folder) for folder in folders}
    found = next((file for file, allowed in tried.items() if allowed and file.exists()), None)
    if found is None and not all(tried.values()):
        remedy = f"for another, set scenario.{where} on the command line"
        message = f"a config may name files within the config folders only; {remedy}"
        raise InputError([Problem(where, name, message)])
    return found or next(iter(tried))


def _within(file: Path, folder: Path) -> bool:
    return file.resolve().is_relative_to(folder.resolve())


def _policies(
    found: list[Problem], written: Mapping[str, Any], named: Sequence[str]
) -> dict[str, tuple[Policy, tuple[Evidence, ...]]]:
    """Read the policies that are named, and those that these include."""
    read: dict[str, tuple[Policy, tuple[Evidence, ...]]] = {}
    waiting = [("study.policies", name) for name in named]
    while waiting:
        where, name = waiting.pop(0)
        if name in read:
            continue
        data = written.get(name)
        if not isinstance(data, Mapping):
            message = f"there is no such policy; {nearest(name, list(written))}"
            found.append(Problem(where, name, message))
            continue
        content = {**data, "id": data.get("id", name)}
        part = _collect(found, "", partial(read_spec, Policy, content, f"policies.{name}"))
        if part is not None:
            read[name] = part
            waiting += [(f"policies.{name}.includes", other) for other in part[0].includes]
    return read
