"""What a config may not say: looked at before Hydra, or a reference, can act on it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml
from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra._internal.core_plugins.importlib_resources_config_source import ImportlibResourcesConfigSource
from hydra._internal.sources_registry import SourcesRegistry
from hydra.core.plugins import Plugins
from hydra.plugins.config_source import ConfigResult

from simulation.configuration.folders import search_path
from simulation.spec import InputError, Problem

__all__ = ["guarded", "refuse_code"]

DEEPEST: Final = 60
"""Levels of a config file within each other."""
MOST_REPEATED: Final = 20_000
"""Values that the aliases of one file may add to those that are written."""
MOST_EXPANDED: Final = 5_000_000
"""Values and letters of all configs once references are followed; City S has some hundred thousand."""
REFERENCE: Final = re.compile(r"\$\{\s*(?:([.\w-]+)|oc\.select:\s*([.\w-]+)\s*(?:,[^${}]*)?)\s*\}")
"""What is let through: another value by its name, and ``oc.select``, the same with a value in its stead."""
UNDERSCORE: Final = 'a key may not begin with "_"; a config says what a thing is by its kind'
ELSEWHERE: Final = "only references to other values of the configs are allowed, such as ${size.veterans}"
OF_HYDRA: Final = "settings of Hydra itself belong on the command line; remove them from the config"
OUTSIDE: Final = "configs are read from within the config folders only; put the file into one of them"


def refuse_code(data: Any) -> None:
    """Raise InputError where configs name code, reach for more than configs, or would grow beyond measure.

    Parameters
    ----------
    data
        Composed configs as plain data, references not followed yet.

    Raises
    ------
    InputError
        With every place.

    Examples
    --------
    >>> refuse_code({"size": {"veterans": 900}, "people": "${size.veterans}"})
    >>> try:
    ...     refuse_code({"title": "${oc.env:HOME}", "city": {"_target_": "os.system"}})
    ... except InputError as error:
    ...     print(*(problem.path for problem in error.problems))
    title city._target_
    """
    found = list(_code(data, ""))
    if found:
        raise InputError(found)
    size = _Expansion(data).size(data, ())
    if size > MOST_EXPANDED:
        message = "references to references make too much of it; write out what is meant"
        raise InputError([Problem("configs", f"{size:.2g} values", message)])


@contextmanager
def guarded() -> Iterator[None]:
    """Have Hydra read every file through the guard, for a while.

    Examples
    --------
    >>> with guarded():
    ...     SourcesRegistry.instance().resolve("file").__name__
    '_Files'
    """
    Plugins.instance()  # which fills the registry
    types = SourcesRegistry.instance().types
    before = dict(types)
    types.update({"file": _Files, "pkg": _Package})
    try:
        yield
    finally:
        types.update(before)


class _Files(FileConfigSource):
    """Hydra's source of files, which stays within its folder and looks at a file before Hydra does.

    The folder of the project is trusted as its code is.
    """

    def load_config(self, config_path: str) -> ConfigResult:
        file = self._within(self._normalize_file_name(config_path))
        if Path(self.path).resolve() != search_path()[0]:
            _look_at(file, Path(config_path), self._get_header_dict(_beginning(file))["package"] or "")
        return super().load_config(config_path)

    def is_group(self, config_path: str) -> bool:
        return super().is_group(str(self._within(config_path)))

    def is_config(self, config_path: str) -> bool:
        return super().is_config(str(self._within(self._normalize_file_name(config_path))))

    def _within(self, config_path: str) -> Path:
        root = Path(self.path).resolve()
        file = (root / config_path).resolve()
        if not file.is_relative_to(root):
            raise InputError([Problem("configs", config_path, OUTSIDE)])
        return file


class _Package(ImportlibResourcesConfigSource):
    """Hydra's own configs, from which no name leads elsewhere on the disk."""

    def is_group(self, config_path: str) -> bool:
        return super().is_group(_downwards(config_path))

    def is_config(self, config_path: str) -> bool:
        return super().is_config(_downwards(config_path))


def _downwards(config_path: str) -> str:
    if posixpath.normpath(config_path).startswith(("/", "..")):
        raise InputError([Problem("configs", config_path, OUTSIDE)])
    return config_path


def _beginning(file: Path) -> str:
    with file.open(encoding="utf-8") as text:
        return text.read(512)


