"""Which policy is best, measure by measure, in words."""

from typing import NamedTuple

from simulation.report._words import few, listed, records
from simulation.report.content import ReportContent

__all__ = ["Lead", "leads"]

BEST = ("best", "as good as the best", "may be the best")


class Lead(NamedTuple):
    """A measure, who has the best mean, what is shown of it, how likely that is, and who else may be best."""

    measure: str
    leader: str
    standing: str
    chance: str
    others: str


def leads(content: ReportContent) -> list[Lead]:
    """Give a row per headline KPI: the one with the best mean, and who is not shown to be worse.

    Examples
    --------
    >>> import pandas as pd
    >>> none = pd.DataFrame(columns=["scenario", "kpi", "dimension", "level", "replications"])
    >>> leads(ReportContent("T", "Q?", "", {"now": "As it is"}, [], *[none] * 4, {}, [], {}, {}))
    []
    """
    found = []
    for kpi in content.kpis:
        rows = [row for row in records(content.best) if row["kpi"] == kpi.id]
        if len(rows) < 2:
            continue
        top = max(rows, key=lambda row: row["difference"])
        rest = [row for row in rows if row is not top and row["standing"] in BEST]
        rest.sort(key=lambda row: -row["difference"])
        others = [content.name(row["scenario"]) for row in rest]
        found.append(
            Lead(
                kpi.title,
                content.name(top["scenario"]),
                top["standing"],
                _percent(top["probability_best"]),
                listed(few(others)).striptags() if others else "nobody",
            )
        )
    return found


def _percent(chance: float) -> str:
    """Write a probability to the whole per cent that the draws support."""
    if chance != chance:
        return "–"
    return "above 99 %" if chance > 0.99 else f"{chance * 100:.0f} %"
