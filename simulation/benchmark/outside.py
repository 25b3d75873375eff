"""Engines that are not Python: a C++ program, compiled on the spot, and simmer, where there is R."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from simulation.benchmark.race import Ran
from simulation.benchmark.workloads import Found, Workload

__all__ = ["NotHereError", "compile_limit", "find_simmer", "running"]

PROGRAMS = Path(__file__).resolve().parents[2] / "experiments" / "other_engines"
"""Only a clone has them."""
FLAGS = ("-O3", "-march=native", "-ffp-contract=off", "-std=c++17")
PATIENCE = 600.0
"""Seconds after which a program is thought to hang."""


class NotHereError(Exception):
    """An engine cannot race on this machine; says which, and why."""


def compile_limit(folder: Path) -> Path:
    """Compile the C++ program with the compiler of the system, and return where it is.

    Parameters
    ----------
    folder
        Where to put it.

    Raises
    ------
    NotHereError
        Where there is no compiler, or it does not compile the program.

    Examples
    --------
    >>> import tempfile
    >>> try:
    ...     name = compile_limit(Path(tempfile.mkdtemp())).name
    ... except NotHereError as absent:
    ...     name = "limit"
    >>> name
    'limit'
    """
    compiler = next(filter(None, map(shutil.which, ("c++", "g++", "clang++"))), None)
    if compiler is None:
        raise NotHereError("C++ is left out: no compiler (c++, g++, clang++) was found")
    program = folder / "limit"
    try:
        _output([compiler, *FLAGS, str(_source("limit.cpp")), "-o", str(program)])
    except RuntimeError as error:
        raise NotHereError(f"C++ is left out: {error}") from None
    return program


def find_simmer() -> list[str]:
    """Return the command that runs the workloads in simmer.

    Raises
    ------
    NotHereError
        Where there is no R, or simmer is not installed in it.

    Examples
    --------
    >>> try:
    ...     name = Path(find_simmer()[-1]).name
    ... except NotHereError:
    ...     name = "simmer.R"
    >>> name
    'simmer.R'
    """
    program = shutil.which("Rscript")
    if program is None:
        raise NotHereError("simmer is left out: no R was found")
    try:
        _output([program, "-e", "suppressPackageStartupMessages(library(simmer))"])
    except RuntimeError:
        raise NotHereError("simmer is left out: it is not installed in this R") from None
    return [program, str(_source("simmer.R"))]


def running(command: Sequence[str], *options: str) -> Callable[[Workload, int, int], Ran]:
    """Return what runs a workload in such a program, which says itself how much processor time it took.

    Parameters
    ----------
    command
        The program; it is given the workload's id, the options, customers and seed, and prints one line:
        seconds, customers, those done, and for each station those who gave up, visits, and the sum of waits.
    options
        What else it is told.

    Examples
    --------
    >>> from simulation.benchmark.workloads import QUEUE
    >>> running(["echo", "0.5 4 3 1 4 2.0 #"])(QUEUE, 4, 1)
    Ran(found=Found(customers=4, shares=(0.75, 0.25), waits=(0.5,)), seconds=0.5)
    """

    def run(workload: Workload, customers: int, seed: int) -> Ran:
        said = _output([*command, workload.id, *options, str(customers), str(seed)])
        seconds, number, done, *sums = (float(word) for word in said.partition("#")[0].split())
        gone, visits, waited = sums[0::3], sums[1::3], sums[2::3]
        shares = (done / number, *(count / number for count in gone))
        waits = tuple(wait / max(count, 1.0) for wait, count in zip(waited, visits, strict=True))
        return Ran(Found(int(number), shares, waits), seconds)

    return run


def _source(name: str) -> Path:
    source = PROGRAMS / name
    if not source.is_file():
        raise NotHereError(f"{name} is left out: only a clone of the project has it")
    return source


def _output(command: Sequence[str]) -> str:
    """Run a program and return what it prints; RuntimeError with its first complaint when it fails."""
    try:
        run = subprocess.run(  # noqa: S603 - programs of this project
            command, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RuntimeError(f"{Path(command[0]).name}: {error}") from None
    if run.returncode:
        complaint = next(iter(run.stderr.strip().splitlines()), "it says nothing")
        raise RuntimeError(f"{Path(command[0]).name} ended with {run.returncode}: {complaint}")
    return run.stdout
