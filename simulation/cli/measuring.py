"""Commands that measure the program itself: benchmark, validate."""

from __future__ import annotations

import json
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from simulation.cli.application import Json, Overrides, Results, Workers, app
from simulation.cli.endings import RunFailedError, complain, guarded
from simulation.cli.printing import emit, print_agreement, print_benchmark
from simulation.cli.work import reproduce

__all__ = ["benchmark", "validate"]


@app.command()
@guarded
def benchmark(
    rounds: Annotated[int, typer.Option(min=1, help="Runs of each engine on each workload.")] = 7,
    quick: Annotated[bool, typer.Option("--quick", help="A small part of the work, to see it run.")] = False,
    comparison: Annotated[
        bool, typer.Option("--comparison", help="Also time the default comparison from an empty folder.")
    ] = False,
    results: Results = Path("results"),
    as_json: Json = False,
) -> None:
    """Measure the engines beside each other and beside others, answers checked (ten minutes on 2 cores)."""
    from simulation import benchmark as measuring
    from simulation.cli.work import benchmark_systems
    from simulation.store import check_writable

    check_writable(results)
    systems = benchmark_systems(rounds, quick=quick)
    try:
        measured = measuring.run(
            rounds, quick=quick, comparison=comparison, systems=systems, progress=complain
        )
    except RuntimeError as error:  # an engine lost cases, or a program or a command failed
        raise RunFailedError(str(error)) from None
    options = ["--rounds", str(rounds), *["--quick"] * quick, *["--comparison"] * comparison]
    command, folder = shlex.join(["vetsim", "benchmark", *options]), results / "benchmark"
    measuring.write(measured, folder, command, datetime.now(UTC).isoformat(timespec="seconds"))
    if as_json:
        tables = measured.tables()
        emit({name: json.loads(table.to_json(orient="records")) for name, table in tables.items()})
    else:
        print_benchmark(measured, folder / "benchmark.md")
    if measured.wrong:
        raise RunFailedError("\n".join(measured.wrong))


@app.command()
@guarded
def validate(
    system: Annotated[str, typer.Argument(help="The published system: phc, a primary health centre.")],
    overrides: Overrides = None,
    runs: Annotated[
        int | None, typer.Option("--replications", min=2, help="Runs of each configuration.")
    ] = None,
    workers: Workers = None,
    as_json: Json = False,
) -> None:
    """Run a system that others published (phc: 95 s on 2 cores) and print it beside the article."""
    agreements = reproduce(system, list(overrides or ()), runs, workers)
    if as_json:
        emit([line.plain() for line in agreements])
    else:
        print_agreement(agreements)
    wrong = [line for line in agreements if not line.holds]
    if wrong:
        raise RunFailedError(
            "\n".join(f"out of tolerance: {line.scenario}: {line.quantity.title}" for line in wrong)
        )
