"""What policies change: differences with intervals."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from simulation.analysis.wording import scale
from simulation.figures.style import FAINT, QUIET, VERDICTS, Look, canvas, legend, looks, styled, title, wrap
from simulation.kpis import Kpi

__all__ = ["differences"]

MANY: Final = 7
"""Policies beyond which a figure is laid out for many."""
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
    many = len(policies) > MANY
    columns = min(4 if many else 2, len(kpis))
    rows = -(-len(kpis) // columns)
    titles = [wrap(look.title, 34 if many else 26) for _, look in policies]
    step = max([0.3, *(0.2 * (words.count("\n") + 1) for words in titles)])
    height = 1.1 + rows * (0.95 + step * len(policies))
    figure = canvas("What each policy changes against the baseline", height, 11.5 if many else 9.0)
    grid = figure.subplots(rows, columns, squeeze=False, sharey=True).ravel()
    for axes, kpi in zip(grid, kpis, strict=False):
        found = comparison[comparison["kpi"] == kpi.id].set_index("scenario")
        _forest(axes, kpi, found.reindex([name for name, _ in policies]), narrow=many)
        axes.set_yticks(range(len(policies)), titles)
        axes.set_ylim(len(policies) - 0.4, -0.6)
    for axes in grid[len(kpis) :]:
        axes.set_visible(False)
    seen = [VERDICTS[name] for name in VERDICTS if name in set(comparison["verdict"])]
    handles: list[Artist] = [_handle(look) for look in seen]
    handles.append(Patch(color=FAINT, label="too small to matter"))
    legend(figure, handles)
    return figure


def _forest(axes: Axes, kpi: Kpi, rows: pd.DataFrame, *, narrow: bool) -> None:
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
    title(axes, kpi.title, 22 if narrow else 46)
    sense = f" ({SENSE[kpi.direction]})" if SENSE[kpi.direction] else ""
    axes.set_xlabel(wrap(f"Change {_after(shown.difference)}{sense}", 26 if narrow else 60))
    axes.xaxis.set_major_locator(MaxNLocator(3 if narrow else 5))
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value:+,.10g}".replace("-", "−") if value else "0")
    )
    axes.margins(x=0.08)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)


def _after(unit: str) -> str:
    return unit if unit.startswith("per ") else f"in {unit or 'its own unit'}"


def _handle(look: Look) -> Line2D:
    return Line2D([], [], color=look.colour, marker=look.marker, label=look.title)
