"""A treatment centre of a textbook, in the project's language and as a practitioner writes it in SimPy.

Arrivals follow the clock, patients branch, and every queue grows and empties within the day, so that no
formula gives the waits. One stage has an exact answer, the triage, a queue M(t)/M/1. The others are compared
with a program that shares nothing with the project: 60 days of each, Welch's test at the level 1 in 10,000
for each of the seven comparisons; with another seed a false alarm in 1 of 1,200 runs, the exact one included.
"""

import random

import numpy as np
import pytest
import simpy
from scipy import stats

from simulation import theory
from simulation.configuration import read_design
from simulation.engines import simulate

pytestmark = pytest.mark.usefixtures("engine")

RATES = (
    2.3667, 2.8, 8.8333, 10.4333, 14.8, 26.2667, 31.4, 18.0667, 16.4667,
    12.0333, 11.6, 28.8667, 18.0333, 11.5, 5.3, 4.0667, 2.2, 2.1,
)  # fmt: skip
"""Patients an hour, from six in the morning to midnight."""
STEPS = ("triage", "registration", "examination", "treatment", "stabilisation", "trauma_treatment")
DAYS = 60
LEVEL = 1e-4


@pytest.fixture(scope="module")
def ours(engine) -> dict[str, np.ndarray]:
    """Mean waits (minutes) of the days of the configuration, by step."""
    scenario = read_design(["city=treatment_centre", "policy=baseline"]).scenarios[0]
    days = []
    for number in range(DAYS):
        records = simulate(scenario, 72.0, 77, number)
        visits = records.visits
        assert not np.isnan(visits["ended"]).any(), "somebody is still there"
        step = np.array([name.split(".")[1] for name in records.names.activities])[visits["activity"]]
        wait = 60.0 * (visits["started"] - visits["queued"])
        days.append([float(wait[step == name].mean()) for name in STEPS] + [float(len(records.cases))])
    return dict(zip((*STEPS, "patients"), np.array(days).T, strict=True))


def day_in_simpy(seed: int) -> list[float]:
    """Mean waits (minutes) of one day, by step, and the number of patients."""
    draw, env = random.Random(seed), simpy.Environment()
    heads = dict(zip(STEPS, (1, 1, 3, 1, 2, 1), strict=True))
    desks = {name: simpy.Resource(env, count) for name, count in heads.items()}
    waits: dict[str, list[float]] = {name: [] for name in STEPS}

    def lognormal(mean: float, variance: float) -> float:
        spread = np.log(1 + variance / mean**2)
        return draw.lognormvariate(np.log(mean) - spread / 2, spread**0.5)

    def use(name: str, minutes: float):
        came = env.now
        with desks[name].request() as turn:
            yield turn
            waits[name].append(env.now - came)
            yield env.timeout(minutes)

    def patient():
        yield from use("triage", draw.expovariate(1 / 3))
        if draw.random() < 0.12:
            yield from use("stabilisation", draw.expovariate(1 / 90))
            yield from use("trauma_treatment", lognormal(30, 4))
            return
        yield from use("registration", lognormal(5, 2))
        yield from use("examination", draw.gauss(16, 3**0.5))
        if draw.random() < 0.6:
            yield from use("treatment", lognormal(13.3, 2))

    def arrivals():
        while True:  # thinning
            yield env.timeout(draw.expovariate(max(RATES) / 60))
            if env.now >= 18 * 60:
                return
            if draw.random() < RATES[int(env.now // 60)] / max(RATES):
                env.process(patient())

    env.process(arrivals())
    env.run()
    return [float(np.mean(waits[name])) for name in STEPS] + [float(len(waits["triage"]))]


@pytest.fixture(scope="module")
def theirs() -> dict[str, np.ndarray]:
    """The same of the program in plain SimPy."""
    days = np.array([day_in_simpy(seed) for seed in range(DAYS)])
    return dict(zip((*STEPS, "patients"), days.T, strict=True))


@pytest.mark.parametrize("name", [*STEPS, "patients"])
def test_it_waits_as_in_plain_simpy(name, ours, theirs):
    """Neither program knows of the other; the means of their days agree."""
    result = stats.ttest_ind(ours[name], theirs[name], equal_var=False)
    assert result.pvalue > LEVEL, (name, ours[name].mean(), theirs[name].mean())


def test_triage_waits_as_theory_says(ours):
    """M(t)/M/1 (Kolmogorov's equations): patient hours in the queue of a day, which begins and ends empty.

    The sum of snapshots ten minutes apart is right to a few parts in a thousand, the error of 60 days is 80.
    """
    hours = [theory.Hour(rate / 6) for rate in (*RATES, *[0.0] * 6) for _ in range(6)]
    shots = theory.periodic_queue(hours, 20 / 6, 1, room=250)
    exact = sum(shot.queue for shot in shots) / 6  # patient hours
    found = ours["triage"] * ours["patients"] / 60
    error = found.std(ddof=1) / DAYS**0.5
    assert 2 * stats.t.sf(abs(found.mean() - exact) / error, DAYS - 1) > LEVEL, (found.mean(), exact)
