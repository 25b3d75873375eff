"""A cluster gives what one process gives, whatever dies on it; what cannot go on says so instead of waiting.

A real Dask scheduler and real workers, each a process of its own on loopback.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pandas as pd
import pytest

from simulation.runner import WorkersGoneError, cluster, run_study
from simulation.scenario.examples import single_queue
from simulation.spec import InputError
from simulation.store import Store
from simulation.study import Study

pytest.importorskip("distributed", reason="the extra dask is not installed")

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = (
    single_queue(rate=4.0, servers=5).model_copy(update={"id": "baseline"}),
    single_queue(rate=4.0, servers=6).model_copy(update={"id": "more"}),
)
FIRST, MANY = 1, 60


def a_study(scheduler="", **settings):
    """A study of half a hundred blocks, so that something can happen in between."""
    where = {"execution": "dask", "scheduler": scheduler} if scheduler else {}
    settings = {"replications": MANY, "seed": 5, **where, **settings}
    return Study(id="tiny", run_length=24 * 60, warm_up=24, **settings)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The study done by threads of this process: what all others must equal."""
    return run_study(a_study(), SCENARIOS, Store(tmp_path_factory.mktemp("alone")), workers=2)


class Cluster:
    """A scheduler and its workers, which can be killed."""

    def __init__(self, folder):
        self.folder, self.workers, self.processes = folder, [], []
        self.scheduler, text = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", until="Scheduler at"
        )
        self.address = re.search(r"Scheduler at:\s+(tcp://\S+)", text)[1]

    def worker(self, code=ROOT):
        """Add a worker of one thread that runs some code."""
        options = ("--nthreads", "1", "--no-nanny", "--death-timeout", "30")
        self.workers.append(
            self._start("worker", self.address, *options, until="Registered to", code=code)[0]
        )

    def _start(self, what, *options, until, code=ROOT):
        log = self.folder / f"{what}-{len(self.processes)}.log"
        with log.open("w") as said:
            run = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{what}", *options, "--no-dashboard"],
                env={**os.environ, "PYTHONPATH": str(code)},
                stdout=subprocess.DEVNULL,
                stderr=said,
                cwd=self.folder,
            )
        self.processes.append(run)
        end = time.monotonic() + 60
        while until not in (text := log.read_text()):
            assert run.poll() is None, text
            assert time.monotonic() < end, text
            time.sleep(0.05)
        return run, text

    def close(self):
        """Kill everybody."""
        for run in self.processes:
            run.kill()
            run.wait()


@pytest.fixture
def machines(tmp_path):
    """A scheduler with two workers."""
    found = Cluster(tmp_path)
    found.worker()
    found.worker()
    yield found
    found.close()


def run_on(machines, folder, what=lambda _: None, **settings):
    """Run the study on the cluster; tell somebody after each replication how many are done."""
    study = a_study(machines.address, **settings)
    return run_study(study, SCENARIOS, Store(folder / "store"), progress=lambda done, _: what(done))


def once(at, act):
    """Act once, when so many are done."""
    acted = []

    def tell(done):
        if done >= at and not acted:
            acted.append(done)
            act()

    return tell


def assert_same(one, other):
    """The same values and series, in the same order."""
    pd.testing.assert_frame_equal(one.kpis, other.kpis)
    assert one.series.keys() == other.series.keys()
    for name in one.series:
        pd.testing.assert_frame_equal(one.series[name], other.series[name])


def test_two_machines_give_what_one_gives_and_write_nothing(alone, machines, tmp_path):
    """Bit for bit; all that is kept is kept here, in files that hold what threads would have put there."""
    found = run_on(machines, tmp_path)
    assert (found.simulated, found.failures, found.interrupted) == (2 * MANY, (), False)
    assert_same(found, alone)
    again = run_study(a_study(), SCENARIOS, Store(tmp_path / "store"))
    assert (again.simulated, again.loaded) == (0, 2 * MANY)
    assert_same(again, alone)


def test_a_worker_that_is_killed_changes_nothing(alone, machines, tmp_path):
    """What it was at is done again by the other one."""
    found = run_on(machines, tmp_path, once(FIRST, machines.workers[0].kill))
    assert found.failures == ()
    assert_same(found, alone)


