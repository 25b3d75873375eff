"""A study gives the same numbers on any number of workers, whatever dies, fails or is interrupted."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from simulation import engines
from simulation.records import ConservationError
from simulation.runner import run_study
from simulation.runner.blocks import Block, Task, make_blocks
from simulation.runner.collecting import Running
from simulation.runner.executors import WorkerLostError
from simulation.runner.keeping import KeepingError
from simulation.runner.processes import in_processes
from simulation.runner.replicate import Assignment, Measured, everything
from simulation.runner.threads import in_threads
from simulation.scenario import digest
from simulation.scenario.examples import single_queue
from simulation.scenario.indices import Satisfaction
from simulation.spec import InputError, Problem
from simulation.store import Store
from simulation.study import Study

SCENARIOS = (
    single_queue(rate=2.0, servers=3).model_copy(update={"id": "baseline"}),
    single_queue(rate=2.0, servers=4).model_copy(update={"id": "more"}),
)
PAIR = 2
ROOT = Path(__file__).resolve().parents[2]


def a_study(replications=3, **settings):
    """A study that is over in no time, on the engine whose replications are shared by processes."""
    settings = {"engine": "reference", **settings}
    return Study(id="tiny", run_length=48, warm_up=24, replications=replications, seed=5, **settings)


def assert_same(one, other):
    """The same values and series, in the same order."""
    pd.testing.assert_frame_equal(one.kpis, other.kpis)
    assert one.series.keys() == other.series.keys()
    for name in one.series:
        pd.testing.assert_frame_equal(one.series[name], other.series[name])


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The study done by one worker, in this process: what all others must equal."""
    return run_study(a_study(), SCENARIOS, Store(tmp_path_factory.mktemp("alone")))


def test_rows_are_in_the_order_of_scenarios_and_replications(alone):
    """Every scenario has every replication, the baseline first."""
    order = alone.kpis[["scenario", "replication"]].drop_duplicates().values.tolist()
    assert order == [[scenario.id, number] for scenario in SCENARIOS for number in range(3)]
    assert list(alone.kpis.columns[:2]) == ["scenario", "replication"]
    assert (alone.simulated, alone.loaded, alone.failures, alone.interrupted) == (6, 0, (), False)


def test_two_workers_and_a_dead_one_change_nothing(alone, tmp_path):
    """A worker is killed in the middle of the study: its tasks are done again, the results are identical."""
    killed = []

    def kill_one(done, total):
        children = multiprocessing.active_children()
        if done == 1 and not killed:
            os.kill(children[0].pid, signal.SIGKILL)
            killed.append(children[0].pid)

    found = run_study(a_study(), SCENARIOS, Store(tmp_path), workers=2, progress=kill_one)
    assert killed
    assert found.workers == 2
    assert found.failures == ()
    assert_same(found, alone)


def test_a_task_that_kills_its_workers_is_given_up_and_the_others_are_done(tmp_path):
    """After three attempts it is reported; its neighbours do not suffer."""
    scenarios = (SCENARIOS[0], Deadly())
    digests = {0: digest(SCENARIOS[0]), 1: "deadly"}
    assignment = Assignment(a_study(), dict(enumerate(scenarios)), digests, tmp_path)
    blocks = [Block(0, range(1)), Block(1, range(1)), Block(0, range(1, 2))]
    results = dict(in_processes(assignment, blocks, workers=2))
    assert isinstance(results[Task(0, 0)], Measured)
    assert isinstance(results[Task(0, 1)], Measured)
    assert isinstance(results[Task(1, 0)], WorkerLostError)


class Deadly:
    """In place of a scenario: whoever looks at it dies."""

    def __getattr__(self, name):
        if not name.startswith("__"):
            os.kill(os.getpid(), signal.SIGKILL)
        raise AttributeError(name)

    def __reduce__(self):
        return (Deadly, ())


def test_a_study_goes_on_where_it_was_left(alone, tmp_path):
    """Replications that are in the store are not run again, and give the same values."""
    first = run_study(a_study(replications=1), SCENARIOS, Store(tmp_path))
    assert (first.simulated, first.loaded) == (PAIR, 0)
    longer = run_study(a_study(), SCENARIOS, Store(tmp_path))
    assert (longer.simulated, longer.loaded) == (4, PAIR)
    assert_same(longer, alone)


