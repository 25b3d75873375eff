"""Sweeps: which points, the same numbers however they are run, and nothing computed twice or lost."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from simulation import engines
from simulation.analysis.responses import at_points, metamodel, positions, responses
from simulation.cli import app
from simulation.configuration import read_futures
from simulation.configuration.axes import read_axes
from simulation.procedures.axes import Axis
from simulation.procedures.designs import design_points
from simulation.records import ConservationError
from simulation.spec import InputError
from simulation.store import inventory, verify

ROOT = Path(__file__).resolve().parents[2]
CITY = """\
# @package _global_
size: {rate: {value: 9, assumption: a guess, low: 6, high: 12}}
scenario:
  id: tiny
  start: "2026-01-01"
  places: {clinic: {}}
  teams: {doctors: {place: clinic, staff: {doctor: {count: 2}}}}
  pathways:
    visit:
      steps: [{id: consult, kind: work, teams: doctors, time: {kind: exponential, mean: 0.15}}]
  needs:
    illness: {pathway: visit, arrivals: {rate: "${size.rate}"}, priority: 2}
"""
STUDY = """\
# @package _global_
defaults: [{override /city: tiny}]
study: {id: tiny, policies: [more], replications: 3, run_length: 2 d}
"""
POLICY = """\
# @package policies
more:
  title: More doctors
  levers: {doctor: {kind: add_staff, team: doctors, group: doctor, heads: 1}}
