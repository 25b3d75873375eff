"""Configs that somebody else wrote, looked at before they are composed: written out, they must stay small."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from simulation.spec import InputError, Problem

__all__ = ["check_configs", "inside"]

BYTES = 2_000_000
"""Size of a config at most."""
NODES = 200_000
"""Values of a config at most, with every alias written out: City S has some thousands."""
DEPTH = 60
"""Values in each other at most."""


def check_configs(folder: Path) -> None:
    """Raise InputError for configs that are harmless to look at and endless to read.

    Aliases of YAML may refer to what holds aliases: a file of a kilobyte can stand for more than any memory
    holds ("billion laughs"). What is no YAML at all is left to who reads it.

    Parameters
    ----------
    folder
        A folder of configs that did not come with the project.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "bomb.yaml").write_text("[" * 100 + "]" * 100)
    >>> check_configs(folder)
    Traceback (most recent call last):
        ...
    simulation.spec.InputError: bomb.yaml: values stand more than 60 deep; write it flatter (got 200)
    """
    found = [problem for file in sorted(folder.rglob("*.yaml")) for problem in _look(file, folder)]
    if found:
        raise InputError(found)


def _look(file: Path, folder: Path) -> Iterator[Problem]:
    name = file.relative_to(folder).as_posix()
    if (size := file.stat().st_size) > BYTES:
        yield Problem(name, size, f"a config of more than {BYTES // 10**6} MB is not read; split it")
        return
    try:
        root = yaml.compose(file.read_bytes(), Loader=yaml.SafeLoader)
        count = _written_out(root, {}, 0) if root is not None else 0
    except RecursionError:
        yield Problem(name, size, f"values stand more than {DEPTH} deep; write it flatter")
        return
    except (yaml.YAMLError, UnicodeDecodeError, ValueError):
        return
    if count > NODES:
        message = f"written out, its aliases make more than {NODES} values; refer to less"
        yield Problem(name, size, message)


def _written_out(node: yaml.Node, known: dict[int, int], depth: int) -> int:
    """Count the values below a node as if every alias were written out; each node is looked at once."""
    if depth > DEPTH:
        raise RecursionError
    if id(node) not in known:
        known[id(node)] = NODES + 1  # what refers to itself never ends
        items = node.value if isinstance(node, yaml.SequenceNode | yaml.MappingNode) else []
        parts = [part for item in items for part in (item if isinstance(item, tuple) else (item,))]
        known[id(node)] = 1 + sum(_written_out(part, known, depth + 1) for part in parts)
    return known[id(node)]


def inside(name: str, folder: Path) -> bool:
    """Tell whether a file that a config names stands in a folder of configs, wherever its links lead.

    Examples
    --------
    >>> [inside(name, Path("configs")) for name in ("opening/district.csv", "../secret.csv", "/etc/passwd")]
    [True, False, False]
    """
    return (folder / name).resolve().is_relative_to(folder.resolve())
