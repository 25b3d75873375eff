"""Worker processes that may die, and that end with their parent."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, TypeVar

from simulation.runner.blocks import Block, Job, Result, results

__all__ = ["WorkerLostError", "in_processes"]

T = TypeVar("T")

ATTEMPTS = 3
"""How often a block is begun before the death of its worker counts as its failure."""
AHEAD = 2
"""Blocks that are submitted at a time, per worker: few, so that an interruption cancels little."""
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
"""Libraries that would start threads of their own in every worker."""


class WorkerLostError(RuntimeError):
    """A worker process died, again and again, on the same block."""


def in_processes(job: Job[T], blocks: Iterable[Block], workers: int) -> Generator[Result[T]]:
    """Do blocks in worker processes and give what comes of each task, in the order in which they finish.

    When a worker dies, its block and those that were under way are done again, one at a time, so that a
    block that kills its worker is told from its neighbours. Closing the iterator kills the workers: what
    they have not stored by then is lost.

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
    >>> nothing = Assignment(Study(id="quick", run_length=24), (), (), None, {})
    >>> list(in_processes(nothing, [], workers=2))
    []
    """
    waiting, attempts = deque(blocks), Counter[Block]()
    hopeless = 0  # blocks given up since the last one that was done
    while waiting:
        with _pool(job, workers) as pool:
            for block, found in _drain(pool, waiting, attempts, AHEAD * workers):
                hopeless = hopeless + 1 if isinstance(found, WorkerLostError) else 0
                yield from ((task, found) for task in block.tasks) if isinstance(found, Exception) else found
        if hopeless >= ATTEMPTS:
            raise WorkerLostError(f"workers die on every task, {hopeless} in a row; is there enough memory?")


def _drain(
    pool: ProcessPoolExecutor, waiting: deque[Block], attempts: Counter[Block], most: int
) -> Generator[tuple[Block, list[Any] | Exception]]:
    """Do the waiting blocks until none is left or the pool is broken."""
    under_way: dict[Future[list[Any]], Block] = {}
    lost: list[Block] = []
    while (waiting or under_way) and not lost:
        while waiting and len(under_way) < (1 if attempts[waiting[0]] else most):
            block = waiting.popleft()
            try:
                with _sheltered():
                    under_way[pool.submit(_do, block)] = block
            except BrokenProcessPool:
                lost.append(block)
                break
        # A broken pool ends all that is under way.
        done, _ = wait(under_way, return_when="ALL_COMPLETED" if lost else FIRST_COMPLETED)
        for future in done:
            block, error = under_way.pop(future), future.exception()
            if isinstance(error, BrokenProcessPool):
                lost.append(block)
            else:
                yield block, error if isinstance(error, Exception) else future.result()
    lost += under_way.values()
    for block in sorted(lost, key=lambda block: (block.replications.start, block.scenario), reverse=True):
        attempts[block] += 1
        if attempts[block] < ATTEMPTS:
            waiting.appendleft(block)
        else:
            yield block, WorkerLostError(f"its worker process died {ATTEMPTS} times; is there enough memory?")


@contextmanager
def _pool(job: Job[Any], workers: int) -> Iterator[ProcessPoolExecutor]:
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(job,))
    try:
        yield pool
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
    signal is held back for the moment of starting, not lost, and the mask is inherited.
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
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _assigned[:] = [job]


def _end_with_parent() -> None:
    """Wait until the parent is gone, for whatever reason, and go too."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _do(block: Block) -> list[Any]:
    return list(results(_assigned[0], block))
