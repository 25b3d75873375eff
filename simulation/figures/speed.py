"""How fast engines are."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from simulation.figures.style import BASELINE, COLOURS, INK, canvas, styled, title, wrap

__all__ = ["speeds"]


@styled
def speeds(frame: pd.DataFrame, workloads: Mapping[str, str]) -> Figure:
    """Draw how many customers an engine takes through in a second, one panel per workload.

    Parameters
    ----------
    frame
        workload, engine, rate, rate_lowest, rate_highest (customers per second of processor time); the first
        engine of each workload is the one that the others are measured against.
    workloads
        Title of each workload.

    Examples
    --------
    >>> row = {"workload": "queue", "engine": "vetsim", "rate": 9e4, "rate_lowest": 8e4, "rate_highest": 1e5}
    >>> speeds(pd.DataFrame([row]), {"queue": "One station"}).axes[0].get_xlabel()
    'Customers per second of processor time'
    """
    most = int(frame["workload"].value_counts().max())
    figure = canvas("How fast the engine is beside others that do the same work", 1.5 + 0.42 * most)
    grid = figure.subplots(1, len(workloads), squeeze=False, sharey=True).ravel()
    for axes, (workload, words) in zip(grid, workloads.items(), strict=True):
        rows = frame[frame["workload"] == workload]
        places = np.arange(len(rows))
        rates = rows["rate"].to_numpy(dtype=np.float64)
        reach = np.abs(rows[["rate_lowest", "rate_highest"]].to_numpy(dtype=np.float64).T - rates)
        colours = [COLOURS[0], *[BASELINE] * (len(rows) - 1)]
        axes.barh(places, rates, 0.62, color=colours, alpha=0.85)
        axes.errorbar(rates, places, xerr=reach, linestyle="none", color=INK, elinewidth=1.2, capsize=2.5)
        for place, rate, far in zip(places, rates, reach[1], strict=True):
            words_ = f"{rate:,.0f}"
            axes.annotate(words_, (rate + far, place), (5, 0), textcoords="offset points", va="center")
        axes.set_yticks(places, [wrap(str(name), 20) for name in rows["engine"]])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlim(0, float((rates + reach[1]).max()) * 1.25)
        axes.set_xlabel("Customers per second of processor time")
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axes.grid(visible=False, axis="y")
        axes.tick_params(axis="y", length=0)
        title(axes, words)
    return figure
