"""The application, and the options that its commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["ConfigDir", "Json", "Overrides", "Results", "Workers", "app"]

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
