"""Settings from the command line, put into composed configs."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from hydra.core.override_parser.types import Override, OverrideType
from omegaconf import DictConfig, ListConfig, OmegaConf

from simulation.configuration.faults import SWEEP
from simulation.configuration.varying import DESIGN_POINT
from simulation.spec import InputError, Problem, nearest

__all__ = ["COMMAND_LINE", "SHORT", "apply_settings", "put_values"]

COMMAND_LINE = "set on the command line"
"""The source of a value that an override gives."""
VALIDATED = ("scenario", "study", "policies")
"""Parts of the config in which a key that is not written may be set: an unknown one is found later."""
SHORT = {
    name: f"study.{name}"
    for name in ("engine", "execution", "scheduler", "keep_records", "precision", "most_replications")
}
"""Settings of every study that may be written without its name."""
EVIDENCE = ("source", "assumption", "low", "high", "factors")


def apply_settings(settings: Sequence[Override], config: DictConfig) -> None:
    """Set, add or delete values, and write beside each value that is set where it comes from.

    What a config only refers to (``${...}``) is copied to where the value is set, so that nothing else that
    refers to it changes.

    Parameters
    ----------
    settings
        Parsed overrides: ``key=value``, ``+key=value``, ``++key=value``, ``~key``.
    config
        Composed configs; changed in place.

    Raises
    ------
    InputError
        With every key that leads nowhere and every sweep.

    Examples
    --------
    >>> from hydra.core.override_parser.overrides_parser import OverridesParser
    >>> config = OmegaConf.create({"usual": {"mean": 2}, "scenario": {"time": "${usual}"}})
    >>> apply_settings(OverridesParser.create().parse_overrides(["scenario.time.mean=3"]), config)
    >>> OmegaConf.to_container(config, resolve=True)["scenario"]["time"]["mean"]["value"], config.usual.mean
    (3, 2)
    """
    OmegaConf.set_struct(config, False)
    found = [problem for one in settings if (problem := _problem(one, config)) is not None]
    if found:
        raise InputError(found)
    for one in settings:
        parts = _parts(one)
        _make_own(config, parts[:-1])
        if one.type is OverrideType.DEL:
            _delete(config, parts)
        else:
            _set(config, parts, one.value(), COMMAND_LINE)


def put_values(values: Mapping[str, Any], config: DictConfig) -> None:
    """Set the values of a design point, and write beside each where it comes from.

    Parameters
    ----------
    values
        By dotted name; each must be there already, or be a key that may be left out.
    config
        Composed configs; changed in place.

    Raises
    ------
    InputError
        With every name that leads nowhere.

    Examples
    --------
    >>> config = OmegaConf.create({"size": {"veterans": 10}, "scenario": {"people": "${size.veterans}"}})
    >>> put_values({"size.veterans": 20}, config)
    >>> OmegaConf.to_container(config, resolve=True)["scenario"]["people"]["value"]
    20
    """
    OmegaConf.set_struct(config, False)
    named = {name: name.split(".") for name in values}
    tried = [_misspelt(parts, str(values[name]), config, delete=False) for name, parts in named.items()]
    if any(tried):
        raise InputError([problem for problem in tried if problem is not None])
    for name, parts in named.items():
        _make_own(config, parts[:-1])
        _set(config, parts, values[name], DESIGN_POINT)


def _parts(override: Override) -> list[str]:
    return str(override.key_or_group).split(".")


def _problem(override: Override, config: DictConfig) -> Problem | None:
    if override.is_sweep_override():
        return Problem(str(override.key_or_group), str(override.input_line).partition("=")[2], SWEEP)
    value = override.get_value_element_as_str()
    if override.type in (OverrideType.ADD, OverrideType.FORCE_ADD):
        return None
    return _misspelt(_parts(override), value, config, delete=override.type is OverrideType.DEL)


def _misspelt(parts: list[str], value: str, config: DictConfig, *, delete: bool) -> Problem | None:
    """Find the first part of a dotted key that is not there; the last may be new if it is checked later."""
    here: Any = config
    for depth, part in enumerate(parts):
        if isinstance(here, ListConfig):
            known = [str(index) for index in range(len(here))]
        else:
            known = [str(key) for key in here] if isinstance(here, DictConfig) else []
        if part in known:
            here = here[int(part)] if isinstance(here, ListConfig) else here[part]
            continue
        new = depth > 0 and depth == len(parts) - 1 and isinstance(here, DictConfig)
        if new and parts[0] in VALIDATED and not delete:
            return None
        where = f" in {'.'.join(parts[:depth])}" if depth else ""
        choices = known if depth else [*known, *SHORT, "city", "policy"]
        hint = nearest(part, choices) if choices else "nothing stands below it"
        return Problem(".".join(parts), value, f'there is no "{part}"{where}; {hint}')
    return None


def _make_own(config: DictConfig, parts: Sequence[str]) -> None:
    """Replace references on the way to a value by copies of what they refer to."""
    here: Any = config
    for part in parts:
        key: Any = int(part) if isinstance(here, ListConfig) else part
        if not isinstance(here, DictConfig | ListConfig) or (
            isinstance(here, DictConfig) and key not in here
        ):
            return
        if OmegaConf.is_interpolation(here, key):
            here[key] = copy.deepcopy(here[key])
        here = here[key]


def _set(config: DictConfig, parts: list[str], value: Any, source: str) -> None:
    key = ".".join(parts)
    scalar = value is not None and not isinstance(value, list | dict) and "${" not in str(value)
    if not scalar or len(parts) == 1 or parts[-1] in EVIDENCE or parts[-1].startswith("_"):
        OmegaConf.update(config, key, value, merge=True, force_add=True)
        return
    place = ".".join(parts[:-1]) if parts[-1] == "value" else key
    marked = {"value": value, "source": source}  # an earlier source does not hold for it
    OmegaConf.update(config, place, marked, merge=False, force_add=True)


def _delete(config: DictConfig, parts: list[str]) -> None:
    here = OmegaConf.select(config, ".".join(parts[:-1])) if len(parts) > 1 else config
    del here[int(parts[-1]) if isinstance(here, ListConfig) else parts[-1]]
