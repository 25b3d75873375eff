"""The exact results agree with printed values, with each other at their limits, and with Little's law."""

from math import cos, exp, factorial, pi, sin

import numpy as np
import pytest

from simulation import theory

close = pytest.approx


# ------------------------------------------------------------------------------ printed values


@pytest.mark.parametrize(
    ("arrivals", "services", "servers", "waits", "wait"),
    [(4.0, 3.0, 2, 0.5333, 0.2667), (10.0, 1.2, 9, 0.7604, 0.9505), (0.9, 1.0, 1, 0.9, 9.0)],
)
def test_mmc_reference_values(arrivals, services, servers, waits, wait):
    queue = theory.mmc(arrivals, services, servers)
    assert queue.probability_wait == close(waits, abs=5e-5)
    assert queue.mean_wait == close(wait, abs=5e-5)


def test_mmc_of_the_speed_comparison():
    """Nine arrivals an hour to ten servers of one hour: a mean wait of 0.66873 h."""
    assert theory.mmc(9.0, 1.0, 10).mean_wait == close(0.66873, abs=5e-6)


@pytest.mark.parametrize(
    ("arrivals", "services", "abandonment", "servers", "abandoned", "wait", "utilisation"),
    [(10.0, 1.0, 0.5, 9, 0.1577, 0.3154, 0.9359), (48.0, 12.0, 6.0, 4, 0.1629, 0.0272, 0.8371)],
)
def test_erlang_a_reference_values(arrivals, services, abandonment, servers, abandoned, wait, utilisation):
    queue = theory.erlang_a(arrivals, services, servers, abandonment)
    assert queue.abandoned == close(abandoned, abs=5e-5)
    assert queue.mean_wait == close(wait, abs=5e-5)
    assert queue.utilisation == close(utilisation, abs=5e-5)


@pytest.mark.parametrize(
    ("servers", "load", "unit"),
    [
        (1, 0.0101, 1e-4),
        (2, 0.153, 1e-3),
        (5, 1.36, 1e-2),
        (10, 4.46, 1e-2),
        (20, 12.0, 0.1),
        (50, 37.9, 0.1),
    ],
)
def test_loads_that_printed_erlang_b_tables_allow_for_one_percent_loss(servers, load, unit):
    assert theory.erlang_b(load - unit / 2, servers) < 0.01 < theory.erlang_b(load + unit / 2, servers)


# --------------------------------------------------------------------- limits and special cases


def test_one_server_is_the_mm1_queue():
    queue = theory.mmc(3.0, 4.0, 1)
    assert queue.probability_wait == close(0.75)
    assert queue.mean_wait == close(0.75 / (4 - 3))
    assert queue.mean_in_system == close(0.75 / (1 - 0.75))
    assert queue.wait_exceeds(2.0) == close(0.75 * exp(-2.0))


def test_erlang_b_is_its_sum_formula_and_erlang_c_follows_from_it():
    load, servers = 7.0, 9
    terms = [load**k / factorial(k) for k in range(servers + 1)]
    assert theory.erlang_b(load, servers) == close(terms[-1] / sum(terms))
    tail = terms[-1] * servers / (servers - load)
    assert theory.erlang_c(load, servers) == close(tail / (sum(terms[:-1]) + tail))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_quantile_of_the_wait_is_exceeded_by_the_rest(share):
    queue = theory.mmc(9.0, 1.0, 10)
    wait = queue.wait_quantile(share)
    assert queue.wait_exceeds(wait) == close(min(1 - share, queue.probability_wait))


def test_the_mean_wait_is_the_integral_of_its_tail():
    queue = theory.mmc(9.0, 1.0, 10)
    grid = np.linspace(0, 60, 200_001)
    tail = [queue.wait_exceeds(t) for t in grid]
    assert np.trapezoid(tail, grid) == close(queue.mean_wait, rel=1e-6)


def test_a_limit_that_admits_nobody_to_the_queue_is_erlang_b():
    queue = theory.mmck(7.0, 1.0, 9, capacity=9)
    assert queue.blocked == close(theory.erlang_b(7.0, 9))
    assert (queue.mean_wait, queue.probability_wait) == (0.0, 0.0)


def test_a_distant_limit_is_the_endless_queue():
    limited, endless = theory.mmck(9.0, 1.0, 10, capacity=600), theory.mmc(9.0, 1.0, 10)
    assert limited.mean_wait == close(endless.mean_wait)
    assert limited.probability_wait == close(endless.probability_wait)
    assert limited.blocked < 1e-20


