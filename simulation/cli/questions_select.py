"""The command that asks which policy is best."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simulation.cli.application import ConfigDir, Json, Overrides, Results, Workers, app
from simulation.cli.endings import guarded
from simulation.cli.questions import tell
from simulation.cli.running import asking

__all__ = ["select"]

Kpi = Annotated[
    str | None, typer.Option("--kpi", help="What policies are ranked by; the study's first headline KPI.")
]
Delta = Annotated[float | None, typer.Option("--delta", help="Difference that does not matter, in its unit.")]
Assurance = Annotated[float, typer.Option("--assurance", help="Probability with which the best is found.")]
Budget = Annotated[
    int | None, typer.Option("--budget", help="Replications that the search may take; else what it takes.")
]
Worth = Annotated[
    float | None,
    typer.Option("--worth", help="Rank by net benefit: yuan that a further resolved need is worth."),
]
Harmless = Annotated[
    bool, typer.Option("--harmless", help="Leave out who is worse than the baseline on another headline KPI.")
]


@app.command()
@guarded
def select(
    overrides: Overrides = None,
    kpi: Kpi = None,
    delta: Delta = None,
    assurance: Assurance = 0.95,
    budget: Budget = None,
    worth: Worth = None,
    harmless: Harmless = False,
    results: Results = Path("results"),
    workers: Workers = None,
    as_json: Json = False,
    config_dir: ConfigDir = None,
) -> None:
    """Find the best policy of a study with an assurance, and report it from a fresh seed."""
    from simulation.configuration import read_design

    settings = list(overrides or ())
    design = read_design(settings, config_dir)
    with asking(design.study, results, workers) as runs:
        from simulation.procedures.selection import Goal, select

        found = select(design, Goal(kpi or "", delta, assurance, budget, worth, harmless), runs)

    from simulation.publication.selection import inquiry

    given = {"--kpi": kpi, "--delta": delta, "--budget": budget, "--worth": worth}
    options = [word for name, value in given.items() if value is not None for word in (name, str(value))]
    options += ["--assurance", str(assurance)] if assurance != 0.95 else []
    options += ["--harmless"] if harmless else []
    tell(inquiry(design, found), design, design, settings, options, results, config_dir, as_json=as_json)
