"""What the default comparison costs: time and memory of the whole command."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import NamedTuple

__all__ = ["Cost", "default_comparison"]

PAUSE = 0.2
"""Seconds between two looks at the memory."""


class Cost(NamedTuple):
    """What a command cost."""

    seconds: float
    """Wall time."""
    peak: float
    """Most memory in use at one time by all its processes together, MB; NaN where it cannot be seen."""


def default_comparison(results: Path, settings: Sequence[str] = ()) -> Cost:
    """Run the command `vetsim compare` and measure it.

    Parameters
    ----------
    results
        Folder for its results, empty, so that nothing is in the store.
    settings
        Other than the default.

    Raises
    ------
    RuntimeError
        When the command fails.

    Examples
    --------
    >>> import tempfile
    >>> small = ["city=mmc", "policy=baseline", "study.run_length=24", "study.replications=1"]
    >>> cost = default_comparison(Path(tempfile.mkdtemp()), [*small, "study.warm_up=0", "study.run_out=0"])
    >>> cost.seconds > 0
    True
    """
    command = [sys.executable, "-m", "simulation.cli", "compare", *settings, "--results", str(results)]
    peak = 0.0
    begun = time.perf_counter()
    with (
        TemporaryFile("w+", encoding="utf-8") as said,
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said) as run,  # noqa: S603 - this program
    ):
        while run.poll() is None:
            peak = max(peak, _memory(run.pid))
            time.sleep(PAUSE)
        seconds = time.perf_counter() - begun
        if run.returncode:
            said.seek(0)
            raise RuntimeError(f"vetsim compare ended with {run.returncode}: {said.read()[-2000:]}")
    return Cost(seconds, peak or float("nan"))


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
