"""Demand has the laws that the configuration states.

Every test is one comparison, or a few, of a fixed seed with its law at a p-value of one in 100,000: about a
hundred comparisons in all, so that a change of seed would raise a false alarm in one of a thousand suites.
"""

from datetime import date, timedelta

import numpy as np
import pytest
from scipy import stats

from simulation.demand import make_demand
from simulation.demand.counting import _count, draw_counts
from simulation.layout import make_layout
from simulation.records import Exit
from simulation.streams import uniforms_array
from tests.scenarios import OFFICE, delay, exponential, listed, need, run, scenario

SMALL = 1e-5
YEAR = 8760.0
SEED = 7


def demand(horizon, seed=SEED, replication=0, **parts):
    """The latent cases of a scenario."""
    return make_demand(make_layout(scenario(**parts), horizon), seed, replication)


def arising(horizon, **parts):
    """Moments at which the cases of a scenario arise."""
    return demand(horizon, **parts).cases["arrival"]


def shares_agree(counts, shares):
    """Chi-square test of counts against shares; shares of zero must be counted zero times."""
    counts, shares = np.asarray(counts), np.asarray(shares, dtype=float)
    assert counts[shares == 0].sum() == 0
    kept = shares > 0
    expected = counts.sum() * shares[kept] / shares.sum()
    assert stats.chisquare(counts[kept], expected).pvalue > SMALL


def poisson(counts, mean):
    """Chi-square test of counts against the Poisson law."""
    top = int(stats.poisson.ppf(1 - 5 / len(counts), mean))
    bottom = int(stats.poisson.ppf(5 / len(counts), mean))
    law = stats.poisson.pmf(np.arange(bottom, top + 1), mean)
    law[0], law[-1] = stats.poisson.cdf(bottom, mean), stats.poisson.sf(top - 1, mean)
    found = np.bincount(np.clip(counts, bottom, top) - bottom, minlength=top - bottom + 1)
    assert stats.chisquare(found, len(counts) * law).pvalue > SMALL


# -------------------------------------------------------------------------------------- Poisson processes


@pytest.mark.parametrize(("rate", "width"), [(3.0, 1.0), (0.2, 10.0), (0.002, 24.0)])
def test_cases_of_any_stretch_of_time_are_poisson(rate, width):
    """At a constant rate the number in every hour, ten hours or day is Poisson, whatever month it lies in."""
    horizon = 24_000.0
    times = arising(horizon, arrivals={"rate": rate})
    poisson(np.histogram(times, np.arange(0.0, horizon + 1e-9, width))[0], rate * width)


def test_gaps_between_cases_are_exponential():
    """A Poisson process has independent exponential gaps, across the ends of months too."""
    gaps = np.diff(arising(4 * YEAR, arrivals={"rate": 1.0}))
    assert stats.kstest(gaps, "expon").pvalue > SMALL
    assert abs(np.corrcoef(gaps[1:], gaps[:-1])[0, 1]) < 4.4 / len(gaps) ** 0.5


def test_the_number_of_cases_is_poisson_over_replications():
    """Over replications the number of a month and a place is Poisson, and independent of other places."""
    places = {"a": {"veterans": 300}, "b": {"veterans": 100}, "top": {}}
    parts = {
        "places": places,
        "teams": {},
        "needs": {"help": need({"rate": 10, "per": "d", "per_veterans": 1000})},
    }
    layout = make_layout(scenario(delay(), **parts), 744.0)
    counts = np.array(
        [np.bincount(make_demand(layout, SEED, n).cases["origin"], minlength=2) for n in range(1500)]
    )
    poisson(counts[:, 0], 3.0 * 31)
    poisson(counts[:, 1], 1.0 * 31)
    assert abs(np.corrcoef(counts.T)[0, 1]) < 4.4 / 1500**0.5


def test_rates_are_per_hour_day_or_year_and_per_veterans():
    """Nine an hour, 216 a day and 78,840 a year of 8,760 hours are one rate, and so is a share per 1,000."""
    numbers = []
    for fields in (
        {"rate": 9, "per": "h"},
        {"rate": 216, "per": "d"},
        {"rate": 78_840, "per": "y"},
        {"rate": 3, "per": "h", "per_veterans": 1000},
    ):
        cases = demand(5000.0, arrivals=fields, places={"town": {"veterans": 3000}}).cases
        numbers.append(len(cases))
    assert numbers[:3] == [numbers[0]] * 3
    assert abs(numbers[0] - 45_000) < 4.4 * 45_000**0.5
    assert numbers[3] == numbers[0]


