"""Waits count the completed, the still waiting and those who gave up."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simulation.analysis import interval
from simulation.kpis import Window, evaluate
from simulation.kpis.contacts import RESOLUTION_LIMIT, WAIT_LIMIT
from simulation.kpis.examples import make_records, town
from simulation.kpis.survival import make_curves, restricted_means

MONTH = Window(0.0, 720.0)
LATER = 400 * 24.0
NAN = math.nan


def desk(sent, started, ended, outcome="completed", step="claim.desk", team="desk@hall"):
    return (step, team, sent, sent, started, ended, outcome)


def claim(arrival, exit_="open", ended=NAN, **more):
    row = {"need": "claim", "arrival": arrival, "exit": exit_, **more}
    return row | ({} if exit_ in ("open", "not_presented") else {"ended": ended})


def served(wait):
    """Write down a claim on which work begins after `wait` hours, for an hour."""
    return claim(0.0, "resolved", wait + 1.0, visits=[desk(0.0, wait, wait + 1.0)])


def left(after):
    return claim(0.0, "reneged", after, visits=[desk(0.0, NAN, after, "reneged")])


def measure(rows, window=MONTH, horizon=LATER, scenario=None):
    scenario = scenario or town()
    frame = evaluate(scenario, make_records(scenario, horizon, rows), window)
    return frame[frame["dimension"] == "all"].set_index("kpi")


# ------------------------------------------------------------------------------------ the curve


def curve(times, happened):
    """The curve of one level."""
    order = np.argsort(times)
    return make_curves(times[order], happened[order], np.zeros(len(times), np.int32), 1)


def test_intervals_of_mean_times_cover():
    """1,000 studies of ten replications with 200 cases each; false alarm below 2e-4.

    A fifth never gets there; of the others the time is exponential, mean 3. Cases are followed for 2 to 8,
    and what takes more than 4 counts as 4. To take the time for which a case was followed for that which it
    took would be wrong: those intervals hardly ever cover.
    """
    rng, shape, mean, limit, never = np.random.default_rng(41), (10, 200), 3.0, 4.0, 0.2
    truth = never * limit + (1 - never) * mean * (1 - np.exp(-limit / mean))
    codes = np.repeat(np.arange(10, dtype=np.int32), 200)
    covered = naive = 0
    for _ in range(1000):
        followed = rng.uniform(2.0, 8.0, shape)
        takes = np.where(rng.random(shape) < never, np.inf, rng.exponential(mean, shape))
        times, happened = np.minimum(takes, followed).ravel(), (takes <= followed).ravel()
        order = np.argsort(times)
        means = restricted_means(times[order], happened[order], codes[order], 10, limit)
        found, wrong = interval(means), interval(np.minimum(times, limit).reshape(shape).mean(axis=1))
        covered += abs(found.mean - truth) <= found.half_width
        naive += abs(wrong.mean - truth) <= wrong.half_width
    assert stats.binom.ppf(1e-4, 1000, 0.95) <= covered <= stats.binom.ppf(1 - 1e-4, 1000, 0.95)
    assert naive < 100


def test_kaplan_and_meier_by_hand():
    """Five cases, gone after 1, 2 and 3, lost from sight at 2 and 4: the curve steps to .8, .6, .3."""
    found = curve(np.array([3.0, 2.0, 1.0, 2.0, 4.0]), np.array([True, True, True, False, False]))
    moments = np.array([0.0, 0.9, 1.0, 2.0, 2.9, 3.0, 9.0])
    assert found.at(moments)[0] == pytest.approx([1, 1, 0.8, 0.6, 0.6, 0.3, 0.3])
    assert found.means(6.0) == pytest.approx(1 + 0.8 + 0.6 + 0.3 * 3)
    assert found.means(2.5) == pytest.approx(1 + 0.8 + 0.6 * 0.5)
    assert found.quantiles(0.4, 6.0) == 2
    assert found.quantiles(0.5, 6.0) == 3
    assert found.quantiles(0.5, 2.5) == 2.5
    assert found.quantiles(0.9, 6.0) == 6


def test_without_a_case_there_is_no_value():
    none = curve(np.empty(0), np.empty(0, bool))
    for values in (none.means(6.0), none.quantiles(0.5, 6.0), none.at(np.zeros(1))[0]):
        assert np.isnan(values).all()


def test_several_curves_are_as_each_alone():
    """Levels share the order of time and nothing else; a case of no level is in none."""
    rng = np.random.default_rng(5)
    times, codes = np.sort(rng.integers(0, 12, 300) / 2.0), rng.integers(-1, 4, 300).astype(np.int32)
    happened = rng.random(300) < 0.7
    several = make_curves(times, happened, codes, 5)
    for level in range(5):
        alone = curve(times[codes == level], happened[codes == level])
        assert several.means(4.0)[level] == pytest.approx(alone.means(4.0)[0], nan_ok=True)
        assert several.quantiles(0.5, 4.0)[level] == pytest.approx(alone.quantiles(0.5, 4.0)[0], nan_ok=True)
        assert several.at(np.array([3.0]))[level] == pytest.approx(alone.at(np.array([3.0]))[0], nan_ok=True)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=30), st.sampled_from([0.1, 0.5, 0.9]))
def test_when_nothing_is_censored_the_curve_is_the_data(times, share):
    """The mean is the mean of the cut times, a quantile the first time that so many do not exceed."""
    found = curve(np.array(times), np.ones(len(times), bool))
    assert found.means(50.0) == pytest.approx(np.minimum(times, 50.0).mean())
    rank = math.ceil(share * len(times) - 1e-9) - 1
    assert found.quantiles(share, 200.0) == sorted(times)[rank]


# ------------------------------------------------------------------------------------ first contact


def test_the_wait_ends_when_work_begins():
    """Not when the case is sent, queued or finished."""
    frame = measure([served(24.0), served(72.0)])
    assert frame.loc["wait_first_contact_mean", "value"] == pytest.approx(2)
    assert frame.loc["wait_first_contact_median", "value"] == pytest.approx(1)
    assert frame.loc["wait_first_contact_p90", "value"] == pytest.approx(3)
    assert frame.loc["wait_first_contact_mean", ["n", "censored"]].tolist() == [2, 0]


def test_those_who_give_up_wait_for_ever():
    """Two of ten give up at once, the rest are served at once: the mean is .2 x 90 days, the P90 90 days."""
    frame = measure([served(0.0)] * 8 + [left(0.0)] * 2)
    assert frame.loc["wait_first_contact_mean", "value"] == pytest.approx(0.2 * WAIT_LIMIT)
    assert frame.loc["wait_first_contact_median", "value"] == 0
    assert frame.loc["wait_first_contact_p90", "value"] == WAIT_LIMIT


def test_a_tenth_may_be_lost_before_the_90th_percentile_feels_it():
    """Nine of ten served within two days: the ninth is the 90th percentile."""
    frame = measure([served(24.0)] * 8 + [served(48.0), left(1.0)])
    assert frame.loc["wait_first_contact_p90", "value"] == pytest.approx(2)


def test_those_who_still_wait_are_censored():
    """One served after a day, one still waiting after two: as far as is known, half wait on."""
    rows = [served(24.0), claim(0.0, visits=[desk(0.0, NAN, NAN, "waiting")])]
    frame = measure(rows, Window(0.0, 24.0), horizon=48.0)
    assert frame.loc["wait_first_contact_mean", "value"] == pytest.approx(1 + 0.5 * (WAIT_LIMIT - 1))
    assert frame.loc["wait_first_contact_mean", ["n", "censored"]].tolist() == [2, 1]


def test_late_arrivals_are_followed_for_less_time_and_count_while_they_are():
    """Served after one day; of three others, two drop from sight before the third is served after three."""
    rows = [
        served(24.0),
        claim(72.0, visits=[desk(72.0, NAN, NAN, "waiting")]),
        claim(72.0, visits=[desk(72.0, NAN, NAN, "waiting")]),
        served(72.0),
    ]
    frame = measure(rows, Window(0.0, 96.0), horizon=108.0)
    assert frame.loc["wait_first_contact_median", "value"] == pytest.approx(3)


def test_a_wait_is_over_what_was_presented():
    """Needs of which nobody was told do not wait."""
    frame = measure([served(24.0), claim(0.0, "not_presented")])
    assert frame.loc["wait_first_contact_mean", ["value", "n"]].tolist() == pytest.approx([1, 1])


def test_the_first_work_counts_whichever_branch_it_is_in():
    """Of two visits the one that began earlier is the first contact, whatever their order in the records."""
    visits = [desk(0.0, 48.0, 49.0), desk(0.0, 24.0, 25.0, step="claim.bureau", team="bureau@bureau")]
    frame = measure([claim(0.0, "resolved", 49.0, visits=visits)])
    assert frame.loc["wait_first_contact_mean", "value"] == pytest.approx(1)


def test_a_delay_is_no_contact_but_the_end_of_a_case_without_any_team_is():
    """A form that is filled in meets nobody; if the case is resolved by it, it was met then."""
    form = ("claim.form", None, 0.0, 0.0, 0.0, 24.0, "completed")
    by_form = claim(0.0, "resolved", 24.0, visits=[form])
    then_desk = claim(0.0, "resolved", 50.0, visits=[form, desk(24.0, 48.0, 50.0)])
    assert measure([by_form]).loc["wait_first_contact_mean", "value"] == pytest.approx(1)
    assert measure([then_desk]).loc["wait_first_contact_mean", "value"] == pytest.approx(2)


WAITS = st.lists(st.floats(0, 2000), min_size=1, max_size=12)


@given(WAITS, st.data())
def test_losing_somebody_never_looks_fast(waits, data):
    """If one of those who were served gives up instead, whenever, no statistic of the wait falls."""
    rows = [served(wait) for wait in waits]
    one = data.draw(st.integers(0, len(waits) - 1))
    worse = [*rows[:one], left(data.draw(st.floats(0, waits[one]))), *rows[one + 1 :]]
    before, after = measure(rows, horizon=5000.0), measure(worse, horizon=5000.0)
    for kpi in before.index[before.index.str.contains("wait_|time_to")]:
        assert after.loc[kpi, "value"] >= before.loc[kpi, "value"] - 1e-9


# ------------------------------------------------------------------------------------ resolution


def test_what_is_not_resolved_took_the_limit():
    """A case closed unresolved after a day counts as 180 days, like one that gave up."""
    rows = [
        claim(0.0, "resolved", 48.0),
        claim(0.0, "unresolved", 24.0),
        left(1.0),
        claim(0.0, "not_presented"),
    ]
    frame = measure(rows)
    assert frame.loc["time_to_resolution_mean", "value"] == pytest.approx((2 + 2 * RESOLUTION_LIMIT) / 3)
    assert frame.loc["time_to_resolution_median", "value"] == RESOLUTION_LIMIT


def test_an_open_case_is_censored_for_the_time_to_resolution():
    """It counts as unresolved for as long as it was followed."""
    frame = measure([claim(0.0, "resolved", 24.0), claim(0.0)], Window(0.0, 24.0), horizon=48.0)
    assert frame.loc["time_to_resolution_median", ["value", "n", "censored"]].tolist() == [1, 2, 1]


ONE = desk(0.0, 0.0, 1.0)
OFFICE = desk(1.0, 2.0, 3.0, step="claim.bureau", team="bureau@bureau")
FORM = ("claim.form", None, 0.0, 0.0, 0.0, 0.5, "completed")
AWAY = ("away.claim", None, 1.0, 1.0, 1.0, 5.0, "completed")


@pytest.mark.parametrize(
    ("row", "solved"),
    [
        (claim(0.0, "resolved", 1.0, visits=[ONE]), 1),
        (claim(0.0, "resolved", 1.0, visits=[FORM, desk(0.5, 0.5, 1.0, step="claim.review")]), 1),
        (claim(0.0, "resolved", 0.5, visits=[FORM]), 1),
        (claim(0.0, "resolved", 3.0, visits=[ONE, OFFICE]), 0),
        (claim(0.0, "resolved", 9.0, visits=[ONE, ("claim.form", None, 1.0, 1.0, 1.0, 9.0, "completed")]), 0),
        (claim(0.0, "unresolved", 1.0, visits=[ONE]), 0),
        (
            claim(0.0, "resolved", 6.0, visits=[left(1.0)["visits"][0], AWAY, desk(5.0, 5.0, 6.0)], rounds=1),
            0,
        ),
        (claim(0.0, "reneged", 1.0, visits=[desk(0.0, NAN, 1.0, "reneged")]), 0),
    ],
)
def test_solved_at_first_contact(row, solved):
    """Resolved by the first work, with nothing after it and without coming back."""
    frame = measure([row])
    assert frame.loc["first_contact_resolution", "value"] == solved


def test_first_contact_resolution_is_over_what_was_presented():
    frame = measure([claim(0.0, "resolved", 1.0, visits=[ONE]), claim(0.0), claim(0.0, "not_presented")])
    assert frame.loc["first_contact_resolution", ["value", "n", "censored"]].tolist() == [0.5, 2, 1]


def test_channels_are_counted_over_what_was_presented():
    rows = [
        claim(0.0, channel="online"),
        claim(0.0),
        claim(0.0),
        claim(0.0, "not_presented", channel="online"),
    ]
    frame = measure(rows)
    assert frame.loc["online_share", ["value", "n"]].tolist() == pytest.approx([1 / 3, 3])


def test_failure_demand_is_what_came_on_line_and_stood_at_the_desk():
    """On-line forms that are reviewed have not failed; the desk of those who came in person is none of it."""
    review = desk(0.5, 0.5, 1.0, step="claim.review")
    rows = [
        claim(0.0, "resolved", 1.0, channel="online", visits=[FORM, review]),
        claim(0.0, "resolved", 1.0, channel="online", visits=[FORM, review]),
        claim(0.0, "resolved", 1.0, channel="online", visits=[FORM, desk(0.5, 0.5, 1.0)]),
        claim(0.0, "resolved", 1.0, visits=[ONE]),
    ]
    assert measure(rows).loc["failure_demand", ["value", "n"]].tolist() == pytest.approx([1 / 3, 3])


def test_an_on_line_case_that_begins_at_the_desk_did_not_fail():
    """Where a pathway has no on-line entrance, beginning at the desk is no coming back."""
    visit = desk(0.0, 0.0, 1.0, step="visit.call")
    needs = {"claim": {"pathway": "visit", "arrivals": {"rate": 1}}, "petition": {"pathway": "petition"}}
    row = claim(0.0, "resolved", 1.0, channel="online", visits=[visit])
    assert measure([row], scenario=town(needs=needs)).loc["failure_demand", "value"] == 0
