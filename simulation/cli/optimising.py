"""The command optimise: the best values of some levers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulation.cli.application import ConfigDir, Json, Overrides, Results, Workers, app
from simulation.cli.endings import guarded
from simulation.cli.questions import tell, written
from simulation.cli.running import asking
from simulation.spec import InputError, Problem
from simulation.study import BASELINE, Design

if TYPE_CHECKING:
    from simulation.procedures.axes import Axis

__all__ = ["optimise"]

Aim = Annotated[
    list[str] | None, typer.Option("--kpi", help="What decides; again for a second one, to weigh against.")
]
Trials = Annotated[int, typer.Option("--trials", min=2, help="How many choices are tried.")]
Repeated = Annotated[int, typer.Option("--replications", min=2, help="Runs of each choice.")]


@app.command()
@guarded
def optimise(
    overrides: Overrides = None,
    kpi: Aim = None,
    trials: Trials = 40,
    replications: Repeated = 5,
    results: Results = Path("results"),
    workers: Workers = None,
    as_json: Json = False,
    config_dir: ConfigDir = None,
) -> None:
    """Search for the best values of one policy (policy=NAME, KEY=interval(1,9) or KEY=1,2,3), with Optuna."""
    from simulation.configuration import read_futures
    from simulation.configuration.axes import read_axes
    from simulation.kpis import named

    asked = list(overrides or ())
    settings, axes = read_axes(asked, config_dir)
    read = read_futures(settings, config_dir)
    policy = _policy(read.design, axes)
    aims = named("--kpi", kpi or read.design.study.headline[:1])
    if len(aims) > 2:
        raise InputError(
            [Problem("--kpi", [aim.id for aim in aims], "one, or two to weigh against each other")]
        )

    from simulation.procedures.optimum import OptimumOptions, optimum
    from simulation.procedures.sweep import check_axes

    check_axes(axes, read.imagine, [policy])
    options = OptimumOptions(tuple(axes), policy, aims, trials, replications)
    with asking(read.design.study, results, workers) as runs:
        found = optimum(read.design, options, read.imagine, runs)

    from simulation.publication.optimum import optimum_inquiry

    typed = {
        "--kpi": [aim.id for aim in aims],
        "--trials": [str(trials)],
        "--replications": [str(replications)],
    }
    chosen = written(typed)
    of = hashlib.sha256(repr((asked, chosen)).encode()).hexdigest()[:10]
    inquiry = optimum_inquiry(found, read.design, of)
    tell(inquiry, read.design, read.design, asked, chosen, results, config_dir, as_json=as_json)


def _policy(design: Design, axes: Sequence[Axis]) -> str:
    """Return the one policy whose values are sought; there must be some to choose."""
    if not axes:
        message = "nothing may be chosen; write KEY=interval(1,9) or KEY=1,2,3"
        raise InputError([Problem("optimise", "", message)])
    others = [policy.id for policy in design.policies if policy.id != BASELINE]
    if len(others) != 1:
        message = "name the one policy whose values are sought: policy=NAME"
        raise InputError([Problem("policy", others, message)])
    return others[0]
