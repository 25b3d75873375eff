"""The engine gives the answers of queueing theory.

Each model is run with a fixed seed, 20 times on the reference and 100 times on the compiled engine; what
happens before its warm-up is left out. A mean is compared with the exact result by a two-sided t-test over
the replications. The level is 1 in 10,000 for each of the 42 comparisons, so that with another seed the
whole file would raise a false alarm in less than 1 of 100 runs. The half-width of a 95 % interval, relative
to the exact result, is bounded in each comparison too, so that none passes for being blunt; it is reported
as a property of the test.
"""

from collections.abc import Iterator

import numpy as np
import pytest
from scipy import stats

from simulation import theory
from simulation.records import Outcome, Records
from tests.scenarios import delay, exponential, need, run, team, work
from tests.theory.measuring import Stretch, replications, station

pytestmark = pytest.mark.usefixtures("engine")

# ----------------------------------------------------------------------------------------- one station


def test_mmc(agrees):
    """M/M/3 at a load of .8 (Erlang 1917): waits and their tail, utilisation, numbers in queue and in all."""
    exact = theory.mmc(2.4, 1.0, 3)
    runs = replications(8000.0, 200.0, **station(exponential(1.0), 3, 2.4))
    agrees("mean wait", [run.mean_wait() for run in runs], exact.mean_wait, 0.06)
    agrees("share who wait", [run.share_waiting() for run in runs], exact.probability_wait)
    agrees("wait above 2 h", [run.share_waiting(2.0) for run in runs], exact.wait_exceeds(2.0), 0.09)
    agrees("utilisation", [run.mean_busy() / 3 for run in runs], exact.utilisation, 0.01)
    agrees("mean queue", [run.mean_queue() for run in runs], exact.mean_queue, 0.06)
    agrees("mean in system", [run.mean_present() for run in runs], exact.mean_in_system)
    agrees("mean time", [run.mean_time() for run in runs], exact.mean_time)


def test_the_order_of_service_does_not_change_the_mean_wait(agrees):
    """Last come, first served: the same mean wait and utilisation, as no order looks at service times."""
    exact = theory.mmc(1.4, 1.0, 2)
    runs = replications(6000.0, 200.0, **station(exponential(1.0), 2, 1.4, discipline="lifo"))
    agrees("mean wait", [run.mean_wait() for run in runs], exact.mean_wait, 0.06)
    agrees("share who wait", [run.share_waiting() for run in runs], exact.probability_wait)


def test_erlang_a(agrees):
    """M/M/9+M of impatient customers under overload (Palm 1957): shares who give up and wait, mean wait."""
    exact = theory.erlang_a(10.0, 1.0, 9, 0.5)
    runs = replications(
        900.0, 50.0, **station(exponential(1.0), 9, 10.0, patience={"time": exponential(2.0)})
    )
    agrees("abandoned", [run.share(Outcome.reneged) for run in runs], exact.abandoned, 0.04)
    agrees("mean wait", [run.mean_wait() for run in runs], exact.mean_wait, 0.04)
    agrees("utilisation", [run.mean_busy() / 9 for run in runs], exact.utilisation, 0.01)
    agrees("mean queue", [run.mean_queue() for run in runs], exact.mean_queue, 0.05)


def test_two_priorities(agrees):
    """M/M/3 with two classes, not preemptive (Cobham 1954): the mean wait of each."""
    exact = theory.priority_mmc([1.0, 1.4], 1.0, 3)
    parts = station(exponential(1.0), 3, 1.0)
    parts["needs"] = {"a": need({"rate": 1.0}, priority=1), "b": need({"rate": 1.4}, priority=2)}
    runs = replications(6000.0, 200.0, **parts)
    for number, name in enumerate(("urgent", "ordinary")):
        agrees(name, [run.mean_wait(number) for run in runs], exact.mean_waits[number], 0.08)


@pytest.mark.parametrize(
    ("time", "variance"),
    [
        ({"kind": "lognormal", "mean": 1.0, "cv": 0.8}, 0.64),
        ({"kind": "gamma", "mean": 1.0, "cv": 0.5}, 0.25),
        ({"kind": "discrete", "values": [0.5, 3.0], "weights": [0.8, 0.2]}, 1.0),
    ],
    ids=["lognormal", "gamma", "two points"],
)
def test_mg1(agrees, time, variance):
    """M/G/1 (Pollaczek 1930, Khinchine 1932): only mean and variance of the service count."""
    exact = theory.mg1(0.7, 1.0, variance)
    runs = replications(6000.0, 200.0, **station(time, 1, 0.7))
    agrees("mean wait", [run.mean_wait() for run in runs], exact.mean_wait, 0.08)
    agrees("share who wait", [run.share_waiting() for run in runs], exact.probability_wait)


