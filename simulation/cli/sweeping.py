"""The command sweep: every policy at every point of a design."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulation.cli.application import ConfigDir, Json, Overrides, Results, Workers, app
from simulation.cli.endings import complain, guarded
from simulation.cli.questions import tell, written
from simulation.cli.running import asking, cores
from simulation.spec import InputError, Problem

if TYPE_CHECKING:
    import pandas as pd

    from simulation.configuration import Futures
    from simulation.kpis import Kpi
    from simulation.procedures.axes import Axis
    from simulation.procedures.sweep import Sweep, SweepOptions
    from simulation.runner import Runs
    from simulation.scenario import Scenario

__all__ = ["sweep"]

SAMPLE = 10
"""Replications, for each worker, that a dry run times; they are kept."""
TOGETHER = {"threads": 12, "processes": 60, "dask": 200}
"""Points that are set up at a time, for each worker here: more where workers are called for each time."""

Kind = Annotated[
    str,
    typer.Option("--design", help="grid, list, one_at_a_time, latin or sobol; grid, or latin for intervals."),
]
Count = Annotated[
    int, typer.Option("--points", help="Points of latin or sobol; of others, values of an interval.")
]
Varied = Annotated[
    list[str] | None,
    typer.Option("--assumptions", help="Assumptions to vary too: a dotted name with *, or words; again."),
]
Table = Annotated[Path | None, typer.Option("--from", help="A CSV of points: a column for each dotted name.")]
Repeated = Annotated[int, typer.Option("--replications", min=1, help="Runs of each policy at each point.")]
Told = Annotated[
    list[str] | None,
    typer.Option(
        "--kpi", help="KPIs of the page; else the first three of the headline. The tables have all."
    ),
]
Dry = Annotated[
    bool, typer.Option("--dry-run", help="Only say what there is to do, and about how long it takes.")
]


@app.command()
@guarded
def sweep(
    overrides: Overrides = None,
    design: Kind = "",
    points: Count = 0,
    assumptions: Varied = None,
    table: Table = None,
    replications: Repeated = 5,
    kpi: Told = None,
    dry_run: Dry = False,
    results: Results = Path("results"),
    workers: Workers = None,
    as_json: Json = False,
    config_dir: ConfigDir = None,
) -> None:
    """Vary anything (KEY=1,2,3 or KEY=interval(1,9)) and run policy=A,B at every point."""
    from simulation.configuration import read_futures
    from simulation.configuration.axes import read_axes
    from simulation.kpis import named

    asked = list(overrides or ())
    settings, axes = read_axes(asked, config_dir)
    if not any(setting.startswith("policy=") for setting in settings):
        settings.append("policy=baseline")
    read = read_futures(settings, config_dir)
    axes += _assumed(read, assumptions or ())
    told = named("--kpi", kpi or read.design.study.headline[:3])
    frame, options = _planned(read, axes, design, points, table, replications, told)
    if dry_run:
        _rehearse(read, frame, options, results, workers)
        return

    from simulation.procedures.sweep import sweep as run

    with asking(read.design.study, results, workers) as runs:
        found = run(frame, options, read.imagine, runs, _together(read, workers or cores()))

    from simulation.publication.sweep import sweep_inquiry

    counts = {"--points": [str(points)] * (points > 0), "--replications": [str(replications)]}
    chosen = {"--design": [design], "--assumptions": assumptions or [], "--kpi": kpi or []}
    typed = {**chosen, "--from": [str(table)] if table else [], **counts}
    inquiry = sweep_inquiry(found, read.design, _address(frame, options))
    tell(inquiry, read.design, read.design, asked, written(typed), results, config_dir, as_json=as_json)
    _complain(found)


def _together(read: Futures, workers: int) -> int:
    """Count the points whose scenarios are in memory at a time."""
    return TOGETHER.get(read.design.study.execution, TOGETHER["threads"]) * workers


def _complain(found: Sweep) -> None:
    """Name what failed."""
    for row in found.failures.head(10).to_dict("records"):
        complain(f"point {row['point']}, {row['policy']}: {row['message']}")
    if len(found.failures):
        complain(f"{len(found.failures)} failed; the same command tries them again")


def _assumed(read: Futures, patterns: Sequence[str]) -> list[Axis]:
    """Make axes of the assumptions that are named."""
    from simulation.procedures.axes import Axis
    from simulation.procedures.futures import matching

    found = matching(read.unknowns, patterns) if patterns else ()
    return [Axis(one.id, one.what, low=one.low, high=one.high, unknown=one) for one in found]


def _planned(
    read: Futures,
    axes: list[Axis],
    design: str,
    count: int,
    table: Path | None,
    replications: int,
    told: tuple[Kpi, ...],
) -> tuple[pd.DataFrame, SweepOptions]:
    """Lay out the points of the design, or read them; refuse what leads nowhere before anything runs."""
    from simulation.configuration.axes import read_points
    from simulation.procedures.designs import design_points, numbered
    from simulation.procedures.sweep import SweepOptions, check_axes

    kind = design or ("latin" if any(not axis.values for axis in axes) else "grid")
    if table is None:
        frame = design_points(kind, axes, count, read.design.study.seed)
    elif axes:
        names = [axis.id for axis in axes]
        raise InputError([Problem("--from", str(table), f"it has all that is varied; leave out {names}")])
    else:
        axes, rows = read_points(table)
        frame, kind = numbered(rows, [axis.id for axis in axes]), "table"
    policies = tuple(policy.id for policy in read.design.policies)
    check_axes(axes, read.imagine, policies)
    return frame, SweepOptions(kind, tuple(axes), policies, replications, told)


def _address(frame: pd.DataFrame, options: SweepOptions) -> str:
    """Name the sweep by what it is: points, replications and KPIs told."""
    told = [frame.to_csv(index=False), options.kind, options.replications, [kpi.id for kpi in options.kpis]]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:10]


def _rehearse(
    read: Futures, frame: pd.DataFrame, options: SweepOptions, results: Path, workers: int | None
) -> None:
    """Set up every point, count what is still to be computed, and time a few replications."""
    from simulation.cli.progress import shown
    from simulation.procedures.sweep import outstanding

    begun = time.perf_counter()
    with asking(read.design.study, results, workers) as runs:
        with shown(lambda: None, "points") as progress:
            todo = outstanding(frame, options, read.imagine, runs, progress)
        setting_up = time.perf_counter() - begun
        for failed in todo.failures:
            complain(f"point {failed['point']}: {failed['message']}")
        total = (len(frame) - len(todo.failures)) * len(options.policies) * options.replications
        print(f"{len(frame)} points, {len(options.policies)} policies, {options.replications} replications")
        print(f"{total - todo.missing} of {total} replications are there, {todo.missing} to be computed")
        pace = _pace(runs, todo.example, workers or cores()) if todo.example else None
    if pace:
        print(f"about {_span(pace * todo.missing + setting_up)} on {workers or cores()} workers")


def _pace(runs: Runs, example: Scenario, workers: int) -> float | None:
    """Time a few replications that are not there yet; what has to be compiled is compiled before."""
    runs.once([(example, range(workers))])
    fresh = max(runs.there(example), default=-1) + 1
    begun = time.perf_counter()
    runs.once([(example, range(fresh, fresh + SAMPLE * workers))])
    return (time.perf_counter() - begun) / (SAMPLE * workers)


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
