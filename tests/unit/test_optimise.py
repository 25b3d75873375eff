"""The search for the best values finds a best one that is known, and is the same each time."""

import re

import pandas as pd
import pytest
from typer.testing import CliRunner

from simulation.cli import app
from simulation.kpis import named
from simulation.procedures.axes import Axis
from simulation.procedures.optimum import OptimumOptions, optimum
from simulation.runner import Runs
from simulation.scenario import Policy
from simulation.scenario.examples import single_queue
from simulation.spec import InputError, Problem
from simulation.store import Store
from simulation.study import Design, Study

pytest.importorskip("optuna", reason="the extra optimise is not installed")

STUDY = Study(id="quick", run_length=24, seed=3)
AXES = (Axis("rate", "Rate", low=1.0, high=9.0), Axis("heads", "Heads", (1, 2, 3)))


def at(unknowns, policies, settings):
    """A queue; eight an hour and more cannot be set up."""
    rate = settings.get("rate", 6.0)
    if rate > 8:
        raise InputError([Problem("rate", rate, "too many")])
    queue = single_queue(rate, servers=settings.get("heads", 1))
    return Design(STUDY, queue, (Policy(id="baseline"), Policy(id="more")))


def search(tmp_path, kpis, trials=25):
    """Search in a store of its own."""
    runs = Runs(STUDY, Store(tmp_path))
    options = OptimumOptions(AXES, "more", named("kpi", kpis), trials, 2)
    return optimum(at({}, (), {}), options, at, runs), runs


def test_the_shortest_time_is_that_with_the_fewest_cases_and_the_most_heads(tmp_path):
    """What is best is known: three heads, and nearly no cases; what cannot be set up is noted and avoided."""
    found, _ = search(tmp_path, ["time_to_resolution_mean"])
    best = found.best.iloc[0]
    assert best["heads"] == 3
    assert best["time_to_resolution_mean"] == found.trials["time_to_resolution_mean"].min()
    assert best["fresh_time_to_resolution_mean"] < found.baseline["time_to_resolution_mean"]
    refused = found.trials[found.trials["rate"] > 8]
    assert len(refused) > 0
    assert refused["message"].str.contains("rate: too many").all()


def test_the_same_search_asks_for_the_same_and_runs_nothing(tmp_path):
    """So one that was stopped goes on where it was."""
    first, _ = search(tmp_path, ["fulfilment"], trials=8)
    again, runs = search(tmp_path, ["fulfilment"], trials=8)
    assert runs.simulated == 0
    pd.testing.assert_frame_equal(first.trials, again.trials)
    longer, runs = search(tmp_path, ["fulfilment"], trials=10)
    pd.testing.assert_frame_equal(longer.trials.head(8), first.trials)
    assert runs.simulated <= 8


def test_of_two_aims_those_are_best_that_no_other_beats(tmp_path):
    """Many cases resolved against a short time: by hand, over all trials."""
    found, _ = search(tmp_path, ["resolved", "time_to_resolution_mean"])
    done = found.trials[found.trials["message"] == ""]
    for _, one in found.best.iterrows():
        better = (done["resolved"] >= one["resolved"]) & (
            done["time_to_resolution_mean"] <= one["time_to_resolution_mean"]
        )
        same = (done["resolved"] == one["resolved"]) & (
            done["time_to_resolution_mean"] == one["time_to_resolution_mean"]
        )
        assert not (better & ~same).any()
    assert len(found.best) > 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["policy=team_expansion"], "nothing may be chosen"),
        (["size.veterans=900,1800"], "name the one policy"),
        (["policy=training", "size.veterans=900,1800", "--kpi", "speed"], "there is no such KPI"),
        (["policy=training", "size.veterns=900,1800"], 'there is no "veterns" in size'),
        (["policy=training", "size.veterans=900,1800", "--kpi", "latent"], "neither more nor less"),
    ],
)
def test_bad_input_is_told_before_anything_runs(tmp_path, arguments, said):
    """With exit code 2."""
    run = CliRunner().invoke(app, ["optimise", "city=street", *arguments, "--results", str(tmp_path)])
    assert run.exit_code == 2, run.output
    assert re.search(said, run.output)
    assert not list(tmp_path.rglob("*.parquet"))