def test_renewal_gaps_have_their_law():
    """Gaps of a renewal process are independent draws of its distribution."""
    gaps = np.diff(
        arising(30_000.0, arrivals={"kind": "renewal", "gap": {"kind": "gamma", "mean": 2.0, "cv": 0.5}})
    )
    assert stats.kstest(gaps, stats.gamma(4.0, scale=0.5).cdf).pvalue > SMALL
    assert abs(np.corrcoef(gaps[1:], gaps[:-1])[0, 1]) < 4.4 / len(gaps) ** 0.5


# ------------------------------------------------------------------------------------------------- profiles


def profiled(profile, rate=40.0, horizon=YEAR, start="2026-01-01", **parts):
    """Moments of a need that follows a profile, and the day of each."""
    data = {
        "profiles": {"p": profile},
        "needs": {"help": need({"rate": rate, "profile": "p"})},
        "start": start,
    }
    times = arising(horizon, **data, **parts)
    first = date.fromisoformat(start)
    days = [first + timedelta(days=int(number)) for number in times // 24]
    return times, days


DAYS_OF_2026 = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]


def test_a_year_holds_the_rate_of_the_year():
    """Weights are relative: however they are scaled, a year's number is that of the constant rate."""
    for factor in (1, 50):
        times, _ = profiled({"months": [factor * m for m in range(12)], "weekdays": [1, 2, 3, 4, 5, 0, 0]})
        assert abs(len(times) - 40 * YEAR) < 4.4 * (40 * YEAR) ** 0.5


def test_months_have_their_shares():
    """A month's share is its weight times its days."""
    weights = [1, 2, 3, 4, 5, 6, 5, 4, 3, 2, 1, 0]
    _, days = profiled({"months": weights})
    lengths = np.bincount([day.month - 1 for day in DAYS_OF_2026])
    shares_agree(np.bincount([day.month - 1 for day in days], minlength=12), weights * lengths)


def test_weekdays_and_hours_have_their_shares():
    """Weekdays and hours of the day have theirs, independently."""
    weekdays, hours = [5, 4, 3, 2, 1, 0, 0.5], [0] * 8 + [1, 3, 3, 2, 1, 1, 2, 1] + [0.1] * 8
    times, days = profiled({"weekdays": weekdays, "hours": hours})
    days_of = np.bincount([day.weekday() for day in DAYS_OF_2026])
    table = np.zeros((7, 24))
    np.add.at(table, ([day.weekday() for day in days], (times % 24).astype(int)), 1)
    shares_agree(table.ravel(), np.outer(weekdays * days_of, hours).ravel())


def test_moments_are_even_within_the_hour():
    """Within an hour of one weight every minute is as likely as another."""
    times, _ = profiled({"hours": [1] * 12 + [2] * 12})
    assert stats.kstest(times % 1.0, "uniform").pvalue > SMALL


def test_needs_arise_only_in_the_open_hours_of_the_profiles_calendar():
    """With a calendar nobody comes while it is closed, and open hours share by their length."""
    times, _ = profiled({"calendar": "office"}, calendars=OFFICE, start="2026-01-05", horizon=50 * 168.0)
    week = np.histogram(times % 168, np.arange(169))[0]
    hours = [1.0 if hour % 24 in (9, 10, 11, 13, 14, 15, 16) and hour < 120 else 0.0 for hour in range(168)]
    shares_agree(week, hours)


def test_a_campaign_has_its_share_of_the_year():
    """Four weeks before the Spring Festival of 2026 (17 February) have .45; the rest follows the months."""
    campaign = {"share": 0.45, "anchor": "lunar_new_year", "offset": -28, "days": 28}
    _, days = profiled({"campaigns": [campaign], "months": [1] * 6 + [3] * 6})
    first, festival = date(2026, 1, 20), date(2026, 2, 17)
    weight = np.array([1.0 if day.month <= 6 else 3.0 for day in DAYS_OF_2026])
    share = 0.55 * weight / weight.sum()
    inside = np.array([first <= day < festival for day in DAYS_OF_2026])
    share[inside] += 0.45 / 28
    counts = np.bincount([(day - DAYS_OF_2026[0]).days for day in days], minlength=365)
    shares_agree(counts, share)


def test_a_campaign_may_reach_over_the_new_year():
    """A campaign of 20 days from 22 December puts half of its share at either end of each year."""
    times, days = profiled(
        {"campaigns": [{"share": 0.5, "anchor": "12-22", "days": 20}]},
        horizon=3 * YEAR,
        rate=15.0,
        start="2025-01-01",
    )
    for year in (2025, 2026, 2027):
        mine = [day for day in days if day.year == year]
        begins = sum((day.month, day.day) <= (1, 10) for day in mine)
        ends = sum((day.month, day.day) >= (12, 22) for day in mine)
        share = 0.25 + 0.5 * 10 / 365
        shares_agree([begins, ends, len(mine) - begins - ends], [share, share, 1 - 2 * share])
    assert abs(len(times) - 15 * 3 * YEAR) < 4.4 * (15 * 3 * YEAR) ** 0.5


