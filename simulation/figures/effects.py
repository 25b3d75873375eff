"""What policies change: differences with intervals, and for whom and where."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from simulation.analysis.wording import Scale, label, scale
from simulation.figures.style import FAINT, QUIET, VERDICTS, Look, canvas, legend, looks, styled, title, wrap
from simulation.kpis import Kpi

__all__ = ["differences", "equity"]

SENSE: Final = {1: "higher is better", -1: "lower is better", 0: ""}


@styled
def differences(comparison: pd.DataFrame, kpis: Sequence[Kpi], scenarios: Mapping[str, str]) -> Figure:
    """Draw the paired differences from the baseline with their intervals, one panel per KPI.

    Parameters
    ----------
    comparison
        scenario, kpi, difference, low, high, verdict: the frame of `simulation.analysis.compare`.
    kpis
        The KPIs to draw, in order.
    scenarios
        Title of each scenario, the baseline first.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> solved = SimpleNamespace(id="solved", title="Solved", unit="share", direction=1, indifference=0.01)
    >>> row = {"scenario": "team", "kpi": "solved", "difference": 0.05, "low": 0.04, "high": 0.06}
    >>> frame = pd.DataFrame([row | {"verdict": "better"}])
    >>> differences(frame, [solved], {"now": "As it is", "team": "More staff"}).axes[0].get_xlabel()
    'Change in percentage points (higher is better)'
    """
    policies = list(looks(scenarios).items())[1:]
    columns = min(2, len(kpis))
    rows = -(-len(kpis) // columns)
    titles = [wrap(look.title, 26) for _, look in policies]
    step = max([0.3, *(0.2 * (words.count("\n") + 1) for words in titles)])
    figure = canvas(
        "What each policy changes against the baseline", 1.1 + rows * (0.85 + step * len(policies))
    )
    grid = figure.subplots(rows, columns, squeeze=False, sharey=True).ravel()
    for axes, kpi in zip(grid, kpis, strict=False):
        found = comparison[comparison["kpi"] == kpi.id].set_index("scenario")
        _forest(axes, kpi, found.reindex([name for name, _ in policies]))
        axes.set_yticks(range(len(policies)), titles)
        axes.set_ylim(len(policies) - 0.4, -0.6)
    for axes in grid[len(kpis) :]:
        axes.set_visible(False)
    seen = [VERDICTS[name] for name in VERDICTS if name in set(comparison["verdict"])]
    handles: list[Artist] = [_handle(look, line="-") for look in seen]
    handles.append(Patch(color=FAINT, label="too small to matter"))
    legend(figure, handles)
    return figure


@styled
def equity(frame: pd.DataFrame, kpi: Kpi, scenarios: Mapping[str, str], dimensions: Sequence[str]) -> Figure:
    """Draw one KPI for every level of some dimensions, a dot and an interval per scenario.

    Parameters
    ----------
    frame
        scenario, kpi, dimension, level, mean, half_width: the frame of `simulation.analysis.summarise`.
    kpi
        The KPI to draw.
    scenarios
        Title of each scenario, the baseline first.
    dimensions
        One panel each, such as group and place. Levels keep the order of the frame; places are ordered from
        the worst to the best served in the first scenario of the frame.

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
    found = looks(scenarios)
    levels = {name: _levels(rows[rows["dimension"] == name], kpi) for name in dimensions}
    sizes = [max(1, len(found)) for found in levels.values()]
    step = max(0.34, 0.13 * len(found))
    figure = canvas(f"For whom, and where: {kpi.title}", 1.5 + 0.35 * len(sizes) + step * sum(sizes))
    grid = figure.subplots(len(sizes), 1, sharex=True, squeeze=False, height_ratios=sizes).ravel()
    shown = scale(kpi.unit, float(rows["mean"].abs().max()))
    for axes, name in zip(grid, dimensions, strict=True):
        part = rows[rows["dimension"] == name]
        for place, (scenario, look) in enumerate(found.items()):
            one = part[part["scenario"] == scenario].set_index("level").reindex(levels[name])
            shift = (place - (len(found) - 1) / 2) * 0.72 / len(found)
            _dots(axes, look, np.arange(len(one)) + shift, one, shown.factor)
        axes.set_yticks(range(len(levels[name])), [wrap(label(str(level)), 30) for level in levels[name]])
        axes.set_ylim(len(levels[name]) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0)
        title(axes, f"By {label(name)}")
    grid[-1].set_xlabel(_level_label(kpi, shown))
    legend(figure, [_handle(look) for look in found.values()])
    return figure


def _forest(axes: Axes, kpi: Kpi, rows: pd.DataFrame) -> None:
    """Draw one panel: zero, the band of indifference, a point and an interval per policy."""
    limits = rows[["difference", "low", "high"]].to_numpy(dtype=np.float64)
    largest = float(np.nanmax(np.abs(limits), initial=kpi.indifference))
    shown = scale(kpi.unit, largest)
    zone = kpi.indifference * shown.factor
    axes.axvspan(-zone, zone, color=FAINT, zorder=0, linewidth=0)
    axes.axvline(0, color=QUIET, linewidth=1)
    for place, ((difference, low, high), verdict) in enumerate(
        zip(limits * shown.factor, rows["verdict"], strict=True)
    ):
        if np.isfinite(difference):
            look = VERDICTS[verdict]
            axes.plot([low, high], [place, place], color=look.colour, solid_capstyle="butt")
            axes.plot(difference, place, color=look.colour, marker=look.marker, markersize=6.5)
    title(axes, kpi.title, 46)
    sense = f" ({SENSE[kpi.direction]})" if SENSE[kpi.direction] else ""
    axes.set_xlabel(f"Change {_after(shown.difference)}{sense}")
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value:+,.10g}".replace("-", "−") if value else "0")
    )
    axes.margins(x=0.08)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)


def _levels(rows: pd.DataFrame, kpi: Kpi) -> list[str]:
    """Order levels by their column, or as they come; places from the worst to the best served at first."""
    found = rows.drop_duplicates("level")
    if len(found) and found["dimension"].iloc[0] == "place":
        found = found.sort_values("mean", ascending=kpi.direction >= 0, kind="stable")
    elif isinstance(found["level"].dtype, pd.CategoricalDtype):
        found = found.sort_values("level")
    return [str(level) for level in found["level"]]


def _after(unit: str) -> str:
    return unit if unit.startswith("per ") else f"in {unit or 'its own unit'}"


def _dots(axes: Axes, look: Look, heights: np.ndarray, rows: pd.DataFrame, factor: float) -> None:
    means = rows["mean"].to_numpy() * factor
    spread = np.nan_to_num(rows["half_width"].to_numpy(dtype=np.float64) * factor)
    axes.errorbar(
        means,
        heights,
        xerr=spread,
        color=look.colour,
        marker=look.marker,
        linestyle="none",
        markersize=5,
        elinewidth=1.4,
    )


def _handle(look: Look, line: Literal["-", "none"] = "none") -> Line2D:
    return Line2D([], [], color=look.colour, marker=look.marker, linestyle=line, label=look.title)


def _level_label(kpi: Kpi, shown: Scale) -> str:
    notes = ", ".join(note for note in (shown.level, SENSE[kpi.direction]) if note)
    return f"{kpi.title} ({notes})" if notes else kpi.title
