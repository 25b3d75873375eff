"""Blocks hold every replication once; threads share them, and leave when they are told to."""

import threading
import time

import pytest

from simulation.runner.blocks import Task, make_blocks
from simulation.runner.threads import in_threads


class Square:
    """A job that numbers can tell of; it fails where it is told to, and notes which blocks were finished."""

    def __init__(self, fails=()):
        self.fails = fails
        self.ended = []

    def do(self, block):
        try:
            for task in block.tasks:
                yield task, ValueError("no") if task.replication in self.fails else task.replication**2
        finally:
            self.ended.append(block)


@pytest.mark.parametrize(("replications", "workers"), [(1, 4), (7, 2), (30, 2), (30, 1)])
def test_blocks_hold_every_replication_once_and_pairs_stay_together(replications, workers):
    """Whatever has been begun, no scenario is more than a block ahead of another."""
    blocks = make_blocks(3, replications, "compiled", workers)
    tasks = [task for block in blocks for task in block.tasks]
    assert sorted(tasks) == [
        Task(scenario, number) for scenario in range(3) for number in range(replications)
    ]
    assert [block.scenario for block in blocks[:3]] == [0, 1, 2]
    assert len({block.replications for block in blocks[:3]}) == 1
    assert len(blocks) >= min(workers, len(tasks))


def test_a_replication_on_the_reference_engine_is_a_block():
    """It takes seconds: an interruption loses one at most."""
    assert all(len(block.tasks) == 1 for block in make_blocks(2, 9, "reference", 2))


def test_what_fails_in_a_thread_is_what_comes_of_its_task():
    """The others of the block go on."""
    found = dict(in_threads(Square(fails={3}), make_blocks(1, 10, "compiled", 2), 2))
    assert [task.replication for task, result in found.items() if isinstance(result, ValueError)] == [3]
    assert sorted(result for result in found.values() if isinstance(result, int)) == [
        number**2 for number in range(10) if number != 3
    ]


def test_closing_ends_the_threads_and_the_blocks_that_they_are_at():
    """Each stops after the replication that it is at; nothing goes on behind the back of who closed."""
    job, before = Square(), threading.active_count()
    source = in_threads(job, make_blocks(1, 100_000, "compiled", 2), 2)
    next(source)
    source.close()
    assert threading.active_count() == before
    assert 1 <= len(job.ended) < 20_000


def test_what_no_thread_can_survive_is_raised():
    """An end of the program asked for in a thread is not a failed replication."""

    class Ends:
        def do(self, block):
            raise SystemExit(block.scenario)

    with pytest.raises(SystemExit):
        list(in_threads(Ends(), make_blocks(1, 4, "compiled", 2), 2))


def test_the_first_thread_is_alone_until_its_first_task_is_done():
    """What has to be loaded and compiled is loaded and compiled once, by one."""

    class First:
        def __init__(self):
            self.began = []
            self.ready = False

        def do(self, block):
            for task in block.tasks:
                self.began.append((threading.get_ident(), self.ready))
                time.sleep(0.02)
                self.ready = True
                yield task, 0

    job = First()
    assert len(list(in_threads(job, make_blocks(2, 20, "compiled", 2), 2))) == 40
    assert [ready for _, ready in job.began].count(False) == 1
    assert len({thread for thread, _ in job.began}) == 2
