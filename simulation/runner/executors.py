"""Blocks of replications on any `concurrent.futures.Executor`, whose workers may die, hang or go away."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from simulation.runner.blocks import Block, Job, Result, results

__all__ = ["Crew", "WorkerLostError", "WorkersGoneError", "do_blocks", "in_executor"]

T = TypeVar("T")

ATTEMPTS = 3
"""How often a block is begun before the death of its worker counts as its failure."""
AHEAD = 2
"""Blocks that are submitted at a time, per worker: few, so that an interruption cancels little."""
POLL = 1.0
"""Seconds between two looks at workers that are silent."""
PATIENCE = 900.0
"""Seconds without any result after which workers count as hanging, unless a block takes longer by itself."""
SLOW = 10
"""The same as a multiple of the longest time that a block has taken so far."""
FAREWELL = 10.0
"""Seconds in which what was under way when workers were lost may still come back."""


class WorkerLostError(RuntimeError):
    """A worker died, again and again, on the same block."""


class WorkersGoneError(RuntimeError):
    """Nobody is left who would do the work, or nobody answers."""


@dataclass(frozen=True)
class Crew:
    """Workers that blocks are given to.

    Parameters
    ----------
    submit
        Gives a block to a worker; its future holds what came of each task.
    size
        How many workers there are now.
    lost
        Whether an error tells that the workers were lost, rather than what went wrong in a block.
    check
        Called now and then while nothing comes back; raises `WorkersGoneError` when nothing ever will.
    """

    submit: Callable[[Block], Future[list[Any]]]
    size: Callable[[], int]
    lost: Callable[[BaseException], bool]
    check: Callable[[], None] = lambda: None


Opening = Callable[[], AbstractContextManager[Crew]]


def do_blocks(crew: Opening, blocks: Iterable[Block], patience: float = PATIENCE) -> Generator[Result[Any]]:
    """Do blocks and give what comes of each task, in the order in which they finish.

    When workers are lost, others are called, and the blocks that were under way are done again, one at a
    time, so that a block that kills its worker is told from its neighbours. Closing the iterator ends the
    crew.

    Parameters
    ----------
    crew
        Calls workers; again, when they were lost.
    blocks
        What is to be done, in the order in which it is begun.
    patience
        Seconds without any result after which the workers are given up.

    Raises
    ------
    WorkersGoneError
        When nobody is left, or nothing has come back for too long.

    Examples
    --------
    >>> list(do_blocks(None, []))
    []
    """
    waiting, attempts = deque(blocks), Counter[Block]()
    hopeless = 0  # blocks given up since the last one that was done
    while waiting:
        with crew() as workers:
            for block, found in _drain(workers, waiting, attempts, patience):
                hopeless = hopeless + 1 if isinstance(found, WorkerLostError) else 0
                yield from ((task, found) for task in block.tasks) if isinstance(found, Exception) else found
        if hopeless >= ATTEMPTS:
            raise WorkerLostError(f"workers die on every task, {hopeless} in a row; is there enough memory?")


def in_executor(
    job: Job[T], blocks: Sequence[Block], executor: Executor, workers: int
) -> Generator[Result[T]]:
    """Do blocks on an executor that somebody else opens and closes.

    Parameters
    ----------
    job
        What all tasks share, and how they are done; the part that a block needs is sent with it.
    blocks
        What is to be done, in the order in which it is begun.
    executor
        Any executor of the standard library's interface.
    workers
        How many workers it has.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> from simulation.runner.blocks import make_blocks
    >>> class Count:
    ...     def do(self, block): return ((task, task.replication**2) for task in block.tasks)
    ...     def part(self, block): return self
    >>> with ThreadPoolExecutor(2) as pool:
    ...     sorted(value for _, value in in_executor(Count(), make_blocks(1, 4, "compiled", 2), pool, 2))
    [0, 1, 4, 9]
    """

    @contextmanager
    def crew() -> Generator[Crew]:
        yield Crew(
            lambda block: executor.submit(do_part, job.part(block), block), lambda: workers, lambda _: False
        )

    yield from do_blocks(crew, blocks)


def do_part(job: Job[T], block: Block) -> list[Result[T]]:
    """Do a block with the part of its job that was sent along.

    Examples
    --------
    >>> class Count:
    ...     def do(self, block): return ((task, task.replication**2) for task in block.tasks)
    >>> [value for _, value in do_part(Count(), Block(0, range(3)))]
    [0, 1, 4]
    """
    return list(results(job, block))


def _drain(
    crew: Crew, waiting: deque[Block], attempts: Counter[Block], patience: float
) -> Generator[tuple[Block, list[Any] | Exception]]:
    """Do the waiting blocks until none is left or the workers are lost."""
    under_way: dict[Future[list[Any]], Block] = {}
    lost: list[Block] = []
    silence = _Silence(crew, patience)
    while (waiting or under_way) and not lost:
        while waiting and len(under_way) < (1 if attempts[waiting[0]] else AHEAD * max(1, crew.size())):
            block = waiting.popleft()
            try:
                under_way[crew.submit(block)] = block
            except Exception as error:
                if not crew.lost(error):
                    raise
                lost.append(block)
                break
        if lost:  # that ends all that is under way
            done, _ = wait(under_way, FAREWELL)
        else:
            done, _ = wait(under_way, POLL, return_when=FIRST_COMPLETED)
            silence.heard(bool(done))
        for future in done:
            block, fault = under_way.pop(future), _fault(future)
            if fault is None:
                yield block, future.result()
            elif crew.lost(fault):
                lost.append(block)
            elif isinstance(fault, Exception):
                yield block, fault
            else:
                raise fault
    lost += under_way.values()
    for block in sorted(lost, key=lambda block: (block.replications.start, block.scenario), reverse=True):
        attempts[block] += 1
        if attempts[block] < ATTEMPTS:
            waiting.appendleft(block)
        else:
            yield block, WorkerLostError(f"its worker died {ATTEMPTS} times; is there enough memory?")


def _fault(future: Future[Any]) -> BaseException | None:
    """Give what went wrong, a cancellation included, which would be raised else."""
    try:
        return future.exception()
    except BaseException as error:  # noqa: BLE001 - each library has a cancellation of its own
        return error


class _Silence:
    """Knows how long nothing has come back, and when that is too long."""

    def __init__(self, crew: Crew, patience: float) -> None:
        self._crew, self._patience = crew, patience
        self._since, self._longest = time.monotonic(), 0.0

    def heard(self, something: bool) -> None:
        """Take note; raise when the workers must be given up."""
        now = time.monotonic()
        if something:
            self._longest, self._since = max(self._longest, now - self._since), now
            return
        self._crew.check()
        limit = max(self._patience, SLOW * self._longest)
        if now - self._since > limit:
            message = f"no worker has given anything back for {limit:.0f} s; are they still there?"
            raise WorkersGoneError(message)
