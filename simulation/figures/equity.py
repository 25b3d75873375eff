"""For whom and where: levels of groups and places under each policy, and who is better or worse off."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from simulation.analysis.wording import Scale, label, scale
from simulation.figures.style import (
    COLOURS,
    FAINT,
    INK,
    MARKERS,
    QUIET,
    VERDICTS,
    canvas,
    legend,
    styled,
    title,
    wrap,
)
from simulation.kpis import Kpi

__all__ = ["equity", "gains"]

SENSE: Final = {1: "higher is better", -1: "lower is better", 0: ""}
NAMED: Final = 7
"""Levels that can still be told apart by colour; more of them are drawn as a band of ticks."""
PAPER: Final = {
    "better": "#c9ebdd", "worse": "#f8d3bd", "differs": "#c7def0", "no evidence": "#eceff3",
    "too noisy": "#faefcf",
}  # fmt: skip


@styled
def equity(frame: pd.DataFrame, kpi: Kpi, scenarios: Mapping[str, str], dimensions: Sequence[str]) -> Figure:
    """Draw one KPI for every level of some dimensions, a row per scenario.

    Parameters
    ----------
    frame
        scenario, kpi, dimension, level, mean, half_width: the frame of `simulation.analysis.summarise`.
    kpi
        The KPI to draw.
    scenarios
        Title of each scenario, the baseline first.
    dimensions
        One panel each, such as group and place. A few levels have a mark and an interval each; of many, such
        as places, the band that they fill is drawn.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> wait = SimpleNamespace(id="wait", title="Wait", unit="days", direction=-1, indifference=0.5)
    >>> frame = pd.DataFrame({"scenario": "now", "kpi": "wait", "dimension": "group", "level": ["a", "b"],
    ...                       "mean": [9.0, 4.0], "half_width": 0.5})
    >>> equity(frame, wait, {"now": "As it is"}, ["group"]).axes[0].get_xlabel()
    'Wait (days, lower is better)'
    """
    rows = frame[(frame["kpi"] == kpi.id) & frame["dimension"].isin(list(dimensions))]
    shown = scale(kpi.unit, float(rows["mean"].abs().max()))
    heads = [wrap(words, 36) for words in scenarios.values()]
    step = max([0.36, *(0.17 * (words.count("\n") + 1) for words in heads)])
    figure = canvas(f"For whom, and where: {kpi.title}", 1.9 + step * len(scenarios))
    grid = figure.subplots(1, len(dimensions), sharex=True, sharey=True, squeeze=False).ravel()
    handles: list[Line2D] = []
    for axes, name in zip(grid, dimensions, strict=True):
        part = rows[rows["dimension"] == name]
        levels = _levels(part)
        if len(levels) > NAMED:
            _band(axes, part, list(scenarios), shown.factor)
        else:
            handles += _marks(axes, part, list(scenarios), levels, shown.factor)
        title(axes, f"By {label(name)}" + (", a tick each" if len(levels) > NAMED else ""))
        notes = ", ".join(note for note in (shown.level, SENSE[kpi.direction]) if note)
        axes.set_xlabel(wrap(f"{kpi.title} ({notes})" if notes else kpi.title, 46))
        axes.tick_params(axis="y", length=0)
    grid[0].set_yticks(range(len(scenarios)), heads)
    grid[0].set_ylim(len(scenarios) - 0.4, -0.6)
    if handles:
        legend(figure, handles)
    return figure


@styled
def gains(frame: pd.DataFrame, kpi: Kpi, scenarios: Mapping[str, str]) -> Figure:
    """Draw who is better and who is worse off: a cell for each policy and level, coloured by its verdict.

    Parameters
    ----------
    frame
        scenario, kpi, dimension, level, difference, low, high, verdict: the frames of
        `simulation.analysis.differences`, one below the other.
    kpi
        The KPI to draw.
    scenarios
        Title of each scenario, the baseline first.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> solved = SimpleNamespace(id="solved", title="Solved", unit="share", direction=1)
    >>> row = {"scenario": "team", "kpi": "solved", "dimension": "group", "level": "old", "difference": 0.05,
    ...        "low": 0.04, "high": 0.06, "verdict": "better"}
    >>> figure = gains(pd.DataFrame([row]), solved, {"now": "As it is", "team": "More staff"})
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['+5.0']
    """
    policies = list(scenarios)[1:]
    rows = frame[(frame["kpi"] == kpi.id) & frame["scenario"].isin(policies)]
    dimensions = list(dict.fromkeys(rows["dimension"]))
    levels = {name: _levels(rows[rows["dimension"] == name]) for name in dimensions}
    shown = scale(kpi.unit, float(rows[["low", "high"]].abs().max().max()))
    heading = f"Who is better and who is worse off: {kpi.title}, change in {shown.difference or 'its unit'}"
    figure = canvas(heading, 2.9 + 0.3 * len(policies))
    sizes = [len(found) for found in levels.values()]
    grid = figure.subplots(1, len(sizes), sharey=True, squeeze=False, width_ratios=sizes).ravel()
    for axes, name in zip(grid, dimensions, strict=True):
        part = rows[rows["dimension"] == name].astype({"level": str}).set_index(["scenario", "level"])
        for across, level in enumerate(levels[name]):
            for down, policy in enumerate(policies):
                if (policy, level) in part.index:
                    _cell(axes, across, down, part.loc[(policy, level)], shown)
        axes.set_xticks(range(len(levels[name])), [wrap(label(x), 22) for x in levels[name]], rotation=90)
        axes.set_xlim(-0.5, len(levels[name]) - 0.5)
        axes.tick_params(length=0)
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
        title(axes, f"By {label(name)}")
    grid[0].set_yticks(range(len(policies)), [wrap(scenarios[name], 40) for name in policies])
    grid[0].set_ylim(len(policies) - 0.5, -0.5)
    seen = [name for name in VERDICTS if name in set(rows["verdict"])]
    legend(figure, [Patch(color=PAPER[name], label=VERDICTS[name].title) for name in seen])
    return figure


def _levels(rows: pd.DataFrame) -> list[str]:
    """Order levels by their column, or as they come."""
    found = rows.drop_duplicates("level")
    if isinstance(found["level"].dtype, pd.CategoricalDtype):
        found = found.sort_values("level")
    return [str(level) for level in found["level"]]


def _marks(
    axes: Axes, rows: pd.DataFrame, scenarios: Sequence[str], levels: Sequence[str], factor: float
) -> list[Line2D]:
    """Draw a mark and an interval for each level; give the keys."""
    handles = []
    rows = rows.astype({"level": str})
    for place, level in enumerate(levels):
        one = rows[rows["level"] == level].set_index("scenario").reindex(list(scenarios))
        colour, marker = COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)]
        shift = (place - (len(levels) - 1) / 2) * 0.7 / len(levels)
        axes.errorbar(
            one["mean"].to_numpy(dtype=np.float64) * factor,
            np.arange(len(one)) + shift,
            xerr=np.nan_to_num(one["half_width"].to_numpy(dtype=np.float64) * factor),
            color=colour, marker=marker, linestyle="none", markersize=4.2, elinewidth=0.9,
        )  # fmt: skip
        handles.append(Line2D([], [], color=colour, marker=marker, linestyle="none", label=label(level)))
    for between in np.arange(0.5, len(scenarios) - 1):
        axes.axhline(between, color=FAINT, linewidth=0.8)
    return handles


def _band(axes: Axes, rows: pd.DataFrame, scenarios: Sequence[str], factor: float) -> None:
    """Draw a tick for each level, on the band from the lowest to the highest of them."""
    for row, name in enumerate(scenarios):
        means = rows.loc[rows["scenario"] == name, "mean"].dropna().to_numpy(dtype=np.float64) * factor
        if len(means):
            axes.barh(row, np.ptp(means), left=means.min(), height=0.62, color=FAINT)
            axes.plot(means, np.full(len(means), row), "|", color=QUIET, markersize=9, markeredgewidth=1.1)


def _cell(axes: Axes, across: int, down: int, row: "pd.Series[float]", shown: Scale) -> None:
    """Draw one cell: paper in the colour of the verdict, the difference on it."""
    axes.barh(down, 0.94, left=across - 0.47, height=0.88, color=PAPER[str(row["verdict"])])
    number = float(row["difference"]) * shown.factor
    words = f"{number:+.1f}" if shown.level == "%" else f"{number:+,.3g}"
    if np.isfinite(number):
        words = words.replace("-", "−") if float(words.replace(",", "")) else words[1:]
        axes.text(across, down + 0.02, words, ha="center", va="center", fontsize=7.5, color=INK)
