"""Rosters: posts are held, empty and away from as their laws say, and no post has to do with another."""

import math

import numpy as np
import pytest

from simulation.layout import make_layout
from simulation.roster import hold_post, make_duty, make_roster
from tests.scenarios import MONDAY, OFFICE, scenario, team

YEAR = 8760.0
DAY = 24.0
MONTHS = {"kind": "exponential", "mean": 45, "unit": "d"}


def staff(count=1, horizon=YEAR, calendars=None, levers=(), **group):
    """The only staff group of a desk, written out for a horizon."""
    written = scenario(teams={"desk": team(count, **group)}, calendars=calendars or {}, levers=list(levers))
    return make_layout(written, horizon)


def unit(seed=1, replication=0, **parts):
    """The staff group as the roster fills it."""
    return make_roster(staff(**parts), seed, replication).staff[0]


def mean(steps, unit_, horizon):
    """Mean of a step function over the run."""
    widths = np.diff(np.append(unit_.times, horizon))
    return float((steps * widths).sum() / horizon)


# ------------------------------------------------------------------------------------- theory


def test_the_share_of_empty_posts_is_that_of_the_long_run():
    """Turnover 2 a year, 45 days empty: 2 * 45 / 365 / (1 + 2 * 45 / 365), from the first day on."""
    workforce = {"turnover": 2.0, "recruitment": MONTHS}
    filled = unit(count=4000, horizon=YEAR, workforce=workforce)
    expected = 2 * 45 / 365 / (1 + 2 * 45 / 365)
    for share in (1 - filled.planned[0] / 4000, 1 - mean(filled.planned, filled, YEAR) / 4000):
        assert share == pytest.approx(expected, abs=4 * math.sqrt(expected * (1 - expected) / 4000))


@pytest.mark.parametrize("law", [{"kind": "deterministic", "at": 60, "unit": "d"},
                                 {"kind": "gamma", "mean": 60, "sd": 30, "unit": "d"}])  # fmt: skip
def test_posts_are_met_in_the_middle_of_things(law):
    """With any law of recruitment, as many posts are empty on the first day as on the hundredth."""
    workforce = {"turnover": 3.0, "recruitment": law}
    filled = unit(count=6000, horizon=120 * DAY, workforce=workforce)
    expected = 3 * 60 / 365 / (1 + 3 * 60 / 365)
    within = 4 * math.sqrt(expected * (1 - expected) / 6000)
    for day in (0, 10, 30, 59, 61, 100):
        planned = filled.planned[np.searchsorted(filled.times, day * DAY, side="right") - 1]
        assert 1 - planned / 6000 == pytest.approx(expected, abs=within)


def test_the_share_of_absence_is_its_probability():
    """A twentieth of the days of all heads, to within four standard errors."""
    filled = unit(count=100, horizon=YEAR, workforce={"absence": 0.05})
    within = 4 * math.sqrt(0.05 * 0.95 / (100 * 365))
    assert 1 - mean(filled.capacity, filled, YEAR) / 100 == pytest.approx(0.05, abs=within)
    assert filled.planned.tolist() == [100] * len(filled.times), "whoever is away still has the post"


def test_tenure_is_exponential_with_the_turnover():
    """Of 2000 posts at turnover 0.5 a year, the share 1 - exp(-0.5) is left within the first year."""
    layout = staff(2000, workforce={"turnover": 0.5, "recruitment": MONTHS})
    first = [hold_post(layout.teams[0].staff[0], post, YEAR, 1, 0)[:1] for post in range(2000)]
    met = [spells[0] for spells in first if spells and spells[0].begin == 0.0]
    left = np.mean([spell.end < YEAR for spell in met])
    assert left == pytest.approx(1 - math.exp(-0.5), abs=0.04)
    ages = [-spell.hired / YEAR for spell in met]
    assert np.mean(ages) == pytest.approx(2.0, abs=4 * 2.0 / math.sqrt(2000))


# ------------------------------------------------------------------------------------- extremes


def test_a_workforce_of_which_nothing_is_said_changes_nothing():
    """No turnover, no absence, no learning: the very teams of the layout."""
    layout = staff(3, workforce={})
    assert make_roster(layout, 1, 0).teams is layout.teams


def test_turnover_with_immediate_and_able_successors_changes_nothing():
    """The heads and the pace of the layout, moment by moment."""
    plain, filled = (unit(count=3, workforce=w) for w in ({}, {"turnover": 5.0, "training": 0.5}))
    for name in ("times", "capacity", "planned", "pace"):
        assert getattr(plain, name).tolist() == getattr(filled, name).tolist()


def test_absence_of_one_leaves_nobody():
    filled = unit(count=3, workforce={"absence": 1.0})
    assert filled.capacity.tolist() == [0]
    assert filled.planned.tolist() == [3]


# ------------------------------------------------------------------------------------- hand-worked


def add(heads, day=MONDAY):
    return {"kind": "add_staff", "id": "more", "from": day, "team": "desk", "group": "clerk", "heads": heads}


