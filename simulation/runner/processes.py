"""Worker processes on this machine; they may die, and they end with their parent."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from simulation.runner.blocks import Block, Job, Result
from simulation.runner.executors import Crew, do_blocks, do_part

__all__ = ["in_processes"]

T = TypeVar("T")

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
"""Libraries that would start threads of their own in every worker."""


def in_processes(job: Job[T], blocks: Iterable[Block], workers: int) -> Generator[Result[T]]:
    """Do blocks in worker processes and give what comes of each task, in the order in which they finish.

    Closing the iterator kills the workers: what they have not given back by then is lost.

    Parameters
    ----------
    job
        What all tasks share, and how they are done; it is sent to every worker once.
    blocks
        What is to be done, in the order in which it is begun.
    workers
        Number of processes.

    Examples
    --------
    >>> from simulation.runner.replicate import Assignment
    >>> from simulation.study import Study
    >>> nothing = Assignment(Study(id="quick", run_length=24), {}, {}, None)
    >>> list(in_processes(nothing, [], workers=2))
    []
    """
    yield from do_blocks(partial(_crew, job, workers), blocks)


@contextmanager
def _crew(job: Job[Any], workers: int) -> Iterator[Crew]:
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(job,))

    def submit(block: Block) -> Future[list[Any]]:
        with _sheltered():
            return pool.submit(_do, block)

    try:
        yield Crew(submit, lambda: workers, lambda error: isinstance(error, BrokenProcessPool))
    except BaseException:
        # The executor has no way to stop tasks that are under way before Python 3.14.
        for process in list((pool._processes or {}).values()):
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


@contextmanager
def _sheltered() -> Iterator[None]:
    """Let processes that are started here be deaf to Ctrl-C from their first moment, and use one thread each.

    A terminal sends the interrupt to all processes of the group; the parent alone decides what it means. The
    signals are held back for the moment of starting, not lost, and the mask is inherited.
    """
    missing = [name for name in ONE_THREAD if name not in os.environ]
    os.environ.update(dict.fromkeys(missing, "1"))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        for name in missing:
            del os.environ[name]


_assigned: list[Job[Any]] = []
"""In a worker: its job, given once."""


def _begin(job: Job[Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _assigned[:] = [job]


def _end_with_parent() -> None:
    """Wait until the parent is gone, for whatever reason, and go too."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _do(block: Block) -> list[Any]:
    return do_part(_assigned[0], block)