def test_an_overloaded_limited_queue_loses_the_excess():
    queue = theory.mmck(20.0, 1.0, 10, capacity=500)
    assert (queue.blocked, queue.utilisation) == (close(0.5), close(1.0))


def test_a_single_server_with_three_places_by_hand():
    """Weights 1, 1/2, 1/4, 1/8 of 0 to 3 present: 1/15 are turned away."""
    queue = theory.mmck(1.0, 2.0, 1, capacity=3)
    assert queue.blocked == close(1 / 15)
    assert queue.mean_queue == close((1 * 2 + 2 * 1) / 15)
    assert queue.mean_wait == close(4 / 14)


def test_patience_as_long_as_service_makes_the_number_present_poisson():
    load, servers = 10.0, 9
    poisson = [exp(-load) * load**n / factorial(n) for n in range(100)]
    busy = sum(min(n, servers) * share for n, share in enumerate(poisson))
    queue = theory.erlang_a(load, 1.0, servers, abandonment_rate=1.0)
    assert queue.abandoned == close(1 - busy / load)
    assert queue.mean_in_system == close(load)


def test_endless_patience_is_the_endless_queue_and_none_is_erlang_b():
    patient, endless = theory.erlang_a(9.0, 1.0, 10, 1e-9), theory.mmc(9.0, 1.0, 10)
    assert patient.mean_wait == close(endless.mean_wait, rel=1e-6)
    assert theory.erlang_a(9.0, 1.0, 10, 1e9).abandoned == close(theory.erlang_b(9.0, 10), rel=1e-6)


def test_those_who_abandon_and_those_who_are_served_are_all():
    queue = theory.erlang_a(48.0, 12.0, 4, 6.0)
    assert queue.abandoned * 48.0 + queue.utilisation * 4 * 12.0 == close(48.0)


def test_priorities_shift_the_wait_but_do_not_create_it():
    """Kleinrock's conservation law: the load-weighted mean of the classes is the wait without priorities."""
    rates = [2.0, 4.0, 3.0]
    queue = theory.priority_mmc(rates, 1.0, 10)
    mean = sum(rate * wait for rate, wait in zip(rates, queue.mean_waits, strict=True)) / sum(rates)
    assert mean == close(queue.mean_wait) == theory.mmc(9.0, 1.0, 10).mean_wait
    assert queue.mean_waits[0] < queue.mean_waits[1] < queue.mean_waits[2]


def test_priorities_at_one_server_by_cobham():
    """Residual 0.9; class waits 0.9/(1-.3) and 0.9/((1-.3)(1-.9))."""
    assert theory.priority_mmc([0.3, 0.6], 1.0, 1).mean_waits == close((0.9 / 0.7, 0.9 / 0.07))
    assert theory.priority_mmc([9.0], 1.0, 10).mean_waits == close((theory.mmc(9.0, 1.0, 10).mean_wait,))


def test_exponential_service_makes_mg1_the_mm1_queue_and_constant_service_halves_its_wait():
    exponential = theory.mmc(0.8, 1.0, 1)
    assert theory.mg1(0.8, 1.0, variance=1.0).mean_wait == close(exponential.mean_wait)
    assert theory.md1(0.8, 1.0).mean_wait == close(exponential.mean_wait / 2)


def test_littles_law_holds_at_every_station():
    for queue in (theory.mmc(9.0, 1.0, 10), theory.erlang_a(9.0, 1.0, 10, 0.5), theory.mg1(9.0, 0.1, 0.02)):
        assert queue.mean_queue == close(9.0 * queue.mean_wait)
    limited = theory.mmck(9.0, 1.0, 10, 12)
    joining = 9.0 * (1 - limited.blocked)
    assert limited.mean_in_system == close(joining * (limited.mean_wait + 1.0))


# ------------------------------------------------------------------------------------ networks


def test_feedback_to_one_station_multiplies_its_load():
    network = theory.jackson([1.0], [[0.5]], [4.0], [1])
    assert network.visits == (2.0,)
    assert network.mean_time == close(2 * theory.mmc(2.0, 4.0, 1).mean_time)


