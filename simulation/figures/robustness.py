"""When the answer changes: what moves it, what a wrong choice costs, and in which futures who is best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from simulation.analysis.wording import scale
from simulation.figures.style import FAINT, INK, QUIET, canvas, legend, looks, styled, wrap

__all__ = ["regrets", "tornado", "winner_map"]

LOW: Final = "#56B4E9"
HIGH: Final = "#D55E00"
BARS: Final = 12
"""Unknowns that a tornado shows at most."""
WIDE: Final = 46
"""Characters of a label in a line."""


@styled
def tornado(frame: pd.DataFrame, first: str, second: str, unit: str) -> Figure:
    """Draw how far one policy leads another when each unknown alone is at either end of its range.

    Parameters
    ----------
    frame
        what, low, high (values in words), lead_low, lead_high, lead (as configured); drawn in the order in
        which the lead moves most.
    first, second
        Titles of the two policies.
    unit
        Unit of the lead.

    Examples
    --------
    >>> row = {"what": "Demand", "low": "−60 %", "high": "+100 %", "lead_low": 0.01, "lead_high": 0.03}
    >>> len(tornado(pd.DataFrame([row | {"lead": 0.02}]), "A", "B", "share").axes)
    1
    """
    ends = frame[["lead_low", "lead_high"]].to_numpy(dtype=np.float64)
    here = float(frame["lead"].iloc[0])
    order = np.argsort(-np.abs(ends - here).max(axis=1), kind="stable")[:BARS][::-1]
    shown = scale(unit, float(np.nanmax(np.abs(ends))))
    figure = canvas("What moves the lead", 1.6 + 0.5 * len(order), 10.0)
    axes = figure.add_subplot()
    for place, number in enumerate(order):
        row = frame.iloc[number]
        together = (row["lead_low"] - here) * (row["lead_high"] - here) > 0
        for end, colour, up in (("low", LOW, 0.2), ("high", HIGH, -0.2)):
            at = row[f"lead_{end}"] * shown.factor
            level, height = (place + up, 0.36) if together else (place, 0.6)  # else one hides the other
            axes.barh(level, at - here * shown.factor, left=here * shown.factor, height=height, color=colour)
            right = at >= here * shown.factor
            axes.annotate(
                str(row[end]), (at, level), (4 if right else -4, 0), textcoords="offset points", va="center",
                ha="left" if right else "right", fontsize=8, color=INK,
            )  # fmt: skip
    axes.axvline(here * shown.factor, color=INK, linewidth=1)
    axes.axvline(0, color=QUIET, linewidth=1, linestyle=(0, (3, 2)))
    axes.set_yticks(range(len(order)), [wrap(str(frame["what"].iloc[n]), WIDE) for n in order])
    axes.margins(x=0.12)
    axes.grid(visible=False, axis="y")
    words = f"Lead of {first} over {second} ({shown.difference}); below zero {second} is better"
    axes.set_xlabel(wrap(words, 95))
    legend(
        figure,
        [
            Rectangle((0, 0), 1, 1, color=LOW, label="at its lowest value"),
            Rectangle((0, 0), 1, 1, color=HIGH, label="at its highest value"),
            Line2D([], [], color=INK, label="as configured"),
        ],
    )
    return figure


@styled
def regrets(lost: pd.DataFrame, policies: Mapping[str, str], unit: str) -> Figure:
    """Draw how much is lost by each policy against the best one of the same future, over all futures.

    Parameters
    ----------
    lost
        A row per future, a column per policy.
    policies
        Title of each policy that anything is drawn of, the baseline first.
    unit
        Unit of what is lost.

    Examples
    --------
    >>> lost = pd.DataFrame({"a": [0.0, 2.0], "b": [1.0, 0.0]})
    >>> found = regrets(lost, {"now": "Now", "a": "A", "b": "B"}, "d")
    >>> found.axes[0].get_ylabel()
    'Share of futures'
    """
    shown = scale(unit, float(lost.to_numpy().max()))
    figure = canvas("What does it cost to have chosen wrongly?", 4.4, 9.0)
    axes = figure.add_subplot()
    handles: list[Artist] = []
    for name, look in looks(policies).items():
        if name not in lost:
            continue
        at = np.sort(lost[name].to_numpy(dtype=np.float64)) * shown.factor
        shares = np.arange(1, len(at) + 1) / len(at)
        steps = np.append(0.0, at), np.append(0.0, shares)
        axes.step(*steps, where="post", color=look.colour, linestyle=look.dash)
        axes.plot(at[-1], 1, marker=look.marker, color=look.colour, clip_on=False)
        words = f"{look.title} (mean {at.mean():.2g}, at most {at[-1]:.2g})"
        handles.append(
            Line2D([], [], color=look.colour, linestyle=look.dash, marker=look.marker, label=words)
        )
    axes.set_ylim(0, 1)
    axes.set_xlim(left=0)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
    axes.set_ylabel("Share of futures")
    axes.set_xlabel(
        f"Regret at most: how much worse than the best policy of that future ({shown.difference})"
    )
    legend(figure, handles)
    return figure


@styled
def winner_map(
    frame: pd.DataFrame,
    across: Sequence[str],
    labels: Mapping[str, str],
    percent: Sequence[str],
    policies: Mapping[str, str],
    box: Mapping[str, tuple[float, float]],
    box_words: str,
) -> Figure:
    """Draw who is best in which future, over two unknowns, and the box in which the usual winner is not.

    Parameters
    ----------
    frame
        A row per future: the values of the unknowns, winner, settled.
    across
        The two unknowns.
    labels
        What each unknown means.
    percent
        The unknowns whose values are factors: drawn as percent more or less.
    policies
        Title of each policy, the baseline first.
    box
        Limits of unknowns; only those of the two are drawn.
    box_words
        What the box says.

    Examples
    --------
    >>> frame = pd.DataFrame({"x": [1, 2], "y": [1, 2], "winner": ["a", "b"], "settled": [True, False]})
    >>> words = {"now": "Now", "a": "A", "b": "B"}
    >>> found = winner_map(frame, ["x", "y"], {"x": "X", "y": "Y"}, ["x"], words, {"x": (1.5, 9)}, "x > 1.5")
    >>> found.axes[0].get_ylabel()
    'Y'
    """
    figure = canvas("Who is best, in which future?", 6.2, 9.0)
    axes = figure.add_subplot()
    handles: list[Artist] = []
    for name, look in looks(policies).items():
        rows = frame[frame["winner"] == name]
        if rows.empty:
            continue
        mark: dict[str, Any] = {
            "marker": look.marker,
            "linestyle": "none",
            "color": look.colour,
            "markersize": 6.5,
        }
        for settled, fill in ((True, look.colour), (False, "white")):
            some = rows[rows["settled"] == settled]
            axes.plot(some[across[0]], some[across[1]], markerfacecolor=fill, **mark)
        handles.append(Line2D([], [], label=f"{look.title} ({len(rows)} of {len(frame)})", **mark))
    _scales(axes, across, labels, percent)
    if any(name in box for name in across):
        views = axes.get_xlim(), axes.get_ylim()
        (left, right), (below, above) = (
            np.clip(box.get(name, (-np.inf, np.inf)), *view) for name, view in zip(across, views, strict=True)
        )
        area = Rectangle(
            (left, below), right - left, above - below, facecolor=FAINT, edgecolor=INK, zorder=0.5
        )
        axes.add_patch(area)
        axes.set_xlim(views[0])
        axes.set_ylim(views[1])
        axes.set_title(wrap(box_words, 105), fontsize=9, fontweight="normal")
    hollow: dict[str, Any] = {"marker": "o", "color": QUIET, "markerfacecolor": "white", "linestyle": "none"}
    handles.append(Line2D([], [], label="hollow: the lead is within luck", **hollow))
    legend(figure, handles)
    return figure


def _scales(axes: Axes, across: Sequence[str], labels: Mapping[str, str], percent: Sequence[str]) -> None:
    """Name both axes; factors are shown as percent more or less."""
    axes.set_xlabel(wrap(labels[across[0]], 90))
    axes.set_ylabel(wrap(labels[across[1]], 55))
    for name, axis in zip(across, (axes.xaxis, axes.yaxis), strict=True):
        axis.set_major_locator(MaxNLocator(6))
        if name in percent:
            axis.set_major_formatter(
                FuncFormatter(lambda value, _: f"{(value - 1) * 100:+.0f} %".replace("-", "−"))
            )
