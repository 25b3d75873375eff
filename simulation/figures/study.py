"""The figures of a study, and how to read them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import pandas as pd
from matplotlib.figure import Figure

from simulation.analysis.wording import label
from simulation.figures.effects import differences, equity
from simulation.figures.journeys import backlog, waits, waterfall
from simulation.figures.workload import flows, utilisation
from simulation.kpis import Kpi

__all__ = ["CAPTIONS", "draw"]

CAPTIONS: Final = {
    "differences": "Each point is the change that a policy makes against the baseline, with its "
    "simultaneous interval; one that crosses the zero line shows no proven change, and one inside the grey "
    "band a change too small to matter.",
    "waits": "The height of a line is the share of presented needs still waiting for their first contact "
    "after so many days (the first days are drawn wider): the sooner it falls, the shorter the wait; the "
    "shading is the interval of the mean.",
    "waterfall": "Read from top to bottom: of all needs that arose, each orange bar takes away those lost "
    "for one reason, and the last bar is what was resolved.",
    "backlog": "Cases open at the end of each day, averaged over the replications; the shading reaches from "
    "the lowest to the highest replication, and the grey bands are the seasons of known surges.",
    "utilisation": "Each cell is the share of its open hours in which a team was busy in that month.",
    "flows": "The width of a band is the number of cases referred from the unit on the left to the unit on "
    "the right, at baseline.",
    "equity": "Each mark is one group, or the people of one place, under one policy, with the interval of "
    "its own mean; the closer the marks of one colour, the more equal the service.",
}
"""One sentence on how to read each figure."""


def draw(
    means: Mapping[str, pd.DataFrame],
    comparison: pd.DataFrame,
    summary: pd.DataFrame,
    kpis: Sequence[Kpi],
    scenarios: Mapping[str, str],
    names: Mapping[str, str],
    start: date,
    seasons: Sequence[tuple[str, float, float]],
) -> dict[str, Figure]:
    """Draw every figure of a study for which there is something to draw.

    Parameters
    ----------
    means
        The frames of `simulation.analysis.average_series`.
    comparison, summary
        The frames of `simulation.analysis.compare` and `summarise`.
    kpis
        The headline KPIs; the first is the one shown by group and place.
    scenarios
        Title of each scenario, the baseline first.
    names
        Titles of groups, places and teams by id, in the order in which they are to be shown; without one an
        id is shown in words.
    start
        Date of day 0.
    seasons
        Name, first and last day of each season of a known surge, in days since `start`.

    Returns
    -------
    dict of Figure
        By name, in the order of the report; `CAPTIONS` has a sentence for each.

    Examples
    --------
    >>> stages = pd.DataFrame({"scenario": "now", "stage": ["latent", "resolved"], "mean": [9.0, 7.0]})
    >>> empty = pd.DataFrame(columns=["scenario", "kpi", "dimension", "level"])
    >>> list(draw({"waterfall": stages}, empty, empty, [], {"now": "As it is"}, {}, date(2026, 1, 1), []))
    ['waterfall']
    """
    figures = {}
    if len(comparison):
        figures["differences"] = differences(comparison, kpis, scenarios)
    if "waits" in means:
        all_ = means["waits"]["dimension"] == "all"
        figures["waits"] = waits(means["waits"][all_], scenarios)
    if "waterfall" in means:
        figures["waterfall"] = waterfall(means["waterfall"], scenarios)
    if "backlog" in means:
        figures["backlog"] = backlog(means["backlog"], scenarios, start, seasons)
    if "utilisation" in means:
        figures["utilisation"] = utilisation(_titled(means["utilisation"], names, "team"), scenarios)
    baseline = next(iter(scenarios))
    if "flows" in means and (means["flows"]["scenario"] == baseline).any():
        at_first = means["flows"][means["flows"]["scenario"] == baseline]
        figures["flows"] = flows(_titled(at_first, names, "source", "target"), scenarios[baseline])
    dimensions = [name for name in ("group", "place") if name in set(summary["dimension"])]
    if kpis and dimensions:
        titled = _titled(summary[summary["dimension"].isin(dimensions)], names, "level")
        figures["equity"] = equity(titled, kpis[0], scenarios, dimensions)
    return figures


def _titled(frame: pd.DataFrame, names: Mapping[str, str], *columns: str) -> pd.DataFrame:
    """Replace ids by titles, in the order of the titles."""
    titled = frame.copy()
    for column in columns:
        found = dict.fromkeys(frame[column].astype(str))
        order = [name for name in names if name in found] + [name for name in found if name not in names]
        words = [names.get(name) or label(name) for name in order]
        titles = {
            name: word if words.count(word) == 1 else f"{word} ({name})"
            for name, word in zip(order, words, strict=True)
        }
        shown = frame[column].astype(str).map(titles)
        titled[column] = pd.Categorical(shown, categories=list(titles.values()), ordered=True)
    return titled
