"""The benchmark: it runs, checks answers, and writes what it found; how fast anything is is not tested."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from simulation import benchmark
from simulation.benchmark import entrants, outside, race
from simulation.benchmark.aims import aims
from simulation.benchmark.commands import Cost
from simulation.benchmark.summary import BEGIN, END, put, summarise_benchmark
from simulation.benchmark.systems import difference
from simulation.benchmark.workloads import QUEUE, REFERRAL, Found, summarise
from simulation.cli import app
from simulation.engines import ENGINES, simulate
from simulation.kpis import Window
from simulation.records import Records

ROOT = Path(__file__).resolve().parents[2]
OURS = [f"vetsim, {name}" for name in ENGINES]
PYTHON = [*OURS, entrants.EVENTS, "SimPy", "SimPy, recorded", "Ciw", "salabim"]
DREAM = race.Engine("dream", "dreams", lambda *_: race.Ran(Found(100_000, (1.0, 0.0), (0.0,)), 1.0))


@pytest.fixture(scope="module", name="measured")
def _measured():
    queue = benchmark.System("queue", "A queue", QUEUE.scenario, 100.0, Window(0.0, 100.0), 1, 1)
    return benchmark.run(1, quick=True, systems=[queue])


def test_every_engine_does_both_workloads_and_answers_rightly(measured):
    """Two workloads, all engines in Python and what there is of the others: each a rate, a right answer."""
    table = measured.tables()["benchmark"]
    for workload in ("queue", "referral"):
        raced = table.loc[table["workload"] == workload, "engine"].tolist()
        assert raced[: len(PYTHON)] == PYTHON
        assert set(raced[len(PYTHON) :]) <= {"C++", "C++, recorded", "simmer"}
    assert (table["rate"] > 0).all()
    assert (table.loc[table["engine"] == "SimPy", "over_simpy"] == 1).all()
    assert measured.wrong == []


def test_systems_are_run_by_each_engine_and_compared(measured):
    """A line per engine, the seconds of each step, the rows the same."""
    table = measured.tables()["systems"]
    assert table["engine"].tolist() == list(ENGINES)
    assert (table["answers"] == "right").all()
    steps = table[["demand", "roster", "engine_seconds", "check", "kpis"]]
    assert (steps > 0).all(axis=None)
    assert steps.sum(axis=1).tolist() == pytest.approx(table["replication"].tolist())
    assert measured.crew.replications == 2


def test_records_that_differ_are_told():
    """In the last bit of one moment, and in the number of rows."""
    records = simulate(QUEUE.scenario, 24.0, 1, 0)
    moved = records.visits.copy()
    moved["ended"][3] = moved["ended"][3] * (1 + 2**-52)
    parts = {name: getattr(records, name) for name in ("cases", "names", "horizon", "seed", "replication")}
    assert difference(records, records) == ""
    assert difference(records, Records(visits=moved, **parts)) == "visits: column ended differs"
    assert difference(records, Records(visits=moved[:-1], **parts)).startswith("visits: ")


@pytest.mark.parametrize("absent", ["ciw", "salabim", "Rscript", "c++"])
def test_without_one_of_them_the_others_race(monkeypatch, tmp_path, absent):
    """What is not there is named, with the reason, and the rest runs."""
    specs, programs = entrants.importlib.util.find_spec, outside.shutil.which
    compilers = {"c++", "g++", "clang++"} if absent == "c++" else set()
    monkeypatch.setattr(
        entrants.importlib.util, "find_spec", lambda name: None if name == absent else specs(name)
    )
    monkeypatch.setattr(
        outside.shutil, "which", lambda name: None if name in {absent, *compilers} else programs(name)
    )
    found = entrants.entrants(tmp_path)
    name = {"ciw": "Ciw", "salabim": "salabim", "Rscript": "simmer", "c++": "C++"}[absent]
    assert name not in {engine.name for engine in found.engines}
    assert [reason for reason in found.absent if reason.startswith(f"{name} is left out: ")]
    assert "SimPy" in {engine.name for engine in found.engines}


def test_a_program_that_is_not_compiled_is_left_out(monkeypatch, tmp_path):
    """With the first complaint of the compiler."""
    (tmp_path / "limit.cpp").write_text("int main() { return nothing; }")
    monkeypatch.setattr(outside, "PROGRAMS", tmp_path)
    with pytest.raises(outside.NotHereError, match=r"C\+\+ is left out"):
        outside.compile_limit(tmp_path)


def test_a_program_that_fails_is_told(tmp_path):
    """By name, exit code and complaint."""
    with pytest.raises(RuntimeError, match="ended with 3: no luck"):
        outside.running(["sh", "-c", "echo no luck >&2; exit 3"])(QUEUE, 1, 1)


@pytest.mark.parametrize("kept", ["sums", "rows"])
@pytest.mark.parametrize("workload", [QUEUE, REFERRAL])
def test_the_limit_answers_rightly(tmp_path, workload, kept):
    """The C++ program does the workload; with and without rows it is the same run."""
    try:
        program = str(outside.compile_limit(tmp_path))
    except outside.NotHereError as absent:
        pytest.skip(str(absent))
    found = outside.running([program], kept)(workload, 400_000, 3).found
    assert [check for check in workload.check(found) if not check.holds] == []
    assert found == outside.running([program], "sums")(workload, 400_000, 3).found


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("workload", [QUEUE, REFERRAL])
def test_the_scenario_is_the_workload(workload, engine):
    """The engine's answers to the scenarios of the workloads are those that are known."""
    answer = summarise(workload, entrants.own(engine, workload, 19_200, seed=2))
    assert [check for check in workload.check(answer) if not check.holds] == []


