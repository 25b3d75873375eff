"""What more costs more: cost and effect of every policy, and which of them are worth their cost."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from simulation.analysis.wording import scale
from simulation.figures.style import FAINT, QUIET, canvas, legend, looks, styled

__all__ = ["plane"]

ON: Final = "on the frontier"


@styled
def plane(frame: pd.DataFrame, scenarios: Mapping[str, str], gained: str, unit: str) -> Figure:
    """Draw what each policy costs and brings about more than the baseline, and the frontier.

    Parameters
    ----------
    frame
        The frame of `simulation.analysis.incremental`: scenario, cost_difference, cost_low, cost_high,
        effect_difference, effect_low, effect_high, status. What is dominated is drawn hollow.
    scenarios
        Title of each scenario, the baseline first.
    gained
        What is brought about, such as needs resolved.
    unit
        Unit of the cost.

    Examples
    --------
    >>> row = {"scenario": "team", "status": "on the frontier"}
    >>> row |= {f"{name}_difference": 2.0 for name in ("cost", "effect")}
    >>> row |= {f"{name}_{edge}": 2.0 for name in ("cost", "effect") for edge in ("low", "high")}
    >>> found = plane(pd.DataFrame([row]), {"now": "As it is", "team": "More"}, "needs resolved", "yuan")
    >>> found.axes[0].get_ylabel()
    'Additional cost (yuan)'
    """
    rows = frame.set_index("scenario")
    numbers = rows[["cost_low", "cost_difference", "cost_high"]].to_numpy(dtype=np.float64)
    shown = scale(unit, float(np.nanmax(np.abs(numbers), initial=0.0)))
    figure = canvas("What does more cost?", 5.2 + 0.13 * len(scenarios), 10.0)
    axes = figure.add_subplot()
    axes.axhline(0, color=QUIET, linewidth=0.8)
    axes.axvline(0, color=QUIET, linewidth=0.8)
    handles: list[Artist] = []
    for name, look in looks(scenarios).items():
        if name not in rows.index:
            continue
        row = rows.loc[name]
        hollow = "white" if row["status"] != ON else look.colour
        at, *across = (row[f"effect_{edge}"] for edge in ("difference", "low", "high"))
        cost, *upwards = (row[f"cost_{edge}"] * shown.factor for edge in ("difference", "low", "high"))
        axes.plot(across, [cost, cost], color=look.colour, linewidth=0.9, alpha=0.6)
        axes.plot([at, at], upwards, color=look.colour, linewidth=0.9, alpha=0.6)
        mark: dict[str, Any] = {
            "color": look.colour,
            "marker": look.marker,
            "markerfacecolor": hollow,
            "markersize": 6.5,
        }
        axes.plot(at, cost, linestyle="none", **mark)
        handles.append(Line2D([], [], linestyle="none", label=look.title, **mark))
    best = rows[rows["status"] == ON].sort_values("cost_difference")
    axes.plot(
        best["effect_difference"], best["cost_difference"] * shown.factor, color=FAINT, linewidth=3, zorder=0
    )
    axes.set_xlabel(f"Additional {gained} (more is better)")
    axes.set_ylabel(f"Additional cost ({shown.level})")
    axes.xaxis.set_major_locator(MaxNLocator(7))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}".replace("-", "−")))
    hollow_mark: dict[str, Any] = {"marker": "o", "color": QUIET, "markerfacecolor": "white"}
    handles.append(Line2D([], [], linestyle="none", label="hollow: dominated", **hollow_mark))
    handles.append(Line2D([], [], color=FAINT, linewidth=3, label="frontier: worth their cost at some price"))
    legend(figure, handles)
    return figure
