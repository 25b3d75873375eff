"""The command: its parts put together, as a program and as a job of a Hydra application."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from simulation.cli import (
    keeping,
    looking,
    measuring,
    optimising,
    questions_attribute,
    questions_diff,
    questions_robustness,
    questions_select,
    questions_staff,
    studies,
    sweeping,
)
from simulation.cli.application import app
from simulation.cli.endings import INTERRUPTED

__all__ = ["PARTS", "app", "job", "main"]

PARTS = (
    studies,
    looking,
    sweeping,
    optimising,
    keeping,
    measuring,
    questions_select,
    questions_attribute,
    questions_diff,
    questions_staff,
    questions_robustness,
)
"""Each file of commands, in the order of the help; what asks a question is a `questions_` file of its own."""


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
    command = {"compare": studies.compare, "run": studies.run}[name]
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
