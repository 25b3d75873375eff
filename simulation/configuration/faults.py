"""What Hydra and YAML complain about, in the words of this project."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import yaml
from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf.errors import InterpolationResolutionError, MissingMandatoryValue, OmegaConfBaseException

from simulation.spec import InputError, Problem, nearest

__all__ = ["in_our_words"]

SWEEP = (
    "several values are a sweep: write [a,b] to mean a list, quote the value to mean text, or sweep with "
    "python experiments/compare.py -m"
)


@contextmanager
def in_our_words(overrides: Sequence[str]) -> Iterator[None]:
    """Turn every error of Hydra, OmegaConf and YAML into an InputError that names field, value and remedy.

    Parameters
    ----------
    overrides
        What the user wrote, to be named where nothing better is known.

    Examples
    --------
    >>> try:
    ...     with in_our_words(["study.seed=[1"]):
    ...         raise OverrideParseException("study.seed=[1", "no viable alternative at input '[1'")
    ... except InputError as error:
    ...     print(error.problems[0].path)
    study.seed
    """
    try:
        yield
    except OverrideParseException as error:
        raise InputError([_unreadable(str(error.override))]) from None
    except MissingConfigException as error:
        raise InputError([_no_option(error)]) from None
    except yaml.MarkedYAMLError as error:
        raise InputError([_bad_yaml(error)]) from None
    except UnicodeDecodeError as error:
        message = "a config is not UTF-8; save it as UTF-8"
        raise InputError([Problem("configs", error.object[error.start : error.end], message)]) from None
    except MissingMandatoryValue as error:
        message = "this value must be given; write it in the config or as key=value"
        raise InputError([Problem(str(error.full_key or "configs"), "???", message)]) from None
    except InterpolationResolutionError as error:
        message = f"the reference leads nowhere: {_first_line(error)}"
        raise InputError([Problem(str(error.full_key or "configs"), _reference(error), message)]) from None
    except RecursionError:
        message = "nested too deeply, or going round in circles; write out what is meant"
        raise InputError([Problem("configs", list(overrides), message)]) from None
    except (HydraException, OmegaConfBaseException, OSError, TypeError, ValueError) as error:
        raise InputError([_other(error, overrides)]) from None


def _unreadable(override: str) -> Problem:
    key, equals, value = override.partition("=")
    if not equals:
        return Problem(override, override, "write settings as key=value, such as city=street")
    message = "the value cannot be read; quote text with signs or letters beyond ASCII: \"key='the text'\""
    return Problem(key.lstrip("+~"), value, message)


def _no_option(error: MissingConfigException) -> Problem:
    """Say which option of which group is missing, and what there is."""
    group, _, name = str(error.missing_cfg_file).rpartition("/")
    if error.options:
        known = [option for option in error.options if not option.startswith("_")]
        return Problem(group, name, f"there is no such {group}; {nearest(name, known)}")
    where = re.search(r"In '([^']+)'", str(error))
    message = "there is no such config" + (f", which {where.group(1)}.yaml asks for" if where else "")
    return Problem(group or "configs", name, message)


def _bad_yaml(error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark
    place = f"{mark.name} line {mark.line + 1}" if mark else "configs"
    return Problem(place, error.problem, "this is not valid YAML here; mind indentation, brackets and quotes")


def _other(error: Exception, overrides: Sequence[str]) -> Problem:
    text = str(error)
    key = re.search(r"'(?:\+*|~)([^'=]+)(?:=([^']*))?'", text)
    if "Ambiguous value" in text and key:
        return Problem(key.group(1), key.group(2), SWEEP)
    named = next((one for one in overrides if key and key.group(1) in one), None)
    name, _, value = (named or "").partition("=")
    cause = error.__cause__ or error
    message = f"the configs cannot be composed: {_first_line(cause if str(cause) else error)}"
    return Problem(name.lstrip("+~") or "configs", value if named else list(overrides), message)


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]


def _reference(error: BaseException) -> str:
    found = re.search(r"'([^']*)' not found", str(error))
    return "${" + found.group(1) + "}" if found else ""
