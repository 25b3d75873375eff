"""The commands: results on standard output, progress and complaints on standard error."""

from __future__ import annotations

import json
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from simulation.cli.endings import INTERRUPTED, RunFailedError, complain, guarded
from simulation.cli.printing import (
    emit,
    print_agreement,
    print_benchmark,
    print_comparison,
    print_values,
    written,
)
from simulation.cli.work import compare_design, replications, reproduce, run_nation
from simulation.spec import InputError

__all__ = ["app", "job", "main"]

app = typer.Typer(
    name="vetsim",
    help="Simulate a service system for veterans and compare policies. Settings are written as in Hydra: "
    "study=NAME, city=NAME, key=value.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Overrides = Annotated[
    list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="study=NAME, city=NAME, any.key=value")
]
ConfigDir = Annotated[
    Path | None, typer.Option("--config-dir", help="A folder of your own configs, searched first.")
]
Results = Annotated[Path, typer.Option("--results", help="Folder for results.")]
Workers = Annotated[
    int | None, typer.Option("--workers", min=1, help="Threads or processes to use; all cores unless given.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


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


@app.command(name="list")
@guarded
def list_(as_json: Json = False, config_dir: ConfigDir = None) -> None:
    """List studies, cities, policies, levers, needs and KPIs, one line each."""
    from simulation.configuration import catalogue

    entries = catalogue(config_dir)
    if as_json:
        emit([entry._asdict() for entry in entries])
        return
    for entry in entries:
        print(f"{entry.kind:7} {entry.name:28} {entry.about}".rstrip())


@app.command()
@guarded
def show(
    overrides: Overrides = None,
    under: Annotated[str, typer.Option("--under", help="Only what begins with this dotted name.")] = "",
    as_json: Json = False,
    config_dir: ConfigDir = None,
) -> None:
    """Print every value of the resolved configuration with its source, or as an assumption with its range."""
    from simulation.configuration import compose, read_design, values

    settings = list(overrides or ())
    design = read_design(settings, config_dir)
    plain = compose(settings, config_dir).plain
    found = [
        value
        for value in values(plain, [policy.id for policy in design.policies])
        if not under or value.path == under or value.path.startswith(under + ".")
    ]
    if as_json:
        from simulation.scenario import digest

        digests = {scenario.id: digest(scenario) for scenario in design.scenarios}
        emit({"scenarios": digests, "values": [value._asdict() for value in found]})
        return
    for value in found:
        mark = value.source or (value.assumption and f"assumption: {value.assumption}")
        span = f" ({value.range})" if value.range else ""
        print(f"{value.path} = {written(value.value)}" + (f"  # {mark}{span}" if mark else ""))


@app.command()
@guarded
def check(overrides: Overrides = None, config_dir: ConfigDir = None) -> None:
    """Validate configs without running anything: those that are named, else all of them."""
    from simulation.configuration import options, read_design

    settings = list(overrides or ())
    if settings:
        cases = [settings]
    else:
        cases = [[f"study={name}"] for name in options("study", config_dir)]
        cases += [[f"city={name}", "policy=baseline"] for name in options("city", config_dir)]
        cases += [[f"policy={name}"] for name in options("policy", config_dir)]
    problems = []
    for case in cases:
        try:
            design = read_design(case, config_dir)
        except InputError as error:
            problems += [problem for problem in error.problems if problem not in problems]
            continue
        size = f"{len(design.scenarios)} scenario(s), {len(design.city.places)} places"
        print(f"{' '.join(case)}: fine ({size}, {len(design.evidence)} sources and assumptions)")
    if problems:
        raise InputError(problems)


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


def job(name: str, settings: list[str], config_dir: Path | None, *, sweep: bool) -> None:
    """Do a command as a job of a Hydra application.

    Parameters
    ----------
    name
        compare or run.
    settings
        The overrides of the job.
    config_dir
        A folder of configs besides the project's.
    sweep
        Whether it is one job of several: then a failure is an exception, so that the others go on.
    """
    command = {"compare": compare, "run": run}[name]
    try:
        command(settings, config_dir=config_dir)
    except typer.Exit as end:
        if sweep:
            raise RuntimeError(
                f"vetsim {name} {' '.join(settings)} ended with exit code {end.exit_code}"
            ) from None
        raise SystemExit(end.exit_code) from None


def main() -> None:
    """Run the command."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
