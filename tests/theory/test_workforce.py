"""Heads that are vacant, away or slow give the load that theory predicts.

Each comparison is a two-sided t-test over 20 replications at the level of 1 in 10,000.
"""

import numpy as np
import pytest
from scipy import stats

from simulation.engines import simulate
from simulation.kpis import Window
from simulation.kpis.measured import prepare
from tests.scenarios import exponential, scenario, team, work

pytestmark = pytest.mark.usefixtures("engine")

REPLICATIONS = 20
LEVEL = 1e-4
YEAR = 8760.0


def agree(values, exact):
    """Whether a mean over replications may be the exact one."""
    values = np.asarray(values) - exact
    score = values.mean() / (values.std(ddof=1) / len(values) ** 0.5)
    return 2 * stats.t.sf(abs(score), len(values) - 1) > LEVEL


def loads(written, horizon, warm_up):
    """Hours worked and head-hours on duty after the warm-up, a pair per replication."""
    for replication in range(REPLICATIONS):
        records = simulate(written, horizon, 31_415, replication)
        load = prepare(written, records, Window(warm_up, horizon)).workload
        yield float(load.busy.sum()), float(load.duty.sum())


def test_utilisation_is_the_load_over_the_heads_that_are_there():
    """Arrivals times content over pace, over posts times the shares held and present.

    One case an hour of half an hour's content at half the pace keeps one head busy. Four posts, each left
    twice a year and empty for 60 days, are held 1 / (1 + 120 / 365) of the time, and a tenth of the days is
    lost.
    """
    workforce = {
        "turnover": 2.0,
        "recruitment": {"kind": "gamma", "mean": 60, "sd": 30, "unit": "d"},
        "absence": 0.1,
    }
    written = scenario(
        work(hours=exponential(0.5)),
        arrivals={"kind": "poisson", "rate": 1.0},
        teams={"desk": team(4, share=0.5, workforce=workforce)},
    )
    there = 4 * 0.9 / (1 + 2 * 60 / 365)
    found = list(loads(written, YEAR / 2, 500.0))
    hours = YEAR / 2 - 500.0
    assert agree([busy / hours for busy, _ in found], 1.0)
    assert agree([duty / hours for _, duty in found], there)
    assert agree([(busy - duty / there) / hours for busy, duty in found], 0.0)
    total = np.sum(found, axis=0)
    assert abs(total[0] / total[1] * there - 1) < 0.05, "the comparison is not blunt"


def test_a_team_whose_posts_turn_over_learns_all_the_time():
    """One that leaves at rate a and is replaced at once is new, T long, with probability 1 - exp(-aT).

    Newcomers work at half speed in a single step of a month, nobody is taught: mean pace of many posts at any
    one moment.
    """
    workforce = {"turnover": 3.0, "ramp_up": 730.0, "ramp_speed": 0.5}
    written = scenario(teams={"desk": team(500, workforce=workforce)})
    paces = []
    for replication in range(REPLICATIONS):
        records = simulate(written, 3000.0, 31_415, replication)
        unit = prepare(written, records, Window(0.0, 3000.0)).roster.staff[0]
        paces.append(
            [unit.pace[np.searchsorted(unit.times, moment, side="right") - 1] for moment in (0.0, 2500.0)]
        )
    learning = 1 - np.exp(-3.0 * 730.0 / YEAR)
    for found in np.transpose(paces):
        assert agree(found, 1 - 0.5 * learning)
        assert abs(found.mean() / (1 - 0.5 * learning) - 1) < 0.01


def test_waits_at_a_slower_pace_are_those_of_slower_service():
    """M/M/1 at half the pace: half an hour's content takes an hour; half a case an hour waits an hour."""
    written = scenario(
        work(hours=exponential(0.5)),
        arrivals={"kind": "poisson", "rate": 0.5},
        teams={"desk": team(1, speed=0.8, share=0.625)},
    )
    waits = []
    for replication in range(REPLICATIONS):
        visits = simulate(written, 8000.0, 27_182, replication).visits
        chosen = visits[(visits["queued"] > 500.0) & (visits["queued"] < 7900.0)]
        waits.append(float((chosen["started"] - chosen["queued"]).mean()))
    assert agree(waits, 1.0)
    assert abs(np.mean(waits) - 1.0) < 0.05
