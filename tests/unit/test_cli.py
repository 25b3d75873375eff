"""The command: what it answers, how it ends, what it loads, and that bad input costs nothing."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simulation import engines
from simulation.cli import app
from simulation.records import ConservationError
from simulation.spec import InputError

ROOT = Path(__file__).resolve().parents[2]
SLOW = {"llvmlite", "matplotlib", "numba", "pandas", "pyarrow", "scipy"}

CITY = """\
# @package scenario
id: tiny
start: "2026-01-01"
places: {clinic: {}}
teams: {doctors: {place: clinic, staff: {doctor: {count: 2}}}}
pathways:
  visit:
    steps:
      - {id: triage, kind: work, teams: doctors, time: {kind: exponential, mean: 0.2}}
      - {id: consult, kind: work, teams: doctors, time: {kind: exponential, mean: 1}}
needs:
  illness: {pathway: visit, arrivals: {rate: 1.2}}
"""
STUDY = """\
# @package _global_
defaults: [{override /city: tiny}]
study: {id: tiny, policies: [more], replications: 3, warm_up: 1 d, run_length: 5 d}
"""
POLICY = """\
# @package policies
more:
  title: One more doctor
  levers: {doctor: {kind: add_staff, team: doctors, group: doctor, heads: 1}}
"""
TINY = "study=tiny"
PLACES = "id,name,tier,parent,veterans,staff,open,standard\nclinic,,place,,100,2,yes,standard\n"


@pytest.fixture
def own(tmp_path):
    """A user's folder of configs."""
    folder = tmp_path / "configs"
    for group, name, text in (("city", "tiny", CITY), ("study", "tiny", STUDY), ("policy", "more", POLICY)):
        (folder / group).mkdir(parents=True)
        (folder / group / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def vetsim(own, tmp_path, capsys):
    """Run the command in this process; give exit code, standard output and standard error."""

    def run(command, *arguments):
        places = ["--config-dir", str(own)]
        if command in ("compare", "run"):
            places += ["--results", str(tmp_path / "results"), "--workers", "1"]
        with pytest.raises(SystemExit) as end:
            app([command, *arguments, *places])
        out, err = capsys.readouterr()
        return end.value.code, out, err

    return run


def contents(folder):
    """Every file below a folder with its bytes."""
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# ------------------------------------------------------------------------------------ what it answers


def test_compare_writes_the_report_and_says_where(vetsim, tmp_path):
    """All that the contract names is there; a second time nothing is simulated and nothing differs."""
    code, out, err = vetsim("compare", TINY)
    folder = tmp_path / "results" / "tiny"
    assert (code, str(folder / "report.html") in out) == (0, True)
    assert "One more doctor" in out
    assert "of 6 replications" in err
    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    tables = {f"{table}.{form}" for table in ("comparison", "kpis") for form in ("csv", "parquet")}
    assert names >= {"report.html", "manifest.json", "replications.parquet", *tables}
    assert "figures/waits.png" in names
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["command"].startswith("vetsim compare study=tiny --config-dir")
    assert set(manifest["scenarios"]) == {"baseline", "more"}
    assert manifest["study"]["seed"] == 1
    assert manifest["versions"]["numpy"]
    assert manifest["run"]["replications_simulated"] == 6
    before = {path.name: path.read_bytes() for path in folder.glob("*.csv")}
    code, out, _ = vetsim("compare", TINY, "--json")
    found = json.loads(out)
    assert (code, found["study"], {row["scenario"] for row in found["comparison"]}) == (0, "tiny", {"more"})
    assert {path.name: path.read_bytes() for path in folder.glob("*.csv")} == before
    assert json.loads((folder / "manifest.json").read_text())["run"]["replications_simulated"] == 0


def test_other_settings_never_replace_the_study_of_record(vetsim, monkeypatch):
    """A quick look has a folder of its own, named after what it is, unless it is called something else."""
    folders = []

    def elsewhere(design, results, folder, *_, **__):
        folders.append(folder.name)
        raise InputError([])

    monkeypatch.setattr("simulation.publication.publish", elsewhere)
    for settings in ([], ["study.id=mine"], ["study.seed=2"], ["study.seed=3"], ["policy=baseline"]):
        vetsim("compare", TINY, *settings)
    assert folders[:2] == ["tiny", "mine"]
    assert len(set(folders)) == 5
    assert all(name.startswith("tiny-") for name in folders[2:])


def test_json_is_all_that_standard_output_holds(vetsim):
    """For programs that read it."""
    code, out, _ = vetsim("run", TINY, "policy=more", "--json")
    assert (code, json.loads(out)["scenario"]) == (0, "more")
    code, out, _ = vetsim("show", TINY, "--json")
    assert (code, set(json.loads(out)["scenarios"])) == (0, {"baseline", "more"})
    code, out, _ = vetsim("list", "--json")
    assert {entry["kind"] for entry in json.loads(out)} == {"study", "city", "policy", "lever", "need", "kpi"}


def test_run_prints_the_headline_kpis_of_one_scenario(vetsim):
    """The baseline, unless a policy is named."""
    code, out, _ = vetsim("run", TINY)
    assert (code, "Needs resolved" in out) == (0, True)
    assert vetsim("run", TINY, "policy=more")[1].startswith("One more doctor, tiny: 3 replication(s)")


def test_one_replication_has_no_intervals_and_is_no_error(vetsim):
    """One replication, no policy: everything degenerate at once."""
    assert vetsim("compare", TINY, "study.replications=1")[0] == 0
    assert vetsim("compare", TINY, "policy=baseline")[0] == 0
    assert vetsim("run", TINY, "study.replications=1")[0] == 0


def test_list_and_show_and_check_answer(vetsim):
    """One line each."""
    code, out, _ = vetsim("list")
    assert code == 0
    assert any(line.split()[:2] == ["city", "tiny"] for line in out.splitlines())
    code, out, _ = vetsim("show", TINY, "--under", "scenario.needs")
    assert (code, out) == (
        0,
        "scenario.needs.illness.pathway = visit\nscenario.needs.illness.arrivals.rate = 1.2\n",
    )
    code, out, _ = vetsim("check", TINY)
    assert (code, "fine" in out) == (0, True)


# ----------------------------------------------------------------------------------------- bad input

LOOP = "steps: [{id: consult, kind: work, teams: doctors, time: {kind: exponential, mean: 1}, next: consult}]"
SHUT = "\ncalendars: {shut: {kind: weekly, week: {}}}\n"


@pytest.mark.parametrize(
    ("change", "override", "field", "remedy"),
    [
        (None, "study.replicatons=3", "study.replicatons", 'did you mean "replications"?'),
        (("rate: 1.2", "rte: 1.2"), None, "scenario.needs.illness.arrivals.rte", 'did you mean "rate"?'),
        (None, "scenario.needs.illness.arrivals.rate=-1", "arrivals.rate", "greater than or equal to 0"),
        (
            ("mean: 0.2}}", "mean: 0.2}, next: {consult: 0.5, resolved: 0.4}}"),
            None,
            "scenario.pathways.visit.steps.triage.next",
            "must sum to 1",
        ),
        (
            ("{clinic: {}}", "{clinic: {parent: ward}, ward: {parent: clinic}}"),
            None,
            "scenario.places",
            "parent",
        ),
        (("needs:\n", SHUT + "needs:\n"), None, "scenario.calendars.shut", ""),
        ((CITY[CITY.index("    steps:") : CITY.index("needs:")], f"    {LOOP}\n"), None, "visit", "end"),
        (None, "study.replications=0", "study.replications", "at least one replication is needed"),
        (None, "city=tinny", "city", 'did you mean "tiny"?'),
    ],
    ids=[
        "key",
        "key in a config",
        "rate",
        "routing",
        "parents",
        "calendar",
        "endless",
        "replications",
        "city",
    ],
)
def test_bad_input(own, vetsim, tmp_path, change, override, field, remedy):
    """Exit code 2, field and remedy named, no traceback, nothing run, earlier results as they were."""
    earlier = tmp_path / "results" / "tiny"
    earlier.mkdir(parents=True)
    (earlier / "report.html").write_text("earlier")
    if change:
        assert change[0] in CITY
        (own / "city" / "tiny.yaml").write_text(CITY.replace(*change))
    code, out, err = vetsim("compare", TINY, *([override] if override else []))
    assert (code, out) == (2, "")
    lines = [line for line in err.splitlines() if field in line]
    assert lines, err
    assert any(remedy in line for line in lines), err
    assert "(got " in err
    assert "Traceback" not in err
    assert contents(tmp_path / "results") == {earlier / "report.html": b"earlier"}


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (PLACES.replace(",veterans", "").encode(), "columns missing: veterans"),
        (PLACES.replace("clinic,,", "clinic,窗口,").encode("gb18030"), "save the file as UTF-8"),
        ((PLACES + "clinic,,place,,5,1,yes,model\n").encode(), "this one is a duplicate"),
    ],
    ids=["missing column", "bad encoding", "duplicate id"],
)
def test_bad_csv(own, vetsim, tmp_path, content, remedy):
    """The file, the line and the remedy are named."""
    (own / "mine.csv").write_bytes(content)
    (own / "city" / "tiny.yaml").write_text(CITY.replace("{clinic: {}}", "{csv: mine.csv}"))
    code, _, err = vetsim("compare", TINY)
    assert code == 2
    assert "mine.csv" in err
    assert remedy in err
    assert "Traceback" not in err
    assert not (tmp_path / "results").exists()


