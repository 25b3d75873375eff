"""The twins of a study's scenarios, computed by other processes while something else is done here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

from simulation.layout import make_layout
from simulation.runner.blocks import Block, Task
from simulation.runner.processes import in_processes
from simulation.scenario import Scenario
from simulation.study import Study
from simulation.twin import Twin, make_twin
from simulation.twin.reasons import Reasons, reasons

__all__ = ["Twinned", "compute_twin", "twins"]

FEW = 6
"""Scenarios that are sooner computed here than by processes, which take two seconds to start."""


@dataclass(frozen=True)
class Twinned:
    """The twin of a scenario, and why a simulation may differ from it.

    Parameters
    ----------
    twin
        What can be computed of the scenario.
    reasons
        What that leaves out, role by role.
    """

    twin: Twin
    reasons: Mapping[str, Reasons]


def compute_twin(study: Study, scenario: Scenario) -> Twinned:
    """Compute the twin of a scenario over the window of a study.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> found = compute_twin(Study(id="quick", run_length=96), single_queue(rate=9.0))
    >>> found.twin.teams["intensity"].round(6).tolist()
    [0.9]
    """
    layout = make_layout(scenario, study.horizon)
    twin = make_twin(layout, study.window.start, study.window.end)
    return Twinned(twin, reasons(layout, twin.omissions))


@contextmanager
def twins(study: Study, scenarios: Sequence[Scenario], workers: int) -> Iterator[Callable[[], list[Twinned]]]:
    """Compute the twins of scenarios while something else is done here.

    What is given waits for them and returns them in the order of the scenarios. They are computed here, when
    they are asked for, where there is one worker or there are few scenarios.

    Parameters
    ----------
    study
        When and how long.
    scenarios
        What was run.
    workers
        Number of processes.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> with twins(Study(id="quick", run_length=96), [single_queue(rate=9.0)], workers=2) as computed:
    ...     [found.twin.teams["law"].tolist() for found in computed()]
    [['Erlang-C']]
    """
    if workers < 2 or len(scenarios) <= FEW:
        yield lambda: [compute_twin(study, scenario) for scenario in scenarios]
        return
    job = _Twinning(study, dict(enumerate(scenarios)))
    given_up = threading.Event()

    def collect() -> list[Twinned]:
        found: dict[int, Twinned] = {}
        with closing(
            in_processes(job, [Block(place, range(1)) for place in job.scenarios], workers)
        ) as source:
            for task, one in source:
                if isinstance(one, BaseException):
                    raise one
                found[task.scenario] = one
                if given_up.is_set():
                    break
        return [found[place] for place in sorted(found)]

    with ThreadPoolExecutor(1) as thread:
        future = thread.submit(collect)
        try:
            yield future.result
        finally:
            given_up.set()


@dataclass(frozen=True)
class _Twinning:
    """Which twins are to be computed."""

    study: Study
    scenarios: Mapping[int, Scenario]

    def part(self, block: Block) -> _Twinning:
        """Give what one block needs of it."""
        return replace(self, scenarios={block.scenario: self.scenarios[block.scenario]})

    def do(self, block: Block) -> Iterator[tuple[Task, Twinned]]:
        """Compute the twin of a block's scenario."""
        for task in block.tasks:
            yield task, compute_twin(self.study, self.scenarios[task.scenario])
