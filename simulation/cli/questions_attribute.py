"""What drives an effect: the command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simulation.cli.application import ConfigDir, Json, Overrides, Results, Workers, app
from simulation.cli.endings import guarded
from simulation.cli.questions import tell
from simulation.cli.running import asking
from simulation.spec import InputError, Problem

__all__ = ["attribute"]


@app.command()
@guarded
def attribute(
    overrides: Overrides = None,
    players: Annotated[
        str | None,
        typer.Option(
            help="What it is shared among: parts (the policies included by name), policies, levers."
        ),
    ] = None,
    orders: Annotated[
        int,
        typer.Option(
            min=1, help="Orders drawn for each replication, each with its reverse (more than 8 players)."
        ),
    ] = 1,
    results: Results = Path("results"),
    workers: Workers = None,
    as_json: Json = False,
    config_dir: ConfigDir = None,
) -> None:
    """Share the effect of a policy (policy=NAME) among its parts: what drives it."""
    from simulation.configuration import read_design

    settings = list(overrides or ())
    chosen = [setting.removeprefix("policy=") for setting in settings if setting.startswith("policy=")]
    rest = [setting for setting in settings if not setting.startswith("policy=")]
    if len(chosen) != 1 or not chosen[0].isidentifier() or chosen[0] == "baseline":
        raise InputError([Problem("policy", chosen, "name one policy with parts, such as policy=all_four")])
    design = read_design(rest, config_dir)
    asked = read_design(settings, config_dir)
    with asking(design.study, results, workers) as runs:
        from simulation.procedures.attribution import attribute_effect

        found = attribute_effect(asked, runs, chosen[0], players, orders)

    from simulation.publication.attribution import inquiry

    options = [
        f"policy={chosen[0]}",
        "--players",
        found.kind,
        *(["--orders", str(orders)] if found.drawn else []),
    ]
    tell(inquiry(asked, found), design, asked, rest, options, results, config_dir, as_json=as_json)