def test_other_windows_and_kpis_use_the_same_replications(tmp_path):
    """Only what decides the records is in their address: the warm-up is not. What was measured is of one."""
    run_study(a_study(keep_records=True), SCENARIOS, Store(tmp_path))
    other = Study(id="other", run_length=24, warm_up=40, run_out=8, replications=3, seed=5)
    found = run_study(other, SCENARIOS, Store(tmp_path))
    assert found.loaded == PAIR * 3
    assert_same(found, run_study(other, SCENARIOS, Store(tmp_path / "empty")))


def test_records_are_kept_only_when_the_study_asks(alone, tmp_path):
    """Their want makes what was measured incomplete; with them there, everything comes from the store."""
    run_study(a_study(), SCENARIOS, Store(tmp_path))
    assert list(tmp_path.rglob("*.visits.parquet")) == []
    kept = run_study(a_study(keep_records=True), SCENARIOS, Store(tmp_path))
    assert (kept.simulated, kept.loaded) == (6, 0)
    assert len(list(tmp_path.rglob("*.visits.parquet"))) == 6
    again = run_study(a_study(keep_records=True), SCENARIOS, Store(tmp_path))
    assert (again.simulated, again.loaded) == (0, 6)
    assert_same(again, alone)


def test_records_that_are_kept_do_not_stay_in_memory(tmp_path):
    """They are on the disk as soon as they are there."""
    store, study = Store(tmp_path), a_study(keep_records=True, engine="compiled")
    found = Running(store, everything, 2, {}).collect(study, SCENARIOS, [range(3)] * 2, lambda *_: None)
    assert len(found.measured) == 6
    assert all(one.records is None for one in found.measured.values())
    assert len(list(tmp_path.rglob("*.visits.parquet"))) == 6


def test_other_weights_of_indices_are_measured_again(alone, tmp_path):
    """They change no record and are in no record's address, but they change what is measured."""
    weights = SCENARIOS[0].indices
    first = weights.model_copy(update={"satisfaction": Satisfaction(constant=0.25)})
    others = [scenario.model_copy(update={"indices": first}) for scenario in SCENARIOS]
    run_study(a_study(), SCENARIOS, Store(tmp_path))
    found = run_study(a_study(), others, Store(tmp_path))
    assert found.simulated == 6
    assert not found.kpis["value"].equals(alone.kpis["value"])


def cut(folder, pattern):
    """Cut the first file of a kind to a part of it; return its name."""
    victim = min(folder.rglob(pattern))
    victim.write_bytes(victim.read_bytes()[:100])
    return victim.name


def test_a_damaged_file_is_named_and_made_again(alone, tmp_path):
    """Half a file is no replication."""
    run_study(a_study(), SCENARIOS, Store(tmp_path))
    name = cut(tmp_path, "*-*2.parquet")
    again = run_study(a_study(), SCENARIOS, Store(tmp_path))
    assert (again.simulated, again.loaded) == (1, 5)
    assert name in again.damaged[0]
    assert_same(again, alone)
    assert run_study(a_study(), SCENARIOS, Store(tmp_path)).damaged == ()


def test_damaged_records_are_named_when_they_are_looked_at(alone, tmp_path):
    """What was measured is gone, and one of the replications of which it could be measured again is torn."""
    run_study(a_study(keep_records=True), SCENARIOS, Store(tmp_path))
    shutil.rmtree(tmp_path / "measured")
    name = cut(tmp_path, "*.visits.parquet")
    again = run_study(a_study(), SCENARIOS, Store(tmp_path))
    assert (again.simulated, again.loaded) == (1, 5)
    assert [name in note for note in again.damaged] == [True]
    assert_same(again, alone)


def test_a_failing_replication_is_named_and_the_others_are_kept(tmp_path, monkeypatch):
    """The engine fails once: the error says where, and five of six replications are stored."""
    replicate = engines.replicate

    def fails_once(layout, seed, replication, engine):
        if (layout.scenario.id, replication) == ("more", 1):
            raise ConservationError("3 cases but exits [1, 1]")
        return replicate(layout, seed, replication, engine)

    monkeypatch.setattr(engines, "replicate", fails_once)
    found = run_study(a_study(), SCENARIOS, Store(tmp_path))
    assert [str(one) for one in found.failures] == [
        "scenario more, replication 1: ConservationError: 3 cases but exits [1, 1]"
    ]
    assert "fails_once" in found.failures[0].detail
    assert found.simulated == 5
    monkeypatch.undo()
    again = run_study(a_study(), SCENARIOS, Store(tmp_path))
    assert (again.simulated, again.loaded, again.failures) == (1, 5, ())


