"""The compiled engine in other clothes: every index looked at, and as plain Python."""

import os
import subprocess
import sys

from tests.architecture.reading import ROOT


def told(worlds: int, number: int, **environment: str) -> str:
    """What a trial on small worlds says, in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.parity.trial", str(worlds), str(number), "small"],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr + run.stdout
    return run.stdout


def test_no_index_leaves_its_array(pytestconfig):
    """With the bounds of arrays looked at, the records are the same, and no index is out of them.

    Machine code that looks is kept in a folder of its own, and not with the other.
    """
    folder = pytestconfig.cache.mkdir("boundscheck")
    assert "'worlds': 150" in told(150, 1, NUMBA_BOUNDSCHECK="1", NUMBA_CACHE_DIR=str(folder))


def test_it_runs_as_plain_python():
    """Without machine code the records are the same: for coverage, and to look for faults step by step."""
    assert "'worlds': 40" in told(40, 2, NUMBA_DISABLE_JIT="1")
