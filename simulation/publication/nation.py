"""The folder of a nation's results."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from simulation.analysis.wording import in_markdown, quantity
from simulation.publication.manifest import make_manifest
from simulation.runner import StudyResults, nation_table
from simulation.store import Draft
from simulation.study import Design

__all__ = ["Nation", "publish_nation"]

HEAD = """# {title}

Made by `{command}`, {written}.

{cities} cities of {veterans:,} veterans each, {total:,} in all; {cases:,.0f} needs arose in the measured {days:.0f} days.
{simulated} of the cities were simulated in this run, in {seconds:,.0f} s on {workers} worker(s), with at most {peak:,.0f} MB
of memory in this process.

Cases, hours and yuan are added up over the cities. Everything else is the mean over the cities, weighted by what it
rests on in each: for shares that is the nation's own share, for medians and percentiles a mean of those of the cities.

| | nation | mean of the cities | lowest city | highest city |
|---|---|---|---|---|
"""  # noqa: E501 - a page, not code


class Nation(NamedTuple):
    """What was published of a nation."""

    folder: Path
    table: pd.DataFrame
    """The frame of `nation_table`."""


def publish_nation(
    design: Design, results: StudyResults, folder: Path, command: str, written: str, peak: float
) -> Nation:
    """Put the cities of a nation together, and write tables, page and manifest.

    Parameters
    ----------
    design, results
        What was run, and what came of it: the replications are the cities.
    folder
        Where the results will be; until all are ready, the earlier ones stay as they are.
    command, written
        What makes these results again, and when they were made.
    peak
        The most memory that the run took, MB.

    Examples
    --------
    >>> import tempfile
    >>> from simulation.runner import nationwide, run_study
    >>> from simulation.scenario import Policy
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.store import Store
    >>> from simulation.study import Study
    >>> study = Study(id="two", run_length=96, replications=2)
    >>> design = Design(study, single_queue(), (Policy(id="baseline"),))
    >>> folder = Path(tempfile.mkdtemp())
    >>> found = run_study(design.study, design.scenarios, Store(folder / ".store"), keep=nationwide)
    >>> nation = publish_nation(design, found, folder / "two", "vetsim national", "today", 90.0)
    >>> sorted(path.name for path in nation.folder.iterdir())
    ['manifest.json', 'national.csv', 'national.md']
    """
    table = nation_table(results.kpis)
    manifest = make_manifest(design, results, command, written)
    manifest["run"]["peak_memory_mb"] = round(peak)
    with Draft(folder) as draft:
        draft.csv("national", table)
        draft.text("national.md", _page(design, results, table, command, written, peak))
        draft.publish(manifest)
    return Nation(folder, table)


def _page(
    design: Design, results: StudyResults, table: pd.DataFrame, command: str, written: str, peak: float
) -> str:
    whole = table[table["dimension"] == "all"]
    veterans = sum(place.veterans for place in design.city.places)
    cities = results.study.replications
    text = HEAD.format(
        title=in_markdown(results.study.title or results.study.id),
        command=command,
        written=written,
        cities=cities,
        veterans=veterans,
        total=cities * veterans,
        cases=float(whole.loc[whole["kpi"] == "latent", "nation"].iloc[0]),
        days=results.study.run_length / 24.0,
        simulated=results.simulated,
        seconds=results.seconds,
        workers=results.workers,
        peak=peak,
    )
    for row in whole.to_dict("records"):
        if row["cities"]:
            found = (quantity(row[of], row["unit"]) for of in ("nation", "per_city", "lowest", "highest"))
            text += f"| {row['title']} | {' | '.join(found)} |\n"
    return text