"""
COUNT = "scenario.teams.doctors.staff.doctor.count"
HEADS = "policies.more.levers.doctor.heads"
GRID = ["study=tiny", f"{COUNT}=1,2", "size.rate=6,12", "policy=[more]", "--replications", "2"]


@pytest.fixture
def own(tmp_path):
    """A user's folder of configs."""
    folder = tmp_path / "configs"
    for group, name, text in (("city", "tiny", CITY), ("study", "tiny", STUDY), ("policy", "more", POLICY)):
        (folder / group).mkdir(parents=True)
        (folder / group / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def vetsim(own, tmp_path):
    """Run the command; give its result."""

    def run(*arguments, code=0):
        places = ["--results", str(tmp_path / "results")]
        if arguments[0] != "store" or arguments[1] in ("export", "missing"):
            places += ["--config-dir", str(own)]
        found = CliRunner().invoke(app, [*arguments, *places])
        assert found.exit_code == code, found.output
        return found

    return run


def tables(tmp_path):
    """The flat tables of the sweeps, by the folder of each."""
    return {
        page.parent.name: {
            name: pd.read_parquet(page.parent / f"{name}.parquet")
            for name in ("design", "kpis", "replications")
        }
        for page in (tmp_path / "results").glob("*/sweep-*/page.html")
    }


def only(tmp_path):
    """The tables of the one sweep."""
    (found,) = tables(tmp_path).values()
    return found


# ------------------------------------------------------------------ designs

HEADS_AXIS = Axis("heads", "Heads", (1, 2, 4))
RATE_AXIS = Axis("rate", "Rate", low=2.0, high=6.0)
WHOLE_AXIS = Axis("beds", "Beds", low=1, high=3, whole=True)


def test_a_grid_has_every_combination_and_cuts_intervals_evenly():
    """By hand."""
    frame = design_points("grid", [Axis("heads", "Heads", (1, 2)), RATE_AXIS], 3, 1)
    assert frame[["heads", "rate"]].values.tolist() == [[h, r] for h in (1, 2) for r in (2.0, 4.0, 6.0)]


def test_one_at_a_time_begins_as_configured_and_varies_nothing_else():
    """A row with nothing set; then in each row one value."""
    frame = design_points("one_at_a_time", [HEADS_AXIS, WHOLE_AXIS], 0, 1)
    assert frame[["heads", "beds"]].values.tolist() == [
        [None, None], [1, None], [2, None], [4, None], [None, 1], [None, 2], [None, 3],
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["latin", "sobol"])
def test_spread_designs_fill_each_axis_evenly(kind):
    """Of 64 points each listed value has its share, each whole number too, each quarter of an interval."""
    frame = design_points(kind, [HEADS_AXIS, RATE_AXIS, WHOLE_AXIS], 64, 1)
    assert len(frame) == 64
    for name in ("heads", "beds"):
        assert frame[name].value_counts().between(20, 23).all()
    quarters = np.histogram(frame["rate"].astype(float), bins=[2, 3, 4, 5, 6])[0]
    assert quarters.tolist() == [16, 16, 16, 16]
    assert frame.equals(design_points(kind, [HEADS_AXIS, RATE_AXIS, WHOLE_AXIS], 64, 1))
    assert not frame.equals(design_points(kind, [HEADS_AXIS, RATE_AXIS, WHOLE_AXIS], 64, 2))


def test_a_list_takes_the_values_side_by_side():
    """And says so when there are not equally many."""
    pair = Axis("beds", "Beds", (7, 8, 9))
    assert design_points("list", [HEADS_AXIS, pair], 0, 1)[["heads", "beds"]].values.tolist() == [
        [1, 7], [2, 8], [4, 9],
    ]  # fmt: skip
    with pytest.raises(InputError, match="heads: 3, beds: 2"):
        design_points("list", [HEADS_AXIS, Axis("beds", "Beds", (7, 8))], 0, 1)


def test_values_and_axes_are_told_apart_on_the_command_line():
    """As Hydra writes them: lists, ranges, intervals, quoted text; policies are no axis."""
    varied = ["a.b=1,2", "c=range(1,4)", "d=interval(1,9)", "e=interval(0.5,1)", "f='x y',z"]
    policies = ["scenario.title=[1,2]", "policy=baseline,training"]
    settings, axes = read_axes(["city=street", *varied, *policies])
    assert settings == ["city=street", "scenario.title=[1,2]", "policy=[baseline,training]"]
    assert [(axis.id, axis.values) for axis in axes] == [
        ("a.b", (1, 2)), ("c", (1, 2, 3)), ("d", ()), ("e", ()), ("f", ("x y", "z")),
    ]  # fmt: skip
    assert [axis.whole for axis in axes] == [False, False, True, False, False]


# ------------------------------------------------------------------ the command


def test_a_sweep_gives_two_flat_tables_of_policies_crossed_with_points(vetsim, tmp_path):
    """Four points, two policies, two replications; what is asked for again is not simulated again."""
    out = vetsim("sweep", *GRID).output
    assert "8 of 16 replications" in out
    found = only(tmp_path)
    assert found["design"].values.tolist() == [[0, 1, 6], [1, 1, 12], [2, 2, 6], [3, 2, 12]]
    rows = found["replications"]
    assert rows.groupby(["point", "policy", "kpi"]).size().eq(2).all()
    assert set(rows["policy"]) == {"baseline", "more"}
    latent = rows[(rows["kpi"] == "latent") & (rows["replication"] == 0)].set_index(["point", "policy"])
    assert latent.loc[(0, "baseline"), "value"] == latent.loc[(2, "more"), "value"]  # the same luck
    assert latent.loc[(0, "baseline"), "value"] < latent.loc[(1, "baseline"), "value"]
    waits = found["kpis"][found["kpis"]["kpi"] == "wait_first_contact_p90"].set_index(["point", "policy"])
    assert waits.loc[(1, "more"), "mean"] < waits.loc[(1, "baseline"), "mean"]
    assert waits.loc[(1, "more"), "gain"] == pytest.approx(
        waits.loc[(1, "more"), "mean"] - waits.loc[(1, "baseline"), "mean"]
    )
    (page,) = (tmp_path / "results").glob("*/sweep-*/page.html")
    before = {path.name: path.read_bytes() for path in page.parent.iterdir() if path.suffix != ".json"}
    ours = (page.parent / "manifest.json").read_text()
    assert "vetsim sweep study=tiny" in ours
    vetsim("sweep", *GRID)
    again = {path.name: path.read_bytes() for path in page.parent.iterdir() if path.suffix != ".json"}
    assert {name for name in before if name.endswith((".csv", ".parquet", ".png"))} <= {
        name for name in before if before[name] == again[name]
    }


def test_a_point_has_the_numbers_of_the_same_settings_on_their_own(vetsim, tmp_path):
    """What a sweep says of a point is what vetsim run says of its settings."""
    vetsim("sweep", *GRID)
    rows = only(tmp_path)["replications"]
    settings = [
        "study=tiny",
        f"{COUNT}=1",
        "size.rate=12",
        "policy=baseline",
        "study.replications=2",
        "--json",
    ]
    run = vetsim("run", *settings)
    printed = {row["kpi"]: row["mean"] for row in json.loads(run.stdout)["kpis"]}
    for kpi in ("latent", "wait_first_contact_p90"):
        own = rows[(rows["point"] == 1) & (rows["policy"] == "baseline") & (rows["kpi"] == kpi)]
        assert own["value"].mean() == pytest.approx(printed[kpi])


def test_replications_and_points_are_added_later(vetsim, tmp_path):
    """Only what is new is run."""
    vetsim("sweep", *GRID)
    more = vetsim("sweep", *GRID[:-1], "3", "--json")
    assert "about" not in more.output.partition("{")[0] or "24 of 24" in more.output
    inventory = json.loads(vetsim("store", "list", "--json").stdout)
    assert sorted(one["replications"] for one in inventory) == [3] * 8
    rows = max((one["replications"] for one in tables(tmp_path).values()), key=len)
    assert rows["replication"].max() == 2


def test_levers_assumptions_and_what_is_referred_to_can_be_varied(vetsim, tmp_path):
    """The heads of a lever, an assumption by words, one at a time."""
    vetsim("sweep", "study=tiny", "policy=[more]", f"{HEADS}=1,3", "--replications", "2")
    by_heads = only(tmp_path)["replications"]
    cost = by_heads[(by_heads["kpi"] == "fulfilment")].groupby(["point", "policy"])["value"].mean()
    assert cost.loc[(0, "baseline")] == cost.loc[(1, "baseline")]
    vetsim(
        "sweep", "study=tiny", "--assumptions", "how many needs", "--design", "one_at_a_time",
        "--points", "2", "--replications", "2",
    )  # fmt: skip
    design = next(one["design"] for one in tables(tmp_path).values() if len(one["design"]) == 3)
    assert design.iloc[:, 1].fillna(0).tolist() == [0.0, 6.0, 12.0]


def test_points_can_come_from_a_table(vetsim, own, tmp_path):
    """A column for each dotted name; an empty cell is as configured."""
    file = tmp_path / "points.csv"
    file.write_text(f"point,size.rate,{COUNT}\n7,6,\n8,,1\n")
    vetsim("sweep", "study=tiny", "--from", str(file), "--replications", "2")
    assert only(tmp_path)["design"].fillna(0).values.tolist() == [[0, 6.0, 0.0], [1, 0.0, 1.0]]


def test_what_fails_is_listed_does_not_stop_the_others_and_is_tried_again(vetsim, tmp_path, monkeypatch):
    """A point that cannot be set up, and a replication that the engine fails at."""
    replicate = engines.replicate

    def fails(layout, seed, replication, engine):
        if layout.scenario.needs[0].arrivals.rate == 12 and replication == 1:
            raise ConservationError("3 cases but exits [1, 1]")
        return replicate(layout, seed, replication, engine)

    monkeypatch.setattr(engines, "replicate", fails)
    settings = ["study=tiny", "size.rate=6,12,-1", "--replications", "3"]
    run = vetsim("sweep", *settings)
    assert "point 2, all of them" in run.output
    assert "ConservationError: 3 cases" in run.output
    assert "the same command tries them again" in run.output
    rows = only(tmp_path)["replications"]
    assert rows.groupby("point")["replication"].nunique().to_dict() == {0: 3, 1: 2}
    monkeypatch.undo()
    again = vetsim("sweep", *settings)
    assert "ConservationError" not in again.output
    assert only(tmp_path)["replications"].groupby("point")["replication"].nunique().to_dict() == {0: 3, 1: 3}


def test_a_dry_run_counts_and_estimates_and_computes_only_a_sample(vetsim, tmp_path):
    """What it timed is kept, and no page is written."""
    out = vetsim("sweep", *GRID, "--dry-run").output
    assert "4 points, 2 policies, 2 replications" in out
    assert "0 of 16 replications are there, 16 to be computed" in out
    assert "about" in out
    assert tables(tmp_path) == {}
    vetsim("sweep", *GRID)
    vetsim("store", "export", "--to", str(tmp_path / "all.csv"))
    exported = pd.read_csv(tmp_path / "all.csv")
    assert set(exported["dimension"]) == {"all"}
    assert exported.groupby(["address", "replication"]).ngroups >= 16
    assert "16 of 16 replications are there, 0 to be computed" in vetsim("sweep", *GRID, "--dry-run").output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["study=tiny"], "nothing is varied"),
        (["study=tiny", "study.seed=1,2"], "study.seed: a sweep varies the system"),
        (["study=tiny,street_quick"], "experiments/compare.py -m"),
        (["study=tiny", "scenario.teems.x=1,2"], "it is not written in the configs"),
        (["study=tiny", "size.rat=1,2"], 'there is no "rat" in size'),
        (["study=tiny", "size.rate=interval(3,1)"], "must end after it begins"),
        (["study=tiny", "scenario.needs.illness.prio=1,2"], "prio"),
        (["study=tiny", "size.rate=1,2", "--design", "cube"], "--design"),
        (["study=tiny", "size.rate=1,2", "--kpi", "speed"], "there is no such KPI"),
        (["study=tiny", "size.rate=1,2", "--from", "x.csv"], "the table cannot be read|leave out"),
        (["study=tiny", "--from", "none.csv"], "the table cannot be read"),
        (["study=tiny", "size.rate=1,2", "execution=slurm"], 'there is no execution "slurm"'),
        (["study=tiny", "size.rate=1,2", "scheduler=tcp://127.0.0.1:1"], "it is for execution=dask"),
    ],
)
def test_bad_input_names_what_is_wrong_and_runs_nothing(vetsim, tmp_path, arguments, said):
    """Exit code 2, before anything is run or written."""
    run = vetsim("sweep", *arguments, code=2)
    assert re.search(said, run.output), run.output
    assert not list((tmp_path / "results").rglob("*.parquet"))


