"""More and fewer posts: what each team's are worth, how soon more brings less, and which staffings win."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator

from simulation.analysis.wording import scale
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

__all__ = ["post_curves", "post_values", "staffing_frontier"]

MILLION: Final = 1e6
TINTS: Final = {"better": "#bfe5d9", "worse": "#f6cfb3", "differs": "#bfdbec", "too noisy": "#efe3bd"}
COLUMNS: Final = 4


@styled
def post_values(effects: pd.DataFrame, kpis: Sequence[Kpi], posts: Mapping[str, str]) -> Figure:
    """Draw what one fewer and one more post of each team changes on every KPI, as two tables of cells.

    Parameters
    ----------
    effects
        Columns post, change, kpi, difference, verdict; changes other than one are left out.
    kpis
        The KPIs, in order.
    posts
        Title of each post.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> wait = SimpleNamespace(id="wait", title="Wait", unit="days", direction=-1, indifference=0.25)
    >>> row = {"post": "desk", "change": 1, "kpi": "wait", "difference": -1.0, "verdict": "better"}
    >>> post_values(pd.DataFrame([row]), [wait], {"desk": "Street desk"}).axes[1].get_title(loc="left")
    'One more'
    """
    figure = canvas("What one post is worth, team by team", 2.3 + 0.27 * len(posts), 12.5)
    panels = figure.subplots(1, 2, sharey=True)
    for axes, change, words in zip(panels, (-1, 1), ("One fewer", "One more"), strict=True):
        title(axes, words)
        part = effects[effects["change"] == change]
        for column, kpi in enumerate(kpis):
            rows = part[part["kpi"] == kpi.id]
            cells = dict(
                zip(rows["post"], zip(rows["verdict"], rows["difference"], strict=True), strict=True)
            )
            shown = scale(kpi.unit)
            for line, post in enumerate(posts):
                if post in cells:
                    verdict, difference = cells[post]
                    _cell(axes, column, line, verdict, difference * shown.factor)
        heads = [f"{wrap(kpi.title, 16)}\n({_unit(kpi)})" for kpi in kpis]
        axes.set_xticks(range(len(kpis)), heads, fontsize=6.5, rotation=90)
        axes.set_xlim(-0.5, len(kpis) - 0.5)
        axes.set_yticks(range(len(posts)), [wrap(words, 34) for words in posts.values()])
        axes.set_ylim(len(posts) - 0.5, -0.5)
        axes.grid(visible=False)
        axes.tick_params(length=0)
    seen = [name for name in TINTS if name in set(effects["verdict"])]
    blank = Patch(facecolor="white", edgecolor=FAINT, label=VERDICTS["no evidence"].title)
    legend(figure, [*(Patch(color=TINTS[name], label=VERDICTS[name].title) for name in seen), blank])
    return figure


def _unit(kpi: Kpi) -> str:
    words = scale(kpi.unit).difference
    return {"percentage points": "points"}.get(words, words) or "own unit"


def _cell(axes: Axes, column: int, line: int, verdict: str, number: float) -> None:
    """Fill one cell with the tint of its verdict; a difference that does not matter is a dot."""
    if verdict == "no evidence" or not np.isfinite(number):
        axes.text(column, line, "·", ha="center", va="center", color=QUIET, fontsize=8)
        return
    axes.add_patch(Rectangle((column - 0.5, line - 0.5), 1, 1, color=TINTS[verdict], linewidth=0))
    text = f"{number:+.1f}" if abs(number) < 99.5 else f"{number:+.0f}"
    axes.text(column, line, text.replace("-", "−"), ha="center", va="center", color=INK, fontsize=7)


@styled
def post_curves(effects: pd.DataFrame, kpis: Sequence[Kpi], posts: Mapping[str, str]) -> Figure:
    """Draw how each KPI goes with the heads of each team, one panel per KPI; what hardly moves is grey.

    Parameters
    ----------
    effects
        Columns post, change, kpi, difference, low, high, verdict.
    kpis
        The KPIs, in order.
    posts
        Title of each post.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> wait = SimpleNamespace(id="wait", title="Wait", unit="days", direction=-1, indifference=0.25)
    >>> row = {"post": "desk", "change": 1, "kpi": "wait", "difference": -1.0, "low": -1.5, "high": -0.5}
    >>> frame = pd.DataFrame([row | {"verdict": "better"}])
    >>> post_curves(frame, [wait], {"desk": "Street desk"}).axes[0].get_title(loc="left")
    'Wait'
    """
    figure, grid = _panels(
        "How soon more posts bring less: change of each measure with the heads of a team", kpis
    )
    more = effects[effects["change"] > 0]
    telling = [post for post in posts if (more.loc[more["post"] == post, "verdict"] == "better").any()]
    for axes, kpi in zip(grid, kpis, strict=False):
        shown = scale(kpi.unit)
        zone = kpi.indifference * shown.factor
        axes.axhspan(-zone, zone, color=FAINT, zorder=0, linewidth=0)
        part = more[more["kpi"] == kpi.id]
        for post in sorted(posts, key=lambda name: name in telling):
            rows = part[part["post"] == post].sort_values("change")
            heads = [0, *rows["change"]]
            middle, low, high = (
                np.array([0.0, *rows[name]]) * shown.factor for name in ("difference", "low", "high")
            )
            if post not in telling:
                axes.plot(heads, middle, color="#bdbdbd", linewidth=0.8)
                continue
            place = telling.index(post)
            colour = COLOURS[place % len(COLOURS)]
            axes.fill_between(heads, low, high, color=colour, alpha=0.18, linewidth=0)
            axes.plot(heads, middle, color=colour, marker=MARKERS[place % len(MARKERS)], markersize=4)
        title(axes, kpi.title, 30)
        axes.set_ylabel(_unit(kpi))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("heads more at each place")
    handles: list[Line2D | Patch] = [
        Line2D([], [], color=COLOURS[n % len(COLOURS)], marker=MARKERS[n % len(MARKERS)], label=posts[post])
        for n, post in enumerate(telling)
    ]
    handles.append(Line2D([], [], color="#bdbdbd", label="teams whose posts help nowhere"))
    legend(figure, [*handles, Patch(color=FAINT, label="too small to matter")])
    return figure


@styled
def staffing_frontier(
    tried: pd.DataFrame, frontier: pd.DataFrame, kpis: Sequence[Kpi], present: Mapping[str, float]
) -> Figure:
    """Draw cost against each KPI for every staffing that was tried, and those that none beats.

    Parameters
    ----------
    tried
        Columns scenario, kpi, cost (more than now, yuan a year), difference, nobody; what leaves nobody at a
        team is left out.
    frontier
        Columns kpi, scenario, cost, mean.
    kpis
        The KPIs, in order.
    present
        Mean of each KPI now.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> wait = SimpleNamespace(id="wait", title="Wait", unit="days", direction=-1, indifference=0.25)
    >>> row = {"scenario": "desk +1", "kpi": "wait", "cost": 5e4, "difference": -1.0}
    >>> tried = pd.DataFrame([row | {"nobody": False}])
    >>> best = pd.DataFrame([{"kpi": "wait", "scenario": "desk +1", "cost": 5e4, "mean": 4.0}])
    >>> staffing_frontier(tried, best, [wait], {"wait": 5.0}).axes[0].get_title(loc="left")
    'Wait'
    """
    figure, grid = _panels("Which staffings does nothing beat? Cost against each measure", kpis)
    for axes, kpi in zip(grid, kpis, strict=False):
        shown = scale(kpi.unit)
        rows = tried[(tried["kpi"] == kpi.id) & ~tried["nobody"]]
        values = (rows["difference"] + present[kpi.id]) * shown.factor
        axes.plot(rows["cost"] / MILLION, values, "o", color="#bdbdbd", markersize=3.5)
        best = frontier[frontier["kpi"] == kpi.id]
        axes.plot(
            best["cost"] / MILLION, best["mean"] * shown.factor, "-o", color=COLOURS[0], markersize=4.5,
            drawstyle="steps-post", linewidth=1.2,
        )  # fmt: skip
        axes.plot(0.0, present[kpi.id] * shown.factor, marker="D", color=INK, markersize=6)
        title(axes, kpi.title, 30)
        axes.set_ylabel(shown.level)
        sense = {1: "higher is better", -1: "lower is better", 0: ""}[kpi.direction]
        axes.set_xlabel(f"million yuan a year more than now\n({sense})" if sense else "million yuan a year")
        axes.margins(0.08)
    legend(
        figure,
        [
            Line2D([], [], color=INK, marker="D", linestyle="none", label="as it is"),
            Line2D(
                [], [], color=COLOURS[0], marker="o", label="not beaten: none costs less and does as well"
            ),
            Line2D([], [], color="#bdbdbd", marker="o", linestyle="none", label="beaten by another"),
        ],
    )
    return figure


def _panels(heading: str, kpis: Sequence[Kpi]) -> tuple[Figure, Sequence[Axes]]:
    """Open a figure with a panel for each KPI."""
    columns = min(COLUMNS, len(kpis))
    rows = -(-len(kpis) // columns)
    figure = canvas(heading, 1.0 + 2.5 * rows, 3.0 * columns + 0.5 if columns > 1 else 6.0)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in grid[len(kpis) :]:
        axes.set_visible(False)
    return figure, list(grid)