def test_a_worker_that_comes_late_and_one_that_stands_still_change_nothing(alone, machines, tmp_path):
    """One worker stops for two seconds, a third one comes."""
    stopped = machines.workers[0].pid

    def stop():
        os.kill(stopped, signal.SIGSTOP)
        threading.Timer(2.0, os.kill, (stopped, signal.SIGCONT)).start()
        machines.worker()

    assert_same(run_on(machines, tmp_path, once(FIRST, stop)), alone)


def test_without_any_worker_it_ends_and_what_was_finished_is_kept(alone, machines, tmp_path, monkeypatch):
    """Dask itself would wait for ever."""
    monkeypatch.setattr(cluster, "WAITING", 8.0)

    def kill_all():
        for worker in machines.workers:
            worker.kill()

    with pytest.raises(WorkersGoneError, match="there has been no worker for 8 s"):
        run_on(machines, tmp_path, once(11, kill_all))
    again = run_study(a_study(), SCENARIOS, Store(tmp_path / "store"), workers=2)
    assert again.loaded >= 11
    assert_same(again, alone)


def test_a_scheduler_that_dies_gives_no_wrong_results(alone, machines, tmp_path, monkeypatch):
    """Its futures come back cancelled, as if they were finished: nothing of that is kept."""
    monkeypatch.setattr(cluster, "WAITING", 8.0)
    with pytest.raises((InputError, WorkersGoneError), match=r"no scheduler answers|no worker"):
        run_on(machines, tmp_path, once(11, machines.scheduler.kill))
    again = run_study(a_study(), SCENARIOS, Store(tmp_path / "store"), workers=2)
    assert again.loaded >= 11
    assert again.damaged == ()
    assert_same(again, alone)


def test_nobody_at_the_address_is_an_input_error(tmp_path, monkeypatch):
    """With the address and what to do."""
    monkeypatch.setattr(cluster, "WAITING", 1.0)
    study = a_study("tcp://127.0.0.1:9")
    with pytest.raises(InputError, match="scheduler: no scheduler answers there"):
        run_study(study, SCENARIOS, Store(tmp_path))


def test_a_scheduler_without_workers_says_how_to_start_some(tmp_path, monkeypatch):
    """It does not wait for ever."""
    monkeypatch.setattr(cluster, "WAITING", 1.0)
    empty = Cluster(tmp_path)
    try:
        with pytest.raises(WorkersGoneError, match=f"start some: dask worker {empty.address}"):
            run_on(empty, tmp_path)
    finally:
        empty.close()


def other_code(folder):
    """A copy of the package, one comment longer."""
    package = folder / "elsewhere" / "simulation"
    shutil.copytree(ROOT / "simulation", package, ignore=shutil.ignore_patterns("__pycache__"))
    with (package / "records.py").open("a") as file:
        file.write("# another version\n")
    return package.parent


def test_a_worker_with_other_code_is_refused(machines, tmp_path):
    """Before anything is run, with what differs; results would depend on who works."""
    machines.worker(other_code(tmp_path))
    with pytest.raises(InputError, match=r"another version: code \w{12} \(here \w{12}\)"):
        run_on(machines, tmp_path)
    assert not (tmp_path / "store").exists()


def test_a_worker_with_other_code_that_comes_late_is_refused(alone, machines, tmp_path):
    """The block that it is given tells; what the others finished is kept."""
    code = other_code(tmp_path)

    def replace():
        for worker in machines.workers:
            worker.kill()
        machines.worker(code)

    with pytest.raises(InputError, match="another version"):
        run_on(machines, tmp_path, once(11, replace))
    again = run_study(a_study(), SCENARIOS, Store(tmp_path / "store"), workers=2)
    assert again.loaded >= 11
    assert_same(again, alone)


def test_workers_that_are_started_here_end_with_the_study(alone, tmp_path):
    """Without an address, processes of this machine work, and none is left."""
    study = a_study().model_copy(update={"execution": "dask", "replications": 20})
    found = run_study(study, SCENARIOS, Store(tmp_path), workers=2)
    assert found.simulated == 40
    few = alone.kpis[alone.kpis["replication"] < 20].reset_index(drop=True)
    pd.testing.assert_frame_equal(found.kpis, few)
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    named = [Path(f"/proc/{child}/cmdline").read_text() for child in children]
    assert not [name for name in named if "spawn_main" in name]