# ------------------------------------------------------------------ the store


def test_the_store_lists_verifies_exports_and_prunes(vetsim, own, tmp_path):
    """What a comparison left; a damaged file is named and removed, the rest stays."""
    vetsim("compare", "study=tiny", "execution=serial")
    listed = vetsim("store", "list").stdout
    assert "6 replications of 2 scenarios" in listed
    assert "all files are whole" in vetsim("store", "verify").stdout
    assert "0 of 6 replications are still to be computed" in vetsim("store", "missing", "study=tiny").stdout
    longer = vetsim("store", "missing", "study=tiny", "study.replications=12", "--json")
    assert json.loads(longer.stdout) == {"wanted": 12, "there": {"baseline": 3, "more": 3}}
    target = tmp_path / "kpis.parquet"
    vetsim("store", "export", "study=tiny", "--to", str(target))
    table = pd.read_parquet(target)
    assert table.groupby("scenario")["replication"].nunique().to_dict() == {"baseline": 3, "more": 3}
    assert list(table.columns[:4]) == ["scenario", "address", "seed", "replication"]
    victim = min(
        path for path in (tmp_path / "results" / ".store").rglob("*.parquet") if "series" not in path.name
    )
    victim.write_bytes(victim.read_bytes()[:-20])
    assert victim.name in vetsim("store", "verify", code=1).output
    assert "2 files" in vetsim("store", "prune", "--dry-run").stdout
    assert victim.exists()
    vetsim("store", "prune")
    assert not victim.exists()
    assert "3 of 6 replications are still" in vetsim("store", "missing", "study=tiny").stdout


