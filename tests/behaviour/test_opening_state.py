"""The opening state: cases that are under way when the run begins, written out or read from a file."""

import numpy as np
import pytest

from simulation.demand import make_demand
from simulation.engines import simulate
from simulation.layout import make_layout
from simulation.records import Exit
from simulation.scenario import read_scenario
from simulation.spec import InputError
from tests.scenarios import (
    OFFICE,
    delay,
    diary,
    ends,
    exactly,
    exits,
    exponential,
    fork,
    keyed,
    listed,
    need,
    run,
    same,
    scenario,
    work,
    written,
)


def waiting(age, **fields):
    """Open cases at the desk of the town."""
    return {"need": "help", "place": "town", "step": "serve", "age": age, **fields}


# ----------------------------------------------------------------------------------------------- the engine


def test_a_case_that_was_opened_this_moment_came_at_zero():
    """Not at minus zero, which counts the same and is not the same number: engines would differ in a bit."""
    records = run(opening=[waiting(0.0)], arrivals=listed())
    assert records.cases["arrival"].tolist() == [0.0]
    assert not np.signbit([records.cases["arrival"][0], records.visits["queued"][0]]).any()


def test_open_cases_are_served_the_oldest_first_and_before_new_ones():
    """Three days, two days and one day old, an hour each; who arises at time 0 comes last."""
    records = run(opening=[waiting("1 d"), waiting("3 d"), waiting("2 d")], arrivals=listed(0.0))
    assert records.cases["arrival"].tolist() == [-72.0, -48.0, -24.0, 0.0]
    assert diary(records, "case", "sent", "queued", "started") == [
        (0, 0.0, 0.0, 0.0), (1, 0.0, 0.0, 1.0), (2, 0.0, 0.0, 2.0), (3, 0.0, 0.0, 3.0)
    ]  # fmt: skip
    assert records.opening == 3


def test_a_case_goes_on_from_the_step_at_which_it_stands():
    """Of a pathway of an hour and of two, the case has the second before it; no hand-over is made again."""
    steps = [delay("first"), delay("second", 2.0, referral={"delay": exactly(9.0), "not_reached": 1.0})]
    records = run(*steps, opening=[waiting("5 h", step="second")], arrivals=listed())
    assert diary(records, "step", "queued", "ended") == [("second", 0.0, 2.0)]
    assert ends(records) == [2.0]


def test_new_cases_are_what_they_were():
    """A backlog at a step without a queue changes nothing of the cases that arise."""
    step = delay("serve", exponential(3.0))
    few, none = (
        keyed(run(step, opening=opening, arrivals={"rate": 1.0})) for opening in ([waiting("1 d")], [])
    )
    for more, fewer in zip(few, none, strict=True):
        assert fewer.items() < more.items()
        assert len(more) == len(fewer) + 1


def test_no_backlog_is_no_opening_state():
    """An empty list is as good as none."""
    assert same(run(arrivals={"rate": 0.5}, opening=[]), run(arrivals={"rate": 0.5}))


def test_the_order_of_the_rows_means_nothing():
    """Rows in another order, or alike ones written as one with a count, are the same backlog."""
    step = work(hours=exponential(3.0))
    rows = [waiting("1 d", count=2), waiting("9 h"), waiting("3 d", group="old")]
    people = {"groups": {"old": {"share": 0.5}, "young": {"share": 0.5}}}
    split = [waiting("3 d", group="old"), waiting("1 d"), waiting("9 h"), waiting("1 d")]
    assert same(run(step, opening=rows, **people), run(step, opening=split, **people))


def test_a_backlog_is_cleared_when_its_last_case_ends():
    """Forty cases of an hour for one clerk, and a visitor every second hour: the k-th visitor, at 2 k, comes
    after the backlog, which ends at 40."""
    records = run(opening=[waiting("1 d", count=40)], arrivals=listed(*range(0, 100, 2)))
    assert np.nanmax(records.cases["ended"][: records.opening]) == 40.0


def test_at_the_horizon_what_was_not_cleared_is_open():
    """Of five cases of an hour three are done before hour 3.5."""
    records = run(opening=[waiting("1 d", count=5)], arrivals=listed(), horizon=3.5)
    assert exits(records) == ["resolved"] * 3 + ["open"] * 2


