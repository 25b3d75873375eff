"""What is given to a worker at a time: replications of one scenario, which share its layout."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Sequence
from itertools import chain, zip_longest
from typing import NamedTuple, Protocol, TypeVar

from simulation.store import BLOCK

__all__ = ["Block", "Job", "Result", "Task", "divide", "in_this_process", "make_blocks", "results"]

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


class Task(NamedTuple):
    """Which scenario, by its number in the study, and which replication."""

    scenario: int
    replication: int


class Block(NamedTuple):
    """Replications of one scenario."""

    scenario: int
    replications: range

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The replications one by one."""
        return tuple(Task(self.scenario, number) for number in self.replications)


Result = tuple[Task, T | BaseException]
"""What came of a task, or what went wrong."""


class Job(Protocol[T_co]):
    """What all tasks share, and how they are done."""

    def do(self, block: Block) -> Iterator[tuple[Task, T_co | BaseException]]:
        """Do the tasks of a block, one after the other; what goes wrong in one is what comes of it."""

    def part(self, block: Block, /) -> Job[T_co]:
        """Give what a worker far away needs for one block."""


def make_blocks(scenarios: int, replications: int, engine: str, workers: int) -> list[Block]:
    """Divide a study into blocks, those of the first replications of all scenarios first.

    A replication on the reference engine takes so long that it is a block by itself.

    Parameters
    ----------
    scenarios, replications
        How many there are.
    engine
        What runs them.
    workers
        How many share the blocks; there are enough for all.

    Examples
    --------
    >>> [(block.scenario, list(block.replications)) for block in make_blocks(2, 4, "compiled", 4)]
    [(0, [0, 1]), (1, [0, 1]), (0, [2, 3]), (1, [2, 3])]
    """
    return divide([range(replications)] * scenarios, engine, workers)


def divide(wanted: Sequence[Collection[int]], engine: str, workers: int) -> list[Block]:
    """Divide what is wanted of each scenario into blocks, the first ones of all scenarios first.

    No block reaches over a border at which the store begins another file (a multiple of ten): so many
    replications that their layout costs little, so few that pairs are complete early.

    Parameters
    ----------
    wanted
        Numbers of the replications of each scenario, by its number.
    engine, workers
        As in `make_blocks`.

    Examples
    --------
    >>> divide([range(2), [5, 9, 10]], "compiled", 1)  # doctest: +NORMALIZE_WHITESPACE
    [Block(scenario=0, replications=range(0, 2)), Block(scenario=1, replications=range(5, 6)),
     Block(scenario=1, replications=range(9, 10)), Block(scenario=1, replications=range(10, 11))]
    """
    size = 1 if engine == "reference" else max(1, min(BLOCK, sum(map(len, wanted)) // workers))
    each = [[Block(scenario, part) for part in _parts(some, size)] for scenario, some in enumerate(wanted)]
    return [block for block in chain.from_iterable(zip_longest(*each)) if block is not None]


def _parts(numbers: Collection[int], size: int) -> Iterator[range]:
    """Cut numbers into ranges of a size at most, at gaps and at the borders of the store's blocks."""
    first = after = None
    for number in sorted(numbers):
        if first is None or after is None:
            first = number
        elif number > after or number % BLOCK == 0 or number - first == size:
            yield range(first, after)
            first = number
        after = number + 1
    if first is not None and after is not None:
        yield range(first, after)


def results(job: Job[T], block: Block) -> Generator[Result[T]]:
    """Do a block; when something goes wrong with the block itself, it is what comes of each of its tasks.

    Parameters
    ----------
    job
        What all tasks share, and how they are done.
    block
        What is to be done.

    Examples
    --------
    >>> class Broken:
    ...     def do(self, block): raise OSError("the disk is full")
    >>> [(task.replication, str(error)) for task, error in results(Broken(), Block(0, range(2)))]
    [(0, 'the disk is full'), (1, 'the disk is full')]
    """
    try:
        yield from job.do(block)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is reported with its replications
        yield from ((task, error) for task in block.tasks)


def in_this_process(job: Job[T], blocks: Sequence[Block]) -> Generator[Result[T]]:
    """Do blocks one after the other, here.

    Parameters
    ----------
    job
        What all tasks share, and how they are done.
    blocks
        What is to be done.

    Examples
    --------
    >>> class Count:
    ...     def do(self, block): return ((task, task.replication**2) for task in block.tasks)
    >>> [value for _, value in in_this_process(Count(), make_blocks(1, 4, "reference", 1))]
    [0, 1, 4, 9]
    """
    for block in blocks:
        yield from results(job, block)