def test_an_unwritable_results_folder_ends_before_anything_is_run(own, tmp_path, capsys, monkeypatch):
    """A file stands where the folder should be."""
    (tmp_path / "results").write_text("a file")
    monkeypatch.setattr(engines, "replicate", lambda *_: pytest.fail("nothing may be run"))
    with pytest.raises(SystemExit) as end:
        app(["compare", TINY, "--config-dir", str(own), "--results", str(tmp_path / "results")])
    assert end.value.code == 2
    assert "name another with --results" in capsys.readouterr().err
    assert (tmp_path / "results").read_text() == "a file"


@pytest.mark.parametrize("arguments", [["--workers", "0"], ["--nonsense"], ["--config-dir", "nowhere"]])
def test_wrong_options_are_bad_input(arguments, capsys):
    """The exit code of bad input is one and the same."""
    with pytest.raises(SystemExit) as end:
        app(["compare", *arguments])
    assert end.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


# --------------------------------------------------------------------------------- engine and records


def test_the_engine_is_one_setting_away_and_changes_nothing(vetsim, tmp_path):
    """The same folder, the same store: the other engine finds everything done."""
    assert vetsim("compare", TINY)[0] == 0
    code, _, _ = vetsim("compare", TINY, "engine=reference")
    assert code == 0
    assert [path.name for path in sorted((tmp_path / "results").iterdir())] == [".store", "tiny"]
    manifest = json.loads((tmp_path / "results" / "tiny" / "manifest.json").read_text())
    assert manifest["study"]["engine"] == "reference"
    assert manifest["run"]["replications_from_the_store"] == 6


