"""Service systems as textbooks and articles write them down: shifts, classes that share lines, patience.

As in `test_engine_against_theory`, means over 20 replications against exact results, each at the level 1 in
10,000; 21 comparisons, so that with another seed this file would raise a false alarm in 1 of 470 runs.
"""

import numpy as np
import pytest

from simulation import theory
from simulation.records import Outcome
from tests.scenarios import exponential, need, team, work
from tests.theory.measuring import Stretch, left_queue, replications

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS = (1.0,) * 6 + (3.0, 5.0, 9.0, 12.0, 12.0, 10.0, 8.0, 8.0, 9.0, 7.0, 5.0, 4.0) + (2.0,) * 6
"""Calls an hour, by hour of the day."""


def count(run: Stretch, hour: int) -> tuple[float, float]:
    """Mean number waiting and in service at an hour of the day, over the days of a run."""
    visits = run.records.visits
    moments = np.arange(run.begin, run.end, 24.0) + hour

    def passed(times: np.ndarray) -> np.ndarray:
        return np.searchsorted(np.sort(times[~np.isnan(times)]), moments, side="right")

    queue = passed(visits["queued"]) - passed(left_queue(visits))
    served = ~np.isnan(visits["started"])
    busy = passed(visits["started"]) - passed(np.where(served, visits["ended"], np.nan))
    return float(np.mean(queue)), float(np.mean(busy))


def call_centre(extra: int, **fields):
    """Calls that follow the clock; two agents always, extra ones from 8 to 18, a call of 20 minutes."""
    shift = {"kind": "weekly", "week": {day: ["08:00-18:00"] for day in DAYS}}
    steps = {"kind": "steps", "period": "1 d", "times": list(range(24)), "weights": list(HOURS)}
    staff = {"regular": {"count": 2}, "extra": {"count": extra, "calendar": "shift", "rank": 1}}
    return {
        "calendars": {"shift": shift},
        "profiles": {"calls": steps},
        "teams": {"desk": {"place": "town", "staff": staff, **fields.pop("team", {})}},
        "pathways": {"path": {"steps": [work(hours=exponential(1 / 3), **fields)]}},
        "needs": {"help": need({"rate": sum(HOURS) / 24, "profile": "calls"})},
    }


def shifts(extra: int) -> list[theory.Hour]:
    """The same day for the exact result."""
    return [theory.Hour(rate, extra if 8 <= hour < 18 else 0) for hour, rate in enumerate(HOURS)]


def test_impatient_callers_and_shifts(agrees):
    """M(t)/M/c(t)+M: two agents and three more by day; callers hang up after 15 minutes on average. Those
    whose shift is over finish their call."""
    exact = theory.periodic_queue(shifts(3), 3.0, 2, room=40, patience_rate=4.0)
    parts = call_centre(3, patience={"time": exponential(0.25)})
    runs = replications(24.0 * 110, 48.0, **parts)
    for hour in (8, 10, 12, 14, 18, 19):
        found = [count(run, hour) for run in runs]
        if exact[hour].queue > 0.1:
            agrees(f"waiting at {hour}", [queue for queue, _ in found], exact[hour].queue, 0.20)
        agrees(f"in service at {hour}", [busy for _, busy in found], exact[hour].busy, 0.05)


def test_patient_callers_and_a_daily_overload(agrees):
    """M(t)/M/c: four agents all day; from 9 to 11 more calls come in than they can answer."""
    flat = [theory.Hour(rate) for rate in HOURS]
    exact = theory.periodic_queue(flat, 3.0, 4, room=120)
    parts = call_centre(1)
    parts["teams"] = {"desk": team(4)}
    runs = replications(24.0 * 150, 48.0, **parts)
    for hour in (8, 10, 12, 16):
        found = [count(run, hour) for run in runs]
        if exact[hour].queue > 0.2:
            agrees(f"waiting at {hour}", [queue for queue, _ in found], exact[hour].queue, 0.20)
        agrees(f"in service at {hour}", [busy for _, busy in found], exact[hour].busy, 0.05)


def test_lines_that_follow_the_clock(agrees):
    """M(t)/M/c(t)/c(t): who finds no line is lost; the share lost over the day."""
    exact = theory.periodic_queue(shifts(2), 3.0, 2, room=0)
    runs = replications(24.0 * 110, 48.0, **call_centre(2, team={"queue_limit": 0}))
    for hour in (8, 10, 13, 18):
        agrees(f"in service at {hour}", [count(run, hour)[1] for run in runs], exact[hour].busy, 0.05)


def test_two_classes_share_lines(agrees):
    """Two classes without a queue, calls of different length and law: both are lost as often as Erlang (1917)
    says of the sum of their loads."""
    long = {"kind": "lognormal", "mean": 2.0, "cv": 1.2}
    runs = replications(
        2500.0,
        50.0,
        teams={"desk": team(6, queue_limit=0)},
        pathways={
            "quick": {"steps": [work("quick", exponential(0.5))]},
            "slow": {"steps": [work("slow", long)]},
        },
        needs={"a": need({"rate": 4.0}, "quick"), "b": need({"rate": 1.0}, "slow")},
    )
    exact = theory.erlang_b(4.0 * 0.5 + 1.0 * 2.0, 6)
    for number, name in enumerate(("quick", "slow")):
        agrees(f"{name} refused", [lost(run, number) for run in runs], exact, 0.06)


def lost(run: Stretch, number: int) -> float:
    """Share of the visits of a need that are refused."""
    mine = run.visits[run.records.cases["need"][run.visits["case"]] == number]
    return float(np.mean(mine["outcome"] == Outcome.refused))


@pytest.mark.parametrize("extra", [0, 3])
def test_the_exact_day_repeats_itself_and_balances(extra):
    """Callers who come in a day leave in a day: by service or, impatient, from the queue (trapezoidal sums of
    the exact numbers, good to a few parts in a thousand at six snapshots an hour)."""
    hours = [theory.Hour(hour.arrival_rate / 6, hour.extra) for hour in shifts(extra) for _ in range(6)]
    shots = theory.periodic_queue(hours, 0.5, 2, room=40, patience_rate=4.0 / 6)
    gone = sum(shot.busy * 0.5 + shot.queue * 4.0 / 6 for shot in shots)
    assert gone == pytest.approx(sum(HOURS), rel=0.02)
