"""Where the configs are, and what can be chosen from them."""

from __future__ import annotations

from pathlib import Path

from simulation.spec import InputError, Problem

__all__ = ["describe", "options", "search_path"]

_PACKAGE = Path(__file__).resolve().parents[1]


def search_path(folder: Path | None = None) -> tuple[Path, ...]:
    """Return the folders in which configs are looked for, in order: the user's own, then the project's.

    Parameters
    ----------
    folder
        The user's own folder of configs, if there is one.

    Raises
    ------
    InputError
        When the user's folder does not exist, or is not a folder.

    Examples
    --------
    >>> search_path()[0].name in {"configs", "_configs"}
    True
    """
    packed = _PACKAGE / "_configs"  # only a wheel has it
    shipped = packed if packed.is_dir() else _PACKAGE.parent / "configs"
    if folder is None:
        return (shipped,)
    if not folder.is_dir():
        raise InputError([Problem("config-dir", str(folder), "there is no such folder")])
    return (folder.resolve(), shipped)


def options(group: str, folder: Path | None = None) -> list[str]:
    """Return what can be chosen from a group of configs, such as ``city``, ``study`` or ``policy``.

    Examples
    --------
    >>> "baseline" in options("policy")
    True
    """
    found = {file.stem for place in search_path(folder) for file in (place / group).glob("*.yaml")}
    return sorted(name for name in found if not name.startswith("_"))


def describe(group: str, name: str, folder: Path | None = None) -> str:
    """Return the first comment of a config that says what it is, in a line.

    Examples
    --------
    >>> describe("policy", "no_such_policy")
    ''
    """
    for place in search_path(folder):
        file = place / group / f"{name}.yaml"
        if file.exists():
            lines = file.read_text(encoding="utf-8-sig", errors="replace").splitlines()
            return _first_sentence(lines)
    return ""


def _first_sentence(lines: list[str]) -> str:
    words: list[str] = []
    for line in lines:
        comment = line.removeprefix("#").strip()
        if not line.startswith("#") or (not comment and words):
            break
        if comment and not comment.startswith("@package"):
            words.append(comment)
    sentence, stop, _ = " ".join(words).partition(". ")
    return sentence + stop.rstrip()
