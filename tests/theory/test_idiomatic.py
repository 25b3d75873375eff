"""The yardstick models in SimPy and Ciw give the known answers, so that only speed is left to compare."""

import pytest

from simulation import theory
from simulation.benchmark import plain_ciw, plain_simpy, recorded_simpy
from simulation.benchmark.workloads import QUEUE, REFERRAL, STATIONS, summarise


def recorded_queue(customers, seed):
    return summarise(QUEUE, recorded_simpy.queue(customers, seed))


def recorded_referral(customers, seed):
    return summarise(REFERRAL, recorded_simpy.referral(customers, seed))


QUEUES = [plain_simpy.queue, plain_ciw.queue, recorded_queue]
REFERRALS = [plain_simpy.referral, plain_ciw.referral, recorded_referral]


@pytest.mark.parametrize("run", [plain_simpy.queue, plain_ciw.queue])
def test_a_queue_that_is_busy_seven_tenths_of_the_time_waits_as_erlang_says(run):
    """Within three standard errors: runs of 20,000 customers have a standard deviation of 0.009 h."""
    answers = [run(20_000, seed, arrivals=7.0) for seed in range(6)]
    assert {answer.shares for answer in answers} == {(1.0, 0.0)}
    wait = sum(answer.waits[0] for answer in answers) / len(answers)
    assert wait == pytest.approx(theory.mmc(7.0, 1.0, 10).mean_wait, abs=3 * 0.009 / 6**0.5)


@pytest.mark.parametrize("run", QUEUES)
def test_the_queue_of_the_speed_comparison_waits_as_erlang_says(run):
    """One run of n customers has a standard deviation of about 18 / sqrt(n) hours: 0.08 here."""
    answer = run(50_000, seed=12)
    assert answer.waits[0] == pytest.approx(theory.mmc(9.0, 1.0, 10).mean_wait, abs=3 * 0.08)


@pytest.mark.parametrize("run", REFERRALS)
def test_the_referral_workload_gives_its_known_shares_and_waits(run):
    """Each share and each wait lies within four standard deviations of what 20 million customers gave."""
    answer = run(20_000, seed=13)
    assert sum(answer.shares) == pytest.approx(1.0)
    assert [check for check in REFERRAL.check(answer) if not check.holds] == []


@pytest.mark.parametrize("run", REFERRALS)
def test_exponential_patience_loses_customers_in_proportion_to_the_time_they_queue(run):
    """At the first desk, visited once by all: share who give up = mean wait / mean patience."""
    answer = run(20_000, seed=14)
    assert answer.shares[1] == pytest.approx(answer.waits[0] / STATIONS[0].patience, rel=0.06)


@pytest.mark.parametrize("run", [*QUEUES, *REFERRALS])
def test_the_seed_decides_the_run(run):
    """The same seed, the same answer."""
    assert run(500, seed=3) == run(500, seed=3) != run(500, seed=4)


def test_keeping_rows_changes_nothing_about_the_queue():
    """The model that writes rows down draws what the plain one draws."""
    assert recorded_queue(500, seed=3).waits == pytest.approx(plain_simpy.queue(500, seed=3).waits)
