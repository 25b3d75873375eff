"""Who does the work: this process, threads, processes, or a cluster; the only parallelism."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from simulation.runner.blocks import Block, Job, Result, in_this_process
from simulation.runner.cluster import in_cluster
from simulation.runner.processes import in_processes
from simulation.runner.threads import in_threads
from simulation.study import Study

__all__ = ["Workers", "do_all"]

T = TypeVar("T")


@dataclass(frozen=True)
class Workers:
    """Who works.

    Parameters
    ----------
    count
        How many at the same time; of a cluster somewhere else, it does not say how many there are.
    execution, scheduler
        As in `simulation.study.Study`.
    engine
        What runs the replications.

    Examples
    --------
    >>> Workers(2, "auto", "", "compiled").kind, Workers(2, "auto", "", "reference").kind
    ('threads', 'processes')
    """

    count: int
    execution: str
    scheduler: str
    engine: str

    @classmethod
    def of(cls, study: Study, count: int) -> Workers:
        """Return who works for a study."""
        return cls(count, study.execution, study.scheduler, study.engine)

    @property
    def kind(self) -> str:
        """How it is done: serial, threads, processes or dask.

        The reference engine holds on to the interpreter and gets processes; the others get threads, which
        share what there is without copies. One worker works here.
        """
        if self.execution == "dask":
            return "dask"
        if self.count <= 1:
            return "serial"
        if self.execution == "auto":
            return "processes" if self.engine == "reference" else "threads"
        return self.execution


def do_all(job: Job[T], blocks: Sequence[Block], workers: Workers) -> Generator[Result[T]]:
    """Do blocks and give what comes of each task, in the order in which they finish.

    Parameters
    ----------
    job
        What all tasks share, and how they are done.
    blocks
        What is to be done, in the order in which it is begun.
    workers
        Who does it.

    Examples
    --------
    >>> from simulation.runner.blocks import make_blocks
    >>> class Count:
    ...     def do(self, block): return ((task, task.replication**2) for task in block.tasks)
    >>> two = Workers(2, "threads", "", "compiled")
    >>> sorted(value for _, value in do_all(Count(), make_blocks(1, 4, "compiled", 2), two))
    [0, 1, 4, 9]
    """
    count = max(1, min(workers.count, len(blocks)))
    match workers.kind:
        case "dask":
            return in_cluster(job, blocks, count, workers.scheduler)
        case "processes":
            return in_processes(job, blocks, count)
        case "threads":
            return in_threads(job, blocks, count)
        case _:
            return in_this_process(job, blocks)
