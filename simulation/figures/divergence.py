"""How a difference between two runs spreads from case to case."""

from collections.abc import Mapping
from typing import Final

import pandas as pd
from matplotlib.figure import Figure

from simulation.figures.style import COLOURS, canvas, legend, styled

__all__ = ["spread"]

ORDER: Final = ("rule", "capacity", "set off", "queue")


@styled
def spread(frame: pd.DataFrame, causes: Mapping[str, str], total: int) -> Figure:
    """Draw how many cases differ by each day, by what touched them first.

    Parameters
    ----------
    frame
        day, and a column of counts for each cause.
    causes
        Causes by column, in words.
    total
        Cases of both runs.

    Examples
    --------
    >>> frame = pd.DataFrame({"day": [0, 1], "rule": [0, 2], "queue": [0, 5]})
    >>> spread(frame, {"rule": "another rule", "queue": "others in the queue"}, 100).axes[0].get_xlabel()
    'Day of the run'
    """
    figure = canvas("How the difference spreads", 4.2)
    axes = figure.add_subplot()
    known = [cause for cause in ORDER if cause in causes and frame[cause].any()]
    days = frame["day"].to_numpy() + 1
    base = frame["day"].to_numpy() * 0.0
    drawn = []
    for colour, cause in zip(COLOURS, known, strict=False):
        top = base + frame[cause].to_numpy()
        drawn.append(axes.fill_between(days, base, top, step="post", color=colour, alpha=0.85, linewidth=0))
        drawn[-1].set_label(causes[cause])
        base = top
    axes.set_xlabel("Day of the run")
    axes.set_ylabel(f"Cases that differ, of {total:,}")
    axes.set_xlim(0, float(days[-1]))
    axes.set_ylim(bottom=0)
    if drawn:
        legend(figure, drawn)
    return figure
