"""The figures of a study, and how to read them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import pandas as pd
from matplotlib.figure import Figure

from simulation.analysis.wording import label
from simulation.figures.effects import differences
from simulation.figures.equity import equity, gains
from simulation.figures.journeys import backlog, waits, waterfall
from simulation.figures.ledger import EXITS, ledger
from simulation.figures.money import plane
from simulation.figures.workload import flows, utilisation
from simulation.kpis import Kpi

__all__ = ["CAPTIONS", "COST", "EFFECT", "draw"]

COST: Final = "cost"
EFFECT: Final = "resolved"
"""KPIs of which the plane of cost and effect is made."""

CAPTIONS: Final = {
    "differences": "Each point is the change that a policy makes against the baseline, with its "
    "simultaneous interval; one that crosses the zero line shows no proven change, and one inside the grey "
    "band a change too small to matter.",
    "waits": "The height of a line is the share of presented needs still waiting for their first contact "
    "after so many days (the first days are drawn wider): the sooner it falls, the shorter the wait; the "
    "shading is the interval of the mean.",
    "waterfall": "Read from top to bottom: of all needs that arose at baseline, each orange bar takes away "
    "those that ended in one way, and the last bar is what was resolved.",
    "ledger": "Each bar is all needs that arose, divided by what became of them: green was resolved; "
    "the upper rows are the policies, the lower ones the kinds of need at baseline.",
    "welch": "The thin line is the number of open cases, averaged over the replications; the thick one is "
    "its moving average over neighbouring days: where it has become level, the start-up is over.",
    "backlog": "Cases open at the end of each day, averaged over the replications; the shading reaches from "
    "the lowest to the highest replication, and the grey bands are the seasons of known surges.",
    "utilisation": "Each cell is the share of its open hours in which a team was busy: in each month at "
    "baseline on the left, and over the whole window under each policy on the right.",
    "flows": "The width of a band is the number of cases referred from the unit on the left to the unit on "
    "the right, at baseline.",
    "equity": "Each mark is one group under the policy of its row, with the interval of its own mean, and "
    "each tick the people of one place; the narrower a row, the more equal the service.",
    "plane": "Further right is more needs resolved than at baseline, further up is more cost, each with its "
    "simultaneous interval; a hollow mark is dominated: another policy, or a mix of two, resolves as many "
    "needs for no more.",
    "gains": "Each cell is the change that a policy makes for one group or tier, against the baseline: green "
    "where these people are better off, red where they are worse off, and pale where that is not shown.",
}
"""One sentence on how to read each figure."""


def draw(
    means: Mapping[str, pd.DataFrame],
    comparison: pd.DataFrame,
    incremental: pd.DataFrame,
    within: pd.DataFrame,
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
    comparison, incremental, within, summary
        The frames of `simulation.analysis.compare`, `incremental` (of `COST` and `EFFECT`), `differences` and
        `summarise`.
    kpis
        All KPIs; the first is the one shown by group and place.
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
    >>> none = pd.DataFrame(columns=["scenario", "kpi", "dimension", "level"])
    >>> scenarios, first = {"now": "As it is"}, date(2026, 1, 1)
    >>> list(draw({"waterfall": stages}, none, none, none, none, [], scenarios, {}, first, []))
    ['waterfall']
    """
    figures = {}
    known = {kpi.id: kpi for kpi in kpis}
    baseline = next(iter(scenarios))
    compared = [kpi for kpi in kpis if kpi.id in set(comparison["kpi"])]
    if compared:
        figures["differences"] = differences(comparison, compared, scenarios)
    if len(incremental) > 1:
        gained = known[EFFECT].title.removeprefix("Number of ")
        figures["plane"] = plane(incremental, scenarios, gained, known[COST].unit)
    if kpis and len(within):
        figures["gains"] = gains(_titled(within, names, "level"), kpis[0], scenarios)
    if "waits" in means:
        figures["waits"] = waits(means["waits"][means["waits"]["dimension"] == "all"], scenarios)
    if "waterfall" in means:
        stages = means["waterfall"][means["waterfall"]["scenario"] == baseline]
        figures["waterfall"] = waterfall(stages, {baseline: scenarios[baseline]})
    if set(summary["kpi"]) & set(EXITS):
        needs = {level: names.get(level) or label(level) for level in _of(summary, "need")}
        figures["ledger"] = ledger(summary, kpis, scenarios, needs)
    if "backlog" in means:
        figures["backlog"] = backlog(means["backlog"], scenarios, start, seasons)
    busy = _busy(summary, names)
    if "utilisation" in means and len(busy):
        figures["utilisation"] = utilisation(_titled(means["utilisation"], names, "team"), busy, scenarios)
    if "flows" in means and (means["flows"]["scenario"] == baseline).any():
        at_first = means["flows"][means["flows"]["scenario"] == baseline]
        figures["flows"] = flows(_titled(at_first, names, "source", "target"), scenarios[baseline])
    dimensions = [name for name in ("group", "place") if _of(summary, name)]
    if kpis and dimensions:
        titled = _titled(summary[summary["dimension"].isin(dimensions)], names, "level")
        figures["equity"] = equity(titled, kpis[0], scenarios, dimensions)
    return figures


def _busy(summary: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Give how busy each team was over the whole window."""
    rows = summary[(summary["kpi"] == "utilisation") & (summary["dimension"] == "team")]
    return _titled(rows.rename(columns={"level": "team"}), names, "team")


def _of(frame: pd.DataFrame, dimension: str) -> list[str]:
    """Give the levels of a dimension."""
    return [str(level) for level in dict.fromkeys(frame.loc[frame["dimension"] == dimension, "level"])]


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
