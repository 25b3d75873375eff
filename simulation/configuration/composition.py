"""Configs and overrides composed by Hydra into plain data."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import hydra
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, OverrideType
from hydra.core.plugins import Plugins
from hydra.errors import HydraException
from hydra.plugins.search_path_plugin import SearchPathPlugin
from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from simulation.configuration.faults import in_our_words
from simulation.configuration.folders import options, search_path
from simulation.spec import InputError, Problem, nearest

__all__ = ["COMMAND_LINE", "Composition", "compose"]

ROOT = "vetsim"
COMMAND_LINE = "set on the command line"
"""The source of a number that an override gives."""
VALIDATED = ("scenario", "study", "policies")
"""Parts of the config in which a key that is not written may be set: an unknown one is found later."""
FILE = "file:"
"""The scheme by which Hydra knows a folder."""
LOOK_UP = "${oc.select:"
"""The one resolver that is let through: a reference with a value for when it leads nowhere."""
EVIDENCE = ("source", "assumption", "low", "high", "factors")

_lock = threading.RLock()


class Composition(NamedTuple):
    """What the configs say."""

    plain: dict[str, Any]
    """Nested dicts and lists: scenario, study, policies, and what they refer to."""
    policies: tuple[str, ...] | None
    """The policies chosen by ``policy=``, if any were."""


def compose(overrides: Sequence[str] = (), folder: Path | None = None) -> Composition:
    """Compose the configs with overrides in Hydra's grammar into plain data.

    Every policy in the folders is read, so that studies and policies may name it. A value that is set
    by an override says so in place of its source.

    Parameters
    ----------
    overrides
        Such as ``city=street`` or ``study.seed=2``. ``key=value`` may also set a key of scenario, study or
        policies that no config mentions.
    folder
        The user's own folder of configs, which goes before the project's.

    Raises
    ------
    InputError
        When an option, a key or a value is not understood; all misspelt keys at once.

    Examples
    --------
    >>> compose(["study.seed=7"]).plain["study"]["seed"]
    {'value': 7, 'source': 'set on the command line'}
    """
    folders = search_path(folder)
    with _lock, in_our_words(overrides):
        parsed = OverridesParser.create().parse_overrides(list(overrides))
        _refuse_hydra(parsed)
        chosen = [one for one in parsed if _key(one) == "policy"]
        settings = [one for one in parsed if _is_setting(one, folders)]
        groups = [_line(one) for one in parsed if one not in chosen and one not in settings]
        groups.append(f"policy=[{','.join(options('policy', folder))}]")
        with _hydra(folders):
            config = _with_settings(groups, settings)
        _refuse_code(OmegaConf.to_container(config, resolve=False), "")
        _mark(settings, config)
        plain = OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
    if not isinstance(plain, dict):
        raise InputError([Problem("configs", type(plain).__name__, "the root config must be a mapping")])
    return Composition({str(key): value for key, value in plain.items()}, _names(chosen))


def _with_settings(groups: list[str], settings: Sequence[Override]) -> DictConfig:
    """Compose the chosen configs and apply the settings to them."""
    try:
        return hydra.compose(ROOT, [*groups, *map(_line, settings)])
    except (HydraException, OmegaConfBaseException, TypeError, ValueError):
        # Perhaps a key that no config mentions: misspelt, or left at its default so far. Else it comes again.
        lines = _free(settings, hydra.compose(ROOT, groups))
        return hydra.compose(ROOT, [*groups, *lines])


def _key(override: Override) -> str:
    return str(override.key_or_group)


def _line(override: Override) -> str:
    return str(override.input_line)


def _is_setting(override: Override, folders: Sequence[Path]) -> bool:
    """Tell a value (``study.seed=2``) from a choice of a config (``city=street``)."""
    key = _key(override)
    group = "/" in key or override.package is not None or any((place / key).is_dir() for place in folders)
    return not group


def _refuse_hydra(parsed: Sequence[Override]) -> None:
    own = [one for one in parsed if re.match(r"hydra\b", _key(one))]
    message = "settings of Hydra itself belong to python experiments/compare.py"
    if own:
        raise InputError([Problem(_key(one), one.get_value_element_as_str(), message) for one in own])


def _names(chosen: Sequence[Override]) -> tuple[str, ...] | None:
    """Return the policies that ``policy=`` names."""
    if not chosen:
        return None
    value = chosen[-1].value()
    names = value if isinstance(value, list) else [value]
    return tuple(str(name) for name in names if name is not None)


def _free(settings: Sequence[Override], config: DictConfig) -> list[str]:
    """Return the settings as Hydra shall read them, or report every key that leads nowhere."""
    found, lines = [], []
    for one in settings:
        plain = one.type is OverrideType.CHANGE
        problem = _misspelt(one, config) if plain else None
        if problem is not None:
            found.append(problem)
        lines.append(f"++{_line(one)}" if plain and not one.is_sweep_override() else _line(one))
    if found:
        raise InputError(found)
    return lines


def _misspelt(override: Override, config: DictConfig) -> Problem | None:
    """Find the first part of a dotted key that is not there; the last may be new if it is checked later."""
    parts = _key(override).split(".")
    here: Any = config
    for depth, part in enumerate(parts):
        last = depth == len(parts) - 1
        if isinstance(here, ListConfig):
            known = [str(index) for index in range(len(here))]
        elif isinstance(here, DictConfig):
            known = [str(key) for key in here]
        else:
            known = []
        if part not in known:
            if last and depth > 0 and parts[0] in VALIDATED and isinstance(here, DictConfig):
                return None
            hint = nearest(part, known) if known else "nothing stands below it"
            if depth == 0 and part not in known:
                hint = nearest(part, [*known, "city", "policy"])
            where = f'there is no "{part}"' + (f" in {'.'.join(parts[:depth])}" if depth else "")
            return Problem(_key(override), override.get_value_element_as_str(), f"{where}; {hint}")
        here = here[int(part)] if isinstance(here, ListConfig) else here[part]
    return None


def _mark(settings: Sequence[Override], config: DictConfig) -> None:
    """Write beside each value that was set where it comes from; an earlier source no longer holds."""
    for one in settings:
        if one.type is OverrideType.DEL or "." not in _key(one):
            continue
        path, _, last = _key(one).rpartition(".")
        value = one.value()
        if last in EVIDENCE or isinstance(value, list | dict) or "${" in str(value):
            continue
        place = path if last == "value" else _key(one)
        number = OmegaConf.select(config, _key(one))
        OmegaConf.update(
            config, place, {"value": number, "source": COMMAND_LINE}, merge=False, force_add=True
        )


def _refuse_code(data: Any, path: str) -> None:
    """Raise InputError where a config names code, or reads something outside the configs."""
    found = list(_code(data, path))
    if found:
        raise InputError(found)


def _code(data: Any, path: str) -> Iterator[Problem]:
    if isinstance(data, Mapping):
        for key, item in data.items():
            where = f"{path}.{key}" if path else str(key)
            if str(key).startswith("_"):
                yield Problem(
                    where, item, 'a key may not begin with "_"; a config says what a thing is by its kind'
                )
            yield from _code(item, where)
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from _code(item, f"{path}.{index}")
    elif isinstance(data, str) and re.search(r"\$\{.*:", data.replace(LOOK_UP, ""), re.DOTALL):
        message = "only references to other values of the configs are allowed, such as ${size.veterans}"
        yield Problem(path, data, message)


class _OwnFolder(SearchPathPlugin):
    """Puts the user's folder before the project's, while this room composes and at no other time."""

    folder: Path | None = None

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Add the folder."""
        if self.folder is not None:
            search_path.prepend("vetsim", f"{FILE}//{self.folder}", anchor="main")


@contextmanager
def _hydra(folders: Sequence[Path]) -> Iterator[None]:
    """Give Hydra the folders; then leave its global state as it was, also inside a Hydra application."""
    state = GlobalHydra.instance()
    before, state.hydra = state.hydra, None
    Plugins.instance().register(_OwnFolder)
    _OwnFolder.folder = folders[0] if len(folders) > 1 else None
    try:
        with hydra.initialize_config_dir(str(folders[-1]), job_name=ROOT, version_base="1.3"):
            yield
    finally:
        _OwnFolder.folder = None
        GlobalHydra.instance().hydra = before
