"""Scenarios x replications on all cores, stored as they finish, the same on any number of workers."""

from simulation.runner.measure_run import measure_runs
from simulation.runner.nation import nation_table, nationwide
from simulation.runner.replicate import everything
from simulation.runner.study_run import Failure, StudyResults, run_study

__all__ = ["Failure", "StudyResults", "everything", "measure_runs", "nation_table", "nationwide", "run_study"]
