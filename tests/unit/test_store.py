"""The store gives back what was put in, or nothing; results appear whole or not at all."""

import json
import os

import numpy as np
import pandas as pd
import pytest

from simulation.kpis import Window
from simulation.kpis.evaluation import Tables
from simulation.records import CASE, VISIT, Names, Records
from simulation.scenario.indices import Indices, Satisfaction
from simulation.spec import InputError
from simulation.store import (
    Draft,
    Measurements,
    Shelf,
    Store,
    address,
    check_writable,
    clear_unfinished,
    files,
    measurements,
    replications,
    shelf,
)

PLACE = address("ab12", 24.0, 7, 3)
SHELF = Shelf("ab12", {"scenario": "cd34"})


def some_records(rows=50):
    """Records in which every column differs and some moments are missing."""
    rng = np.random.default_rng(1)
    visits, cases = np.zeros(rows, VISIT), np.zeros(rows // 2, CASE)
    for table in (visits, cases):
        for name in table.dtype.names:
            table[name] = rng.integers(0, 100, len(table))
    visits["started"][::3] = np.nan
    cases["key"] = rng.integers(2**63, 2**64, len(cases), dtype=np.uint64)
    names = Names(needs=("card", "窗口"), teams=("desk@s1",))
    return Records(visits, cases, names, horizon=24.0, seed=7, replication=3)


def same(one, other):
    """Tell whether two records are the same, bit for bit."""
    return (
        one.visits.tobytes() == other.visits.tobytes()
        and one.cases.tobytes() == other.cases.tobytes()
        and (one.visits.dtype, one.cases.dtype) == (other.visits.dtype, other.cases.dtype)
        and one.names == other.names
        and (one.horizon, one.seed, one.replication) == (other.horizon, other.seed, other.replication)
    )


@pytest.fixture
def store(tmp_path):
    """A store with one replication in it."""
    store = Store(tmp_path / "store")
    store.save(PLACE, some_records(), {"git": "abc"})
    return store


@pytest.mark.parametrize("rows", [0, 2, 50])
def test_what_is_saved_is_loaded_bit_for_bit(tmp_path, rows):
    """Numbers, missing moments and names in any script survive."""
    store = Store(tmp_path)
    store.save(PLACE, some_records(rows), {})
    assert same(store.load(PLACE), some_records(rows))
    assert store.damaged == []


def test_an_address_without_a_file_is_a_miss_and_no_damage(store):
    """Never simulated is not the same as damaged."""
    assert store.load(address("ab12", 24.0, 7, 4)) is None
    assert store.damaged == []


@pytest.mark.parametrize(
    "other", [("ab13", 24.0, 7, 3), ("ab12", 25.0, 7, 3), ("ab12", 24.0, 8, 3), ("ab12", 24.0, 7, 4)]
)
def test_whatever_decides_the_records_is_in_the_address(other):
    """Scenario, horizon, seed and replication each give another address."""
    assert address(*other) != PLACE


@pytest.mark.parametrize("table", ["visits", "cases"])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_a_torn_file_is_a_miss(store, table, share):
    """Wherever the writing stopped: nothing is loaded, the file is named, and saving again heals it."""
    path = store.path(PLACE).with_name(f"{PLACE}.{table}.parquet")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    assert store.load(PLACE) is None
    assert PLACE in store.damaged[0]
    store.save(PLACE, some_records(), {})
    assert same(store.load(PLACE), some_records())


def test_a_flipped_bit_is_never_a_wrong_number(store):
    """Any byte of the file changed: the same records, or none."""
    path = store.path(PLACE)
    whole = path.read_bytes()
    for position in range(0, len(whole), max(1, len(whole) // 150)):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 0x10]) + whole[position + 1 :])
        loaded = store.load(PLACE)
        assert loaded is None or np.array_equal(loaded.visits.view("u1"), some_records().visits.view("u1"))


def test_records_of_another_model_version_are_not_used(store, monkeypatch):
    """A file that was put under the address by hand, or made by another model, is a miss."""
    monkeypatch.setattr(replications, "MODEL_VERSION", -1)
    assert address("ab12", 24.0, 7, 3) != PLACE
    assert store.load(PLACE) is None
    assert "another replication" in store.damaged[0]


def test_a_file_under_the_wrong_name_is_a_miss(store):
    """The address in the file must be the one that was asked for."""
    other = address("ab12", 24.0, 7, 4)
    for table in ("visits", "cases"):
        copy = store.path(other).with_name(f"{other}.{table}.parquet")
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(store.path(PLACE).with_name(f"{PLACE}.{table}.parquet").read_bytes())
    assert store.load(other) is None


def test_visits_and_cases_of_different_runs_do_not_meet(store):
    """Each half is whole, but they do not belong together."""
    cases = store.path(PLACE).with_name(f"{PLACE}.cases.parquet")
    kept = cases.read_bytes()
    store.save(PLACE, some_records(10), {})
    cases.write_bytes(kept)
    assert store.load(PLACE) is None
    assert "different runs" in store.damaged[0]


def test_whatever_decides_the_measurements_is_in_their_address(tmp_path):
    """Scenario, horizon, seed, window and weights; and the code of the KPIs, down to the last folder."""
    window, indices = Window(0.0, 24.0), Indices()
    place = shelf("ab12", 24.0, 7, window, indices)
    assert place == shelf("ab12", 24, 7, Window(0, 24), Indices())
    assert place.content["seed"] == 7
    others = {
        shelf("ab13", 24.0, 7, window, indices).address,
        shelf("ab12", 25.0, 7, window, indices).address,
        shelf("ab12", 24.0, 8, window, indices).address,
        shelf("ab12", 24.0, 7, Window(1.0, 24.0), indices).address,
        shelf("ab12", 24.0, 7, window, Indices(satisfaction=Satisfaction(constant=0.25))).address,
    }
    assert len(others - {place.address}) == 5
    written = set()
    for content in ("a", "b"):
        room = tmp_path / content
        (room / "loops").mkdir(parents=True)
        (room / "kpi.py").write_text("same")
        (room / "loops" / "sums.py").write_text(content)
        written.add(measurements._definitions(room))
    assert len(written) == 2


@pytest.fixture
def measured(tmp_path):
    """Two replications that were measured, the second without a series."""
    kept = Measurements(tmp_path)
    second = Tables(some_tables(2.5).values, {})
    kept.save(SHELF, {3: some_tables(1.5), 5: second}, {"git": "abc"})
    return kept


def some_tables(value):
    """Tables with numbers, words in any script and a missing value."""
    frame = pd.DataFrame({"kpi": ["latent", "窗口"], "value": [value, np.nan], "n": [3, 4]})
    return Tables(frame, {"waits": frame.head(1).rename(columns={"n": "days"})})


def test_what_was_measured_is_loaded_as_it_was(measured):
    """Each replication by its number, those that are wanted only, types and all."""
    found = measured.load(SHELF, range(4))
    assert list(found) == [3]
    pd.testing.assert_frame_equal(found[3].values, some_tables(1.5).values, check_exact=True)
    pd.testing.assert_frame_equal(found[3].series["waits"], some_tables(1.5).series["waits"])
    both = measured.load(SHELF, {3, 4, 5})
    assert {number: list(tables.series) for number, tables in both.items()} == {3: ["waits"], 5: []}
    assert measured.load(Shelf("ab13", {}), range(9)) == {}
    assert measured.damaged == []


def test_measurements_of_another_address_are_not_used(measured):
    """The address in the file must be the one that was asked for."""
    (file,) = measured.folder.rglob("*5.parquet")
    copy = measured.folder / "measured" / "ab" / "ab13" / file.name
    copy.parent.mkdir()
    copy.write_bytes(file.read_bytes())
    assert measured.load(Shelf("ab13", {}), range(9)) == {}
    assert "something else" in measured.damaged[0]


@pytest.mark.parametrize("name", ["000003-000003.parquet", "000003-000003.series.parquet"])
def test_a_flipped_bit_is_never_a_wrong_measurement(measured, name):
    """Any byte of either file changed: the same tables, or none."""
    (file,) = measured.folder.rglob(name)
    whole = file.read_bytes()
    before = measured.load(SHELF, {3})
    damaged = 0
    for position in range(0, len(whole), max(1, len(whole) // 300)):
        file.write_bytes(whole[:position] + bytes([whole[position] ^ 0x10]) + whole[position + 1 :])
        found = measured.load(SHELF, {3})
        damaged += not found
        for number, tables in found.items():
            pd.testing.assert_frame_equal(tables.values, before[number].values, check_exact=True)
            for name, frame in tables.series.items():
                pd.testing.assert_frame_equal(frame, before[number].series[name], check_exact=True)
    assert damaged > 100


def test_no_file_reaches_beyond_its_block(tmp_path):
    """Replications 8 to 12 and 15 are three files: up to the border, from the border, after the gap."""
    kept = Measurements(tmp_path)
    kept.save(SHELF, {number: some_tables(1.5) for number in (8, 9, 10, 11, 12, 15)}, {})
    assert [path.name for path in kept.files(SHELF.address)] == [
        "000008-000009.parquet", "000010-000012.parquet", "000015-000015.parquet",
    ]  # fmt: skip
    assert kept.numbers("ab12") == {8, 9, 10, 11, 12, 15}


def test_a_block_whose_series_are_lost_is_a_miss(measured):
    """Half of what was measured is not what was measured."""
    (beside,) = measured.folder.rglob("*.series.parquet")
    beside.unlink()
    assert measured.load(SHELF, range(9)).keys() == {5}
    assert "000003-000003.parquet" in measured.damaged[0]


def test_queries_see_the_values_as_a_plain_table(measured):
    """Any reader of Parquet finds replication, kpi and value in columns of their own."""
    (file, _) = measured.files(SHELF.address)
    table = pd.read_parquet(file)
    assert list(table.columns) == ["replication", "kpi", "value", "n"]
    assert table["replication"].tolist() == [3, 3]


def test_a_column_without_a_type_is_refused(tmp_path):
    """An empty frame of objects would come back as another type."""
    nothing = Tables(some_tables(1.0).values, {"flows": pd.DataFrame({"source": np.empty(0, dtype=object)})})
    with pytest.raises(TypeError, match="flows: a column without a type"):
        Measurements(tmp_path).save(SHELF, {0: nothing}, {})


def test_nothing_unfinished_stays_when_writing_fails(tmp_path, monkeypatch):
    """A full disk leaves neither the replication nor a rest of it."""
    store = Store(tmp_path)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("simulation.store.files.put", full)
    with pytest.raises(OSError, match="No space"):
        store.save(PLACE, some_records(), {})
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_dead_processes_left_is_swept_away(tmp_path):
    """The rest of a killed process goes, that of a living one stays, and so does that of another machine."""
    elsewhere = tmp_path / ".unfinished-00000000-999999999-x"
    elsewhere.mkdir()
    dead, living = (tmp_path / f"{files._MARK}{number}-x" for number in (999999999, os.getpid()))
    for folder in (dead, living):
        folder.mkdir()
        (folder / "part").write_text("half")
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / f"{files._MARK}999999999-y.parquet").write_text("half")
    clear_unfinished(tmp_path)
    assert sorted(path.name for path in tmp_path.rglob("*")) == sorted(
        [elsewhere.name, living.name, "a", "b", "part"]
    )


def test_earlier_results_stay_until_new_ones_are_published(tmp_path):
    """A draft that fails changes nothing."""
    folder = tmp_path / "district"
    with Draft(folder) as draft:
        draft.text("report.html", "first")
        draft.publish({"seed": 1})

    def fail():
        with Draft(folder) as draft:
            draft.text("report.html", "second")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert (folder / "report.html").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["district"]


def test_new_results_replace_the_earlier_and_nothing_else(tmp_path):
    """A figure that is no longer made goes; a note that somebody put there stays."""
    folder = tmp_path / "district"
    with Draft(folder) as draft:
        draft.text("figures/old.svg", "old")
        draft.publish({})
    (folder / "my-notes.txt").write_text("mine")
    with Draft(folder) as draft:
        draft.text("figures/new.svg", "new")
        table = pd.DataFrame({"scenario": ["=x", "b"], "value": [0.1 + 0.2, np.nan]})
        draft.parquet("kpis", table)
        draft.csv("kpis", table)
        draft.publish({"seed": 2})
    found = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert found == ["figures/new.svg", "kpis.csv", "kpis.parquet", "manifest.json", "my-notes.txt"]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["seed"] == 2
    assert manifest["files"] == ["figures/new.svg", "kpis.csv", "kpis.parquet"]
    assert (folder / "kpis.csv").read_text().splitlines()[1] == "'=x,0.3"
    assert pd.read_parquet(folder / "kpis.parquet")["value"][0] == 0.1 + 0.2


def test_a_manifest_cannot_have_files_elsewhere_removed(tmp_path):
    """A manifest that names files outside its folder does not reach them."""
    folder, outside = tmp_path / "district", tmp_path / "outside.txt"
    outside.write_text("mine")
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps({"files": ["../outside.txt", str(outside)]}))
    with Draft(folder) as draft:
        draft.publish({})
    assert outside.exists()


def test_an_unwritable_folder_for_results_is_an_input_error(tmp_path):
    """A file stands where the folder should be."""
    (tmp_path / "results").write_text("a file")
    with pytest.raises(InputError, match="results: the folder for results cannot be written"):
        check_writable(tmp_path / "results" / "here")