@pytest.mark.parametrize("command", ["compare", "run", "check", "show"])
@pytest.mark.parametrize("setting", ["engine=referense", "study.engine=referense"])
def test_an_unknown_engine_is_bad_input(vetsim, command, setting):
    """Field, value and remedy, whichever way it is written."""
    code, out, err = vetsim(command, TINY, setting)
    assert (code, out) == (2, "")
    assert 'study.engine: there is no engine "referense"; did you mean "reference"?' in err


def test_records_are_kept_on_request(vetsim, tmp_path):
    """Else what was measured is all that is kept."""
    assert vetsim("run", TINY)[0] == 0
    assert list((tmp_path / "results").rglob("*.visits.parquet")) == []
    assert vetsim("run", TINY, "keep_records=true")[0] == 0
    assert len(list((tmp_path / "results").rglob("*.visits.parquet"))) == 3


# --------------------------------------------------------------------------------------- other endings


def test_a_failed_replication_is_exit_code_1(vetsim, tmp_path, monkeypatch):
    """The error names scenario and replication; the others are kept, earlier results stay."""
    earlier = tmp_path / "results" / "tiny" / "report.html"
    earlier.parent.mkdir(parents=True)
    earlier.write_text("earlier")
    replicate = engines.replicate

    def fails(layout, seed, replication, engine):
        if (layout.scenario.id, replication) == ("more", 3):
            raise ConservationError("a case was lost")
        return replicate(layout, seed, replication, engine)

    monkeypatch.setattr(engines, "replicate", fails)
    code, out, err = vetsim("compare", TINY, "study.replications=5")
    assert (code, out) == (1, "")
    assert "scenario more, replication 3: ConservationError: a case was lost" in err
    assert "9 of 10 are kept" in err
    assert contents(earlier.parent) == {earlier: b"earlier"}


