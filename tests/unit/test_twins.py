"""Twins that other processes compute are those that are computed here."""

import time
from multiprocessing import active_children

import pandas as pd
import pytest

from simulation.runner.twins import FEW, compute_twin, twins
from simulation.scenario.examples import single_queue
from simulation.study import Study

STUDY = Study(id="quick", run_length=96)
QUEUES = [single_queue(rate=1.0 + number) for number in range(FEW + 1)]


def test_processes_compute_what_is_computed_here_in_the_same_order():
    with twins(STUDY, QUEUES, workers=2) as computed:
        found = computed()
    assert len(found) == len(QUEUES)
    for queue, there in zip(QUEUES, found, strict=True):
        here = compute_twin(STUDY, queue)
        pd.testing.assert_frame_equal(there.twin.teams, here.twin.teams, check_exact=True)
        pd.testing.assert_frame_equal(there.twin.path, here.twin.path, check_exact=True)
        assert there.reasons == here.reasons
        assert (there.twin.cases, there.twin.time) == (here.twin.cases, here.twin.time)


def test_what_goes_wrong_in_a_process_is_raised_where_twins_are_asked_for():
    with pytest.raises(AttributeError, match="NoneType"), twins(STUDY, [*QUEUES, None], 2) as computed:
        computed()


def test_an_interruption_does_not_wait_for_the_twins():
    """Those that were not asked for are given up, and no process is left behind."""
    before = set(active_children())
    with pytest.raises(KeyboardInterrupt), twins(STUDY, QUEUES * 40, workers=2):
        raise KeyboardInterrupt
    # The executor's own thread may be the one that reaps them, so their exit codes can come a moment later.
    patience = time.monotonic() + 30.0
    while left := set(active_children()) - before:
        assert time.monotonic() < patience, left
        time.sleep(0.05)
