"""The benchmark in short, for the README, read from the files that it wrote."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from simulation.benchmark.page import spread

__all__ = ["BEGIN", "END", "put", "summarise_benchmark"]

BEGIN, END = "<!-- speed: from results/benchmark -->\n", "<!-- speed: end -->"
"""Marks between which the summary stands."""
HEAD = """On {processor}, {cores} cores, Python {python}, one core unless said otherwise; medians of {rounds} paired rounds, answers checked:

| engine | queue, customers a second | over SimPy | referral, customers a second | over SimPy |
|---|---|---|---|---|
"""  # noqa: E501 - a page, not code


def summarise_benchmark(folder: Path) -> str:
    """Write the summary of a benchmark: the race, whole systems, and what of the aims was reached.

    Parameters
    ----------
    folder
        Where `vetsim benchmark` put its files.

    Examples
    --------
    >>> import tempfile
    >>> from simulation.benchmark import Benchmark, write
    >>> from simulation.benchmark.entrants import entrants
    >>> from simulation.benchmark.race import race
    >>> from simulation.benchmark.workloads import QUEUE, REFERRAL
    >>> engine, folder = entrants().engines[:1], Path(tempfile.mkdtemp()) / "benchmark"
    >>> results = [race(workload, engine, 200, rounds=1)[0] for workload in (QUEUE, REFERRAL)]
    >>> write(Benchmark(tuple(results)), folder, "vetsim benchmark", "today")
    >>> summarise_benchmark(folder).splitlines()[2][:10]
    '| engine |'
    """
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    race, systems, aims = (_rows(folder / f"{name}.csv") for name in ("benchmark", "systems", "aims"))
    text = HEAD.format(
        processor=manifest["machine"]["processor"],
        cores=manifest["machine"]["cores"],
        python=manifest["versions"]["python"],
        rounds=race[0]["rounds"],
    )
    for engine in dict.fromkeys(row["engine"] for row in race):
        mine = {row["workload"]: row for row in race if row["engine"] == engine}
        cells = [engine]
        for workload in ("queue", "referral"):
            cells += [_of(mine[workload], "rate"), _of(mine[workload], "over_simpy")]
        text += f"| {' | '.join(cells)} |\n"
    if systems:
        text += "\n| system | engine | cases | the events alone, s | one replication with its KPIs, s |\n"
        text += "|---|---|---|---|---|\n"
    for row in systems:
        cells = [row["title"], row["engine"], f"{int(row['cases']):,}"]
        text += f"| {' | '.join([*cells, _of(row, 'engine_seconds'), _of(row, 'replication')])} |\n"
    if aims:
        text += "\n| wanted | | found | |\n|---|---|---|---|\n"
    for row in aims:
        wanted = f"{'at least' if row['at_least'] == 'True' else 'at most'} {row['wanted']} {row['unit']}"
        reached = "reached" if row["reached"] == "True" else "not reached"
        text += f"| {row['about']} | {wanted} | {_of(row, 'found')} | {reached} |\n"
    return text


def put(page: str, summary: str) -> str:
    """Put a summary between the marks of a page.

    Examples
    --------
    >>> put(BEGIN + "old" + END, "new") == BEGIN + "new" + END
    True
    """
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + summary + END + after


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _of(row: dict[str, Any], column: str) -> str:
    """Write a value of a row as the page does; nothing where it has none."""
    return spread([float(row[column])]) if row[column] else ""
