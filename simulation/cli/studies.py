"""Commands that run a study: compare, run, national."""

from __future__ import annotations

import json
from pathlib import Path

from simulation.cli.application import ConfigDir, Json, Overrides, Results, Workers, app
from simulation.cli.endings import guarded
from simulation.cli.printing import emit, print_comparison, print_values
from simulation.cli.running import replications
from simulation.cli.work import compare_design, run_nation

__all__ = ["compare", "national", "run"]


@app.command()
@guarded
def compare(
    overrides: Overrides = None,
    results: Results = Path("results"),
    workers: Workers = None,
    as_json: Json = False,
    config_dir: ConfigDir = None,
) -> None:
    """Compare the policies of a study, and write the report."""
    from simulation.configuration import read_design

    settings = list(overrides or ())
    design = read_design(settings, config_dir)
    published = compare_design(design, settings, results, workers, config_dir)
    if as_json:
        emit(
            {
                "study": design.study.id,
                "report": str(published.folder / "report.html"),
                "answer": list(published.answer),
                "comparison": json.loads(published.comparison.to_json(orient="records")),
            }
        )
        return
    print_comparison(design, published)


@app.command()
@guarded
def run(
    overrides: Overrides = None,
    results: Results = Path("results"),
    workers: Workers = None,
    as_json: Json = False,
    config_dir: ConfigDir = None,
) -> None:
    """Run one scenario (policy=NAME, else the baseline) and print its headline KPIs."""
    from simulation.configuration import read_design

    settings = list(overrides or ())
    if not any(setting.startswith("policy=") for setting in settings):
        settings.append("policy=baseline")
    design = read_design(settings, config_dir)
    if len(design.policies) > 2:
        from simulation.spec import InputError, Problem

        chosen = [policy.id for policy in design.policies]
        raise InputError([Problem("policy", chosen, "one scenario is run: name one policy, or use compare")])
    scenario = design.scenarios[-1]
    found = replications(design.study, [scenario], results, workers)

    from simulation.analysis import summarise

    table = summarise(found.kpis, design.study.confidence)
    table = table[table["dimension"] == "all"].drop(columns=["dimension", "level"])
    if as_json:
        rows = json.loads(table.to_json(orient="records"))
        emit({"scenario": scenario.id, "seed": design.study.seed, "kpis": rows})
        return
    print_values(design, table)

    from simulation.publication.balance import beside
    from simulation.runner.twins import compute_twin

    _, said = beside(design.study, compute_twin(design.study, scenario), found.kpis)
    print("\nComputed, not simulated:", *said, sep="\n  ")


@app.command()
@guarded
def national(
    overrides: Overrides = None,
    results: Results = Path("results"),
    workers: Workers = None,
    as_json: Json = False,
    config_dir: ConfigDir = None,
) -> None:
    """Run a nation of 300 cities, city by city, and put their KPIs together (some minutes)."""
    settings = list(overrides or ())
    nation = run_nation(settings, results, workers, config_dir)
    if as_json:
        rows = json.loads(nation.table.to_json(orient="records"))
        emit({"folder": str(nation.folder), "kpis": rows})
        return
    print((nation.folder / "national.md").read_text(encoding="utf-8"))
