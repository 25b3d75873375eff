"""The benchmark as a page to read."""

from __future__ import annotations

import importlib.metadata
import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulation import provenance

if TYPE_CHECKING:
    from simulation.benchmark.comparison import Cost
    from simulation.benchmark.race import Result

__all__ = ["circumstances", "make_page"]

HEAD = """# How fast the engine is

Made by `{command}`, {written}.

All engines do the same work, one after the other within a round, and a round later another one begins.
Processor time is counted, not waiting. A rate is the median over the rounds, with the lowest and the highest;
a ratio is taken within each round, and is above 1 where vetsim is faster.
"""


def circumstances() -> dict[str, dict[str, str]]:
    """Return on what and with what the measurements are made.

    Examples
    --------
    >>> sorted(circumstances())
    ['code', 'machine', 'versions']
    """
    versions = provenance.versions()
    try:
        versions["ciw"] = importlib.metadata.version("ciw")
    except importlib.metadata.PackageNotFoundError:
        versions["ciw"] = "not installed"
    return {
        "code": {"state": provenance.code_state()},
        "machine": provenance.machine(),
        "versions": versions,
    }


def make_page(results: Sequence[Result], cost: Cost | None, command: str, written: str) -> str:
    """Write the page, in Markdown.

    Parameters
    ----------
    results
        A line per workload and engine.
    cost
        What the default comparison cost; none when it was not run.
    command, written
        What makes the page again, and when it was made.

    Examples
    --------
    >>> make_page([], None, "vetsim benchmark", "today").splitlines()[0]
    '# How fast the engine is'
    """
    parts = [HEAD.format(command=command, written=written)]
    for workload in dict.fromkeys(result.workload.id for result in results):
        mine = [result for result in results if result.workload.id == workload]
        parts += [_race(mine), _answers(mine)]
    engines = dict.fromkeys(result.engine for result in results)
    parts.append(
        "## What each does\n\n" + "\n".join(f"- **{engine.name}**: {engine.does}." for engine in engines)
    )
    if cost is not None:
        parts.append(
            "## The default comparison\n\n`vetsim compare`, with an empty folder for results: "
            f"{cost.seconds:.0f} s, at most {cost.peak:,.0f} MB in all its processes together."
        )
    parts.append(
        "## With what\n\n"
        + "\n".join(f"- {name}: {value}" for part in circumstances().values() for name, value in part.items())
    )
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _race(results: Sequence[Result]) -> str:
    first = results[0]
    lines = [
        f"## {first.workload.id}: {first.workload.title}",
        "",
        f"{len(first.rates)} rounds, {first.customers:,} customers in all.",
        "",
        "| engine | customers per second | vetsim is so many times as fast |",
        "|---|---|---|",
    ]
    for result in results:
        rate = f"{result.rate:,.0f} ({min(result.rates):,.0f} to {max(result.rates):,.0f})"
        middle = statistics.median(result.behind)
        times = f"{middle:.2f} ({min(result.behind):.2f} to {max(result.behind):.2f})"
        lines.append(f"| {result.engine.name} | {rate} | {times if result is not first else ''} |")
    return "\n".join(lines)


def _answers(results: Sequence[Result]) -> str:
    names = " | ".join(result.engine.name for result in results)
    lines = [f"| answer | known | {names} |", "|---|---|" + "---|" * len(results)]
    for line in zip(*(result.checks for result in results), strict=True):
        widest = max(check.tolerance for check in line)
        known = f"{line[0].known:.4f}" + (f" ± {widest:.4f}" if widest > 1e-6 else "")
        found = (f"{check.found:.4f}" + ("" if check.holds else " **wrong**") for check in line)
        lines.append(f"| {line[0].about} | {known} | {' | '.join(found)} |")
    return "\n".join(lines)