def test_traffic_of_three_stations_with_feedback_by_hand():
    """Desk -> (.6, .4) of two departments; a fifth of the first returns: 10/(1-.12) at the desk."""
    desk = 10 / 0.88
    network = theory.jackson(
        [10.0, 0.0, 0.0], [[0, 0.6, 0.4], [0.2, 0, 0], [0, 0, 0]], [5.0, 1.0, 1.0], [3, 9, 6]
    )
    assert network.arrival_rates == close((desk, 0.6 * desk, 0.4 * desk))
    assert network.mean_in_system == close(10.0 * network.mean_time)
    assert network.stations[1] == theory.mmc(network.arrival_rates[1], 1.0, 9)


def test_stations_in_series_are_visited_once_each():
    network = theory.tandem(2.0, [3.0, 1.0, 5.0], [1, 3, 2])
    assert network.visits == close((1.0, 1.0, 1.0))
    alone = [theory.mmc(2.0, mu, c).mean_time for mu, c in ((3.0, 1), (1.0, 3), (5.0, 2))]
    assert network.mean_time == close(sum(alone))


# ------------------------------------------------------------------- demand that changes with time


@pytest.mark.parametrize("t", [0.0, 6.0, 13.0, 23.5])
def test_sinusoidal_arrivals_by_the_closed_form(t):
    """Eick, Massey and Whitt (1993, Management Science 39), exponential service of rate mu."""
    mean, swing, mu, omega = 40.0, 20.0, 0.5, 2 * pi / 24
    expected = mean / mu + swing * (mu * sin(omega * t) - omega * cos(omega * t)) / (mu**2 + omega**2)
    number = theory.infinite_servers(
        lambda s: mean + swing * np.sin(omega * s), lambda u: np.exp(-mu * u), t, since=-240.0
    )
    assert number == close(expected, rel=1e-10)


def test_an_empty_start_fills_up_exponentially():
    number = theory.infinite_servers(lambda s: 6.0 + 0 * s, lambda u: np.exp(-u), t=1.3)
    assert number == close(6.0 * (1 - exp(-1.3)))


def test_constant_service_counts_the_arrivals_of_its_length():
    """Five an hour from 09:00, two-hour services: at 10:30 all 7.5 are there, at 14:00 the last 10."""
    rate = lambda s: np.where(s >= 9.0, 5.0, 0.0)  # noqa: E731
    there = lambda u: np.where(u < 2.0, 1.0, 0.0)  # noqa: E731
    assert [theory.infinite_servers(rate, there, t) for t in (8.0, 10.5, 14.0)] == close([0.0, 7.5, 10.0])


# ----------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: theory.mmc(10.0, 1.0, 10), "servers: 10 would be busy 1 of the time"),
        (lambda: theory.erlang_c(11.0, 10), "more servers or a lower load"),
        (lambda: theory.mg1(1.0, 1.0, 0.0), "the queue grows without end"),
        (lambda: theory.mmc(0.0, 1.0, 1), "arrival_rate: 0.0; give a positive"),
        (lambda: theory.mmc(1.0, float("nan"), 1), "service_rate: nan"),
        (lambda: theory.mmc(1.0, 2.0, 0), "servers: 0; give a whole number"),
        (lambda: theory.erlang_b(1.0, 1.5), "servers: 1.5"),
        (lambda: theory.mmck(1.0, 1.0, 3, 2), "capacity: 2 is below servers: 3"),
        (lambda: theory.mg1(0.5, 1.0, -1.0), "variance: -1.0"),
        (lambda: theory.mmc(0.5, 1.0, 1).wait_quantile(1.0), r"share: 1.0 is not in \[0, 1\)"),
        (lambda: theory.priority_mmc([0.5, -0.1], 1.0, 1), "arrival_rates: -0.1"),
        (lambda: theory.jackson([1.0], [[0.5, 0.5]], [4.0], [1]), "routing: shape"),
        (lambda: theory.jackson([1.0], [[1.2]], [4.0], [1]), "sum to at most 1"),
        (lambda: theory.jackson([1.0], [[1.0]], [4.0], [1]), "some customers never leave"),
        (lambda: theory.jackson([-1.0], [[0.0]], [4.0], [1]), "outside_rates: "),
        (lambda: theory.infinite_servers(np.cos, np.cos, 0.0, since=1.0), "lies before since"),
        (lambda: theory.infinite_servers(np.cos, np.cos, 1.0, step=0.0), "step: 0.0"),
    ],
)
def test_impossible_inputs_are_refused_by_name_and_remedy(call, complaint):
    with pytest.raises(ValueError, match=complaint):
        call()