def test_what_another_version_measured_is_told_and_pruned(vetsim, tmp_path, monkeypatch):
    """It is never used, and goes when asked."""
    vetsim("compare", "study=tiny", "execution=serial")
    monkeypatch.setattr("simulation.store.holdings.MODEL_VERSION", -1)
    assert "of another version" in vetsim("store", "list").stdout
    vetsim("store", "prune")
    assert "0 replications of 0 scenarios" in vetsim("store", "list").stdout


def test_sql_reads_the_store(vetsim, tmp_path):
    """DuckDB, where it is installed, over all blocks at once."""
    duckdb = pytest.importorskip("duckdb", reason="DuckDB is a reader's own choice")
    vetsim("compare", "study=tiny", "execution=serial")
    files = f"{tmp_path}/results/.store/measured/*/*/[0-9]*[0-9].parquet"
    rows = duckdb.sql(
        f"select kpi, avg(value) from read_parquet('{files}') "
        "where kpi = 'latent' and dimension = 'all' group by kpi"
    ).fetchall()
    assert rows[0][0] == "latent"
    assert rows[0][1] == pytest.approx(9 * 48, rel=0.1)


# ------------------------------------------------------------------ stopped and gone on with


def begin(own, tmp_path, *more):
    """Start the command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "simulation.cli", "sweep", "study=tiny", "size.rate=6,9,12", *more,
         "--replications", "60", "--results", str(tmp_path), "--config-dir", str(own), "--workers", "2"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )  # fmt: skip


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_sweep_that_is_stopped_goes_on_and_ends_with_the_same_bytes(own, tmp_path, stop):
    """It is stopped as soon as something is in the store (more: experiments/kills.py)."""
    store, whole = tmp_path / "stopped" / ".store", begin(own, tmp_path / "whole")
    run = begin(own, tmp_path / "stopped")
    while not list(store.rglob("[0-9]*.parquet")) and run.poll() is None:
        time.sleep(0.002)
    if run.poll() is None:
        os.kill(run.pid, stop)
    _, err = run.communicate(timeout=120)
    if run.returncode == 130:
        assert "goes on from there" in err
    assert run.returncode in (0, 130, -stop)
    end = begin(own, tmp_path / "stopped")
    _, err = end.communicate(timeout=120)
    assert end.returncode == 0, err
    assert whole.wait(120) == 0
    folders = [next((tmp_path / name).glob("*/sweep-*")) for name in ("stopped", "whole")]
    assert folders[0].name == folders[1].name
    for name in ("design.csv", "kpis.csv", "kpis.parquet", "replications.parquet", "replications.csv"):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name
    for process in (run, end, whole):
        process.stdout.close()
        process.stderr.close()


def test_two_commands_may_work_on_the_same_sweep_at_once(own, tmp_path):
    """Both end well, with the same tables as one alone; every file of the store is whole."""
    both = [begin(own, tmp_path / "both") for _ in range(2)]
    for run in both:
        _, err = run.communicate(timeout=120)
        assert run.returncode == 0, err
    alone = begin(own, tmp_path / "alone")
    alone.communicate(timeout=120)
    assert alone.returncode == 0
    assert verify(tmp_path / "both" / ".store", lambda *_: None) == []
    held = inventory(tmp_path / "both" / ".store")
    assert [one.replications for one in held] == [60] * 3
    folders = [next((tmp_path / name).glob("*/sweep-*")) for name in ("both", "alone")]
    for name in ("design.csv", "kpis.csv", "replications.parquet"):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name


# ------------------------------------------------------------------ what it says


def test_an_additive_outcome_has_no_interaction_and_a_product_is_found():
    """By hand, at the corners of a square and its middle."""
    a, b = np.array([-1.0, 1, -1, 1, 0]), np.array([-1.0, -1, 1, 1, 0])
    plain = np.stack([5 + a - 2 * b] * 3, axis=1)
    found = metamodel(plain, {"a": a, "b": b})
    assert found.effects["effect"].tolist() == pytest.approx([-4.0, 2.0, 0.0])
    assert found.explained == pytest.approx(1.0)
    joint = metamodel(plain + (3 * a * b)[:, None], {"a": a, "b": b}).effects
    assert joint[["axis", "other"]].values.tolist()[-1] == ["a", "b"]
    assert joint["effect"].iloc[-1] == pytest.approx(12.0)


def test_too_few_points_tell_a_plane_or_nothing():
    """Two points on one axis are a line; two replications are needed for an interval."""
    a = np.array([-1.0, 1.0])
    assert metamodel(np.ones((2, 1)), {"a": a}) is None
    assert metamodel(np.array([[1.0, 1.2], [2.0, 2.2]]), {"a": np.zeros(2)}) is None


def test_intervals_of_effects_cover():
    """1,000 experiments of 9 points x 8 replications with common luck: 95 % intervals of a main effect cover
    the true one in 93.1 to 96.9 % (binomial, false alarm about 0.5 %)."""
    rng = np.random.default_rng(20261124)
    a, b = (axis.ravel() for axis in np.meshgrid([-1.0, 0, 1], [-1.0, 0, 1]))
    covered = 0
    for _ in range(1000):
        luck = rng.normal(0, 2.0, 8)  # the same at every point
        own = rng.normal(0, 0.5, (9, 8)) + rng.normal(0, 1.0, 8) * a[:, None]
        found = metamodel((1.5 * a)[:, None] + luck + own, {"a": a, "b": b}).effects
        row = found[(found["axis"] == "a") & (found["other"] == "")].iloc[0]
        covered += row["low"] <= 3.0 <= row["high"]
    assert 931 <= covered <= 969


def test_responses_average_points_within_replications_first():
    """Two points share a value: the spread between them is no luck."""
    found = np.array([[[1.0, 2.0]], [[11.0, 12.0]], [[5.0, 5.0]]])
    table = responses(found, ["a", "a", "b"], ["now"])
    assert table["mean"].tolist() == [6.5, 5.0]
    assert table["half_width"].iloc[0] == pytest.approx(at_points(found[:1], ["now"])["half_width"].iloc[0])
    many = responses(np.repeat(found[:1], 40, axis=0), list(np.linspace(0, 1, 40)), ["now"])
    assert many["points"].tolist() == [5] * 8


def test_positions_are_between_the_ends():
    """Words in their order; one value alone is in the middle."""
    assert positions(["x", "y", "z", "x"]).tolist() == [-1.0, 0.0, 1.0, -1.0]
    assert positions([3, 3]).tolist() == [0.0, 0.0]


def test_values_of_the_scenario_and_of_what_it_refers_to_meet_in_one_design(own):
    """Setting what is referred to changes what refers to it; each value says where it comes from."""
    read = read_futures(["study=tiny", "policy=[more]"], own)
    design = read.imagine({}, ["baseline", "more"], {"size.rate": 7, COUNT: 5, HEADS: 2})
    assert design.city.needs[0].arrivals.rate == 7
    assert design.city.teams[0].staff[0].count == 5
    assert design.policies[1].levers[0].heads == 2
    assert read.imagine({}, ["baseline"]).city.needs[0].arrivals.rate == 9
    with pytest.raises(InputError, match="priority"):
        read.imagine({}, ["baseline"], {"scenario.needs.illness.priority": "high"})
