"""What a sweep found: how each policy answers to each axis, and where two axes act together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, LinearSegmentedColormap, Normalize, TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from simulation.analysis.wording import scale
from simulation.figures.style import COLOURS, INK, QUIET, canvas, legend, looks, styled, wrap

__all__ = ["heat_map", "interactions", "response_curves"]

ACROSS: Final = 2
"""Panels beside each other."""
CELLS: Final = 12
"""Values of an axis up to which numbers are written into the cells."""
SHADES: Final = 48
"""Shades of a scale: more than fifty would be drawn as a picture, and a page may hold none."""
LEVELS: Final = LinearSegmentedColormap.from_list("levels", ["#f3f7fb", "#0072B2", "#0b2a4a"], SHADES)
GAINS: Final = LinearSegmentedColormap.from_list("gains", ["#a04000", "#f6f6f6", "#0072B2"], SHADES)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _places(values: Sequence[Any]) -> tuple[list[float], list[str] | None]:
    """Give where values stand on an axis: numbers where they are, words side by side under their names."""
    if all(_is_number(value) for value in values):
        return [float(value) for value in values], None
    names = list(dict.fromkeys(str(value) for value in values))
    return [float(names.index(str(value))) for value in values], names


def _panels(figure: Figure, count: int) -> list[Axes]:
    across = min(ACROSS, count)
    grid = figure.subplots(math.ceil(count / across), across, squeeze=False, sharey=True)
    found = list(grid.ravel())
    for spare in found[count:]:
        spare.set_visible(False)
    for axes in found[:count]:
        axes.tick_params(labelleft=True)
    return found[:count]


def _canvas(heading: str, count: int) -> Figure:
    rows = math.ceil(count / ACROSS)
    return canvas(heading, 1.3 + 2.9 * rows, 9.0 if count > 1 else 7.0)


@styled
def response_curves(
    frames: Mapping[str, pd.DataFrame],
    words: Mapping[str, str],
    column: str,
    heading: str,
    unit: str,
    policies: Mapping[str, str],
) -> Figure:
    """Draw how each policy answers to each axis, a panel for each, with intervals.

    Parameters
    ----------
    frames
        For each axis value, policy, and a mean with its half-width: as `simulation.analysis.responses` gives.
    words
        Each axis in words.
    column
        ``mean`` for the KPI, ``gain`` for what is gained over the baseline.
    heading, unit
        What is drawn.
    policies
        Title of each policy, the baseline first.

    Examples
    --------
    >>> frame = pd.DataFrame({"value": [1, 2], "policy": ["now"] * 2, "mean": [0.4, 0.6], "half_width": 0.1})
    >>> found = response_curves({"a": frame}, {"a": "Heads"}, "mean", "Resolved", "share", {"now": "Now"})
    >>> found.axes[0].get_xlabel()
    'Heads'
    """
    largest = max(float(np.nanmax(np.abs(frame[column]))) for frame in frames.values())
    shown = scale(unit, largest)
    figure = _canvas(heading, len(frames))
    styles, drawn = looks(policies), list(policies)[column == "gain" :]
    spread = f"{column}_half_width" if column == "gain" else "half_width"
    panels = _panels(figure, len(frames))
    for place, (axes, (name, frame)) in enumerate(zip(panels, frames.items(), strict=True)):
        for policy in drawn:
            own, look = frame[frame["policy"] == policy], styles[policy]
            at, names = _places(list(own["value"]))
            middle = own[column].to_numpy(dtype=np.float64) * shown.factor
            half = own[spread].to_numpy(dtype=np.float64) * shown.factor
            line: dict[str, Any] = {"color": look.colour, "marker": look.marker, "markersize": 5}
            if names is None:
                axes.plot(at, middle, linestyle=look.dash, **line)
                axes.fill_between(
                    at, middle - half, middle + half, color=look.colour, alpha=0.15, linewidth=0
                )
            else:
                shift = (drawn.index(policy) - (len(drawn) - 1) / 2) * min(0.15, 0.6 / len(drawn))
                moved = [value + shift for value in at]
                axes.errorbar(moved, middle, half, linestyle="none", capsize=3, **line)
                axes.set_xticks(range(len(names)), [wrap(label, 14) for label in names])
                axes.margins(x=0.15)
        if column == "gain":
            axes.axhline(0, color=QUIET, linewidth=1, linestyle=(0, (3, 2)))
        axes.set_xlabel(wrap(words[name], 52 if len(frames) > 1 else 80))
        if place % ACROSS == 0:
            axes.set_ylabel(shown.difference if column == "gain" else shown.level)
    legend(figure, [_key(styles[policy]) for policy in drawn])
    return figure


def _key(look: Any) -> Artist:
    return Line2D([], [], color=look.colour, linestyle=look.dash, marker=look.marker, label=look.title)


@styled
def heat_map(
    frame: pd.DataFrame, across: Sequence[str], words: Sequence[str], heading: str, unit: str, *, gain: bool
) -> Figure:
    """Draw an outcome over two axes: in cells where they form a grid, else as a dot for each point.

    Parameters
    ----------
    frame
        A row per point: the values of both axes, and ``value``.
    across
        Names of the two columns.
    words
        Both axes in words.
    heading, unit
        What is drawn.
    gain
        Whether it is a gain, good above zero and bad below.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1, 2, 1, 2], "b": [1, 1, 2, 2], "value": [0.1, -0.1, 0.2, 0.3]})
    >>> found = heat_map(frame, ["a", "b"], ["A", "B"], "Gain", "share", gain=True)
    >>> sorted(text.get_text() for text in found.axes[0].texts)
    ['+10', '+20', '+30', '−10']
    """
    shown = scale(unit, float(np.nanmax(np.abs(frame["value"]))))
    value = frame["value"].to_numpy(dtype=np.float64) * shown.factor
    figure = canvas(heading, 5.2, 8.0)
    axes = figure.add_subplot()
    norm, colours = _colours(value, gain=gain)
    sides = [_places(list(frame[name])) for name in across]
    steps = [sorted(set(at)) for at, _ in sides]
    if max(map(len, steps)) <= CELLS and len(frame) == len(steps[0]) * len(steps[1]):
        _cells(axes, [at for at, _ in sides], steps, value, (norm, colours), signed=gain)
        for axis, (_, names), places in zip((axes.xaxis, axes.yaxis), sides, steps, strict=True):
            said = names or [f"{place:,.4g}" for place in places]
            axis.set_ticks([n + 0.5 for n in range(len(places))], [wrap(label, 14) for label in said])
    else:
        (x, _), (y, _) = sides
        axes.scatter(x, y, c=value, norm=norm, cmap=colours, s=46, edgecolor=INK, linewidth=0.4)
        for axis, (_, names) in zip((axes.xaxis, axes.yaxis), sides, strict=True):
            if names:
                axis.set_ticks(range(len(names)), [wrap(label, 14) for label in names])
    axes.set_xlabel(wrap(words[0], 80))
    axes.set_ylabel(wrap(words[1], 45))
    axes.grid(visible=False)
    bar = figure.colorbar(ScalarMappable(norm, colours), ax=axes, shrink=0.9, pad=0.02)
    bar.set_label(shown.difference if gain else shown.level)
    bar.outline.set_visible(False)
    if gain:  # the scale is symmetric; of it, what occurs
        low, high = float(np.nanmin(value)), float(np.nanmax(value))
        bar.ax.set_ylim(min(low, 0.0), max(high, 0.0))
    return figure


def _colours(value: np.ndarray[Any, Any], *, gain: bool) -> tuple[Normalize, Colormap]:
    low, high = float(np.nanmin(value)), float(np.nanmax(value))
    if not gain:
        return Normalize(low, high if high > low else low + 1), LEVELS
    most = max(abs(low), abs(high)) or 1.0
    return TwoSlopeNorm(0.0, -most, most), GAINS


def _cells(
    axes: Axes,
    at: Sequence[Sequence[float]],
    steps: Sequence[Sequence[float]],
    value: np.ndarray[Any, Any],
    colours: tuple[Normalize, Colormap],
    *,
    signed: bool,
) -> None:
    grid = np.full((len(steps[1]), len(steps[0])), np.nan)
    for x, y, here in zip(*at, value, strict=True):
        grid[steps[1].index(y), steps[0].index(x)] = here
    axes.pcolormesh(grid, norm=colours[0], cmap=colours[1], edgecolor="white", linewidth=1)
    for row, line in enumerate(grid):
        for column, here in enumerate(line):
            if np.isfinite(here):
                dark = sum(colours[1](colours[0](here))[:3]) < 1.6
                text = (f"{here:+.3g}" if signed else f"{here:.4g}").replace("-", "−")
                ink = "white" if dark else INK
                axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", color=ink, fontsize=8.5)


@styled
def interactions(
    frames: Mapping[tuple[str, str], pd.DataFrame],
    words: Mapping[str, str],
    heading: str,
    unit: str,
    *,
    gain: bool,
) -> Figure:
    """Draw the response to one axis at several values of another, a panel for each pair.

    Parameters
    ----------
    frames
        For each pair (the axis below, the axis of the lines): value, other (its value in words), mean.
    words
        Each axis in words.
    heading, unit
        What is drawn.
    gain
        Whether it is a gain.

    Examples
    --------
    >>> at, other = [1, 2, 1, 2], ["low", "low", "high", "high"]
    >>> frame = pd.DataFrame({"value": at, "other": other, "mean": [1.0, 2.0, 1.0, 3.0]})
    >>> found = interactions({("a", "b"): frame}, {"a": "A", "b": "B"}, "Waits", "d", gain=False)
    >>> len(found.axes[0].lines)
    2
    """
    largest = max(float(np.nanmax(np.abs(frame["mean"]))) for frame in frames.values())
    shown = scale(unit, largest)
    figure = _canvas(heading, len(frames))
    for place, (axes, (pair, frame)) in enumerate(
        zip(_panels(figure, len(frames)), frames.items(), strict=True)
    ):
        names = list(dict.fromkeys(frame["other"]))
        for number, name in enumerate(names):
            own = frame[frame["other"] == name]
            at, labels = _places(list(own["value"]))
            colour = COLOURS[number % len(COLOURS)]
            middle = own["mean"].to_numpy(dtype=np.float64) * shown.factor
            axes.plot(at, middle, color=colour, marker="osD^vPX"[number % 7], markersize=5, label=name)
            if labels:
                axes.set_xticks(range(len(labels)), [wrap(label, 14) for label in labels])
        if gain:
            axes.axhline(0, color=QUIET, linewidth=1, linestyle=(0, (3, 2)))
        axes.legend(fontsize=8, frameon=True, framealpha=0.8, edgecolor="none")
        lines = wrap(f"Lines: {words[pair[1]]}", 56 if len(frames) > 1 else 90)
        axes.set_title(lines, fontsize=9, fontweight="normal")
        axes.set_xlabel(wrap(words[pair[0]], 52 if len(frames) > 1 else 80))
        if place % ACROSS == 0:
            axes.set_ylabel(shown.difference if gain else shown.level)
    return figure
