"""Who does the work: this process, threads, or processes; the only parallelism."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TypeVar

from simulation.runner.blocks import Block, Job, Result, in_this_process
from simulation.runner.processes import in_processes
from simulation.runner.threads import in_threads

__all__ = ["do_all"]

T = TypeVar("T")


def do_all(job: Job[T], blocks: Sequence[Block], workers: int, engine: str) -> Generator[Result[T]]:
    """Do blocks with several workers and give what comes of each task, in the order in which they finish.

    The reference engine holds on to the interpreter and gets processes; the others get threads, which share
    what there is without copies.

    Parameters
    ----------
    job
        What all tasks share, and how they are done.
    blocks
        What is to be done, in the order in which it is begun.
    workers
        How many work at the same time; one works here.
    engine
        What runs the replications.

    Examples
    --------
    >>> from simulation.runner.blocks import make_blocks
    >>> class Count:
    ...     def do(self, block): return ((task, task.replication**2) for task in block.tasks)
    >>> sorted(value for _, value in do_all(Count(), make_blocks(1, 4, "compiled", 2), 2, "compiled"))
    [0, 1, 4, 9]
    """
    if workers <= 1:
        return in_this_process(job, blocks)
    return (in_processes if engine == "reference" else in_threads)(job, blocks, workers)
