"""Which policy: distances from the best, the probability of being it, and when others were eliminated."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from simulation.analysis.wording import scale
from simulation.figures.style import FAINT, QUIET, Look, canvas, legend, looks, styled, title, wrap

__all__ = ["STANDINGS", "standing", "worth"]

STANDINGS: Final[Mapping[str, Look]] = {
    "best": Look("the best", "#009E73", "o"),
    "as good as the best": Look("as good as the best", "#0072B2", "D"),
    "may be the best": Look("may be the best", "#b8860b", "v"),
    "not the best": Look("not the best", QUIET, "s"),
}
LIKELY: Final = 0.05
"""Probability of being best that a policy must reach somewhere to be drawn."""


@styled
def standing(
    frame: pd.DataFrame, heading: str, unit: str, zone: float, scenarios: Mapping[str, str]
) -> Figure:
    """Draw how far each policy is from the best, how likely it is the best, and how long it was searched.

    Parameters
    ----------
    frame
        scenario, difference, low, high, probability_best, standing; and, where a search went before,
        searched: the replications that it looked at, drawn where they are not all the same.
    heading
        What policies are ranked by.
    unit
        Of the differences.
    zone
        Difference that does not matter.
    scenarios
        Title of each scenario, the baseline first.

    Examples
    --------
    >>> rows = [("now", -0.04, -0.05, 0.0, 0.0, "not the best"), ("more", 0.04, 0.0, 0.05, 1.0, "best")]
    >>> names = ["scenario", "difference", "low", "high", "probability_best", "standing"]
    >>> frame = pd.DataFrame(rows, columns=names)
    >>> found = standing(frame, "Solved", "share", 0.01, {"now": "As it is", "more": "More"})
    >>> found.axes[0].get_title("left")
    'Distance from the best of the others'
    """
    rows = frame.sort_values("difference", ascending=False, kind="stable").reset_index(drop=True)
    panels = 3 if "searched" in rows and rows["searched"].nunique() > 1 else 2
    titles = [wrap(scenarios[name], 34) for name in rows["scenario"]]
    step = max([0.26, *(0.18 * (words.count("\n") + 1) for words in titles)])
    figure = canvas(heading, 1.9 + step * len(rows), 10.5)
    first, *others = figure.subplots(1, panels, sharey=True, width_ratios=[3, 1.2, 1.2][:panels])
    _distances(first, rows, unit, zone)
    first.set_yticks(range(len(rows)), titles)
    first.set_ylim(len(rows) - 0.4, -0.6)
    colours = [STANDINGS[words].colour for words in rows["standing"]]
    _bars(others[0], rows["probability_best"] * 100, colours, "Probability of being best", "%")
    if panels == 3:
        _bars(others[1], rows["searched"], colours, "Until it was let go", "replications")
    seen = [look for name, look in STANDINGS.items() if name in set(rows["standing"])]
    handles = [Line2D([], [], color=look.colour, marker=look.marker, label=look.title) for look in seen]
    legend(figure, [*handles, Patch(color=FAINT, label="too small to matter")])
    return figure


def _distances(axes: Axes, rows: pd.DataFrame, unit: str, zone: float) -> None:
    """Draw the intervals against the best; where one has no end, none is drawn."""
    limits = rows[["difference", "low", "high"]].to_numpy(dtype=np.float64, copy=True)
    limits[~np.isfinite(limits)] = np.nan
    shown = scale(unit, float(np.nanmax(np.abs(limits), initial=zone)))
    axes.axvspan(-zone * shown.factor, zone * shown.factor, color=FAINT, zorder=0, linewidth=0)
    axes.axvline(0, color=QUIET, linewidth=1)
    for place, (middle, low, high) in enumerate(limits * shown.factor):
        look = STANDINGS[rows["standing"][place]]
        axes.plot([low, high], [place, place], color=look.colour, solid_capstyle="butt")
        axes.plot(middle, place, color=look.colour, marker=look.marker, markersize=6)
    title(axes, "Distance from the best of the others")
    axes.set_xlabel(f"{shown.difference} (to the right is better)")
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value:+,.10g}".replace("-", "−") if value else "0")
    )
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)


def _bars(axes: Axes, values: "pd.Series[float]", colours: list[str], heading: str, unit: str) -> None:
    axes.barh(range(len(values)), values, height=0.62, color=colours)
    title(axes, heading, 14)
    axes.set_xlabel(unit)
    axes.set_xlim(0, max(100.0 if unit == "%" else 1.25 * float(values.max()), 1.0))
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)


@styled
def worth(frame: pd.DataFrame, scenarios: Mapping[str, str]) -> Figure:
    """Draw which policy is likely best, over what a further resolved need may be worth.

    Parameters
    ----------
    frame
        worth (yuan), scenario, probability_best.
    scenarios
        Title of each scenario, the baseline first.

    Examples
    --------
    >>> frame = pd.DataFrame({"worth": [0.0, 9.0] * 2, "scenario": ["now", "now", "more", "more"],
    ...                       "probability_best": [1.0, 0.1, 0.0, 0.9]})
    >>> worth(frame, {"now": "As it is", "more": "More"}).axes[0].get_ylabel()
    'Probability of being best (%)'
    """
    figure = canvas("Which policy is best depends on what a further resolved need is worth", 4.6)
    axes = figure.add_subplot()
    handles = []
    likely = set(frame.loc[frame["probability_best"] >= LIKELY, "scenario"])
    first = next(iter(scenarios))
    drawn = {name: words for name, words in scenarios.items() if name == first or name in likely}
    for name, look in looks(drawn).items():
        if name not in likely:
            continue
        rows = frame[frame["scenario"] == name]
        chance = rows["probability_best"] * 100
        (line,) = axes.plot(rows["worth"], chance, color=look.colour, linestyle=look.dash, label=look.title)
        handles.append(line)
    axes.set_ylim(-2, 102)
    axes.margins(x=0)
    axes.set_ylabel("Probability of being best (%)")
    axes.set_xlabel("What one further resolved need is worth (yuan)")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    legend(figure, handles)
    return figure
