"""The yardstick models in SimPy and Ciw give the known answers, so that only speed is left to compare."""

import pytest

from experiments import idiomatic
from simulation import theory

# Measured over 20 million customers: shares done and given up at each station; mean waits (h).
SHARES = (0.757, 0.132, 0.044, 0.036, 0.026, 0.005)
WAITS = (0.066, 0.363, 0.446, 0.425, 0.0135)
# Three standard deviations of a run of 20,000 customers, seen over repeated runs.
SHARE_ERRORS = (0.021, 0.021, 0.015, 0.012, 0.011, 0.002)
WAIT_ERRORS = (0.0105, 0.10, 0.15, 0.15, 0.003)


@pytest.mark.parametrize("run", [idiomatic.queue_simpy, idiomatic.queue_ciw])
def test_a_queue_that_is_busy_seven_tenths_of_the_time_waits_as_erlang_says(run):
    """Within three standard errors: runs of 20,000 customers have a standard deviation of 0.009 h."""
    answers = [run(20_000, seed, arrivals=7.0) for seed in range(6)]
    assert {answer.done for answer in answers} == {20_000}
    assert {answer.shares for answer in answers} == {(1.0, 0.0)}
    wait = sum(answer.mean_waits[0] for answer in answers) / len(answers)
    assert wait == pytest.approx(theory.mmc(7.0, 1.0, 10).mean_wait, abs=3 * 0.009 / 6**0.5)


@pytest.mark.parametrize("run", [idiomatic.queue_simpy, idiomatic.queue_ciw])
def test_the_queue_of_the_speed_comparison_waits_as_erlang_says(run):
    """One run of n customers has a standard deviation of about 18 / sqrt(n) hours: 0.08 here."""
    answer = run(50_000, seed=12)
    assert answer.mean_waits[0] == pytest.approx(theory.mmc(9.0, 1.0, 10).mean_wait, abs=3 * 0.08)


@pytest.mark.parametrize("run", [idiomatic.referral_simpy, idiomatic.referral_ciw])
def test_the_referral_workload_gives_its_known_shares_and_waits(run):
    answer = run(20_000, seed=13)
    assert sum(answer.shares) == pytest.approx(1.0, abs=0.005)
    for found, known, error in zip(answer.shares, SHARES, SHARE_ERRORS, strict=True):
        assert found == pytest.approx(known, abs=error)
    for found, known, error in zip(answer.mean_waits, WAITS, WAIT_ERRORS, strict=True):
        assert found == pytest.approx(known, abs=error)


@pytest.mark.parametrize("run", [idiomatic.referral_simpy, idiomatic.referral_ciw])
def test_exponential_patience_loses_customers_in_proportion_to_the_time_they_queue(run):
    """At the first desk, visited once by all: share who give up = mean wait / mean patience."""
    answer = run(20_000, seed=14)
    assert answer.shares[1] == pytest.approx(answer.mean_waits[0] / idiomatic.STATIONS[0].patience, rel=0.06)


@pytest.mark.parametrize(
    "run", [idiomatic.queue_simpy, idiomatic.queue_ciw, idiomatic.referral_simpy, idiomatic.referral_ciw]
)
def test_the_seed_decides_the_run(run):
    assert run(500, seed=3) == run(500, seed=3) != run(500, seed=4)
