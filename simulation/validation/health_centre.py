"""A primary health centre in India, as Shoaib and Ramamohan (2021) published it.

The published values are those of the article (SIMULATION 98(3), doi 10.1177/00375497211030931), means of 100
replications of 365 days after a warm-up of 180 days; that of the third doctor is of the independent
reproduction (github.com/pythonhealthdatascience/stars-reproduce-shoaib-2022). What is measured here is what
their program measures, which is not always what the name of a measure says.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simulation.records import Outcome, Records
from simulation.scenario import Scenario, phases
from simulation.validation.agreement import Published, Quantity

Chosen = NDArray[np.bool_]

__all__ = ["MEASURES", "PUBLISHED", "measure"]

DAY = 7.0
"""Hours of a working day, the denominator of every utilisation of a head."""

_RUNS = "the program takes this need from the patient who came last, so that it comes in runs"
MEASURES = (
    Quantity("doctor", "Doctors, share of 7 hours a day"),
    Quantity("pharmacist", "Pharmacist, share of 7 hours a day"),
    Quantity("doctor_wait", "Wait for the doctor, min"),
    Quantity("laboratory", "Laboratory, share of 7 hours a day", "not among the values agreed on beforehand"),
    Quantity("nurse", "Staff nurses, share of 7 hours a day", "not among the values agreed on beforehand"),
    Quantity("ncd_nurse", "NCD nurse, her queue included", _RUNS.replace("this need", "the age")),
    Quantity("ward_bed", "Ward beds, share of the time", "no spread was published"),
    Quantity("labour_bed", "Labour bed, share of the time", "no spread was published"),
    Quantity(
        "doctor_queue",
        "Mean number waiting for the doctor",
        "follows from the wait, that of the warm-up included",
    ),
    Quantity("pharmacy_wait", "Wait at the pharmacy, min", "who leaves the laboratory comes in runs, too"),
    Quantity("laboratory_wait", "Wait at the laboratory, min", _RUNS),
    Quantity("referred", "Childbirths referred elsewhere", "the program counts some inpatients with them"),
)
"""What is compared: first what decides, then what is shown with the reason why it does not."""


def _published(**values: tuple[float, float] | tuple[float]) -> dict[str, Published]:
    return {name: Published(*value) for name, value in values.items()}


PUBLISHED = {
    "phc_1": _published(
        doctor=(0.268, 0.003), pharmacist=(0.643, 0.004), doctor_wait=(0.009, 0.004),
        laboratory=(0.559, 0.008), nurse=(0.323, 0.008), ncd_nurse=(0.865, 0.011),
        ward_bed=(0.093,), labour_bed=(0.283,), doctor_queue=(0.0,),
        pharmacy_wait=(1.025, 0.021), laboratory_wait=(2.084, 0.054), referred=(0.156, 0.019),
    ),
    "phc_2": _published(
        doctor=(0.372, 0.004), pharmacist=(0.288, 0.003), doctor_wait=(0.171, 0.032),
        laboratory=(0.254, 0.004), nurse=(0.243, 0.006), ncd_nurse=(0.469, 0.005),
        ward_bed=(0.055,), labour_bed=(0.153,), doctor_queue=(0.007,),
        pharmacy_wait=(0.244, 0.008), laboratory_wait=(0.606, 0.023), referred=(0.088, 0.022),
    ),
    "phc_3": _published(
        doctor=(0.354, 0.002), pharmacist=(0.289, 0.003), doctor_wait=(0.034, 0.001),
        laboratory=(0.239, 0.004), nurse=(0.160, 0.001), ncd_nurse=(0.468, 0.005),
        ward_bed=(0.011,), doctor_queue=(0.001,),
        pharmacy_wait=(0.232, 0.006), laboratory_wait=(0.571, 0.020),
    ),
    "phc_benchmark": _published(
        doctor=(1.142, 0.006), pharmacist=(0.855, 0.005), doctor_wait=(6.789, 0.268),
        laboratory=(0.736, 0.011), nurse=(0.322, 0.008), ncd_nurse=(1.232, 0.019),
        ward_bed=(0.093,), labour_bed=(0.281,), doctor_queue=(0.817, 0.027),
        pharmacy_wait=(1.282, 0.018), laboratory_wait=(3.135, 0.005), referred=(0.157,),
    ),
    # No spread is printed for the two remedies: that of the benchmark is taken.
    "phc_benchmark, administration_to_nurses": _published(doctor=(1.023, 0.006)),
    "phc_benchmark, third_doctor": _published(doctor=(0.761, 0.006)),
}  # fmt: skip
"""Published means, with the standard deviation over replications where one was printed."""


def measure(scenario: Scenario, records: Records, warm_up: float) -> dict[str, float]:
    """Measure a run as the published program does.

    Utilisations and the wait for the doctor are of the time after the warm-up; the other waits, and queues,
    are of the whole run: the program does not reset the statistics of its queues.

    Parameters
    ----------
    scenario
        One of the health centres.
    records
        A run of it.
    warm_up
        Hours before the time that is measured.

    Examples
    --------
    >>> from simulation.engines import simulate
    >>> from simulation.scenario.examples import single_queue
    >>> queue = single_queue(rate=0.1, servers=1)
    >>> records = simulate(queue, 9000.0, seed=1, replication=0)
    >>> round(measure(queue, records, warm_up=240.0)["doctor"], 2)
    0.33
    """
    run = _Run(records, warm_up)
    centre_days = (records.horizon - warm_up) / 24.0
    working_hours = centre_days * DAY
    first_come = run.by("doctors") & (run.step != "doctor_after")
    ncd_queue = run.by("ncd_nurse") & run.late
    births = run.late & np.isin(run.step, ("labour_bed", "labour_bed_or_away"))
    away = births & (records.visits["outcome"] == Outcome.reneged)
    nights_and_days = centre_days * 24.0
    return {
        "doctor": run.worked("doctors", "doctor_papers") / working_hours / _heads(scenario, "doctors"),
        "pharmacist": run.worked("pharmacy") / working_hours,
        "doctor_wait": run.mean_wait(first_come & run.late),
        "laboratory": run.worked("laboratory") / working_hours,
        "nurse": run.worked("nurse", "nurse_papers") / working_hours / _heads(scenario, "nurse"),
        "ncd_nurse": (run.worked("ncd_nurse", "ncd_papers") + run.waited(ncd_queue)) / working_hours,
        "ward_bed": run.taken("bed", "ward") / nights_and_days / _heads(scenario, "ward_bed"),
        "labour_bed": run.worked("labour_bed") / nights_and_days,
        "doctor_queue": run.waited(first_come) / records.horizon,
        "pharmacy_wait": run.mean_wait(run.by("pharmacy")),
        "laboratory_wait": run.mean_wait(run.by("laboratory")),
        "referred": float(away.sum() / max(1, births.sum())),
    }


class _Run:
    """The visits of a run: which team, which step, how long they waited and were served."""

    def __init__(self, records: Records, warm_up: float) -> None:
        visits, horizon = records.visits, records.horizon
        roles = [name.partition("@")[0] for name in records.names.teams]
        steps = [name.rpartition(".")[2] for name in records.names.activities]
        self.role = np.array([*roles, ""])[visits["team"]]
        self.step = np.array(steps)[visits["activity"]]
        self.late = visits["queued"] >= warm_up
        ended = np.where(np.isnan(visits["ended"]), horizon, visits["ended"])
        self.hours = np.nan_to_num(np.maximum(ended - np.maximum(visits["started"], warm_up), 0.0))
        left = np.where(np.isnan(visits["started"]), visits["ended"], visits["started"])
        self.wait = left - visits["queued"]

    def by(self, role: str) -> Chosen:
        """Visits to a team."""
        chosen: Chosen = self.role == role
        return chosen

    def worked(self, *roles: str) -> float:
        """Hours that teams worked in the time that is measured."""
        return float(self.hours[np.isin(self.role, roles)].sum())

    def taken(self, *steps: str) -> float:
        """Hours that steps took in the time that is measured."""
        return float(self.hours[np.isin(self.step, steps)].sum())

    def waited(self, chosen: Chosen) -> float:
        """Hours that visits waited, those not counted who still wait."""
        return float(np.nansum(self.wait[chosen]))

    def mean_wait(self, chosen: Chosen) -> float:
        """Mean wait of visits that have left the queue, minutes; nan when there is none."""
        known = chosen & ~np.isnan(self.wait)
        return 60.0 * self.waited(chosen) / known.sum() if known.any() else math.nan


def _heads(scenario: Scenario, role: str) -> int:
    """Heads of a team as the policies leave it; 1 where there is no such team."""
    system = phases(scenario)[0][1]
    groups = [group for team in system.teams if team.id == role for group in team.staff]
    return sum(group.count + sum(change.add for change in group.changes) for group in groups) or 1