@pytest.mark.parametrize("period", [24.0, 100.0])
def test_a_wave_has_its_shape(period):
    """The rate is proportional to 1 + amplitude sin(2 pi t / period)."""
    times, _ = profiled({"kind": "cyclic", "amplitude": 0.8, "period": f"{period} h"}, horizon=8000.0)
    edges = np.linspace(0, 1, 25)
    law = np.diff(edges - 0.8 / (2 * np.pi) * (np.cos(2 * np.pi * edges) - 1))
    shares_agree(np.histogram(times / period % 1.0, edges)[0], law)


def test_steps_hold_from_moment_to_moment():
    """A day of weights 0, 4 and 1 from hours 0, 8 and 20 has its needs in these shares, day after day."""
    steps = {"kind": "steps", "period": "1 d", "times": [0, 8, 20], "weights": [0, 4, 1]}
    times, _ = profiled(steps, horizon=8000.0)
    assert abs(len(times) - 40 * 8000) < 4.4 * (40 * 8000) ** 0.5
    shares_agree(np.histogram(times % 24, [0, 8, 14, 20, 24])[0], [0, 24, 24, 4])
    assert stats.kstest(times[times % 24 >= 20] % 24, stats.uniform(20, 4).cdf).pvalue > SMALL


def test_steps_count_from_the_start_of_the_scenario():
    """A period that does not divide the year begins at time zero: of ten hours, the first three are busy."""
    steps = {"kind": "steps", "period": 10, "times": [0, 3], "weights": [1, 0]}
    times, _ = profiled(steps, horizon=500.0, start="2026-03-05")
    assert np.all(times % 10 < 3)
    assert len(times) > 10_000


def test_steps_of_equal_weight_are_no_profile():
    """Where every step weighs the same, the moments are those of a constant rate."""
    steps = {"kind": "steps", "period": 8, "times": [0, 2, 4], "weights": [3, 3, 3]}
    flat, _ = profiled(steps, horizon=2000.0)
    constant = arising(2000.0, needs={"help": need({"rate": 40.0})}, start="2026-01-01")
    assert np.allclose(flat, constant, rtol=0, atol=1e-8)


def test_the_first_renewal_may_have_a_law_of_its_own():
    """The first need after half an hour, then one every two hours; and without it, one every two hours."""
    gap = {"kind": "deterministic", "at": 2.0}
    first = {"kind": "deterministic", "at": 0.5}
    assert arising(7.0, arrivals={"kind": "renewal", "gap": gap, "first": first}).tolist() == [
        0.5,
        2.5,
        4.5,
        6.5,
    ]
    assert arising(7.0, arrivals={"kind": "renewal", "gap": gap}).tolist() == [2.0, 4.0, 6.0]


def test_the_first_renewal_moves_no_other_gap():
    """With a law of its own for the first need, all gaps after it stay what they were."""
    law = {"kind": "renewal", "gap": exponential(2.0)}
    plain, own = (arising(200.0, arrivals={**law, **more}) for more in ({}, {"first": exponential(4.0)}))
    assert own[0] == 2 * plain[0]
    count = min(len(plain), len(own))
    assert np.allclose(np.diff(own[:count]), np.diff(plain[:count]), rtol=0, atol=1e-9)


# --------------------------------------------------------------------------------------- who, where and how


PEOPLE = {
    "places": {
        "city": {"tier": "city"},
        "street": {"tier": "street", "parent": "city"},
        "town": {"tier": "town", "parent": "street", "veterans": 500},
    },
    "groups": {
        "old": {"share": 0.5, "channels": {"visit": 0.9, "phone": 0.1}, "presented": 0.8},
        "middle": {"share": 0.3, "channels": {"visit": 0.5, "phone": 0.3, "web": 0.2}},
        "young": {"share": 0.2, "channels": {"phone": 0.25, "web": 0.75}, "presented": 0.5},
    },
    "channels": {"phone": {}, "visit": {}, "web": {}},
    "teams": {},
    "pathways": {"path": {"steps": [delay(hours=0.0)]}},
}