def test_a_wrong_answer_is_told():
    """An engine that loses nobody and lets nobody wait is not believed."""
    (result,) = race.race(QUEUE, [DREAM], 100, rounds=1)
    assert "mean wait" in result.wrong
    assert "gave up" not in result.wrong


def test_what_is_wanted_stands_beside_what_was_found():
    """More than enough memory, a start that is quick enough."""
    found = aims([], [], None, {"start": Cost(1.2, 90.0), "whole year": Cost(9.0, 800.0)})
    assert [(aim.wanted, aim.found, aim.reached) for aim in found] == [
        (1.5, 1.2, True),
        (500.0, 800.0, False),
    ]


def test_the_command_writes_tables_page_and_figure(tmp_path, capsys):
    """What is printed for programs is also what is in the folder."""
    with pytest.raises(SystemExit) as end:
        app(["benchmark", "--quick", "--rounds", "1", "--json", "--results", str(tmp_path)])
    assert end.value.code == 0
    printed = json.loads(capsys.readouterr().out)
    assert len(printed["benchmark"]) >= 2 * len(PYTHON)
    assert {row["system"] for row in printed["systems"]} == {"street"}
    names = {path.name for path in (tmp_path / "benchmark").iterdir()}
    tables = {"benchmark.csv", "systems.csv", "aims.csv"}
    assert names == {*tables, "benchmark.md", "benchmark.svg", "benchmark.png", "manifest.json"}
    page = (tmp_path / "benchmark" / "benchmark.md").read_text()
    assert f"| {OURS[0]} |" in page
    assert "mean wait at doctors" in page
    assert "Yes, in each round in which both ran." in page


def test_wrong_answers_end_the_command_with_one(tmp_path, monkeypatch, capsys):
    """A fast engine that is wrong is no success."""
    lie = benchmark.Benchmark(tuple(race.race(QUEUE, [DREAM], 100, rounds=1)))
    monkeypatch.setattr(benchmark, "run", lambda *_, **__: lie)
    with pytest.raises(SystemExit) as end:
        app(["benchmark", "--quick", "--results", str(tmp_path)])
    assert end.value.code == 1
    assert "mean wait" in capsys.readouterr().err


def test_the_others_are_not_loaded_until_they_race():
    """The room can be imported where they are not installed."""
    code = "import sys, simulation.benchmark; print({'ciw', 'salabim'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.strip() == "set()"


def test_the_table_of_the_readme_is_that_of_the_results():
    """`python experiments/speed.py` would change nothing."""
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    assert put(page, summarise_benchmark(ROOT / "results" / "benchmark")) == page
    assert page.count(BEGIN) == page.count(END) == 1
