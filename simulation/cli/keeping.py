"""Commands on the store: what is kept, whether it is whole, what can go, and what is still to be computed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulation.cli.application import ConfigDir, Json, Overrides, Results, app
from simulation.cli.endings import RunFailedError, guarded
from simulation.cli.printing import emit
from simulation.spec import InputError, Problem

if TYPE_CHECKING:
    from simulation.study import Design

__all__ = ["export", "list_", "missing", "prune", "store", "verify"]

FOLDER = ".store"
MEGA = 1e6

store = typer.Typer(no_args_is_help=True, help="What has been computed, and what has not.")
app.add_typer(store, name="store")


@store.command(name="list")
@guarded
def list_(results: Results = Path("results"), as_json: Json = False) -> None:
    """List what is kept, a line for each scenario under its seed and window."""
    from simulation.store import inventory

    held = inventory(results / FOLDER)
    if as_json:
        emit([vars(one) for one in held])
        return
    for one in held:
        mark = "" if one.usable else "  (of another version: not used any more)"
        seed = one.content.get("seed", "?")
        label = one.scenario or "(cannot be read)"
        print(f"{one.address[:12]}  {label:32} {one.kept:10} seed {seed}  {one.replications:6}{mark}")
    total, size = sum(one.replications for one in held), sum(one.size for one in held)
    print(f"{total} replications of {len(held)} scenarios, {size / MEGA:.1f} MB")


@store.command()
@guarded
def verify(results: Results = Path("results")) -> None:
    """Read everything that is kept, and name what is damaged."""
    damaged = _damaged(results)
    print(*damaged, sep="\n" if damaged else "")
    if damaged:
        remedy = "they are never used, and computed again when needed; vetsim store prune removes them"
        raise RunFailedError(f"{len(damaged)} file(s) damaged: {remedy}")
    print("all files are whole")


@store.command()
@guarded
def prune(
    rehearse: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    results: Results = Path("results"),
) -> None:
    """Remove what this version does not use any more, and what is damaged or unfinished."""
    from simulation.store import clear_unfinished
    from simulation.store import prune as remove

    if not rehearse:
        clear_unfinished(results / FOLDER)
    files, size = remove(results / FOLDER, damaged=_damaged(results), rehearse=rehearse)
    print(f"{files} files, {size / MEGA:.1f} MB {'would go' if rehearse else 'removed'}")


@store.command()
@guarded
def export(
    overrides: Overrides = None,
    to: Annotated[Path, typer.Option("--to", help="The file: .parquet or .csv.")] = Path("kpis.parquet"),
    results: Results = Path("results"),
    config_dir: ConfigDir = None,
) -> None:
    """Write the KPI values that are kept as one flat table; with settings, those of that study alone."""
    from simulation.store import flat, write_flat

    if to.suffix not in (".parquet", ".csv"):
        raise InputError([Problem("--to", str(to), "the name must end in .parquet or .csv")])
    chosen = None
    if overrides:
        chosen = [address for _, address in _addresses(_design(list(overrides), config_dir))]
    rows = write_flat(to, flat(results / FOLDER, chosen))
    print(f"{rows} rows written to {to}")


@store.command()
@guarded
def missing(
    overrides: Overrides = None,
    results: Results = Path("results"),
    as_json: Json = False,
    config_dir: ConfigDir = None,
) -> None:
    """Say which replications of a study are still to be computed."""
    from simulation.store import Measurements

    design = _design(list(overrides or ()), config_dir)
    kept, wanted = Measurements(results / FOLDER), range(design.study.replications)
    there = {name: len(kept.numbers(address) & set(wanted)) for name, address in _addresses(design)}
    if as_json:
        emit({"wanted": len(wanted), "there": there})
        return
    for name, number in there.items():
        print(f"{name:32} {number} of {len(wanted)}")
    left = sum(len(wanted) - number for number in there.values())
    print(f"{left} of {len(wanted) * len(there)} replications are still to be computed")


def _design(settings: Sequence[str], config_dir: Path | None) -> Design:
    from simulation.configuration import read_design

    return read_design(settings, config_dir)


def _addresses(design: Design) -> list[tuple[str, str]]:
    """Give the id of each scenario of a design, and where what is measured of it is kept."""
    from simulation.scenario import digest
    from simulation.store import shelf

    study = design.study
    return [
        (one.id, shelf(digest(one), study.horizon, study.seed, study.window, one.indices).address)
        for one in design.scenarios
    ]


def _damaged(results: Path) -> list[str]:
    from simulation.cli.progress import shown
    from simulation.store import verify as read_all

    with shown(lambda: None, "files") as progress:
        return read_all(results / FOLDER, progress)