def test_who_they_are_may_be_said():
    """Group and channel are kept where they are given, and drawn among all where not."""
    parts = {
        "places": {"town": {"veterans": 100}},
        "groups": {"old": {"share": 0.5}, "young": {"share": 0.5}},
        "channels": {"phone": {}, "visit": {}},
    }
    given = run(
        opening=[waiting("1 d", count=50, group="young", channel="visit")], arrivals=listed(), **parts
    )
    assert set(given.cases["group"]) == {given.names.groups.index("young")}
    assert set(given.cases["channel"]) == {given.names.channels.index("visit")}
    drawn = run(opening=[waiting("1 d", count=50)], arrivals=listed(), **parts)
    assert set(drawn.cases["group"]) == {0, 1}
    assert all((drawn.cases["veteran"] >= 0) & (drawn.cases["veteran"] < 100))


def test_silent_ends_count_from_the_beginning():
    """Who is still there at time 0 stays as long as a new case would: half are gone after a week of it."""
    parts = {"needs": {"help": need(listed(), dropout_per_week=0.5)}}
    system = scenario(delay("serve", 168.0), opening=[waiting("30 d", count=2000)], **parts)
    gone = exits(simulate(system, 500.0, 1, 0)).count("dropped_out")
    assert gone == pytest.approx(1000, abs=110)


# ------------------------------------------------------------------------------------------------ deadlines


def due(age, deadline, **fields):
    """Moment of the deadline of an open case of an age."""
    system = scenario(
        calendars={**OFFICE, "lawful": {**OFFICE["office"], "holidays": "china"}},
        needs={"help": need(listed(), deadline=deadline, **fields)},
        opening=[waiting(age)],
    )
    return make_demand(make_layout(system, 1000.0), 1, 0).due[0]


def test_deadlines_count_from_the_day_on_which_the_need_arose():
    """Fifteen days from five days ago end in ten."""
    assert due("5 d", "15 d") == 240.0
    assert due("20 d", "15 d") == -120.0


def test_working_days_are_counted_before_the_start_too():
    """From Friday 2 January, 00:00 (three days before the start), two working days end on Monday at 17:00;
    five from Monday 29 December end on Friday at 17:00, which is 55 hours before the start."""
    assert due("3 d", "2 wd", deadline_calendar="office") == 17.0
    assert due("7 d", "5 wd", deadline_calendar="office") == -55.0


def test_public_holidays_before_the_start_are_kept():
    """New Year's holiday of 2026 lasts from Thursday 1 to Saturday 3 January, and Sunday the 4th is worked:
    from Wednesday 31 December, 00:00, two working days end on that Sunday at 17:00, seven hours before the
    start."""
    assert due("5 d", "2 wd", deadline_calendar="lawful") == -7.0
    assert due("5 d", "3 wd", deadline_calendar="lawful") == 17.0


def test_what_was_overdue_before_the_start_is_past():
    """A claim that has been overdue for a day sets no petition off again; one that becomes so does."""
    parts = {
        "pathways": {"path": {"steps": [delay("serve", 100.0)]}, "heard": {"steps": [delay("hear")]}},
        "needs": {
            "help": need(listed(), deadline="5 d", overdue=[{"need": "petition", "probability": 1.0}]),
            "petition": need(None, pathway="heard"),
        },
    }
    records = run(opening=[waiting("6 d"), waiting("4 d")], **parts)
    assert records.cases["arrival"].tolist() == [-144.0, -96.0, 24.0]
    assert records.cases["parent"].tolist() == [-1, -1, 1]


# ------------------------------------------------------------------------------------------------- the file


HEADER = "need,place,step,age_days,count,group,channel"
ROWS = ["help,town,serve,1.5,2,,", "help,town,serve,3,,all,visit"]
PEOPLE = {"groups": {"all": {"share": 1.0}}, "channels": {"visit": {}}}


def backlog(folder, *rows, header=HEADER):
    """A scenario whose opening state is in a file."""
    (folder / "backlog.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8-sig")
    return read_scenario(written(arrivals=listed(), opening={"file": "backlog.csv"}, **PEOPLE), folder)


