"""The first use says once that it is compiling, and how long it took; later ones say nothing."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import numba

from simulation.cli.compilation import told
from simulation.compiling import watched

ROOT = Path(__file__).resolve().parents[2]


def compile_something():
    return numba.njit("int64(int64)")(lambda number: number + 1)


def test_what_is_compiled_in_a_thread_is_told():
    """The engine is first used in a worker."""
    seen = []
    with watched(lambda: seen.append("begun"), lambda: seen.append("ended")):
        thread = threading.Thread(target=compile_something)
        thread.start()
        thread.join()
    assert seen == ["begun", "ended"]


def test_what_is_compiled_on_the_way_to_something_else_is_not_told_by_itself():
    """A function that calls another which has not been compiled yet: one compilation."""
    inner = numba.njit(lambda number: number * 2)
    seen = []
    with watched(lambda: seen.append("begun"), lambda: seen.append("ended")):
        outer = numba.njit("int64(int64)")(lambda number: inner(number) + 1)
    assert outer(3) == 7
    assert seen == ["begun", "ended"]


def test_it_is_said_once_and_in_the_end_how_long_it_took(capsys):
    """Two functions are compiled: one line before, one after."""
    with told() as compiled:
        compile_something()
        compile_something()
        compiled()
        compiled()
    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[0] for line in lines] == ["compiling", "compiled"]


def test_nothing_is_said_where_nothing_is_compiled(capsys):
    """What was compiled before is called."""
    function = compile_something()
    with told() as compiled:
        assert function(1) == 2
        compiled()
    assert capsys.readouterr() == ("", "")


def test_a_command_says_it_the_first_time_and_never_again(tmp_path):
    """The cache is empty at first, then it is not."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    arguments = ["run", "city=street", "study.replications=1", "study.warm_up=0", "study.run_length=2 d"]
    arguments += ["study.run_out=0", "--workers", "1"]
    said = []
    for results in ("one", "two"):
        command = [sys.executable, "-m", "simulation.cli", *arguments, "--results", str(tmp_path / results)]
        run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        said.append(run.stderr)
    assert said[0].count("compiling for this machine") == 1
    assert said[0].count("compiled in") == 1
    assert said[0].index("compiled in") < said[0].index("1 of 1")
    assert "compil" not in said[1]
