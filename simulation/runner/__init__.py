"""Scenarios x replications on all cores, stored as they finish, the same on any number of workers."""

from simulation.runner.measure_run import measure_runs
from simulation.runner.study_run import Failure, StudyResults, run_study

__all__ = ["Failure", "StudyResults", "measure_runs", "run_study"]
