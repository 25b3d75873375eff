"""Stored results are never mixed with others: records change only together with MODEL_VERSION."""

import json
import re
from pathlib import Path

import pytest

from simulation.engines import ENGINES
from simulation.records import MODEL_VERSION
from tests.golden import FILE, replications, told, versions

GOLDEN = json.loads(FILE.read_text(encoding="utf-8"))
CHANGELOG = Path(__file__).resolve().parents[2] / "CHANGELOG.md"
CHANGED = (
    "the records of {names} are others than they were under MODEL_VERSION {version}. If that is meant: raise "
    "MODEL_VERSION in simulation/records.py, run python -m tests.golden, and write in CHANGELOG.md what "
    "changed and why, with 'Results change: yes'. If it is not: find what changed them."
)


def compare(golden, version, found, own_versions):
    """Name the cases whose records changed although the version did not; fail when the file is of another."""
    if golden["model_version"] != version:
        pytest.fail(f"MODEL_VERSION is {version}: run python -m tests.golden, which notes the new records")
    exact = golden["versions"] == own_versions
    return [
        name
        for name, one in found.items()
        if (
            one["digest"] != golden["records"][name]["digest"] if exact else far(one, golden["records"][name])
        )
    ]


def far(one, other):
    """Under other versions of the libraries, sums agree to 1e-9."""
    return one["sums"] != pytest.approx(other["sums"], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
def test_records_change_only_with_the_model_version(engine):
    """A queue, a street under several policies, a published health centre: to the bit under one version."""
    found = {name: told(one) for name, one in replications(engine).items()}
    assert found.keys() == GOLDEN["records"].keys()
    changed = compare(GOLDEN, MODEL_VERSION, found, versions())
    assert not changed, CHANGED.format(names=", ".join(changed), version=MODEL_VERSION)


def test_a_changed_record_is_found_and_what_to_raise_is_said():
    """One time of one visit a hair later: found to the bit, and a minute later found by the sums too."""
    one = replications("compiled")["queue"]
    before = {"model_version": 7, "versions": versions(), "records": {"queue": told(one)}}
    visits = one.records.visits
    visits["started"][0] += 1e-9
    assert compare(before, 7, {"queue": told(one)}, versions()) == ["queue"]
    assert compare(before, 7, {"queue": told(one)}, {"numpy": "another"}) == []
    visits["started"][0] += 1 / 60
    assert compare(before, 7, {"queue": told(one)}, {"numpy": "another"}) == ["queue"]
    with pytest.raises(pytest.fail.Exception, match=r"MODEL_VERSION is 8: run python -m tests\.golden"):
        compare(before, 8, {"queue": told(one)}, versions())
    assert "raise MODEL_VERSION" in CHANGED


def test_every_entry_of_the_changelog_says_whether_results_change():
    """Each bold heading of an addition, and the model version itself."""
    text = CHANGELOG.read_text(encoding="utf-8")
    entries = re.findall(r"^\*\*[^*]+\*\*(.*)$", text, flags=re.MULTILINE)
    assert len(entries) > 5
    assert [entry for entry in entries if not re.match(r" Results change: (yes|no)", entry)] == []
    assert f"`MODEL_VERSION` is {MODEL_VERSION}" in text
