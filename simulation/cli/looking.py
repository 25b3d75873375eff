"""Commands that run nothing: list, show, check."""

from __future__ import annotations

from typing import Annotated

import typer

from simulation.cli.application import ConfigDir, Json, Overrides, app
from simulation.cli.endings import guarded
from simulation.cli.printing import emit, written
from simulation.spec import InputError

__all__ = ["check", "list_", "show"]


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
