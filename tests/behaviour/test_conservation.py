"""Records that lose or invent a case, or hold an impossible row, are refused."""

import numpy as np
import pytest

from simulation.records import ConservationError, Exit, Outcome, Records
from tests.scenarios import delay, exactly, listed, need, run, work


@pytest.fixture
def records():
    """Case 0 is done at 2, 1 gave up at 2, 2 is served, 3 waits, 4 was never presented, 5 rests."""
    return run(
        pathways={
            "path": {"steps": [work(hours=2.0, patience={"time": exactly(1.0)})]},
            "rest": {"steps": [delay(hours=9.0)]},
            "wait": {"steps": [work(hours=2.0, priority=99)]},
        },
        needs={
            "a": need(listed(0.0, 1.0)),
            "b": need(listed(1.5, 1.55), pathway="wait"),
            "c": need(listed(1.6), presented=0.0),
            "d": need(listed(1.7), pathway="rest"),
        },
        horizon=2.5,
    )


def tampered(records, table, row, **fields):
    """The same records with some entries of one row changed."""
    tables = {"visits": records.visits.copy(), "cases": records.cases.copy()}
    for field, entry in fields.items():
        tables[table][field][row] = entry
    return Records(**tables, names=records.names, horizon=records.horizon, seed=1, replication=0)


def test_the_records_of_a_run_are_accepted(records):
    """What the engine wrote is in order, and shows what may become of a case."""
    records.check()
    fates = [Exit(number).name for number in records.cases["exit"]]
    assert fates == ["resolved", "reneged", "open", "open", "not_presented", "open"]


@pytest.mark.parametrize(
    ("table", "row", "fields"),
    [
        ("cases", 0, {"exit": Exit.open}),  # ended, and open
        ("cases", 0, {"exit": Exit.open, "ended": np.nan}),  # open, and nothing is under way
        ("cases", 0, {"ended": np.nan}),  # resolved, and at no moment
        ("cases", 0, {"ended": -1.0}),  # before it arose
        ("cases", 0, {"ended": 99.0}),  # after the horizon
        ("cases", 0, {"exit": 11}),  # an exit that does not exist
        ("cases", 0, {"exit": -1}),
        ("cases", 2, {"exit": Exit.resolved, "ended": 2.0}),  # done, while it waits
        ("cases", 0, {"exit": Exit.not_presented}),  # not presented, and served
        ("cases", 5, {"arrival": 99.0}),  # arose after the horizon
        ("visits", 0, {"queued": -1.0}),  # queued before it was sent
        ("visits", 0, {"started": -1.0}),
        ("visits", 0, {"ended": -1.0}),
        ("visits", 0, {"case": 5}),  # out of order
        ("visits", 4, {"case": 17}),  # of a case that does not exist
        ("visits", 0, {"started": np.nan}),  # completed without having begun
        ("visits", 0, {"ended": np.nan}),  # completed without an end
        ("visits", 1, {"started": 1.5}),  # gave up, and was served
        ("visits", 3, {"ended": 2.0}),  # waits, and has ended
        ("visits", 2, {"started": np.nan}),  # in service, and has not begun
        ("visits", 0, {"outcome": 8}),  # an outcome that does not exist
        ("visits", 0, {"outcome": Outcome.waiting}),
        ("visits", 0, {"sent": -1.0}),  # sent before the case arose
        ("visits", 0, {"ended": 2.25}),  # ended after the case
        ("visits", 0, {"lead": 0}),  # joins itself
        ("visits", 0, {"lead": 3}),  # joins a visit that does not exist
    ],
)  # fmt: skip
def test_a_change_to_one_row_is_noticed(records, table, row, fields):
    """Each single falsehood, whatever it is, is refused."""
    with pytest.raises(ConservationError):
        tampered(records, table, row, **fields).check()


def test_a_lost_visit_is_noticed(records):
    """A case that is open needs a visit that is under way."""
    visits = records.visits[:-1]
    with pytest.raises(ConservationError, match="nothing is under way"):
        Records(visits, records.cases, records.names, records.horizon, 1, 0).check()


def test_a_visit_that_stands_twice_is_noticed(records):
    """The key of a visit is its case and its number."""
    visits = np.repeat(records.visits, 2)
    with pytest.raises(ConservationError, match="twice"):
        Records(visits, records.cases, records.names, records.horizon, 1, 0).check()
