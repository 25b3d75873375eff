"""The command that asks where the next post goes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulation.cli.application import ConfigDir, Json, Overrides, Results, Workers, app
from simulation.cli.endings import guarded
from simulation.cli.questions import tell
from simulation.cli.running import asking

if TYPE_CHECKING:
    from simulation.procedures.posts import Range
    from simulation.procedures.targets import Target
    from simulation.publication import Inquiry
    from simulation.runner import Runs
    from simulation.study import Design

__all__ = ["staff"]


@app.command()
@guarded
def staff(
    overrides: Overrides = None,
    target: Annotated[
        list[str] | None,
        typer.Option(
            "--target", help='What shall be met, such as "wait_first_contact_p90 <= 10 d"; repeat it.'
        ),
    ] = None,
    assurance: Annotated[
        float, typer.Option("--assurance", help="Probability with which the answer is right.")
    ] = 0.95,
    by: Annotated[
        str, typer.Option("--by", help="team: a post at every place of a team; place: at one place.")
    ] = "team",
    team: Annotated[list[str] | None, typer.Option("--team", help="Only this team; repeat it.")] = None,
    more: Annotated[int, typer.Option("--more", help="Heads more at most, at each place.")] = 3,
    fewer: Annotated[int, typer.Option("--fewer", help="Heads fewer at most, at each place.")] = 1,
    results: Results = Path("results"),
    workers: Workers = None,
    as_json: Json = False,
    config_dir: ConfigDir = None,
) -> None:
    """Say what one more post of each team brings; with --target, which staffing meets it for least."""
    from simulation.configuration import read_design
    from simulation.procedures.posts import Range
    from simulation.procedures.targets import read_targets

    settings = list(overrides or ())
    options = ["--by", by, *(word for name in team or () for word in ("--team", name))]
    options += ["--more", str(more), "--fewer", str(fewer)]
    wanted = Range(more, fewer, by, tuple(team or ()))
    targets = read_targets(target or ())
    design = read_design(settings, config_dir)
    named = any(setting.startswith("policy=") for setting in settings)
    asked = design if named else replace(design, policies=design.policies[:1])
    with asking(design.study, results, workers) as runs:
        inquiry = _inquiry(asked, runs, targets, wanted, assurance)
    if targets:
        options += [word for one in targets for word in ("--target", one.words)]
        options += ["--assurance", str(assurance)]
    tell(inquiry, design, asked, settings, options, results, config_dir, as_json=as_json)


def _inquiry(
    asked: Design, runs: Runs, targets: tuple[Target, ...], wanted: Range, assurance: float
) -> Inquiry:
    """Find out, and put it into words."""
    from simulation.procedures.least_cost import least_staffing
    from simulation.procedures.staffing import value_of_posts
    from simulation.publication import least_inquiry, posts_inquiry

    if targets:
        found = least_staffing(asked, runs, targets, wanted, assurance)
        return least_inquiry(asked, found, wanted.more)
    return posts_inquiry(asked, value_of_posts(asked, runs, wanted))
