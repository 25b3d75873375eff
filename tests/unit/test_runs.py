"""Replications on demand are those of a study, and none is run twice."""

import pandas as pd
import pytest

from simulation import engines
from simulation.records import ConservationError
from simulation.runner import ReplicationsFailedError, Runs, everything, run_study
from simulation.scenario.examples import single_queue
from simulation.scenario.indices import Satisfaction
from simulation.store import Store
from simulation.study import Study

ONE = single_queue(rate=2.0, servers=3).model_copy(update={"id": "baseline"})
MORE = single_queue(rate=2.0, servers=4).model_copy(update={"id": "more"})
STUDY = Study(id="tiny", run_length=48, warm_up=24, replications=3, seed=5)


def counts(runs):
    return runs.simulated, runs.loaded


def test_what_is_asked_for_is_what_a_study_gives(tmp_path):
    """The same values in the same order; those over all alone unless more is kept."""
    study = run_study(STUDY, [ONE, MORE], Store(tmp_path / "study"))
    wanted = [(ONE, range(3)), (MORE, range(3))]
    whole = Runs(STUDY, Store(tmp_path / "whole"), keep=everything).ask(wanted)
    pd.testing.assert_frame_equal(whole, study.kpis)
    small = Runs(STUDY, Store(tmp_path / "small"), workers=2).ask(wanted)
    over_all = study.kpis[study.kpis["dimension"] == "all"].reset_index(drop=True)
    pd.testing.assert_frame_equal(small, over_all)


def test_only_new_replications_are_run(tmp_path):
    """More of one scenario, a gap that is filled, a scenario under another label: what is known is not."""
    runs = Runs(STUDY, Store(tmp_path))
    runs.ask([(ONE, range(2))])
    runs.ask([(ONE, range(4, 6))])
    assert counts(runs) == (4, 0)
    table = runs.ask([(ONE, range(7)), (ONE.model_copy(update={"id": "same"}), range(7))])
    assert counts(runs) == (7, 0)
    first, second = (table[table["scenario"] == name].reset_index(drop=True) for name in ("baseline", "same"))
    pd.testing.assert_frame_equal(first, second.assign(scenario="baseline"))
    later = Runs(STUDY, Store(tmp_path))
    pd.testing.assert_frame_equal(later.ask([(ONE, range(7))]), first)
    assert counts(later) == (0, 7)


def test_another_seed_is_fresh_luck(tmp_path):
    """It differs, and is what a study of that seed gives."""
    runs = Runs(STUDY, Store(tmp_path))
    usual, fresh = runs.ask([(ONE, range(2))]), runs.ask([(ONE, range(2))], seed=99)
    assert not usual["value"].equals(fresh["value"])
    other = Runs(STUDY.model_copy(update={"seed": 99}), Store(tmp_path / "other"))
    pd.testing.assert_frame_equal(other.ask([(ONE, range(2))]), fresh)
    assert runs.study.seed == 5


def test_other_weights_of_indices_are_other_values(tmp_path):
    """They are in no scenario's digest, and decide what is measured."""
    weights = ONE.indices.model_copy(update={"satisfaction": Satisfaction(constant=0.25)})
    other = ONE.model_copy(update={"id": "weighed", "indices": weights})
    table = Runs(STUDY, Store(tmp_path)).ask([(ONE, range(1)), (other, range(1))])
    values = table[table["kpi"] == "satisfaction"]["value"].tolist()
    assert len(set(values)) == 2


def test_ids_must_differ(tmp_path):
    """Rows of two scenarios under one name could not be told apart."""
    with pytest.raises(ValueError, match="occurs twice"):
        Runs(STUDY, Store(tmp_path)).ask([(ONE, range(1)), (ONE, range(2))])


def test_a_failure_is_raised_and_the_others_are_kept(tmp_path, monkeypatch):
    """It says which replication and where; asked again, only that one is run."""
    replicate = engines.replicate

    def fails_once(layout, seed, replication, engine):
        if replication == 1:
            raise ConservationError("3 cases but exits [1, 1]")
        return replicate(layout, seed, replication, engine)

    monkeypatch.setattr(engines, "replicate", fails_once)
    runs = Runs(STUDY, Store(tmp_path))
    with pytest.raises(ReplicationsFailedError, match="baseline, replication 1: ConservationError") as found:
        runs.ask([(ONE, range(3))])
    assert "fails_once" in found.value.failures[0].detail
    monkeypatch.undo()
    again = Runs(STUDY, Store(tmp_path))
    again.ask([(ONE, range(3))])
    assert counts(again) == (1, 2)


def test_an_interruption_keeps_what_is_finished(tmp_path):
    """Ctrl-C after the second of four: two are in the store, and the same question goes on from there."""

    def stop(done, total):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Runs(STUDY, Store(tmp_path), progress=stop).ask([(ONE, range(4))])
    again = Runs(STUDY, Store(tmp_path))
    again.ask([(ONE, range(4))])
    assert counts(again) == (2, 2)


def test_progress_goes_on_from_question_to_question(tmp_path):
    """Done and wanted are counted since the beginning; what is known already is not counted."""
    seen = []
    runs = Runs(STUDY, Store(tmp_path), progress=lambda done, total: seen.append((done, total)))
    runs.ask([(ONE, range(1))])
    runs.ask([(ONE, range(3))])
    assert seen == [(0, 1), (1, 1), (1, 3), (2, 3), (3, 3)]
