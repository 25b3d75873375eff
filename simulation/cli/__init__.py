"""The front door: the command `vetsim`."""

from simulation.cli.commands import app, job, main

__all__ = ["app", "job", "main"]
