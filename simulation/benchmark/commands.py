"""What whole commands cost: wall time, and the memory of all their processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import NamedTuple

__all__ = ["Cost", "command_costs", "cost_of"]

PAUSE = 0.05
"""Seconds between two looks at the memory."""
TINY = (
    "run",
    "city=mmc",
    "study.replications=1",
    "study.warm_up=0",
    "study.run_length=24",
    "study.run_out=0",
)
"""The smallest run there is: what it takes is what a start takes."""
WHOLE_YEAR = ("run", "city=city_s", "study.replications=1")
COMPILED_CODE = "NUMBA_CACHE_DIR"
"""The variable that says where compiled code is kept."""


class Cost(NamedTuple):
    """What a command cost."""

    seconds: float
    """Wall time."""
    peak: float
    """Most memory in use at one time by all its processes together, MB; NaN where it cannot be seen."""


def cost_of(arguments: Sequence[str], results: Path, compiled_code: Path | None = None) -> Cost:
    """Run a command of `vetsim` and measure it.

    Parameters
    ----------
    arguments
        The command and its settings.
    results
        Folder for its results, empty, so that nothing is in the store.
    compiled_code
        Where it finds and keeps compiled code, if that is not where it usually is.

    Raises
    ------
    RuntimeError
        When the command fails.

    Examples
    --------
    >>> import tempfile
    >>> cost_of(TINY, Path(tempfile.mkdtemp())).seconds > 0
    True
    """
    command = [sys.executable, "-m", "simulation.cli", *arguments, "--results", str(results)]
    surroundings = {**os.environ, COMPILED_CODE: str(compiled_code)} if compiled_code else None
    peak = 0.0
    begun = time.perf_counter()
    with (
        TemporaryFile("w+", encoding="utf-8") as said,
        subprocess.Popen(  # noqa: S603 - this program
            command, stdout=subprocess.DEVNULL, stderr=said, env=surroundings
        ) as run,
    ):
        while run.poll() is None:
            peak = max(peak, _memory(run.pid))
            time.sleep(PAUSE)
        seconds = time.perf_counter() - begun
        if run.returncode:
            said.seek(0)
            told = said.read()[-2000:]
            raise RuntimeError(f"vetsim {' '.join(arguments)} ended with {run.returncode}: {told}")
    return Cost(seconds, peak or float("nan"))


def command_costs(
    progress: Callable[[str], None] = lambda _: None, measure: Callable[..., Cost] = cost_of
) -> dict[str, Cost]:
    """Measure a first start that has to compile, later starts, and a year of City S with all KPIs.

    Parameters
    ----------
    progress
        Is told what is being run.
    measure
        What runs a command and measures it.

    Examples
    --------
    >>> list(command_costs(measure=lambda *_: Cost(1.0, 90.0)))
    ['first start', 'start', 'whole year']
    """
    costs = {}
    with TemporaryDirectory() as folder:
        place = Path(folder)
        progress("a first start, which compiles, and the next ones")
        costs["first start"] = measure(TINY, place / "first", place / "compiled")
        later = [measure(TINY, place / str(number), place / "compiled") for number in range(3)]
        costs["start"] = min(later)
        progress(f"vetsim {' '.join(WHOLE_YEAR)}")
        costs["whole year"] = measure(WHOLE_YEAR, place / "year")
    return costs


def _memory(process: int) -> float:
    """Resident memory of a process and of its descendants, MB."""
    folder = Path(f"/proc/{process}")
    try:
        status = (folder / "status").read_text(encoding="utf-8")
        children = (folder / f"task/{process}/children").read_text(encoding="utf-8").split()
    except OSError:
        return 0.0
    own = next((line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")), "0")
    return int(own) / 1024 + sum(_memory(int(child)) for child in children)
