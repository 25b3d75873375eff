"""What drives an effect: the way from the baseline to a policy, part by part."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from simulation.analysis.wording import adding_up, change, scale
from simulation.figures.style import COLOURS, FAINT, INK, QUIET, VERDICTS, canvas, legend, styled, title, wrap
from simulation.kpis import Kpi

__all__ = ["Way", "contributions", "interplay", "turns"]

SENSE: Final = {1: ", higher is better", -1: ", lower is better", 0: ""}
PAPER: Final = {
    "better": "#c9ebdd", "worse": "#f8d3bd", "differs": "#c7def0", "no evidence": "#eceff3",
    "too noisy": "#faefcf",
}  # fmt: skip
WORDS: Final = {"no evidence": "too small to matter"}
"""Where a part is known to bring something, and that is little."""
TURNS: Final = {
    "first": ("alone", COLOURS[3], "<"),
    "contribution": ("its share: the mean over all orders", INK, "o"),
    "last": ("as the last one, after all others", COLOURS[1], ">"),
}


class Way(NamedTuple):
    """The way of one KPI from the baseline to the policy."""

    kpi: Kpi
    total: pd.Series
    """A row of the totals of `simulation.analysis.attribute`."""
    steps: pd.DataFrame
    """The frame of `simulation.analysis.waterfall`."""


@styled
def contributions(
    heading: str, ways: Sequence[Way], names: Mapping[str, str], ends: tuple[str, str]
) -> Figure:
    """Draw a waterfall for each KPI: the baseline, what each part brings, and the policy.

    The numbers as written add up as well.

    Parameters
    ----------
    heading
        Heads the figure.
    ways
        A panel each.
    names
        Title of each part by its id.
    ends
        Titles of the baseline and of the policy.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> solved = SimpleNamespace(id="solved", title="Solved", unit="share", direction=1, indifference=0.01)
    >>> steps = pd.DataFrame({"player": ["a", "b"], "contribution": [0.03, 0.01], "low": [0.02, 0.0],
    ...                       "high": [0.04, 0.02], "verdict": ["better", "too noisy"],
    ...                       "start": [0.6, 0.63], "end": [0.63, 0.64]})
    >>> total = pd.Series({"baseline_mean": 0.6, "mean": 0.64, "low": 0.03, "high": 0.05})
    >>> figure = contributions("Both", [Way(solved, total, steps)], {"a": "A", "b": "B"}, ("Now", "Both"))
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['60.00 %', '+3.00', '+1.00', '64.00 %']
    """
    columns = min(2, len(ways))
    rows = -(-len(ways) // columns)
    width = 34 if columns == 1 else 24
    lines = max(wrap(name, width).count("\n") + 1 for name in [*names.values(), *ends])
    tall = max(0.3, 0.17 * lines + 0.08) * (len(names) + 2)
    figure = canvas(heading, 1.0 + rows * (0.8 + tall), 9.0 if columns == 1 else 11.5)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, way in zip(grid, ways, strict=False):
        _waterfall(axes, way)
        labels = [ends[0], *(names[name] for name in way.steps["player"]), ends[1]]
        axes.set_yticks(range(len(labels)), [wrap(words, width) for words in labels])
        axes.set_ylim(len(labels) - 0.4, -0.6)
    for axes in grid[len(ways) :]:
        axes.set_visible(False)
    seen = {verdict for way in ways for verdict in way.steps["verdict"]}
    keys: list[Artist] = [
        Patch(color=VERDICTS[name].colour, label=WORDS.get(name, VERDICTS[name].title))
        for name in VERDICTS
        if name in seen
    ]
    keys.append(Line2D([], [], color=INK, linewidth=1, label="interval"))
    legend(figure, keys)
    return figure


def _waterfall(axes: Axes, way: Way) -> None:
    """Draw one panel: a mark for each end, a bar for each part with the interval of where it may end."""
    kpi, total, steps = way
    shown = scale(kpi.unit, max(abs(total["baseline_mean"]), abs(total["mean"])))
    begin, end = total["baseline_mean"] * shown.factor, total["mean"] * shown.factor
    first, words, last = adding_up(
        total["baseline_mean"], steps["contribution"].tolist(), total["mean"], kpi.unit
    )
    rows = steps[["start", "end", "contribution", "low", "high"]].to_numpy(dtype=np.float64) * shown.factor
    reach = [begin + (total[name] * shown.factor) for name in ("low", "high")]
    last_row = len(steps) + 1
    for place, ((start, stop, _, low, high), verdict) in enumerate(
        zip(rows, steps["verdict"], strict=True), 1
    ):
        axes.barh(place, stop - start, left=start, height=0.62, color=VERDICTS[verdict].colour, alpha=0.85)
        axes.plot([start + low, start + high], [place, place], color=INK, linewidth=1)
        axes.plot([stop, stop], [place, place + 1], color=QUIET, linewidth=0.8)
        reach += [start, stop, start + low, start + high]
    axes.plot([begin, begin], [0, 1], color=QUIET, linewidth=0.8)
    axes.plot(reach[:2], [last_row, last_row], color=INK, linewidth=1)
    axes.plot([begin, end], [0, last_row], "o", color=INK, markersize=6)
    finite = [value for value in reach if np.isfinite(value)] or [begin, end]
    lowest, highest = min(finite), max(finite)
    room = (highest - lowest) or 1.0
    axes.set_xlim(lowest - 0.06 * room, highest + 0.3 * room)
    unit = f" {shown.level}" if shown.level == "%" else ""
    notes = [(begin, f"{first}{unit}")]
    notes += [(max(row[0], row[1], row[0] + row[4]), word) for row, word in zip(rows, words, strict=True)]
    notes.append((reach[1], f"{last}{unit}"))
    for place, (at, word) in enumerate(notes):
        axes.text((at if np.isfinite(at) else end) + 0.025 * room, place, word, va="center", fontsize=8.5)
    title(axes, kpi.title, 52)
    axes.set_xlabel(f"{shown.level or 'in its own unit'}{SENSE[kpi.direction]}")
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)


@styled
def turns(frame: pd.DataFrame, kpis: Sequence[Kpi], names: Mapping[str, str]) -> Figure:
    """Draw what each part does alone, on average over all orders, and as the last one: how far order matters.

    Parameters
    ----------
    frame
        The contributions of `simulation.analysis.attribute`.
    kpis
        The KPIs to draw, a panel each.
    names
        Title of each part by its id.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> solved = SimpleNamespace(id="solved", title="Solved", unit="share", direction=1, indifference=0.01)
    >>> row = {"kpi": "solved", "player": "a", "contribution": 0.03, "low": 0.02, "high": 0.04}
    >>> row |= {"first": 0.04, "first_low": 0.03, "first_high": 0.05, "last": 0.02, "last_low": 0.01,
    ...         "last_high": 0.03}
    >>> len(turns(pd.DataFrame([row]), [solved], {"a": "A"}).axes)
    1
    """
    columns = min(4 if len(kpis) > 4 else 2, len(kpis))
    rows = -(-len(kpis) // columns)
    labels = [wrap(name, 30) for name in names.values()]
    step = max([0.34, *(0.17 * (words.count("\n") + 1) for words in labels)])
    height = 1.2 + rows * (0.95 + step * len(names))
    figure = canvas(
        "Does it matter in which order the parts are carried out?", height, 11.5 if columns > 2 else 9.0
    )
    grid = figure.subplots(rows, columns, squeeze=False, sharey=True).ravel()
    for axes, kpi in zip(grid, kpis, strict=False):
        found = frame[frame["kpi"] == kpi.id].set_index("player").reindex(list(names))
        _order_matters(axes, kpi, found, narrow=columns > 2)
        axes.set_yticks(range(len(names)), labels)
        axes.set_ylim(len(names) - 0.4, -0.6)
    for axes in grid[len(kpis) :]:
        axes.set_visible(False)
    keys: list[Artist] = [
        Line2D([], [], color=colour, marker=marker, linewidth=1, label=words)
        for words, colour, marker in TURNS.values()
    ]
    legend(figure, [*keys, Patch(color=FAINT, label="too small to matter")])
    return figure


def _order_matters(axes: Axes, kpi: Kpi, rows: pd.DataFrame, *, narrow: bool) -> None:
    values = rows[[name for name in rows if str(name).startswith(("first", "last", "low", "high", "contr"))]]
    shown = scale(kpi.unit, float(np.nanmax(np.abs(values.to_numpy(np.float64)), initial=kpi.indifference)))
    zone = kpi.indifference * shown.factor
    axes.axvspan(-zone, zone, color=FAINT, zorder=0, linewidth=0)
    axes.axvline(0, color=QUIET, linewidth=1)
    for shift, (name, (_, colour, marker)) in zip((-0.22, 0.0, 0.22), TURNS.items(), strict=True):
        ends = ("low", "high") if name == "contribution" else (f"{name}_low", f"{name}_high")
        for place, (at, low, high) in enumerate(rows[[name, *ends]].to_numpy(np.float64) * shown.factor):
            axes.plot([low, high], [place + shift] * 2, color=colour, linewidth=1)
            axes.plot(at, place + shift, color=colour, marker=marker, markersize=5)
    title(axes, kpi.title, 26 if narrow else 46)
    axes.set_xlabel(wrap(f"Change {_after(shown.difference)}{SENSE[kpi.direction]}", 28 if narrow else 60))
    axes.xaxis.set_major_locator(MaxNLocator(3 if narrow else 5))
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value:+,.10g}".replace("-", "−") if value else "0")
    )
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)


@styled
def interplay(frame: pd.DataFrame, kpi: Kpi, names: Mapping[str, str]) -> Figure:
    """Draw which parts help and which hinder each other: a cell for each pair.

    Parameters
    ----------
    frame
        The pairs of `simulation.analysis.attribute`.
    kpi
        The KPI to draw.
    names
        Title of each part by its id.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> solved = SimpleNamespace(id="solved", title="Solved", unit="share", direction=1, indifference=0.01)
    >>> row = {"kpi": "solved", "player": "a", "other": "b", "interaction": -0.02, "verdict": "worse"}
    >>> figure = interplay(pd.DataFrame([row | {"low": -0.03, "high": -0.01}]), solved, {"a": "A", "b": "B"})
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['−2.0']
    """
    order = list(names)
    rows = frame[frame["kpi"] == kpi.id]
    largest = float(rows["interaction"].abs().max())
    shown = scale(kpi.unit, largest)
    figure = canvas(f"Which parts help each other: {kpi.title}", 2.2 + 0.42 * len(order), 9.0)
    axes = figure.subplots()
    for row in rows.to_dict("records"):
        down, across = sorted((order.index(row["player"]), order.index(row["other"])), reverse=True)
        axes.add_patch(
            Rectangle((across - 0.48, down - 1.48), 0.96, 0.96, color=PAPER[row["verdict"]], linewidth=0)
        )
        word = change(row["interaction"], row["low"], row["high"], kpi.unit, largest).difference
        axes.text(across, down - 1, word, ha="center", va="center", fontsize=9)
    axes.set_xticks(range(len(order) - 1), [wrap(names[name], 14) for name in order[:-1]])
    axes.set_yticks(range(len(order) - 1), [wrap(names[name], 30) for name in order[1:]])
    axes.set_xlim(-0.5, len(order) - 1.5)
    axes.set_ylim(len(order) - 1.5, -0.5)
    axes.set_xlabel(f"Together beyond apart, {shown.difference or 'in its own unit'}{SENSE[kpi.direction]}")
    axes.grid(visible=False)
    axes.tick_params(length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    words = WORDS | {"better": "help each other", "worse": "do the same work twice, or hinder each other"}
    seen = [name for name in PAPER if name in set(rows["verdict"])]
    legend(figure, [Patch(color=PAPER[name], label=words.get(name, VERDICTS[name].title)) for name in seen])
    return figure


def _after(unit: str) -> str:
    return unit if unit.startswith("per ") else f"in {unit or 'its own unit'}"
