"""The command robustness: when the answer changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulation.cli.application import ConfigDir, Json, Overrides, Results, Workers, app
from simulation.cli.endings import guarded
from simulation.cli.questions import tell, written
from simulation.cli.running import asking

if TYPE_CHECKING:
    from simulation.study import Design

__all__ = ["robustness"]


Rivals = Annotated[
    str, typer.Option("--policies", help="Who competes, as A,B,C; else the packages of the study.")
]
Deciding = Annotated[str, typer.Option("--kpi", help="What decides; else the first headline KPI.")]
Varied = Annotated[
    list[str] | None,
    typer.Option("--assumptions", help="What varies: a dotted name with *, or words; again for more."),
]
Most = Annotated[int, typer.Option("--most", min=1, help="How many vary, where none are named.")]
Count = Annotated[int, typer.Option("--futures", help="Number of futures.")]
Repeated = Annotated[int, typer.Option("--replications", help="Runs of each policy in a future.")]
Method = Annotated[
    str, typer.Option("--method", help="latin, sobol; with indices (SALib): pawn, saltelli, morris.")
]
Target = Annotated[
    list[str] | None, typer.Option("--target", help='Such as "fulfilment >= 0.7"; again for more.')
]


@app.command()
@guarded
def robustness(
    overrides: Overrides = None,
    policies: Rivals = "",
    kpi: Deciding = "",
    assumptions: Varied = None,
    most: Most = 6,
    futures: Count = 120,
    replications: Repeated = 2,
    method: Method = "latin",
    target: Target = None,
    results: Results = Path("results"),
    workers: Workers = None,
    as_json: Json = False,
    config_dir: ConfigDir = None,
) -> None:
    """Find when the winner changes: policies in many futures, each with other values of what nobody knows."""
    from simulation.configuration import read_futures
    from simulation.kpis import named

    settings = list(overrides or ())
    read = read_futures(settings, config_dir)

    from simulation.procedures.robustness import Options
    from simulation.procedures.robustness import robustness as find
    from simulation.procedures.targets import read_targets
    from simulation.publication.robustness import robustness_inquiry

    design = read.design
    competing = tuple(part.strip() for part in policies.split(",")) if policies else rivals(design)
    targets, decides = read_targets(target or ()), named("--kpi", [kpi or design.study.headline[0]])[0]
    patterns = tuple(assumptions or ())
    options = Options(decides, competing, patterns, most, futures, replications, method, targets)
    with asking(design.study, results, workers) as runs:
        found = find(design, read.unknowns, read.imagine, options, runs)
    typed = {
        "--policies": [policies],
        "--kpi": [kpi],
        "--assumptions": assumptions or [],
        "--target": target or [],
        "--most": [str(most)],
        "--futures": [str(futures)],
        "--replications": [str(replications)],
        "--method": [method],
    }
    inquiry = robustness_inquiry(found, design)
    tell(inquiry, design, design, settings, written(typed), results, config_dir, as_json=as_json)


def rivals(design: Design) -> tuple[str, ...]:
    """Return who competes unless somebody is named: the packages, without those that hold other packages.

    What holds another package wins by being more. Where a study has fewer than two packages, all compete.
    """
    packages = {policy.id for policy in design.policies if policy.includes}
    plain = tuple(
        policy.id for policy in design.policies if policy.includes and not packages & set(policy.includes)
    )
    return plain if len(plain) > 1 else tuple(policy.id for policy in design.policies[1:])
