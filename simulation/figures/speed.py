"""How fast engines are."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from simulation.figures.style import BASELINE, COLOURS, INK, canvas, styled, title, wrap

__all__ = ["speeds"]


@styled
def speeds(frame: pd.DataFrame, workloads: Mapping[str, str]) -> Figure:
    """Draw how many customers an engine takes through in a second, one panel per workload.

    Parameters
    ----------
    frame
        workload, engine, rate, rate_lowest, rate_highest (customers per second of processor time); engines
        of this project have names that begin with vetsim, and its colour. The axis is logarithmic.
    workloads
        Title of each workload.

    Examples
    --------
    >>> row = {"workload": "queue", "engine": "vetsim", "rate": 9e4, "rate_lowest": 8e4, "rate_highest": 1e5}
    >>> speeds(pd.DataFrame([row]), {"queue": "One station"}).axes[0].get_xlabel()
    'Customers per second of processor time'
    """
    most = int(frame["workload"].value_counts().max())
    figure = canvas("How fast the engines are, and others that do the same work", 1.5 + 0.42 * most)
    grid = figure.subplots(1, len(workloads), squeeze=False, sharey=True).ravel()
    for axes, (workload, words) in zip(grid, workloads.items(), strict=True):
        rows = frame[frame["workload"] == workload]
        places = np.arange(len(rows))
        rates = rows["rate"].to_numpy(dtype=np.float64)
        reach = np.abs(rows[["rate_lowest", "rate_highest"]].to_numpy(dtype=np.float64).T - rates)
        ours = rows["engine"].str.startswith("vetsim").to_numpy()
        for chosen, colour in ((ours, COLOURS[0]), (~ours, BASELINE)):
            axes.errorbar(
                rates[chosen],
                places[chosen],
                xerr=reach[:, chosen],
                fmt="o",
                color=colour,
                ecolor=INK,
                capsize=2.5,
            )
        for place, rate, far in zip(places, rates, reach[1], strict=True):
            words_ = f"{rate:,.0f}"
            axes.annotate(words_, (rate + far, place), (7, 0), textcoords="offset points", va="center")
        axes.set_yticks(places, [wrap(str(name), 20) for name in rows["engine"]])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xscale("log")
        axes.set_xlim(float((rates - reach[0]).min()) / 2, float((rates + reach[1]).max()) * 8)
        axes.set_xlabel("Customers per second of processor time")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axes.tick_params(axis="x", labelsize="small")
        axes.grid(visible=False, axis="y")
        axes.tick_params(axis="y", length=0)
        title(axes, words)
    return figure
