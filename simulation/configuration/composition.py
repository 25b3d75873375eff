"""Configs and overrides composed by Hydra into plain data."""

from __future__ import annotations

import copy
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import hydra
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.core.plugins import Plugins
from hydra.plugins.search_path_plugin import SearchPathPlugin
from omegaconf import DictConfig, OmegaConf

from simulation.configuration.faults import in_our_words
from simulation.configuration.folders import options, search_path
from simulation.configuration.guard import guarded, refuse_code
from simulation.configuration.settings import SHORT, apply_settings, put_values
from simulation.spec import InputError, Problem

__all__ = ["Composition", "Written", "compose", "follow", "is_setting", "read_configs"]

ROOT = "vetsim"
FILE = "file:"
"""The scheme by which Hydra knows a folder."""
FILES = ("scenario.places.csv", "scenario.opening.file")
"""Settings that name a file; from the command line it may be anywhere."""

_lock = threading.RLock()


class Composition(NamedTuple):
    """What the configs say."""

    plain: dict[str, Any]
    """Nested dicts and lists: scenario, study, policies, and what they refer to."""
    policies: tuple[str, ...] | None
    """The policies chosen by ``policy=``, if any were."""
    files: frozenset[str] = frozenset()
    """Files that were named on the command line."""


class Written(NamedTuple):
    """What the configs say before their references to each other are followed."""

    config: DictConfig
    """Scenario, study, policies, and what they refer to."""
    policies: tuple[str, ...] | None
    """The policies chosen by ``policy=``, if any were."""
    files: frozenset[str] = frozenset()
    """Files that were named on the command line."""


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
    return follow(read_configs(overrides, folder))


def follow(written: Written, values: Mapping[str, Any] = MappingProxyType({})) -> Composition:
    """Follow the references of composed configs, with some values set to others before.

    Parameters
    ----------
    written
        The configs; not changed.
    values
        By dotted name: those of a design point.

    Raises
    ------
    InputError
        When a name leads nowhere, a value is missing, or a value of the design point names code.

    Examples
    --------
    >>> written = read_configs(["city=street"])
    >>> follow(written, {"size.veterans": 900}).plain["scenario"]["places"]["generate"]["veterans"]["value"]
    900
    """
    config = copy.deepcopy(written.config) if values else written.config
    refuse_code(dict(values))
    with in_our_words([f"{name}={value}" for name, value in values.items()]):
        put_values(values, config)
        refuse_code(OmegaConf.to_container(config, resolve=False))
        plain = OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
    if not isinstance(plain, dict):
        raise InputError([Problem("configs", type(plain).__name__, "the root config must be a mapping")])
    return Composition({str(key): value for key, value in plain.items()}, written.policies, written.files)


def read_configs(overrides: Sequence[str] = (), folder: Path | None = None) -> Written:
    """Compose the configs with overrides, their references to each other as they are written.

    Parameters
    ----------
    overrides, folder
        As for `compose`.

    Raises
    ------
    InputError
        When an option, a key or a value is not understood, or a config names code.

    Examples
    --------
    >>> read_configs(["policy=baseline"]).policies
    ('baseline',)
    """
    folders = search_path(folder)
    with _lock, in_our_words(overrides):
        parsed = OverridesParser.create().parse_overrides(list(overrides))
        _refuse_hydra(parsed)
        for one in parsed:
            one.key_or_group = SHORT.get(_key(one), one.key_or_group)
        chosen = [one for one in parsed if _key(one) == "policy"]
        settings = [one for one in parsed if is_setting(one, folders)]
        groups = [str(one.input_line) for one in parsed if one not in chosen and one not in settings]
        groups.append(f"policy=[{','.join(options('policy', folder))}]")
        with _hydra(folders):
            config = hydra.compose(ROOT, groups)
        refuse_code(OmegaConf.to_container(config, resolve=False))  # settings follow references on their way
        apply_settings(settings, config)
        refuse_code(OmegaConf.to_container(config, resolve=False))
    named = frozenset(str(one.value()) for one in settings if _key(one) in FILES)
    return Written(config, _names(chosen), named)


def _key(override: Override) -> str:
    return str(override.key_or_group)


def is_setting(override: Override, folders: Sequence[Path]) -> bool:
    """Tell a value (``study.seed=2``) from a choice of a config (``city=street``).

    Examples
    --------
    >>> parsed = OverridesParser.create().parse_overrides(["study.seed=2", "city=street"])
    >>> [is_setting(one, search_path(None)) for one in parsed]
    [True, False]
    """
    key = _key(override)
    groups = {place.name for folder in folders for place in folder.iterdir() if place.is_dir()}
    return key != "" and "/" not in key and override.package is None and key not in groups


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
        with guarded(), hydra.initialize_config_dir(str(folders[-1]), job_name=ROOT, version_base="1.3"):
            yield
    finally:
        _OwnFolder.folder = None
        GlobalHydra.instance().hydra = before