def test_an_interruption_is_exit_code_130(vetsim, tmp_path, monkeypatch):
    """What is finished is kept, earlier results stay, and the same command goes on."""
    replicate = engines.replicate

    def interrupted(layout, seed, replication, engine):
        if replication == 1:
            raise KeyboardInterrupt
        return replicate(layout, seed, replication, engine)

    with monkeypatch.context() as patch:
        patch.setattr(engines, "replicate", interrupted)
        code, out, err = vetsim("compare", TINY, "engine=reference")
    assert (code, out) == (130, "")
    assert "2 of 6 replications are kept" in err
    assert not (tmp_path / "results" / "tiny").exists()
    assert vetsim("compare", TINY, "engine=reference")[0] == 0
    manifest = json.loads((tmp_path / "results" / "tiny" / "manifest.json").read_text())
    assert manifest["run"]["replications_from_the_store"] == 2


def start(*arguments, **options):
    """Start the command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "simulation.cli", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def test_ctrl_c_at_the_terminal(own, tmp_path):
    """Two workers are at it; the command is over within two seconds, with 130 and one line."""
    run = start(
        "compare", TINY, "study.replications=500", "study.run_length=300 d",
        "--config-dir", str(own), "--results", str(tmp_path / "results"), "--workers", "2",
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    end = time.monotonic() + 60
    while not list((tmp_path / "results").rglob("[0-9]*.parquet")) and time.monotonic() < end:
        time.sleep(0.1)
    begun = time.monotonic()
    os.killpg(run.pid, signal.SIGINT)
    out, err = run.communicate(timeout=30)
    assert time.monotonic() - begun < 2.0
    assert (run.returncode, out) == (130, "")
    assert "replications are kept; the same command goes on from there" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("arguments", [["--help"], ["compare", "--help"], ["list"], ["check", "city=street"]])
def test_what_must_be_fast_loads_nothing_slow(arguments):
    """Help, list and check import none of pandas, scipy, matplotlib, numba."""
    code = (
        "import sys\nfrom simulation.cli import main\n"
        f"sys.argv = ['vetsim', *{arguments!r}]\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        f"print('LOADED', *(set(sys.modules) & {SLOW!r}))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1].strip() == "LOADED"


def test_a_reader_who_has_read_enough_is_no_error():
    """`vetsim list | head -1`."""
    run = start("list")
    run.stdout.readline()
    run.stdout.close()
    assert "Traceback" not in run.stderr.read()
    run.wait()
    run.stderr.close()