@pytest.fixture(scope="module")
def crowd():
    """Some 40,000 needs of the same 500 people."""
    wanted = need(
        {"rate": 8, "per": "d", "per_veterans": 500, "at": ["town"]},
        presented=0.9,
        companions=0.6,
        group_rates={"old": 2.0, "young": 0.5},
        first_contact={"town": 0.5, "street": 0.3, "city": 0.2},
        dropout_per_week=0.2,
    )
    return demand(36_000.0, needs={"help": wanted}, **PEOPLE)


GROUPS = ("middle", "old", "young")
RATES = np.array([0.3 * 1.0, 0.5 * 2.0, 0.2 * 0.5])


def test_groups_have_their_shares_times_their_rates(crowd):
    """A group's share of the needs is its share of the people times its factor, and the total follows."""
    shares_agree(np.bincount(crowd.cases["group"]), RATES)
    expected = 8 * 1500 * RATES.sum()
    assert abs(len(crowd.cases) - expected) < 4.4 * expected**0.5


def test_every_veteran_of_a_group_is_as_likely_as_another(crowd):
    """Needs are spread evenly over the people of a group; each person has one group."""
    rates = np.repeat([1.0, 2.0, 0.5], [150, 250, 100])
    shares_agree(np.bincount(crowd.cases["veteran"], minlength=500), rates)
    assert np.all(np.repeat([0, 1, 2], [150, 250, 100])[crowd.cases["veteran"]] == crowd.cases["group"])


def test_needs_are_presented_with_their_probability(crowd):
    """The probability of presenting a need is the need's own times the group's."""
    for group, own in enumerate([1.0, 0.8, 0.5]):
        presented = crowd.cases["exit"][crowd.cases["group"] == group] == Exit.open
        shares_agree(np.bincount(presented, minlength=2), [1 - 0.9 * own, 0.9 * own])


def test_travelling_further_is_a_decision_of_its_own():
    """Where no station is near, half of those who would present a need do not travel: .6 x .5 do."""
    people = {**PEOPLE, "groups": {"all": {"share": 1.0, "channels": "visit", "uncovered": 0.5}}}
    people["places"] = {**PEOPLE["places"], "town": {**PEOPLE["places"]["town"], "staffed": False}}
    wanted = need({"rate": 1, "at": ["town"]}, presented=0.6)
    presented = demand(5000.0, needs={"help": wanted}, **people).cases["exit"] == Exit.open
    shares_agree(np.bincount(presented, minlength=2), [0.7, 0.3])


def test_channels_have_the_shares_of_the_group(crowd):
    """Each group uses the channels by its own shares, and one that it does not name never."""
    open_ = crowd.cases[crowd.cases["exit"] == Exit.open]
    for group, shares in enumerate([[0.3, 0.5, 0.2], [0.1, 0.9, 0.0], [0.25, 0.0, 0.75]]):
        shares_agree(np.bincount(open_["channel"][open_["group"] == group], minlength=3), shares)


def test_a_need_may_have_channels_of_its_own():
    """Shares of the need stand instead of the group's."""
    fields = {"channels": {"phone": 0.6, "web": 0.4}}
    cases = demand(
        5000.0, needs={"help": need({"rate": 1}, **fields)}, **{**PEOPLE, "places": {"town": {}}}
    ).cases
    open_ = cases[cases["exit"] == Exit.open]
    shares_agree(np.bincount(open_["channel"], minlength=3), [0.6, 0.0, 0.4])


def test_first_contact_has_its_shares(crowd):
    """The tier of first contact is drawn by the need's shares."""
    open_ = crowd.cases[crowd.cases["exit"] == Exit.open]
    shares_agree(np.bincount(open_["contact"], minlength=3), [0.2, 0.3, 0.5])


def test_companions_are_geometric(crowd):
    """Besides the veteran .6 persons come along on average, each further one as likely as the one before."""
    more = crowd.cases["persons"] - 1
    stay = 0.6 / 1.6
    law = (1 - stay) * stay ** np.arange(9)
    law[-1] = stay**8
    shares_agree(np.bincount(np.minimum(more, 8), minlength=9), law)


def test_silent_dropping_out_is_exponential(crowd):
    """A fifth of the cases left open is given up in the first week, and a fifth of the rest in the next."""
    weeks = (crowd.dropout - crowd.cases["arrival"]) / 168
    assert stats.kstest(weeks, stats.expon(scale=-1 / np.log(0.8)).cdf).pvalue > SMALL


# ------------------------------------------------------------------------------------------- independence


def independent(one, other):
    """Chi-square test of independence of two attributes of the same cases, numbers cut into tenths."""

    def coded(values):
        values = np.asarray(values)
        if values.dtype.kind == "f":
            values = np.searchsorted(np.quantile(values, np.arange(1, 10) / 10), values)
        return np.unique(values, return_inverse=True)[1]

    one, other = coded(one), coded(other)
    table = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(table, (one, other), 1)
    assert stats.chi2_contingency(table).pvalue > SMALL


