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
from typing import Any, Protocol, TypeVar

from simulation.runner.replicate import Task

__all__ = ["Job", "WorkerLostError", "in_processes"]

T_co = TypeVar("T_co", covariant=True)

ATTEMPTS = 3
"""How often a task is begun before the death of its worker counts as its failure."""
AHEAD = 2
"""Tasks that are submitted at a time, per worker: few, so that an interruption cancels little."""
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
"""Libraries that would start threads of their own in every worker."""


class WorkerLostError(RuntimeError):
    """A worker process died, again and again, on the same task."""


class Job(Protocol[T_co]):
    """What all tasks share, and how one is done; it is sent to every worker once."""

    def do(self, task: Task) -> T_co:
        """Do one task."""


def in_processes(
    job: Job[T_co], tasks: Iterable[Task], workers: int
) -> Generator[tuple[Task, T_co | BaseException]]:
    """Do tasks in worker processes and give what comes of each, in the order in which they finish.

    When a worker dies, its task and those that were under way are done again, one at a time, so that a task
    that kills its worker is told from its neighbours. Closing the iterator kills the workers: what they have
    not stored by then is lost.

    Parameters
    ----------
    job
        What all tasks share, and how one is done.
    tasks
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
    waiting, attempts = deque(tasks), Counter[Task]()
    hopeless = 0  # tasks given up since the last one that was done
    while waiting:
        with _pool(job, workers) as pool:
            for task, result in _drain(pool, waiting, attempts, AHEAD * workers):
                hopeless = hopeless + 1 if isinstance(result, WorkerLostError) else 0
                yield task, result
        if hopeless >= ATTEMPTS:
            raise WorkerLostError(f"workers die on every task, {hopeless} in a row; is there enough memory?")


def _drain(
    pool: ProcessPoolExecutor, waiting: deque[Task], attempts: Counter[Task], most: int
) -> Generator[tuple[Task, Any]]:
    """Do the waiting tasks until none is left or the pool is broken."""
    under_way: dict[Future[Any], Task] = {}
    lost: list[Task] = []
    while (waiting or under_way) and not lost:
        while waiting and len(under_way) < (1 if attempts[waiting[0]] else most):
            task = waiting.popleft()
            try:
                with _sheltered():
                    under_way[pool.submit(_do, task)] = task
            except BrokenProcessPool:
                lost.append(task)
                break
        # A broken pool ends all that is under way.
        done, _ = wait(under_way, return_when="ALL_COMPLETED" if lost else FIRST_COMPLETED)
        for future in done:
            task, error = under_way.pop(future), future.exception()
            if isinstance(error, BrokenProcessPool):
                lost.append(task)
            else:
                yield task, error or future.result()
    lost += under_way.values()
    for task in sorted(lost, key=lambda task: (task.replication, task.scenario), reverse=True):
        attempts[task] += 1
        if attempts[task] < ATTEMPTS:
            waiting.appendleft(task)
        else:
            yield task, WorkerLostError(f"its worker process died {ATTEMPTS} times; is there enough memory?")


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


def _do(task: Task) -> Any:
    return _assigned[0].do(task)
