"""Worker threads, for an engine that lets go of the interpreter while it runs."""

from __future__ import annotations

import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import closing
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from simulation.runner.blocks import Block, Job, Result, results

__all__ = ["in_threads"]

T = TypeVar("T")

TURN = 0.0005
"""Seconds after which a thread that holds the interpreter gives way to one that comes back from the kernel.

With the usual 0.005 each return from the kernel waits for the other thread about as long as drawing takes.
"""


def in_threads(job: Job[T], blocks: Sequence[Block], workers: int) -> Generator[Result[T]]:
    """Do blocks in threads and give what comes of each task, in the order in which they finish.

    The first thread is alone until its first task is done: what must be loaded and compiled is, then.
    Ctrl-C, or closing the iterator, lets each thread finish the replication that it is at.

    Parameters
    ----------
    job
        What all tasks share, and how they are done; used by all threads at once.
    blocks
        What is to be done, in the order in which it is begun.
    workers
        Number of threads.

    Examples
    --------
    >>> from simulation.runner.blocks import make_blocks
    >>> class Count:
    ...     def do(self, block): return ((task, task.replication**2) for task in block.tasks)
    >>> sorted(value for _, value in in_threads(Count(), make_blocks(1, 4, "compiled", 2), 2))
    [0, 1, 4, 9]
    """
    usual = sys.getswitchinterval()
    sys.setswitchinterval(TURN)
    crew = _Crew(job, blocks, workers)
    try:
        yield from crew.finished()
    except KeyboardInterrupt:
        crew.stop.set()
        yield from crew.finished()
        raise
    finally:
        crew.stop.set()
        for thread in crew.threads:
            thread.join()
        sys.setswitchinterval(usual)


class _Crew(Generic[T]):
    """Threads that share blocks."""

    def __init__(self, job: Job[T], blocks: Sequence[Block], workers: int) -> None:
        self.stop = threading.Event()
        self._job = job
        self._waiting: SimpleQueue[Block] = SimpleQueue()
        for block in blocks:
            self._waiting.put(block)
        self._done: SimpleQueue[Result[T] | BaseException | None] = SimpleQueue()
        self.threads: list[threading.Thread] = []
        self._at_work = 0
        self._workers = workers
        self._call(1)

    def finished(self) -> Generator[Result[T]]:
        """Give results until no thread is left at work."""
        while self._at_work:
            found = self._done.get()
            if not self.stop.is_set():
                self._call(self._workers)
            if found is None:
                self._at_work -= 1
            elif isinstance(found, BaseException):
                raise found
            else:
                yield found

    def _call(self, workers: int) -> None:
        """Start threads until there are so many."""
        while len(self.threads) < workers:
            self.threads.append(threading.Thread(target=self._work, daemon=True))
            self._at_work += 1
            self.threads[-1].start()

    def _work(self) -> None:
        try:
            while not self.stop.is_set():
                self._do(self._waiting.get_nowait())
        except Empty:
            pass
        except BaseException as error:  # noqa: BLE001 - it is raised where the results are taken
            self._done.put(error)
        finally:
            self._done.put(None)

    def _do(self, block: Block) -> None:
        with closing(results(self._job, block)) as found:
            for result in found:
                self._done.put(result)
                if self.stop.is_set():
                    return