def test_decisions_of_a_case_are_independent(crowd):
    """When a case arises, who has it, whether, where and how it is presented: no two know of each other."""
    cases, dropout = crowd.cases, crowd.dropout - crowd.cases["arrival"]
    chosen = (cases["group"] == 0) & (cases["exit"] == Exit.open)
    mine = cases[chosen]
    month = mine["arrival"] % 730
    veteran, persons = mine["veteran"].astype(float), np.minimum(mine["persons"], 4)
    attributes = [month, veteran, mine["channel"], mine["contact"], persons, dropout[chosen]]
    for number, one in enumerate(attributes):
        for other in attributes[:number]:
            independent(one, other)
    group = cases["group"] == 2
    for attribute in (cases["arrival"] % 730, np.minimum(cases["persons"], 4), dropout):
        independent(cases["exit"][group], attribute[group])


def test_replications_are_independent():
    """The same listed cases in two replications share their keys and nothing else."""
    wanted = need(listed(*range(20_000), at=["town"]), presented=0.7, companions=0.6,
                  first_contact={"town": 0.5, "street": 0.3, "city": 0.2}, dropout_per_week=0.2)  # fmt: skip
    one, other = (demand(20_000.0, replication=n, needs={"help": wanted}, **PEOPLE) for n in (0, 1))
    assert np.array_equal(one.cases["key"], other.cases["key"])
    for column in ("veteran", "exit", "channel", "contact", "persons"):
        first, second = one.cases[column], other.cases[column]
        if column == "persons":
            first, second = np.minimum(first, 4), np.minimum(second, 4)
        independent(*(x.astype(float) if column == "veteran" else x for x in (first, second)))
    independent(one.dropout - one.cases["arrival"], other.dropout - other.cases["arrival"])


def test_seeds_and_replications_cannot_stand_for_each_other():
    """Replication 1 of seed 7 is not replication 0 of seed 8, nor any other of its neighbours."""
    worlds = {
        demand(100.0, seed=seed, replication=n, arrivals={"rate": 1.0}).cases["arrival"].tobytes()
        for seed in range(6)
        for n in range(6)
    }
    assert len(worlds) == 36


def test_draws_of_a_journey_are_independent():
    """Ways, times and routes of one case do not know of each other, nor does a second visit of a first."""
    way = {"delay": exponential(1.0)}
    records = run(
        delay("first", exponential(1.0), referral=way, next={"second": 0.5, "first": 0.5}),
        delay("second", exponential(1.0), referral=way),
        arrivals=listed(*np.arange(6000) / 100),
    )
    visits, names = records.visits, records.names.activities
    lasted, way_ = visits["ended"] - visits["started"], visits["queued"] - visits["sent"]
    first = visits["activity"] == names.index("path.first")
    independent(lasted, way_)
    follows = np.append(visits["case"][1:] == visits["case"][:-1], False)
    now = np.flatnonzero(first & follows)
    on = visits["activity"][now + 1] == names.index("path.second")
    for attribute in (lasted, way_):
        independent(attribute[now], on)
        independent(attribute[now], attribute[now + 1])
    independent(lasted[now], way_[now + 1])
    again = now[~on]
    independent(lasted[again], lasted[again + 1])
    assert stats.kstest(lasted, "expon").pvalue > SMALL
    assert stats.kstest(way_, "expon").pvalue > SMALL


def test_counts_are_quantiles_of_the_poisson_law():
    """A process has the smallest number whose distribution function reaches its uniform, at any mean."""
    keys = np.arange(2000, dtype=np.uint64)
    u = uniforms_array(SEED, 0, 11, keys, 0)[:, 0]
    for mean in (0.0, 1e-9, 0.3, 4.0, 59.0, 61.0, 1e5):
        counts = draw_counts(SEED, 0, 11, keys, np.full(len(keys), mean))
        assert counts.tolist() == stats.poisson.ppf(u, mean).astype(int).tolist()


def test_a_uniform_at_a_step_is_left_to_the_distribution_function():
    """Sums of probabilities decide nothing within a millionth of a step."""
    steps = stats.poisson.cdf(np.arange(6), 3.0)
    assert [_count(u, 3.0) for u in steps] == [-1] * 6
    assert [_count(u - 1e-5, 3.0) for u in steps] == [0, 1, 2, 3, 4, 5]
    assert [_count(u + 1e-5, 3.0) for u in steps] == [1, 2, 3, 4, 5, 6]
