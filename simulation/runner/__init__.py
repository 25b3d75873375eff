"""Scenarios x replications on all cores, stored as they finish, the same on any number of workers."""

from simulation.runner.collecting import Failure
from simulation.runner.executors import WorkerLostError, WorkersGoneError
from simulation.runner.keeping import KeepingError
from simulation.runner.measure_run import measure_runs
from simulation.runner.nation import nation_table, nationwide
from simulation.runner.replicate import everything, overall
from simulation.runner.runs import Asked, ReplicationsFailedError, Runs
from simulation.runner.study_run import StudyResults, run_study

__all__ = [
    "Asked",
    "Failure",
    "KeepingError",
    "ReplicationsFailedError",
    "Runs",
    "StudyResults",
    "WorkerLostError",
    "WorkersGoneError",
    "everything",
    "measure_runs",
    "nation_table",
    "nationwide",
    "overall",
    "run_study",
]
