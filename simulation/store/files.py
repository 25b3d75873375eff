"""Files that are there whole or not at all."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
from collections.abc import Callable
from pathlib import Path

from simulation.spec import InputError, Problem

__all__ = ["beside", "clear_unfinished", "linked", "put", "refuse_link", "write_whole"]

_MARK = f".unfinished-{hashlib.sha256(platform.node().encode()).hexdigest()[:8]}-"
"""Begins the names of what is being written, differently on each machine that shares the disk."""


def beside(path: Path) -> Path:
    """Return the place next to a path where this process prepares it, unseen by readers.

    Examples
    --------
    >>> beside(Path("results/district")).parent.name
    'results'
    """
    return path.with_name(f"{_MARK}{os.getpid()}-{path.name}")


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file under another name beside its place, and put it there once it is on the disk.

    Parameters
    ----------
    path
        Where the file is to be; its folder is made.
    write
        Writes the content to the path that it is given.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "note.txt"
    >>> write_whole(file, lambda path: path.write_text("all of it") and None)
    >>> file.read_text()
    'all of it'
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = beside(path)
    try:
        write(unfinished)
        put(unfinished, path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def put(file: Path, place: Path) -> None:
    """Move a finished file to its place on the same disk, over what was there, in one step.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "new").write_text("new")
    >>> put(folder / "new", folder / "old")
    >>> (folder / "old").read_text()
    'new'
    """
    _to_disk(file)
    os.replace(file, place)  # noqa: PTH105 - the pair os.replace and os.fsync says what it is
    _to_disk(place.parent)


def linked(folder: Path, name: str) -> Path | None:
    """Return the folder on the way to a file that is a link, the first one included, if there is one.

    Examples
    --------
    >>> linked(Path("results/district"), "figures/waits.png") is None
    True
    """
    on_the_way = [folder, *(folder / part for part in reversed(Path(name).parents))]
    return next((place for place in on_the_way if place.is_symlink()), None)


def refuse_link(folder: Path, name: str = "") -> None:
    """Raise InputError when writing a file would follow a link out of a folder of results.

    Examples
    --------
    >>> refuse_link(Path("results/district"), "figures/waits.png")
    """
    place = linked(folder, name)
    if place is not None:
        message = "a folder of results may not be a link; remove it, or choose another place with --results"
        raise InputError([Problem("results", str(place), message)])


def clear_unfinished(folder: Path) -> None:
    """Remove what processes of this machine that no longer run left unfinished.

    Examples
    --------
    >>> import tempfile
    >>> clear_unfinished(Path(tempfile.mkdtemp()))
    """
    for path in list(folder.rglob(f"{_MARK}*")):
        number = path.name.removeprefix(_MARK).partition("-")[0]
        if number.isdigit() and not _runs(int(number)):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _to_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
