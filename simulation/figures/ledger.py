"""What becomes of needs: every exit, side by side."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from simulation.figures.style import FAINT, INK, QUIET, canvas, legend, styled, title, wrap
from simulation.kpis import Kpi

__all__ = ["EXITS", "ledger"]

RESOLVED: Final = "fulfilment"
EXITS: Final = {
    RESOLVED: "#009E73",
    "exit_resolved_itself": "#9fdcc7",
    "exit_open": "#d9dee6",
    "exit_unresolved": "#F0E442",
    "exit_refused": "#E69F00",
    "exit_ineligible": "#a06f00",
    "exit_lost": "#D55E00",
    "exit_reneged": "#CC79A7",
    "exit_balked": "#8a4a70",
    "exit_dropped_out": "#56B4E9",
    "exit_not_presented": "#5b6472",
}
"""Colour of each exit, from the good end to the bad."""
DARK: Final = ("#009E73", "#5b6472", "#D55E00", "#a06f00", "#8a4a70")
LEGIBLE: Final = 0.055
"""Narrowest segment that is given its number."""


@styled
def ledger(
    summary: pd.DataFrame, kpis: Sequence[Kpi], scenarios: Mapping[str, str], needs: Mapping[str, str]
) -> Figure:
    """Draw what becomes of all needs that arose, under each policy and at baseline for each kind of need.

    Parameters
    ----------
    summary
        scenario, kpi, dimension, level, mean (share of the needs that arose), for fulfilment and the exits.
    kpis
        Fulfilment and the exits among all KPIs; their titles are the legend.
    scenarios
        Title of each scenario, the baseline first.
    needs
        Title of each need; a need without an exit is left out.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> kpis = [SimpleNamespace(id=name, title=name) for name in ("fulfilment", "exit_lost")]
    >>> frame = pd.DataFrame({"scenario": "now", "kpi": ["fulfilment", "exit_lost"], "dimension": "all",
    ...                       "level": "", "mean": [0.7, 0.3]})
    >>> [len(axes.patches) for axes in ledger(frame, kpis, {"now": "As it is"}, {}).axes]
    [2]
    """
    measured = set(summary["kpi"])
    found = {kpi.id: kpi for kpi in kpis if kpi.id in measured}
    exits = [name for name in EXITS if name in found]
    baseline = next(iter(scenarios))
    by_policy = _shares(summary[summary["dimension"] == "all"], "scenario", exits, scenarios)
    at_first = summary[(summary["dimension"] == "need") & (summary["scenario"] == baseline)]
    by_need = _shares(at_first, "level", exits, needs)
    panels = [("Under each policy", by_policy), (f"Each kind of need: {scenarios[baseline]}", by_need)]
    panels = [(heading, table) for heading, table in panels if len(table)]
    sizes = [len(table) for _, table in panels]
    figure = canvas("What becomes of the needs that arise?", 1.5 + 0.45 * len(sizes) + 0.3 * sum(sizes))
    grid = figure.subplots(len(sizes), 1, sharex=True, squeeze=False, height_ratios=sizes).ravel()
    for axes, (heading, table) in zip(grid, panels, strict=True):
        _bars(axes, table)
        title(axes, heading, 80)
    grid[-1].set_xlabel("Share of the needs that arose (%)")
    legend(figure, [_key(found[name].title, name) for name in exits])
    return figure


def _shares(rows: pd.DataFrame, key: str, exits: Sequence[str], titles: Mapping[str, str]) -> pd.DataFrame:
    """Lay the shares out: a row per title, a column per exit."""
    wide = rows[rows["kpi"].isin(list(exits))].pivot(index=key, columns="kpi", values="mean")
    known = [name for name in titles if name in wide.index]
    return wide.reindex(index=known, columns=list(exits)).rename(index=dict(titles)).dropna(how="all")


def _bars(axes: Axes, table: pd.DataFrame) -> None:
    left = np.zeros(len(table))
    for name in table.columns:
        width = np.nan_to_num(table[name].to_numpy(dtype=np.float64))
        colour = EXITS[str(name)]
        axes.barh(
            range(len(table)), width, left=left, height=0.76, color=colour,
            edgecolor="white", linewidth=0.4,
        )  # fmt: skip
        for row in np.flatnonzero(width >= LEGIBLE):
            axes.text(
                left[row] + width[row] / 2, row + 0.02, f"{100 * width[row]:.0f}", ha="center", va="center",
                fontsize=7.5, color="white" if colour in DARK else INK,
            )  # fmt: skip
        left += width
    axes.set_yticks(range(len(table)), [wrap(str(words), 46) for words in table.index])
    axes.set(ylim=(len(table) - 0.4, -0.6), xlim=(0, 1))
    axes.xaxis.set_major_formatter(PercentFormatter(1, symbol=""))
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_color(FAINT)


def _key(words: str, name: str) -> Patch:
    return Patch(facecolor=EXITS[name], edgecolor=QUIET, linewidth=0.4, label=words)