def _look_at(file: Path, config_path: Path, package: str) -> None:
    """Raise InputError when a file could do more than give values."""
    with file.open(encoding="utf-8") as text:
        _bounded(text, file)
        text.seek(0)
        data = yaml.safe_load(text)
    words = [package, *config_path.parts, *_keys(data)]
    if isinstance(data, Mapping):
        words += [item for item in _leaves(data.get("defaults")) if isinstance(item, str)]
    found = [Problem(str(file), word, OF_HYDRA) for word in words if re.search(r"\bhydra\b", word)]
    found += [Problem(f"{file} {one.path}", one.value, one.message) for one in _code(data, "")]
    if found:
        raise InputError(found)


def _bounded(text: Any, file: Path) -> None:
    """Raise InputError for a file that is nested very deeply, or whose aliases multiply it."""
    sizes: dict[str, int] = {}
    open_ones: list[tuple[str | None, int]] = []
    total = written = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_ones.pop()
            if anchor:
                sizes[anchor] = total - before
            continue
        if isinstance(event, yaml.AliasEvent):
            total += sizes.get(str(event.anchor), MOST_REPEATED + 1)  # one that is still open holds itself
        elif isinstance(event, yaml.NodeEvent):
            if isinstance(event, yaml.CollectionStartEvent):
                open_ones.append((event.anchor, total))
            elif event.anchor:
                sizes[event.anchor] = 1
            total, written = total + 1, written + 1
        if len(open_ones) > DEEPEST or total - written > MOST_REPEATED:
            where = f"{file} line {event.start_mark.line + 1}" if event.start_mark else str(file)
            message = "nested too deeply, or repeated too often by aliases; write out what is meant"
            raise InputError([Problem(where, f"{len(open_ones)} levels, {total:.3g} values", message)])


def _code(data: Any, path: str) -> Iterator[Problem]:
    if isinstance(data, Mapping):
        for key, item in data.items():
            where = f"{path}.{key}" if path else str(key)
            if str(key).startswith("_"):
                yield Problem(where, item, UNDERSCORE)
            if "${" in str(key):
                yield Problem(where, item, ELSEWHERE)
            yield from _code(item, where)
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from _code(item, f"{path}.{index}")
    elif isinstance(data, str) and "${" in REFERENCE.sub("", data):
        yield Problem(path, data, ELSEWHERE)


def _keys(data: Any) -> Iterator[str]:
    if isinstance(data, Mapping):
        yield from map(str, data)
    for item in data.values() if isinstance(data, Mapping) else data if isinstance(data, list) else ():
        yield from _keys(item)


def _leaves(data: Any) -> Iterator[Any]:
    if isinstance(data, Mapping | list):
        for item in data.values() if isinstance(data, Mapping) else data:
            yield from _leaves(item)
    else:
        yield data


Place = tuple[str, ...]


class _Found(NamedTuple):
    """What a path leads to."""

    at: Place
    data: Any
    steps: int


class _Expansion:
    """How much configs become when their references are followed, found without following them."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._sizes: dict[Place, int] = {}
        self._places: dict[Place, _Found] = {}

    def size(self, data: Any, path: Place) -> int:
        """Count the values and letters below a path, and the steps to them."""
        if isinstance(data, Mapping):
            return 1 + sum(self.size(item, (*path, str(key))) for key, item in data.items())
        if isinstance(data, list):
            return 1 + sum(self.size(item, (*path, str(index))) for index, item in enumerate(data))
        if not isinstance(data, str):
            return 1
        return len(data) + sum(self._referred(_absolute(name, path)) for name in _names(data))

    def _referred(self, place: Place) -> int:
        if place not in self._sizes:
            self._sizes[place] = 0  # one that leads back to itself is found when it is followed
            found = self._find(place)
            self._sizes[place] = found.steps + self.size(found.data, found.at)
        return self._sizes[place]

    def _find(self, place: Place) -> _Found:
        """Go down a path, through what stands on it by reference."""
        if place in self._places:
            return self._places[place]
        at: Place = ()
        data, steps = self._root, len(place)
        for part in place:
            while isinstance(data, str) and (names := _names(data)):
                at, data, more = self._find(_absolute(names[0], at))
                steps += more
            at, data = (*at, part), _below(data, part)
        self._places[place] = _Found(at, data, steps)
        return self._places[place]


def _names(text: str) -> list[str]:
    return [plain or selected for plain, selected in REFERENCE.findall(text)]


def _absolute(name: str, path: Place) -> Place:
    """Give the path that a reference means: each dot at its beginning goes up from where it stands."""
    up = len(name) - len(name.lstrip("."))
    base = path[: max(0, len(path) - up)] if up else ()
    return (*base, *filter(None, name.split(".")))


def _below(data: Any, part: str) -> Any:
    if isinstance(data, Mapping):
        return next((item for key, item in data.items() if str(key) == part), None)
    if isinstance(data, list) and part.isdigit() and int(part) < len(data):
        return data[int(part)]
    return None
