"""Replications for a command: run with progress shown, and ended as a command should end."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from simulation.cli.endings import InterruptedRunError, RunFailedError, complain

if TYPE_CHECKING:
    from simulation.kpis import Tables
    from simulation.runner import Failure, Runs, StudyResults
    from simulation.scenario import Scenario
    from simulation.store import Store
    from simulation.study import Study

__all__ = ["asking", "cores", "replications", "store_in"]

GO_ON = "the same command goes on from there"


def replications(
    study: Study,
    scenarios: Sequence[Scenario],
    results: Path,
    workers: int | None,
    keep: Callable[[Tables], Tables] | None = None,
) -> StudyResults:
    """Run all replications, showing progress; raise when they are not all there in the end.

    What keeps only a part of what was measured has a store of its own.
    """
    from simulation.store import check_writable

    check_writable(results)

    from simulation.cli.compilation import told
    from simulation.cli.progress import shown

    with told() as compiled, shown(compiled) as progress:
        from simulation.runner import everything, run_study

        with _stopped():
            found = run_study(
                study,
                scenarios,
                store_in(results, keep),
                workers=workers or cores(),
                progress=progress,
                provenance=_provenance(),
                keep=keep or everything,
            )
    for note in found.damaged:
        complain(f"damaged: {note}")
    total, done = study.replications * len(scenarios), found.simulated + found.loaded
    if found.interrupted:
        message = f"interrupted: {done} of {total} replications are kept; {GO_ON}"
        raise InterruptedRunError(message)
    if found.failures:
        raise _failed(found.failures, f"{done} of {total} are kept")
    return found


@contextmanager
def asking(study: Study, results: Path, workers: int | None, *, everything: bool = False) -> Iterator[Runs]:
    """Give replications on demand, with progress shown; turn what can go wrong into the ends of a command.

    Unless everything is wanted, only the KPIs over all are kept, in a store of their own.
    """
    from simulation.store import check_writable

    check_writable(results)

    from simulation.cli.compilation import told
    from simulation.cli.progress import shown

    with told() as compiled, shown(compiled) as progress:
        from simulation import runner

        keep = runner.everything if everything else runner.overall
        runs = runner.Runs(
            study,
            store_in(results, None if everything else keep),
            workers=workers or cores(),
            progress=progress,
            provenance=_provenance(),
            keep=keep,
        )
        try:
            with _stopped():
                yield runs
        except runner.ReplicationsFailedError as error:
            raise _failed(error.failures, f"{runs.simulated + runs.loaded} replications are kept") from None
        except KeyboardInterrupt:
            kept = f"{runs.simulated + runs.loaded} replications are kept"
            raise InterruptedRunError(f"interrupted: {kept}; {GO_ON}") from None
    for note in runs.damaged:
        complain(f"damaged: {note}")


@contextmanager
def _stopped() -> Iterator[None]:
    """Turn what stops a run before its end, by nobody's will, into the end of a command."""
    from simulation.runner import KeepingError, WorkerLostError, WorkersGoneError

    try:
        yield
    except KeepingError as error:
        raise RunFailedError(str(error)) from None
    except (WorkerLostError, WorkersGoneError) as error:
        raise RunFailedError(f"{error}; what was finished is kept; {GO_ON}") from None


def store_in(results: Path, keep: Callable[[Tables], Tables] | None) -> Store:
    """Return the store of what one function keeps; where everything is kept, the folder of all stores."""
    from simulation.store import Store

    return Store(results / ".store" / keep.__name__ if keep else results / ".store")


def _provenance() -> dict[str, str]:
    from simulation import provenance

    return {**provenance.versions(), **provenance.machine(), "code": provenance.code_state()}


def _failed(failures: Sequence[Failure], kept: str) -> RunFailedError:
    return RunFailedError("\n".join([failures[0].detail.rstrip(), *map(str, failures), kept]))


def cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