def test_md1(agrees):
    """M/D/1 (Erlang 1909): constant services halve the wait of M/M/1."""
    exact = theory.md1(0.8, 1.0)
    runs = replications(6000.0, 200.0, **station({"kind": "deterministic", "at": 1.0}, 1, 0.8))
    agrees("mean wait", [run.mean_wait() for run in runs], exact.mean_wait, 0.06)
    agrees("utilisation", [run.mean_busy() for run in runs], exact.utilisation, 0.01)


@pytest.mark.parametrize(
    "time", [exponential(1.0), {"kind": "lognormal", "mean": 1.0, "cv": 1.5}], ids=["M", "G"]
)
def test_erlang_loss(agrees, time):
    """A station without a queue (Erlang 1917): the share refused, whatever the law of the service."""
    exact = theory.mmck(4.0, 1.0, 5, capacity=5)
    assert exact.blocked == pytest.approx(theory.erlang_b(4.0, 5))
    runs = replications(2500.0, 50.0, **station(time, 5, 4.0, queue_limit=0))
    agrees("refused", [run.share(Outcome.refused) for run in runs], exact.blocked)
    agrees("utilisation", [run.mean_busy() / 5 for run in runs], exact.utilisation, 0.01)


def test_a_caseload_is_a_station(agrees):
    """Two heads that hold three cases each, for times without memory, are M/M/6: the wait for a place."""
    exact = theory.mmc(4.8, 1.0, 6)
    hold = {"id": "hold", "kind": "assign", "teams": "managers"}
    parts = {
        "pathways": {"path": {"steps": [hold, delay("live", exponential(1.0))]}},
        "teams": {"managers": team(2, caseload=3)},
        "needs": {"help": need({"rate": 4.8})},
    }
    runs = replications(4000.0, 200.0, **parts)
    waits = [run.visits[run.visits["activity"] == 0] for run in runs]
    waits = [visits["started"] - visits["queued"] for visits in waits]
    agrees("mean wait", [float(np.mean(wait)) for wait in waits], exact.mean_wait, 0.06)
    agrees("share who wait", [float(np.mean(wait > 0.0)) for wait in waits], exact.probability_wait)


def test_slots_that_are_booked_at_random_moments(agrees):
    """One place at the beginning of every hour and demand of a rate below one: the mean wait is half an hour
    over the share of places that stay free (those who wait at the beginning of an hour follow
    Q' = max(Q - 1, 0) + Poisson; solve for the mean of Q, and use Little's law)."""
    rate = 0.7
    parts = station({"kind": "deterministic", "at": 0.5}, 1, rate, booking={})
    parts["teams"] = {"desk": team(appointments={"slot": "1 h"})}
    runs = replications(6000.0, 200.0, **parts)
    agrees("mean wait", [run.mean_wait() for run in runs], 0.5 / (1.0 - rate), 0.06)


def test_a_short_queue(agrees):
    """M/M/2/5, room for three to wait: the share refused, and the wait of those let in."""
    exact = theory.mmck(1.8, 1.0, 2, capacity=5)
    runs = replications(4000.0, 50.0, **station(exponential(1.0), 2, 1.8, queue_limit=3))
    agrees("refused", [run.share(Outcome.refused) for run in runs], exact.blocked)
    waits = [float(np.nanmean(run.visits["started"] - run.visits["queued"])) for run in runs]
    agrees("mean wait", waits, exact.mean_wait)


# ------------------------------------------------------------------------------------------- networks


