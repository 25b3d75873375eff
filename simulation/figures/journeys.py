"""What happens to cases: how long they wait, where they are lost, how many are open."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullFormatter, PercentFormatter

from simulation.analysis.wording import label
from simulation.figures.style import COLOURS, FAINT, QUIET, Look, canvas, legend, looks, styled, title, wrap

__all__ = ["backlog", "waits", "waterfall"]

LOSS: Final = "#D55E00"
KEPT: Final = "#009E73"
MOST_MONTHS: Final = 14
MOST_TOGETHER: Final = 7
"""Curves that can still be told apart in one panel."""
ACROSS: Final = 4
WEEK: Final = 7
DAY: Final = 4
"""Every so many points of a curve are drawn in a small panel."""
DAYS: Final = (0, 1, 3, 7, 14, 30, 60, 90, 180, 365)
STAGES: Final = {
    "latent": "needs that arose",
    "not_presented": "never presented",
    "balked": "turned away by a queue",
    "reneged": "gave up in a queue",
    "lost": "lost at a hand-over",
    "refused": "refused",
    "ineligible": "found ineligible",
    "dropped_out": "silently given up",
    "resolved_itself": "resolved themselves",
    "unresolved": "closed unresolved",
    "open": "still open",
}
"""Words for what can become of a need."""


@styled
def waits(frame: pd.DataFrame, scenarios: Mapping[str, str]) -> Figure:
    """Draw the share of cases still waiting for their first contact, over the days since the need arose.

    Parameters
    ----------
    frame
        scenario, days, mean (share of the presented still waiting, 0 to 1), half_width.
    scenarios
        Title of each scenario, the baseline first.

    Examples
    --------
    >>> frame = pd.DataFrame({"scenario": "now", "days": [0, 7], "mean": [1.0, 0.3], "half_width": 0.05})
    >>> waits(frame, {"now": "As it is"}).axes[0].get_xlabel()
    'Days since the need arose'
    """
    sheet = _sheet("How long until the first contact?", scenarios)
    for axes, looks_ in sheet.panels:
        for name, look in looks_.items():
            rows = frame[frame["scenario"] == name].sort_values("days").iloc[:: DAY if sheet.small else 1]
            days, share = rows["days"].to_numpy(), rows["mean"].to_numpy()
            spread = rows["half_width"].to_numpy()
            if sheet.banded(name):
                _band(axes, look, days, np.clip(share - spread, 0, 1), np.clip(share + spread, 0, 1))
            _line(axes, look, days, share)
        axes.set_xscale(
            "function", functions=(np.sqrt, np.square)
        )  # most contacts are made in the first days
        wanted = (0, 3, 14, 30, 90, 365) if sheet.small else DAYS
        axes.set_xticks([day for day in wanted if day <= frame["days"].max()])
        axes.set(xlim=(0, frame["days"].max()), ylim=(0, 1.02))
        axes.yaxis.set_major_formatter(PercentFormatter(1, symbol=""))
    sheet.finish("Days since the need arose", "Still waiting for first contact (% of presented)")
    return sheet.figure


@styled
def waterfall(frame: pd.DataFrame, scenarios: Mapping[str, str]) -> Figure:
    """Draw what becomes of all latent needs, one panel per scenario: typed losses down to the resolved.

    Parameters
    ----------
    frame
        scenario, stage, mean (cases). The first stage of a scenario is the whole, the last what was resolved,
        those between are losses; stages keep the order of the frame.
    scenarios
        Title of each scenario, the baseline first.

    Examples
    --------
    >>> stages = ["latent", "refused", "resolved"]
    >>> frame = pd.DataFrame({"scenario": "now", "stage": stages, "mean": [9, 2, 7]})
    >>> [text.get_text() for text in waterfall(frame, {"now": "As it is"}).axes[0].get_yticklabels()]
    ['needs that arose', 'refused', 'resolved']
    """
    found = looks(scenarios)
    stages = list(dict.fromkeys(frame["stage"]))
    rows, columns = -(-len(found) // 2), min(2, len(found))
    figure = canvas("From latent need to resolved case", 0.8 + rows * (0.9 + 0.27 * len(stages)))
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    whole = float(frame["mean"].max())
    for axes, (name, look) in zip(grid, found.items(), strict=False):
        cases = frame[frame["scenario"] == name].set_index("stage")["mean"].reindex(stages)
        _losses(axes, cases.to_numpy(dtype=np.float64))
        title(axes, look.title)
        axes.set(xlim=(0, whole * 1.32), ylim=(len(stages) - 0.4, -0.6))
        axes.set_yticks(range(len(stages)), [STAGES.get(stage, label(stage)) for stage in stages])
        axes.tick_params(axis="y", length=0)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda cases, _: f"{cases:,.0f}"))
        axes.grid(visible=False, axis="y")
    for axes in grid[-columns:]:
        axes.set_xlabel("Cases")
    for axes in grid[len(found) :]:
        axes.set_visible(False)
    return figure


@styled
def backlog(
    frame: pd.DataFrame,
    scenarios: Mapping[str, str],
    start: date,
    seasons: Sequence[tuple[str, float, float]] = (),
) -> Figure:
    """Draw the open cases of each day, with the spread between replications and the seasons of surges.

    Parameters
    ----------
    frame
        scenario, day, mean (open cases), lowest, highest.
    scenarios
        Title of each scenario, the baseline first.
    start
        Date of day 0.
    seasons
        Name, first and last day of each shaded season, in days since `start`.

    Examples
    --------
    >>> frame = pd.DataFrame({"scenario": "now", "day": [0, 40], "mean": [5, 9], "lowest": 4, "highest": 11})
    >>> backlog(frame, {"now": "As it is"}, date(2026, 1, 1)).axes[0].get_ylabel()
    'Open cases'
    """
    sheet = _sheet("Open cases over the year", scenarios)
    first = float(frame["day"].min())
    last = max(float(frame["day"].max()), first + 1.0)  # a window of one day
    top = float(frame["highest"].fillna(frame["mean"]).max())
    lines = 0
    for axes, looks_ in sheet.panels:
        for name, look in looks_.items():
            rows = frame[frame["scenario"] == name].sort_values("day").iloc[:: WEEK if sheet.small else 1]
            days = rows["day"].to_numpy()
            if sheet.banded(name):
                _band(axes, look, days, rows["lowest"].to_numpy(), rows["highest"].to_numpy())
            _line(axes, look, days, rows["mean"].to_numpy())
        lines = _seasons(axes, seasons, first, last, named=not sheet.small)
        axes.set(xlim=(first, last), ylim=(0, max(top, 1.0) * (1.05 + 0.07 * lines)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda cases, _: f"{cases:,.0f}"))
        _months(axes, start, first, last, 4 if sheet.small else MOST_MONTHS)
    shaded = any(begin < last and end > first for _, begin, end in seasons)
    more = [Patch(color=FAINT, label="season of a known surge")] if shaded else []
    sheet.finish(_years(start, first, last), "Open cases", more)
    return sheet.figure


@styled
def welch(frame: pd.DataFrame, scenarios: Mapping[str, str]) -> Figure:
    """Draw what is open day by day, and its moving average, to see where a start-up ends (Welch 1983).

    Parameters
    ----------
    frame
        scenario, day, mean (open cases), smooth (NaN where the average lacks days).
    scenarios
        Title of each scenario, the baseline first.

    Examples
    --------
    >>> frame = pd.DataFrame({"scenario": "now", "day": [0, 1], "mean": [5.0, 9.0], "smooth": [5.0, 7.0]})
    >>> welch(frame, {"now": "As it is"}).axes[0].get_xlabel()
    'Day of the run'
    """
    sheet = _sheet("Does the start-up end?", scenarios)
    first = float(frame["day"].min())
    last = max(float(frame["day"].max()), first + 1.0)
    for axes, looks_ in sheet.panels:
        for name, look in looks_.items():
            rows = frame[frame["scenario"] == name].sort_values("day")
            days = rows["day"].to_numpy()
            axes.plot(days, rows["mean"].to_numpy(), color=look.colour, linewidth=0.7, alpha=0.4)
            _line(axes, look, days, rows["smooth"].to_numpy())
        axes.set(xlim=(first, last), ylim=(0, max(float(frame["mean"].max()), 1.0) * 1.05))
    sheet.finish("Day of the run", "Open cases")
    return sheet.figure


class _Sheet(NamedTuple):
    """Where curves go: one panel for all scenarios, or one for each policy with the baseline behind it."""

    figure: Figure
    panels: list[tuple[Axes, dict[str, Look]]]
    handles: Sequence[Artist]
    baseline: str
    small: bool

    def banded(self, scenario: str) -> bool:
        """Tell whether the spread of a scenario is drawn; in small panels that of the policy only."""
        return not self.small or scenario != self.baseline

    def finish(self, across: str, upwards: str, more: Sequence[Artist] = ()) -> None:
        """Label the axes and put the legend below."""
        if self.small:
            self.panels[-1][0].set_xlabel(across)
            self.figure.supylabel(upwards, fontsize=9)
        else:
            self.panels[0][0].set(xlabel=across, ylabel=upwards)
        legend(self.figure, [*self.handles, *more])


def _sheet(heading: str, scenarios: Mapping[str, str]) -> _Sheet:
    found = looks(scenarios)
    baseline, first = next(iter(found.items()))
    small = len(found) > MOST_TOGETHER
    if not small:
        figure = canvas(heading, 4.8)
        handles = [_key(look) for look in found.values()]
        return _Sheet(figure, [(figure.add_subplot(), found)], handles, baseline, small)
    others = [(name, look.title) for name, look in found.items() if name != baseline]
    own = Look("the policy named above", COLOURS[0], "o")
    rows = -(-len(others) // ACROSS)
    figure = canvas(heading, 1.2 + 1.75 * rows)
    grid = figure.subplots(rows, ACROSS, sharex=True, sharey=True, squeeze=False).ravel()
    for axes in grid[len(others) :]:
        axes.set_visible(False)
    for axes, (_, words) in zip(grid, others, strict=False):
        axes.set_title(wrap(words, 27), fontsize=8.5)
        axes.grid(visible=False)
    panels = [(axes, {baseline: first, name: own}) for axes, (name, _) in zip(grid, others, strict=False)]
    return _Sheet(figure, panels, [_key(first), _key(own)], baseline, small)


def _key(look: Look) -> Line2D:
    return Line2D([], [], color=look.colour, linestyle=look.dash, label=look.title)


def _line(axes: Axes, look: Look, x: np.ndarray, y: np.ndarray) -> None:
    axes.plot(x, y, color=look.colour, linestyle=look.dash, label=look.title)


def _band(axes: Axes, look: Look, x: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
    axes.fill_between(x, low, high, color=look.colour, alpha=0.14, linewidth=0)


def _losses(axes: Axes, cases: np.ndarray) -> None:
    """Draw one waterfall: the whole, each loss hanging from what was left before it, the rest."""
    whole, left = cases[0], cases[0]
    room = whole * 0.015
    for row, number in enumerate(cases):
        between = 0 < row < len(cases) - 1
        start = left - number if between else 0.0
        colour = LOSS if between else KEPT if row else QUIET
        axes.barh(row, number, left=start, height=0.66, color=colour)
        share = f" ({100 * number / whole:.1f} %)" if whole and row else ""
        sign = "−" if between and number else ""
        axes.text(start + number + room, row, f"{sign}{number:,.0f}{share}", va="center", fontsize=8)
        if between:
            left = start
            axes.plot([left, left], [row - 0.33, row + 1.33], color=QUIET, linewidth=0.6)


def _seasons(
    axes: Axes, seasons: Sequence[tuple[str, float, float]], first: float, last: float, *, named: bool
) -> int:
    """Shade the seasons and name them above the curves, in as many lines as keep the names apart."""
    wide = (last - first) / 95  # about one character
    ends: list[float] = []
    for name, begin, end in sorted(seasons, key=lambda season: season[1]):
        low, high = max(begin, first), min(end, last)
        if high <= low:
            continue
        axes.axvspan(low, high, color=FAINT, zorder=0, linewidth=0)
        if not named:
            continue
        half = (len(name) / 2 + 1) * wide
        middle = min(max((low + high) / 2, first + half), last - half)
        line = next((place for place, end in enumerate(ends) if end < middle - half), len(ends))
        ends[line : line + 1] = [middle + half]
        axes.annotate(
            name, (middle, 1), xycoords=("data", "axes fraction"), xytext=(0, -4 - 12 * line),
            textcoords="offset points", ha="center", va="top", fontsize=8, color=QUIET,
        )  # fmt: skip
    return len(ends)


def _months(axes: Axes, start: date, first: float, last: float, most: int) -> None:
    """Tick the first of each month and write its name in the middle of it."""
    begin = start + timedelta(days=int(first))
    firsts = [
        date(begin.year + (begin.month - 1 + k) // 12, (begin.month - 1 + k) % 12 + 1, 1) for k in range(400)
    ]
    days = [float((day - start).days) for day in firsts]
    shown = [k for k in range(len(days) - 1) if days[k + 1] > first and days[k] < last]
    step = -(-len(shown) // most)
    ticked = shown if step == 1 else shown[::step]
    axes.xaxis.set_major_locator(FixedLocator([days[k] for k in ticked if first <= days[k] <= last]))
    axes.xaxis.set_major_formatter(NullFormatter())
    middles = [(max(days[k], first) + min(days[k + 1], last)) / 2 for k in shown[::step]]
    axes.set_xticks(middles, [firsts[k].strftime("%b") for k in shown[::step]], minor=True)
    axes.tick_params(axis="x", which="minor", length=0)


def _years(start: date, first: float, last: float) -> str:
    """Say which years the months are of."""
    begin, end = (start + timedelta(days=int(day)) for day in (first, max(first, last - 1)))
    return f"Month of {begin.year}" + (f" to {end.year}" if end.year > begin.year else "")
