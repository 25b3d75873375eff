"""The command that tells why two runs differ."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulation.cli.application import ConfigDir, Json, Overrides, Results, app
from simulation.cli.endings import guarded
from simulation.cli.printing import emit
from simulation.cli.work import in_words, now, own_folder

if TYPE_CHECKING:
    from simulation.study import Design

__all__ = ["diff"]


@app.command()
@guarded
def diff(
    first: Annotated[str, typer.Argument(metavar="A", help="A policy, or settings: key=value,key=value.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Another one.")],
    overrides: Overrides = None,
    replication: Annotated[int, typer.Option("--replication", min=0, help="Which replication.")] = 0,
    results: Results = Path("results"),
    as_json: Json = False,
    config_dir: ConfigDir = None,
) -> None:
    """Tell where one replication of A and B parts, what is behind it, and how the difference spreads."""
    settings = list(overrides or ())
    designs = [_read(name, settings, config_dir) for name in (first, second)]
    scenarios = [design.scenarios[-1] for design in designs]

    from simulation.cli.compilation import told
    from simulation.store import check_writable

    check_writable(results)
    with told():
        from simulation.procedures.divergence import divergence

        found = divergence(designs[0].study, scenarios[0], scenarios[1], replication)

    from simulation.publication import publish_inquiry
    from simulation.publication.parting import parting_inquiry

    inquiry = parting_inquiry(found, scenarios[0], (first, second), replication)
    made_up = [design for name, design in zip((first, second), designs, strict=True) if "=" in name]
    both = {policy.id: policy for design in designs for policy in design.policies}
    about = made_up[0] if made_up else replace(designs[1], policies=tuple(both.values()))
    folder = own_folder(designs[1], settings, results) / inquiry.name
    asked = [first, second, *settings, "--replication", str(replication)]
    published = publish_inquiry(folder, inquiry, about, in_words("diff", asked, config_dir), now())
    if as_json:
        emit(published)
        return
    print(*inquiry.answer, sep="\n")
    print(f"\nMore: {folder / 'page.html'}")


def _read(name: str, settings: list[str], config_dir: Path | None) -> Design:
    """Read the design of a policy, or of settings on top of the baseline."""
    from simulation.configuration import read_design

    own = ["policy=baseline", *name.split(",")] if "=" in name else [f"policy={name}"]
    return read_design([*settings, *own], config_dir)
