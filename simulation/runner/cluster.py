"""Workers of a Dask cluster: on other machines through a scheduler, or on this one.

Results never depend on who works: each block is sent with all that it needs, and nothing is kept on the
disks of workers. What distributed does when something dies was tried (docs/scaling.md): futures of a dead
scheduler are cancelled and come back as if they were finished, and without any worker it waits for ever. So
every future is asked what became of it, and silence has an end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

from simulation import provenance
from simulation.runner.blocks import Block, Job, Result
from simulation.runner.executors import Crew, WorkersGoneError, do_blocks, do_part
from simulation.runner.processes import ONE_THREAD
from simulation.spec import InputError, Problem

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["in_cluster"]

T = TypeVar("T")

WAITING = 60.0
"""Seconds that a scheduler may be without any worker, or silent, before it is given up."""
LEAVE_ALONE = {
    "distributed.nanny.pre-spawn-environ": dict.fromkeys(ONE_THREAD, "1"),
    "distributed.worker.profile.enabled": False,
}
"""Workers started here keep the memory that they free: what distributed sets else (MALLOC_TRIM_THRESHOLD_)
hands it back after each replication, and a quarter of their time goes by getting it again."""
REMEDY = 'execution=dask needs distributed: pip install "vetsim[dask]" (or pip install distributed)'


def in_cluster(job: Job[T], blocks: Iterable[Block], workers: int, scheduler: str) -> Generator[Result[T]]:
    """Do blocks on the workers of a cluster and give what comes of each task, as they finish.

    Parameters
    ----------
    job
        What all tasks share, and how they are done; the part that a block needs is sent with it.
    blocks
        What is to be done, in the order in which it is begun.
    workers
        Number of processes, where they are started here.
    scheduler
        Address of a scheduler; none: workers are started here, and end when this does.

    Raises
    ------
    InputError
        When distributed is not installed, nobody answers at the address, or workers have another version.
    WorkersGoneError
        When scheduler or workers go away and do not come back.

    Examples
    --------
    >>> list(in_cluster(None, [], 2, ""))
    []
    """
    yield from do_blocks(partial(_crew, job, workers, scheduler, WAITING), blocks)


@contextmanager
def _crew(job: Job[Any], workers: int, scheduler: str, waiting: float) -> Iterator[Crew]:
    try:
        import distributed
    except ImportError:
        raise InputError([Problem("execution", "dask", REMEDY)]) from None

    ours = _version()
    with _client(scheduler, workers, waiting) as client:
        _same_version(client, scheduler, ours)
        executor = client.get_executor(pure=False)
        size = _Known(lambda: len(client.scheduler_info(n_workers=-1)["workers"]))
        gone = _Gone(scheduler, waiting, size)

        def lost(error: BaseException) -> bool:
            cut = (CancelledError, distributed.CancelledError, distributed.comm.core.CommClosedError)
            return isinstance(error, cut)

        yield Crew(lambda block: executor.submit(_do, job.part(block), block, ours), size, lost, gone.check)


@contextmanager
def _client(scheduler: str, workers: int, waiting: float) -> Iterator[Client]:
    """Connect to a scheduler, or start one with its workers here."""
    import dask
    from distributed import Client, LocalCluster

    quiet = {"distributed.comm.timeouts.connect": f"{waiting:.0f}s", "distributed.comm.retry.count": 1}
    with dask.config.set({**quiet, **LEAVE_ALONE}):
        if not scheduler:
            # Processes of one thread each, reachable from this machine only; they end with this one.
            cluster = LocalCluster(
                n_workers=workers, threads_per_worker=1, dashboard_address=None, host="127.0.0.1",
                silence_logs=50,
            )  # fmt: skip
            with cluster, Client(cluster) as client:
                yield client
            return
        try:
            client = Client(scheduler, timeout=f"{waiting:.0f}s")
        except (OSError, ValueError) as error:
            message = f"no scheduler answers there ({str(error).partition(chr(10))[0]}); is it running?"
            raise InputError([Problem("scheduler", scheduler, message)]) from None
        try:
            client.wait_for_workers(1, timeout=waiting)
            yield client
        except TimeoutError:
            message = f"it has had no worker for {waiting:.0f} s; start some: dask worker {scheduler}"
            raise WorkersGoneError(f"scheduler {scheduler}: {message}") from None
        finally:
            with suppress(Exception):  # a scheduler that is gone cannot be told good-bye
                client.close(timeout=2)


class _Known:
    """A number that is asked for at most once in a while."""

    def __init__(self, ask: Callable[[], int]) -> None:
        self._ask, self._number, self._at = ask, 0, float("-inf")

    def __call__(self) -> int:
        if time.monotonic() - self._at > 1.0:
            self._at, self._number = time.monotonic(), 0
            with suppress(Exception):  # whoever cannot be asked has no workers
                self._number = self._ask()
        return self._number


class _Gone:
    """Knows how long there has been nobody."""

    def __init__(self, scheduler: str, waiting: float, size: Callable[[], int]) -> None:
        self._scheduler, self._waiting, self._size = scheduler, waiting, size
        self._since = time.monotonic()

    def check(self) -> None:
        if self._size():
            self._since = time.monotonic()
        elif time.monotonic() - self._since > self._waiting:
            where = f"scheduler {self._scheduler}" if self._scheduler else "the workers here"
            message = f"{where}: there has been no worker for {self._waiting:.0f} s; start some"
            raise WorkersGoneError(message)


@cache
def _version() -> dict[str, str]:
    """Give what must be the same on every worker for results to be the same."""
    return {**provenance.versions(), "code": provenance.code_digest()}


def _same_version(client: Client, scheduler: str, ours: Mapping[str, str]) -> None:
    """Raise InputError unless all workers that are there have the version that is here."""
    try:
        found = client.run(_version)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is of the workers' making
        message = f"a worker cannot run vetsim ({error}); install the same version on all"
        raise InputError([Problem("scheduler", scheduler, message)]) from None
    for worker, theirs in found.items():
        _compare(worker, theirs, ours)


def _compare(worker: str, theirs: Mapping[str, str], ours: Mapping[str, str]) -> None:
    other = [name for name in ours if theirs.get(name) != ours[name]]
    if other:
        said = ", ".join(f"{name} {theirs.get(name, 'none')[:12]} (here {ours[name][:12]})" for name in other)
        message = f"this worker has another version: {said}; install the same on all, from the same lock file"
        raise InputError([Problem("worker", worker, message)])


def _do(job: Job[Any], block: Block, ours: Mapping[str, str]) -> list[Any]:
    """On a worker: do a block, unless another version would do it."""
    from distributed import get_worker

    _compare(get_worker().address, _version(), ours)
    return do_part(job, block)
