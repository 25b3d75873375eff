"""The benchmark: it runs, checks answers, and writes what it found; how fast anything is is not tested."""

import json
import subprocess
import sys

import pytest

from simulation import benchmark
from simulation.benchmark import race
from simulation.benchmark.workloads import QUEUE, REFERRAL, Found, summarise
from simulation.cli import app


@pytest.fixture(scope="module", name="measured")
def _measured():
    return benchmark.run(1, quick=True)


def test_every_engine_does_both_workloads_and_answers_rightly(measured):
    """Two workloads, four engines, each with a rate and a right answer."""
    table = measured.table()
    assert table["engine"].tolist() == ["vetsim", "SimPy", "SimPy, recorded", "Ciw"] * 2
    assert (table["rate"] > 0).all()
    assert (table.loc[table["engine"] == "vetsim", "vetsim_over"] == 1).all()
    assert measured.wrong == []


def test_without_ciw_the_others_race(monkeypatch):
    """Ciw comes with the tests; the benchmark says so and does without."""
    monkeypatch.setattr(race.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(benchmark.measure, "CUSTOMERS", {"queue": 2_000, "referral": 2_000})
    said = []
    measured = benchmark.run(1, quick=True, progress=said.append)
    assert "Ciw is not installed" in said[0]
    assert set(measured.table()["engine"]) == {"vetsim", "SimPy", "SimPy, recorded"}


@pytest.mark.parametrize("workload", [QUEUE, REFERRAL])
def test_the_scenario_is_the_workload(workload):
    """The engine's answers to the scenarios of the workloads are those that are known."""
    answer = summarise(workload, race.reference(workload, 19_200, seed=2))
    assert [check for check in workload.check(answer) if not check.holds] == []


def test_a_wrong_answer_is_told():
    """An engine that loses nobody and lets nobody wait is not believed."""
    dreamed = race.Engine("dream", "dreams", lambda *_: Found(100_000, (1.0, 0.0), (0.0,)))
    (result,) = race.race(QUEUE, [dreamed], 100, rounds=1)
    assert "mean wait" in result.wrong
    assert "gave up" not in result.wrong


def test_the_command_writes_table_page_and_figure(tmp_path, capsys):
    """What is printed for programs is also what is in the folder."""
    with pytest.raises(SystemExit) as end:
        app(["benchmark", "--quick", "--rounds", "1", "--json", "--results", str(tmp_path)])
    assert end.value.code == 0
    printed = json.loads(capsys.readouterr().out)
    assert len(printed["engines"]) == 8
    names = {path.name for path in (tmp_path / "benchmark").iterdir()}
    assert names == {"benchmark.csv", "benchmark.md", "benchmark.svg", "benchmark.png", "manifest.json"}
    page = (tmp_path / "benchmark" / "benchmark.md").read_text()
    assert "| vetsim |" in page
    assert "mean wait at doctors" in page


def test_wrong_answers_end_the_command_with_one(tmp_path, monkeypatch, capsys):
    """A fast engine that is wrong is no success."""
    dreamed = race.Engine("dream", "dreams", lambda *_: Found(100_000, (1.0, 0.0), (0.0,)))
    lie = benchmark.Benchmark(tuple(race.race(QUEUE, [dreamed], 100, rounds=1)), None)
    monkeypatch.setattr(benchmark, "run", lambda *_, **__: lie)
    with pytest.raises(SystemExit) as end:
        app(["benchmark", "--results", str(tmp_path)])
    assert end.value.code == 1
    assert "mean wait" in capsys.readouterr().err


def test_ciw_is_not_loaded_until_it_races():
    """The room can be imported where Ciw is not installed."""
    code = "import sys, simulation.benchmark; print('ciw' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.strip() == "False"