def test_a_new_post_is_filled_after_recruitment_and_learns():
    """One head more from day 10, found in 20 days, learns for 4 months at .6, .7, .8, .9; the colleague
    gives a fifth of the time."""
    workforce = {
        "recruitment": {"kind": "deterministic", "at": 20, "unit": "d"},
        "ramp_up": 4 * 730.0, "ramp_speed": 0.6, "training": 0.2,
    }  # fmt: skip
    filled = unit(count=1, workforce=workforce, levers=[add(1, "2026-01-15")])
    hired = 30 * DAY
    assert filled.times.tolist() == pytest.approx([0.0, *(hired + k * 730.0 for k in range(5))])
    assert filled.capacity.tolist() == filled.planned.tolist() == [1, 2, 2, 2, 2, 2]
    pace = [(speed + 0.8) / 2 for speed in (0.6, 0.7, 0.8, 0.9)]
    assert filled.pace.tolist() == pytest.approx([1.0, *pace, 1.0])


def test_a_post_added_from_the_start_has_to_be_filled_too():
    filled = unit(count=1, workforce={"recruitment": {"kind": "deterministic", "at": 48}}, levers=[add(1)])
    assert list(zip(filled.times, filled.planned, strict=True)) == [(0.0, 1), (48.0, 2)]


def test_newcomers_alone_are_taught_by_nobody():
    """A station that opens with one new head: slow, but no colleague loses time."""
    filled = unit(count=0, levers=[add(1)], workforce={"ramp_up": 730.0, "ramp_speed": 0.5, "training": 1.0})
    assert filled.pace.tolist() == [0.5, 1.0]


def test_learning_takes_at_most_all_the_time_of_the_experienced():
    """Three newcomers at half speed, each taking all the time of one colleague, of whom there is one."""
    workforce = {"ramp_up": 730.0, "ramp_speed": 0.5, "training": 1.0}
    filled = unit(count=1, levers=[add(3)], workforce=workforce)
    assert filled.pace.tolist() == pytest.approx([3 * 0.5 / 4, 1.0])


# ------------------------------------------------------------------------------------- common random numbers


BUSY = {
    "turnover": 3.0, "recruitment": MONTHS, "absence": 0.2, "ramp_up": 2000.0, "ramp_speed": 0.6,
    "training": 0.1,
}  # fmt: skip


def test_a_post_more_changes_no_other_post():
    few, many = staff(3, workforce=BUSY), staff(5, workforce=BUSY)
    for post in range(3):
        spells = [hold_post(one.teams[0].staff[0], post, YEAR, 7, 2) for one in (few, many)]
        assert spells[0] == spells[1]


def test_a_longer_run_begins_like_a_shorter_one():
    short, long_ = (unit(count=4, horizon=days * DAY, workforce=BUSY, seed=3) for days in (100, 300))
    kept = long_.times < 100 * DAY
    assert short.times.tolist() == long_.times[kept].tolist()
    assert short.capacity.tolist() == long_.capacity[kept].tolist()


def test_lower_turnover_keeps_everybody_longer():
    """The same risk is met later: at half the turnover, people leave twice as late."""
    high, low = (staff(40, workforce={"turnover": rate}) for rate in (2.0, 1.0))
    for post in range(40):
        one, two = (hold_post(each.teams[0].staff[0], post, 9 * YEAR, 1, 0)[0].end for each in (high, low))
        assert two == pytest.approx(min(2 * one, 9 * YEAR))


def test_replications_differ():
    one, two = (unit(count=3, workforce=BUSY, replication=number) for number in (0, 1))
    assert one.times.tolist() != two.times.tolist()


# ------------------------------------------------------------------------------------- overtime


def test_overtime_keeps_the_heads_of_closing_time():
    """Open until 17, an hour and a half of overtime; none at noon, since the desk opens again at 13."""
    layout = staff(2, horizon=48.0, calendars=OFFICE, calendar="office", overtime=1.5)
    duty = make_duty(layout.teams[0].staff[0])
    day = [(0.0, 0), (9.0, 2), (12.0, 0), (13.0, 2), (17.0, 2), (18.5, 0)]
    assert list(zip(duty.times, duty.heads, strict=True))[: len(day)] == day
    assert duty.closed[:6] == [math.inf, math.inf, math.inf, math.inf, 17.0, math.inf]


def test_overtime_ends_when_the_next_day_opens():
    """Twenty hours after 17 would be 13, but the desk opens at 9: from then on it is an ordinary day."""
    layout = staff(1, horizon=72.0, calendars=OFFICE, calendar="office", overtime=20.0)
    duty = make_duty(layout.teams[0].staff[0])
    assert dict(zip(duty.times, duty.closed, strict=True))[33.0] == math.inf
    assert dict(zip(duty.times, duty.heads, strict=True)) == {
        0.0: 0, 9.0: 1, 12.0: 0, 13.0: 1, 17.0: 1, 33.0: 1, 36.0: 0, 37.0: 1, 41.0: 1, 57.0: 1, 60.0: 0,
        61.0: 1, 65.0: 1, 85.0: 0,
    }  # fmt: skip


def test_a_team_that_does_not_open_in_the_run_has_no_overtime():
    """A run of Monday's first six hours."""
    layout = staff(1, horizon=6.0, calendars=OFFICE, calendar="office", overtime=1.0)
    assert make_duty(layout.teams[0].staff[0]).heads == [0]