def test_a_file_says_what_may_be_written(tmp_path):
    """Two cases of a day and a half and one of three days, read from a table or written out."""
    direct = scenario(
        arrivals=listed(),
        opening=[waiting("36 h", count=2), waiting("3 d", group="all", channel="visit")],
        **PEOPLE,
    )
    assert same(simulate(backlog(tmp_path, *ROWS), 100.0, 1, 0), simulate(direct, 100.0, 1, 0))


def test_columns_that_nobody_needs_may_be_missing(tmp_path):
    """Need, place, step and age are enough."""
    system = backlog(tmp_path, "help,town,serve,2", header="need,place,step,age_days")
    assert [(case.age, case.count) for case in system.opening] == [(48.0, 1)]


@pytest.mark.parametrize(
    ("row", "field", "got", "remedy"),
    [
        ("hlep,town,serve,1,,,", "need", "hlep", 'did you mean "help"'),
        ("help,twon,serve,1,,,", "place", "twon", 'did you mean "town"'),
        ("help,town,sevre,1,,,", "step", "sevre", 'did you mean "serve"'),
        ("help,town,serve,old,,,", "age_days", "old", "a number, zero or more"),
        ("help,town,serve,-2,,,", "age_days", "-2", "a number, zero or more"),
        ("help,town,serve,,,,", "age_days", "", "needs an age"),
        (",town,serve,1,,,", "need", "", "needs a need"),
        ("help,town,serve,1,0,,", "count", "0", "one or more"),
        ("help,town,serve,1,,elderly,", "group", "elderly", "there is no such group"),
        ("help,town,serve,1,,,fax", "channel", "fax", "there is no such channel"),
    ],
)
def test_a_wrong_row_is_named(tmp_path, row, field, got, remedy):
    """File, row, field, value and remedy: the third line of the file is wrong, and nothing else is said."""
    with pytest.raises(InputError) as caught:
        backlog(tmp_path, ROWS[0], row, ROWS[1])
    [problem] = caught.value.problems
    assert problem.path == f"opening.file {tmp_path / 'backlog.csv'} line 3 {field}"
    assert problem.value == got
    assert remedy in problem.message


def test_a_wrong_file_is_named(tmp_path):
    """A missing file, a missing column, a short row and a scenario without a folder."""
    with pytest.raises(InputError, match="there is no such file"):
        read_scenario(written(opening={"file": "none.csv"}), tmp_path)
    with pytest.raises(InputError, match="columns missing: age_days"):
        backlog(tmp_path, header="need,place,step,age")
    with pytest.raises(InputError, match="line 2: a row has one cell for each of the 7 columns"):
        backlog(tmp_path, "help,town,serve,1")
    with pytest.raises(InputError, match="full path"):
        read_scenario(written(opening={"file": "none.csv"}))
    with pytest.raises(InputError, match="as a list, or as"):
        read_scenario(written(opening={"path": "none.csv"}), tmp_path)


def test_what_is_written_out_is_checked_too():
    """A case cannot stand within a branch of a fork, where its other branches would be unknown."""
    steps = [fork("both", "a", "b", next="resolved"), delay("a", next="join"), delay("b", next="join")]
    assert scenario(*steps, opening=[waiting("1 d", step="both")]).opening[0].step == "both"
    with pytest.raises(InputError, match=r"opening\.0\.step: no way leads here but through a fork"):
        scenario(*steps, opening=[waiting("1 d", step="a")])
    with pytest.raises(InputError, match=r"opening\.0\.age"):
        scenario(opening=[waiting("1 wd")])


def test_a_fork_begins_all_its_branches():
    """A case that stands at a fork has all of it before it."""
    steps = [
        fork("both", "a", "b", next="resolved"),
        delay("a", 1.0, next="join"),
        delay("b", 2.0, next="join"),
    ]
    records = run(*steps, opening=[waiting("1 d", step="both")], arrivals=listed())
    assert ends(records) == [2.0]
    assert records.cases["exit"].tolist() == [Exit.resolved]