def test_tandem_with_feedback(agrees):
    """Two stations in a row, three in ten sent back (Jackson 1957): time in all, visits, and each queue."""
    exact = theory.jackson([1.0, 0.0], [[0.0, 1.0], [0.3, 0.0]], [1.0, 2.0], [2, 1])
    runs = replications(
        3500.0,
        200.0,
        pathways={
            "path": {
                "steps": [
                    work("one", exponential(1.0), teams="one"),
                    work("two", exponential(0.5), teams="two", next={"one": 0.3, "resolved": 0.7}),
                ]
            }
        },
        teams={"one": team(2), "two": team(1)},
        needs={"help": need({"rate": 1.0})},
    )
    agrees("mean time", [run.mean_time() for run in runs], exact.mean_time, 0.06)
    visits = [len(run.visits) / 2 / run.measured.sum() for run in runs]
    agrees("visits", visits, exact.visits[0], 0.01)
    for number, queue in enumerate(exact.stations):
        waiting = [run.mean_queue(number) for run in runs]
        agrees(f"queue {number}", waiting, queue.mean_queue, 0.10)


def test_demand_that_swings_and_servers_without_limit(agrees):
    """M(t)/G/infinity (Eick, Massey and Whitt 1993): the mean number in service at six moments of the day."""
    servers = {"kind": "gamma", "mean": 3.0, "cv": 0.7}
    runs = replications(
        24.0 * 100,
        96.0,
        **{
            **station(servers, 10_000, 6.0),
            "profiles": {"day": {"kind": "cyclic", "amplitude": 0.8, "period": "1 d"}},
            "needs": {"help": need({"rate": 6.0, "profile": "day"})},
        },
    )
    law = stats.gamma(1 / 0.49, scale=3.0 * 0.49)
    for hour in range(0, 24, 4):
        exact = theory.infinite_servers(
            lambda t: np.where(t >= 0, 6.0 * (1 + 0.8 * np.sin(2 * np.pi * t / 24)), 0.0),
            law.sf,
            24.0 * 20 + hour,
        )
        agrees(f"at {hour}:00", [_at(run, hour) for run in runs], exact)


def _at(run: Stretch, hour: int) -> float:
    """Mean number in service at an hour of the day, over the days of a run."""
    visits = run.records.visits
    days = np.arange(run.begin, run.end, 24.0) + hour
    begun = np.searchsorted(np.sort(visits["started"]), days, side="right")
    done = np.searchsorted(np.sort(visits["ended"]), days, side="right")
    return float(np.mean(begun - done))


# -------------------------------------------------------------------------------------- laws of every path


def _every_path() -> Iterator[Records]:
    patience = {"time": exponential(1.0)}
    for seed in range(5):
        yield run(
            work("one", exponential(1.0), patience=patience, next={"two": 0.7, "one": 0.3}),
            work("two", exponential(0.5), priority=1, balk={"waiting": 3, "probability": 0.5}),
            arrivals={"rate": 2.0}, teams={"desk": team(2)}, horizon=300.0, seed=seed,
        )  # fmt: skip


def test_littles_law_holds_on_every_path():
    """The integral of the number waiting is the sum of the waits, whatever happens (Little 1961)."""
    for records in _every_path():
        visits, horizon = records.visits, records.horizon
        left = np.where(np.isnan(visits["started"]), visits["ended"], visits["started"])
        left = np.where(np.isnan(left), horizon, left)
        spent = np.sum(left - visits["queued"])
        moments = np.concatenate([visits["queued"], left])
        steps = np.concatenate([np.ones(len(left)), -np.ones(len(left))])
        order = np.lexsort((-steps, moments))
        present = np.cumsum(steps[order])
        assert present.min() >= 0
        assert present[-1] == 0
        integral = np.sum(present[:-1] * np.diff(moments[order]))
        assert integral == pytest.approx(spent, rel=1e-12)


def test_nobody_waits_while_a_clerk_is_free():
    """A station conserves work: whenever somebody waits all its clerks are busy."""
    for records in _every_path():
        visits = records.visits
        left = np.where(np.isnan(visits["started"]), visits["ended"], visits["started"])
        left = np.where(np.isnan(left), records.horizon, left)
        ended = np.where(np.isnan(visits["ended"]), records.horizon, visits["ended"])
        served = ~np.isnan(visits["started"])
        moments = np.unique(np.concatenate([visits["queued"], left, ended]))
        between = (moments[1:] + moments[:-1]) / 2
        waiting = np.searchsorted(np.sort(visits["queued"]), between) - np.searchsorted(
            np.sort(left), between
        )
        started = np.sort(visits["started"][served])
        busy = np.searchsorted(started, between) - np.searchsorted(np.sort(ended[served]), between)
        assert busy.max() == 2
        assert np.all(busy[waiting > 0] == 2)
