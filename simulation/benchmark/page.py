"""The benchmark as a page to read."""

from __future__ import annotations

import importlib.metadata
import math
import statistics
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from simulation import provenance
from simulation.benchmark.entrants import RECORDED_CPP, SIMPY
from simulation.benchmark.race import over
from simulation.benchmark.tables import system_table

if TYPE_CHECKING:
    from simulation.benchmark.aims import Aim
    from simulation.benchmark.measure import Benchmark
    from simulation.benchmark.race import Result

__all__ = ["circumstances", "make_page", "spread"]

HEAD = """# How fast the engines are

Made by `{command}`, {written}.

All engines do the same work, one after the other within a round, and a round later another one begins.
Processor time is counted, not waiting, except for commands and workers. A number is the median over the
rounds, with the lowest and the highest; a ratio is taken within each round.
"""
OTHERS = ("ciw", "salabim")
SYSTEMS = """## Whole systems

Seconds of processor time for one replication, step by step; *once* is made once for all replications,
*events* is the engine alone. Did every engine leave the same rows behind? {answer}
"""
COLUMNS = (
    "system", "engine", "cases", "visits", "once", "demand", "roster", "events", "check", "KPIs",
    "one replication", "µs a visit", "over the reference",
)  # fmt: skip


def circumstances() -> dict[str, dict[str, str]]:
    """Return on what and with what the measurements are made.

    Examples
    --------
    >>> sorted(circumstances())
    ['code', 'machine', 'versions']
    """
    versions = provenance.versions()
    for name in OTHERS:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return {
        "code": {"state": provenance.code_state()},
        "machine": provenance.machine(),
        "versions": versions,
    }


def make_page(measured: Benchmark, command: str, written: str) -> str:
    """Write the page, in Markdown.

    Parameters
    ----------
    measured
        What was measured.
    command, written
        What makes the page again, and when it was made.

    Examples
    --------
    >>> from simulation.benchmark.measure import Benchmark
    >>> make_page(Benchmark(()), "vetsim benchmark", "today").splitlines()[0]
    '# How fast the engines are'
    """
    parts = [HEAD.format(command=command, written=written), *_aims(measured.aims)]
    for workload in dict.fromkeys(result.workload.id for result in measured.results):
        mine = [result for result in measured.results if result.workload.id == workload]
        parts += [_race(mine), _answers(mine)]
    engines = dict.fromkeys(result.engine for result in measured.results)
    does = [f"- **{engine.name}**: {engine.does}." for engine in engines]
    parts.append("## What each does\n\n" + "\n".join(does + [f"- {why}." for why in measured.absent]))
    parts += [*_systems(measured), *_wholes(measured)]
    parts.append(
        "## With what\n\n"
        + "\n".join(f"- {name}: {value}" for part in circumstances().values() for name, value in part.items())
    )
    return "\n\n".join(part.strip() for part in parts) + "\n"


def spread(values: Sequence[float]) -> str:
    """Write the middle of some numbers, with the lowest and the highest.

    Examples
    --------
    >>> spread([1.0, 2.0, 4.0]), spread([210.4]), spread([float("nan")])
    ('2.00 (1.00 to 4.00)', '210', '')
    """
    if any(math.isnan(value) for value in values):
        return ""
    middle = _number(statistics.median(values))
    return middle if len(values) == 1 else f"{middle} ({_number(min(values))} to {_number(max(values))})"


def _number(value: float) -> str:
    """Write a number with about three digits."""
    if not math.isfinite(value):
        return ""
    digits = max(0, min(4, 2 - math.floor(math.log10(abs(value))))) if value else 0
    return f"{value:,.{digits}f}"


def _aims(found: Sequence[Aim]) -> Iterator[str]:
    if not found:
        return
    lines = ["## What is wanted", "", "| | wanted | found | reached |", "|---|---|---|---|"]
    for aim in found:
        wanted = f"{'at least' if aim.at_least else 'at most'} {aim.wanted:g} {aim.unit}"
        span = [aim.found] if aim.lowest == aim.highest else [aim.lowest, aim.found, aim.highest]
        lines.append(f"| {aim.about} | {wanted} | {spread(span)} | {'yes' if aim.reached else 'no'} |")
    yield "\n".join(lines)


def _race(results: Sequence[Result]) -> str:
    first = results[0]
    others = {result.engine.name: result for result in results}
    lines = [
        f"## {first.workload.id}: {first.workload.title}",
        "",
        f"{len(first.rates)} rounds.",
        "",
        f"| engine | customers | customers per second | over {SIMPY} | over {RECORDED_CPP} |",
        "|---|---|---|---|---|",
    ]
    for result in results:
        ratios = [
            spread(over(result, others[name])) if name in others and name != result.engine.name else ""
            for name in (SIMPY, RECORDED_CPP)
        ]
        cells = (result.engine.name, f"{result.customers:,}", spread(result.rates), *ratios)
        lines.append(f"| {' | '.join(cells)} |")
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


def _systems(measured: Benchmark) -> Iterator[str]:
    if not measured.systems:
        return
    wrong = "; ".join(f"{one.system.id}: {one.wrong}" for one in measured.systems if one.wrong)
    answer = f"**No**: {wrong}." if wrong else "Yes, in each round in which both ran."
    lines = [SYSTEMS.format(answer=answer), f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|"]
    steps = ("once", "demand", "roster", "engine_seconds", "check", "kpis", "replication", "microseconds")
    for row in system_table(measured.systems).to_dict("records"):
        times = [row["over_reference_lowest"], row["over_reference"], row["over_reference_highest"]]
        cells = [row["title"], row["engine"], f"{row['cases']:,}", f"{row['visits']:,}"]
        cells += [_number(row[step]) for step in steps]
        times = times[:1] if times[0] == times[2] else times
        cells.append("" if row["engine"] == "reference" else spread(times))
        lines.append(f"| {' | '.join(cells)} |")
    yield "\n".join(lines)


def _wholes(measured: Benchmark) -> Iterator[str]:
    lines = []
    if measured.crew is not None:
        crew = measured.crew
        seconds = f"{spread(crew.one)} s on one worker, {spread(crew.two)} s on two"
        title = measured.systems[0].system.title
        lines.append(f"- {title}, a study of {crew.replications} replications, wall time: {seconds}.")
    for name, cost in measured.costs.items():
        lines.append(f"- {name}: {cost.seconds:.1f} s, at most {cost.peak:,.0f} MB in all its processes.")
    if lines:
        yield "## Workers and commands\n\n" + "\n".join(lines)
