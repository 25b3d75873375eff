"""What the results were made with: versions, machine, state of the code."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
import subprocess
from functools import cache
from pathlib import Path

__all__ = ["code_digest", "code_state", "machine", "versions"]

_ROOT = Path(__file__).resolve().parents[1]
_LIBRARIES = ("numpy", "scipy", "pandas", "numba", "simpy", "matplotlib", "pyarrow", "holidays", "pydantic")


def versions() -> dict[str, str]:
    """Return the versions of the project, of Python and of the libraries that decide numbers.

    Examples
    --------
    >>> versions()["python"].count(".")
    2
    """
    found = {"vetsim": _version("vetsim"), "python": platform.python_version()}
    return found | {name: _version(name) for name in _LIBRARIES}


def machine() -> dict[str, str]:
    """Return what kind of machine this is; nothing that tells whose.

    Examples
    --------
    >>> sorted(machine())
    ['cores', 'processor', 'system']
    """
    return {
        "system": platform.system(),
        "processor": _processor() or platform.machine(),
        "cores": str(os.cpu_count()),
    }


@cache
def code_digest() -> str:
    """Return a digest of the code itself, wherever it is run from.

    Examples
    --------
    >>> len(code_digest())
    64
    """
    found = hashlib.sha256()
    room = Path(__file__).resolve().parent
    for file in sorted(room.rglob("*.py")):
        found.update(f"{file.relative_to(room).as_posix()}\n".encode() + file.read_bytes())
    return found.hexdigest()


def code_state() -> str:
    """Return the commit of the clone that the code is run from, and whether it was changed since.

    Examples
    --------
    >>> code_state() != ""
    True
    """
    if not (_ROOT / ".git").exists():
        return "installed package"
    commit = _git("rev-parse", "HEAD")
    if commit is None:
        return "unknown"
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", "simulation", "configs")
    return commit if changed == "" else f"{commit}, with uncommitted changes"


def _git(*arguments: str) -> str | None:
    try:
        run = subprocess.run(  # noqa: S603 - fixed arguments
            ["git", "-C", str(_ROOT), *arguments],  # noqa: S607 - the git that the user has
            capture_output=True,
            text=True,
            check=True,
            timeout=20,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return run.stdout.strip()


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
