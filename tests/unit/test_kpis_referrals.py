"""Hand-overs, stages and petitions: each counted once, over what was due."""

import math

import pytest

from simulation.kpis import Window, evaluate
from simulation.kpis.examples import make_records, town

DAY = Window(0.0, 24.0)
NAN = math.nan


def claim(arrival=0.0, exit_="open", ended=NAN, need="claim", **more):
    row = {"need": need, "arrival": arrival, "exit": exit_, **more}
    return row | ({} if exit_ in ("open", "not_presented") else {"ended": ended})


def sent(outcome, at=1.0, queued=NAN, started=NAN, ended=NAN, step="claim.bureau"):
    team = None if math.isnan(queued) else "bureau@bureau"
    return (step, team, at, queued, started, ended, outcome)


DONE = sent("completed", 1.0, 2.0, 2.0, 3.0)
LOST = sent("lost", 1.0, ended=1.0)
REFUSED = sent("refused", 1.0, ended=2.0)
GAVE_UP = sent("reneged", 1.0, 2.0, ended=3.0)
ON_THE_WAY = sent("waiting", 1.0)
WRONG = sent("completed", 1.0, 2.0, 2.0, 3.0, step="claim.wrong")
DESK = ("claim.desk", "desk@hall", 0.0, 0.0, 0.0, 1.0, "completed")


def measure(rows, window=DAY, horizon=480.0, dimension="all", scenario=None):
    scenario = scenario or town()
    frame = evaluate(scenario, make_records(scenario, horizon, rows), window)
    found = frame[frame["dimension"] == dimension]
    return found.set_index("kpi" if dimension == "all" else ["kpi", "level"]).sort_index()


def test_every_referral_is_a_hand_over_and_a_desk_is_none():
    """Three referrals, one of them lost, over two presented needs."""
    rows = [
        claim(0.0, "resolved", 9.0, visits=[DESK, LOST, DONE]),
        claim(0.0, "refused", 2.0, visits=[DESK, REFUSED]),
        claim(0.0, "not_presented"),
    ]
    assert measure(rows).loc["hand_overs", ["value", "n"]].tolist() == [1.5, 2]


def test_a_referral_is_complete_when_the_other_end_has_done_its_work():
    """One of six; the one on the way when the run ends is censored."""
    visits = [LOST, REFUSED, GAVE_UP, WRONG, DONE, ON_THE_WAY]
    frame = measure([claim(visits=[DESK, *visits])])
    assert frame.loc["referral_completion", ["value", "n", "censored"]].tolist() == pytest.approx(
        [1 / 6, 6, 1]
    )


def test_only_referrals_of_the_cohort_count():
    """A case of the warm-up that is referred in the window is not of the cohort."""
    frame = measure([claim(0.0, visits=[LOST]), claim(5.0, visits=[DONE])], Window(2.0, 24.0))
    assert frame.loc["referral_completion", ["value", "n"]].tolist() == [1, 1]


def test_a_case_sent_wrong_twice_is_one_misrouted_case():
    frame = measure([claim(visits=[WRONG, WRONG, DONE]), claim(visits=[DONE]), claim(0.0, "not_presented")])
    assert frame.loc["misrouting", ["value", "n"]].tolist() == [1 / 2, 2]


def test_a_stage_counts_from_the_moment_it_is_sent():
    """Within two hours of being sent: exactly two is in time; longer, lost or refused is not."""
    visits = [sent("completed", 1.0, 2.0, 2.0, 3.0), sent("completed", 1.0, 2.0, 2.0, 3.1), LOST, REFUSED]
    frame = measure([claim(visits=[DESK, *visits])])
    assert frame.loc["stages_on_time", ["value", "n", "censored"]].tolist() == [1 / 4, 4, 0]


def test_a_stage_whose_limit_lies_beyond_the_run_is_undecided():
    visits = [sent("waiting", 7.0, 9.0), sent("waiting", 9.0, 9.5)]
    frame = measure([claim(visits=visits)], Window(0.0, 10.0), horizon=10.0)
    assert frame.loc["stages_on_time", ["value", "n", "censored"]].tolist() == [0, 2, 1]


def petition(arrival, exit_="open", ended=NAN, parent=0):
    return claim(arrival, exit_, ended, need="petition", parent=parent)


def test_a_petition_is_overdue_when_it_is_open_past_its_deadline():
    """Four petitions (an hour each): in time, refused in time, late, never ended; and one of the warm-up."""
    rows = [
        claim(5.0, "unresolved", 6.0),
        claim(5.0, "not_presented"),
        petition(6.0, "resolved", 7.0),
        petition(6.0, "unresolved", 6.5),
        petition(6.0, "resolved", 7.1),
        petition(6.0),
        petition(1.0),
    ]
    frame = measure(rows, Window(2.0, 24.0))
    assert frame.loc["petitions_opened", ["value", "n"]].tolist() == [2000, 2]
    assert frame.loc["petitions_overdue", ["value", "n", "censored"]].tolist() == [1000, 2, 0]


def test_a_petition_that_may_still_end_in_time_is_undecided():
    rows = [claim(1.0), petition(9.5), petition(8.0)]
    frame = measure(rows, Window(0.0, 10.0), horizon=10.0)
    assert frame.loc["petitions_overdue", ["value", "censored"]].tolist() == [1000, 1]


def test_petitions_count_under_the_need_that_they_came_of():
    """Also when a petition opened another; nothing is counted by the petitions themselves."""
    rows = [claim(1.0), claim(1.0), petition(2.0), petition(3.0, parent=2)]
    frame = measure(rows, dimension="need")
    assert frame.loc[("petitions_opened", "claim"), "value"] == 1000
    assert math.isnan(frame.loc[("petitions_opened", "petition"), "value"])
    assert frame.loc[("latent", "petition"), "value"] == 2


def test_preventing_petitions_never_looks_worse():
    """Fewer petitions with as many overdue: none more is overdue, although a larger share of them is."""
    many = [claim(1.0) for _ in range(4)] + [petition(2.0, "resolved", 2.5)] * 2 + [petition(2.0)] * 2
    few = [claim(1.0) for _ in range(4)] + [petition(2.0)] * 2
    before, after = measure(many), measure(few)
    assert after.loc["petitions_overdue", "value"] == before.loc["petitions_overdue", "value"] == 500
    assert after.loc["petitions_opened", "value"] < before.loc["petitions_opened", "value"]