def test_bad_input_found_late_is_still_bad_input(tmp_path, monkeypatch):
    """A year without announced holidays is the user's to mend, not a failed replication."""

    def no_holidays(*_):
        raise InputError([Problem("calendars.office.holidays", 2031, "not announced yet")])

    monkeypatch.setattr(engines, "replicate", no_holidays)
    with pytest.raises(InputError, match="not announced yet"):
        run_study(a_study(), SCENARIOS, Store(tmp_path))


def test_progress_counts_every_replication(tmp_path):
    """From none to all."""
    seen = []
    run_study(a_study(), SCENARIOS, Store(tmp_path), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(done, 6) for done in range(7)]


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_threads_give_what_one_process_gives(alone, workers):
    """The same study in blocks, by threads that share its scenarios."""
    cast = dict(enumerate(SCENARIOS))
    digests = {number: digest(scenario) for number, scenario in cast.items()}
    assignment = Assignment(a_study(), cast, digests, None)
    found = dict(in_threads(assignment, make_blocks(2, 3, "compiled", workers), workers))
    for scenario, named in enumerate(SCENARIOS):
        for number in range(3):
            rows = alone.kpis[(alone.kpis["scenario"] == named.id) & (alone.kpis["replication"] == number)]
            rows = rows.drop(columns=["scenario", "replication"]).reset_index(drop=True)
            pd.testing.assert_frame_equal(found[Task(scenario, number)].tables.values, rows)


def test_a_full_disk_ends_the_run_at_once(alone, tmp_path, monkeypatch):
    """It says what to do; nothing is half there, and once there is room the same study goes on."""

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("simulation.store.files.put", full)
    with pytest.raises(KeepingError, match=r"No space left on device.*make room"):
        run_study(a_study(), SCENARIOS, Store(tmp_path))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    monkeypatch.undo()
    assert_same(run_study(a_study(), SCENARIOS, Store(tmp_path)), alone)


SCRIPT = """
import multiprocessing, sys
from pathlib import Path
from simulation.runner import run_study
from simulation.scenario.examples import single_queue
from simulation.store import Store
from simulation.study import Study

def tell(done, total):
    if done == 2:
        print(*(child.pid for child in multiprocessing.active_children()), flush=True)

if __name__ == "__main__":
    study = Study(id="long", run_length=24 * 100, replications=1000, engine="reference")
    found = run_study(study, [single_queue()], Store(Path(sys.argv[1])), workers=2, progress=tell)
    print("interrupted", found.interrupted, found.simulated >= 2, flush=True)
"""


@pytest.fixture
def under_way(tmp_path):
    """A long study in a process group of its own, some replications of which are done; and its workers."""
    script = tmp_path / "study.py"
    script.write_text(SCRIPT)
    run = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path / "store")],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )
    workers = [int(number) for number in run.stdout.readline().split()]
    assert len(workers) == 2
    yield run, workers
    run.kill()
    run.communicate()


def runs(process):
    """Tell whether a process is there and not just waiting to be buried."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def gone(processes, seconds):
    """Tell whether all processes end within some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not any(map(runs, processes)):
            return True
        time.sleep(0.05)
    return False


def test_ctrl_c_stops_within_two_seconds_and_keeps_what_is_finished(under_way, tmp_path):
    """The interrupt reaches the whole group, as from a terminal; no worker outlives it, no file is torn."""
    run, workers = under_way
    os.killpg(run.pid, signal.SIGINT)
    begun = time.monotonic()
    out, err = run.communicate(timeout=20)
    assert time.monotonic() - begun < 2.0
    assert out.split() == ["interrupted", "True", "True"]
    assert "Traceback" not in err
    assert gone(workers, 1.0)
    kept = list((tmp_path / "store").rglob("*-*[0-9].parquet"))
    study = Study(id="long", run_length=24 * 100, replications=8)
    again = run_study(study, [single_queue()], Store(tmp_path / "store"))
    assert 2 <= again.loaded <= len(kept)
    assert again.damaged == ()
    assert not list((tmp_path / "store").rglob(".unfinished-*"))


def test_workers_end_with_their_parent(under_way):
    """The parent is killed without a chance to say so."""
    run, workers = under_way
    run.send_signal(signal.SIGKILL)
    assert gone(workers, 5.0)
