"""A nation: many cities, put together; it can be stopped, and little is kept of each."""

import json

import numpy as np
import pytest

from simulation.cli import app
from simulation.kpis import measure
from simulation.kpis.examples import worked_example
from simulation.runner import nation_table, nationwide, run_study
from simulation.scenario.examples import single_queue
from simulation.store import Store
from simulation.study import Study

STUDY = Study(id="two", run_length=96, replications=3)


@pytest.fixture(name="found")
def _found(tmp_path):
    return run_study(STUDY, [single_queue()], Store(tmp_path), keep=nationwide)


def rows(table, kpi):
    return table[(table["kpi"] == kpi) & (table["dimension"] == "all")].iloc[0]


def test_places_and_series_are_not_kept():
    """What differs from city to city, or is drawn only, is dropped; the rest is as it was measured."""
    example = worked_example()
    whole = measure(example.replication, example.window)
    kept = nationwide(whole)
    assert set(kept.values["dimension"]) == {"all", "need", "group"}
    assert kept.series == {}
    same = whole.values[whole.values["dimension"] == "need"].reset_index(drop=True)
    assert kept.values[kept.values["dimension"] == "need"].reset_index(drop=True).equals(same)


def test_cases_are_added_up_and_shares_are_those_of_all_cases(found):
    """Of three cities: the sum of the needs, and resolved needs over needs."""
    table = nation_table(found.kpis)
    each = found.kpis[(found.kpis["dimension"] == "all")].pivot_table("value", "replication", "kpi")
    assert rows(table, "latent")["nation"] == each["latent"].sum()
    share = each["resolved"].sum() / each["latent"].sum()
    assert rows(table, "fulfilment")["nation"] == pytest.approx(share, rel=1e-12)
    assert rows(table, "latent")["lowest"] == each["latent"].min()
    assert rows(table, "latent")["highest"] == each["latent"].max()


def test_a_kpi_that_no_city_has_stays_empty(found):
    """Nothing to divide by anywhere: no value, and no city is counted."""
    row = rows(nation_table(found.kpis), "petitions_overdue_share")
    assert row["cities"] == 0
    assert np.isnan(row["nation"])


def test_what_was_run_is_not_run_again(found, tmp_path):
    """From the store, with the same numbers; more cities are added to those that are there."""
    again = run_study(STUDY, [single_queue()], Store(tmp_path), keep=nationwide)
    assert (again.simulated, again.loaded) == (0, 3)
    assert nation_table(again.kpis).equals(nation_table(found.kpis))
    more = run_study(
        STUDY.model_copy(update={"replications": 4}), [single_queue()], Store(tmp_path), keep=nationwide
    )
    assert (more.simulated, more.loaded) == (1, 3)


def test_the_command_goes_on_from_where_it_was(tmp_path, capsys):
    """Two tiny cities, then three: the first two come from a store of their own."""
    own = ["city=street", "size.veterans=300", "study.warm_up=0", "study.run_length=720", "study.run_out=0"]
    for cities in ("2", "3"):
        with pytest.raises(SystemExit) as end:
            app(["national", *own, f"study.replications={cities}", "--json", "--results", str(tmp_path)])
        assert end.value.code == 0
        printed = json.loads(capsys.readouterr().out)
    assert {row["dimension"] for row in printed["kpis"]} == {"all", "need", "group"}
    manifest = json.loads((tmp_path / "national" / "manifest.json").read_text())
    assert manifest["run"]["replications_from_the_store"] == 2
    assert manifest["run"]["peak_memory_mb"] > 0
    page = (tmp_path / "national" / "national.md").read_text()
    assert "3 cities of 300 veterans each, 900 in all" in page
    assert not (tmp_path / ".store" / "measured").exists()
