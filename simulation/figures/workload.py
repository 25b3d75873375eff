"""Where the work is: how busy teams are, and who refers to whom."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from simulation.analysis.wording import label
from simulation.figures.style import COLOURS, INK, QUIET, canvas, styled, title, wrap

__all__ = ["flows", "utilisation"]

MONTHS: Final = "JFMAMJJASOND"
MANY: Final = 7
MOST_NODES: Final = 14
GAP: Final = 0.018
SLOT: Final = 0.052
BAR: Final = 0.018


@styled
def utilisation(frame: pd.DataFrame, year: pd.DataFrame, scenarios: Mapping[str, str]) -> Figure:
    """Draw how busy each team is: month by month at baseline, and over the whole window under each policy.

    Parameters
    ----------
    frame
        scenario, team, month, mean (busy share of the open hours, 0 to 1). Months are numbers 1 to 12 or
        words, in the order of the frame; so are teams, unless the column has an order of its own.
    year
        scenario, team, mean over the window, for every scenario.
    scenarios
        Title of each scenario, the baseline first.

    Examples
    --------
    >>> frame = pd.DataFrame({"scenario": "now", "team": "street", "month": [1, 2], "mean": [0.2, 0.4]})
    >>> year = pd.DataFrame({"scenario": ["now"], "team": "street", "mean": 0.3})
    >>> utilisation(frame, year, {"now": "As it is"}).axes[2].get_ylabel()
    'Busy share of open hours (%)'
    """
    baseline, *_ = scenarios
    at_first = frame[frame["scenario"] == baseline]
    teams, months = _ordered(frame["team"], frame["team"]), list(dict.fromkeys(at_first["month"]))
    found = [name for name in scenarios if name in set(year["scenario"])]
    by_month = _table(at_first, teams, "month", months)
    by_policy = _table(year, teams, "scenario", found)
    heads = [wrap(scenarios[name], 46).partition("\n")[0] for name in found]
    height = 1.7 + 0.26 * len(teams) + 0.08 * max(map(len, heads), default=0)
    figure = canvas("How busy is each team?", height, 11.5 if len(found) > MANY else 9.0)
    sizes = [len(months), max(2, len(found))]
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=sizes)
    most = 5 * max(4, math.ceil(0.2 * float(np.nanmax([by_month.max(), by_policy.max()]))))
    _cells(left, by_month, most, [_month(month) for month in months])
    mesh = _cells(right, by_policy, most, heads)
    title(left, f"By month: {scenarios[baseline]}", 40)
    title(right, "Under each policy", 40)
    left.set_xlabel("Month")
    right.set_xlabel("Policy")
    left.set_yticks(np.arange(len(teams)) + 0.5, [label(str(team)) for team in teams])
    left.set_ylim(len(teams), 0)
    figure.colorbar(mesh, ax=right, label="Busy share of open hours (%)", aspect=30, pad=0.02)
    return figure


@styled
def flows(frame: pd.DataFrame, scenario: str) -> Figure:
    """Draw who refers to whom: units on both sides, bands as wide as the cases that move between them.

    Parameters
    ----------
    frame
        source, target, mean (cases), of one scenario. Units beyond the largest 13 on a side are drawn as
        one.
    scenario
        Title of the scenario.

    Examples
    --------
    >>> frame = pd.DataFrame({"source": "street station", "target": ["district", "justice"], "mean": [40, 9]})
    >>> flows(frame, "As it is").axes[0].get_xlabel()
    'Cases referred in the measured window: 49'
    """
    cases = frame[frame["mean"] > 0]
    sides = {name: _lump(cases, name) for name in ("source", "target")}
    pairs = cases.assign(**sides).groupby(["source", "target"], sort=False)["mean"].sum()
    order = {name: _ordered(cases[name], sides[name]) for name in sides}
    totals = {name: pairs.groupby(level=name).sum().reindex(order[name]) for name in sides}
    whole, most = float(pairs.sum()), max((len(nodes) for nodes in order.values()), default=1)
    figure = canvas(f"Referrals between places and departments: {scenario}", max(3.6, 1.2 + 0.36 * most))
    axes = figure.add_subplot()
    tall = min(_height(total.to_numpy() / whole) for total in totals.values()) if whole else 0.0
    spots = {name: _spots(total / whole * tall) if whole else {} for name, total in totals.items()}
    colours = {node: COLOURS[place % len(COLOURS)] for place, node in enumerate(order["source"])}
    used = {(name, node): spot for name, found in spots.items() for node, spot in found.items()}
    for source in order["source"]:
        for target in order["target"]:
            wide = float(pairs.get((source, target), 0.0)) / whole * tall
            if wide:
                _ribbon(axes, used["source", source], used["target", target], wide, colours[source])
                used["source", source] -= wide
                used["target", target] -= wide
    for name, at in (("source", 0.0), ("target", 1.0)):
        for node, upper in spots[name].items():
            _node(axes, at, node, upper, float(totals[name][node]), tall / whole, colours.get(node, QUIET))
    axes.set(xlim=(-0.45, 1.45), ylim=(0, 1), yticks=[])
    axes.xaxis.tick_top()
    axes.set_xticks([0, 1], ["Referred from", "Referred to"], weight="bold")
    axes.set_xlabel(f"Cases referred in the measured window: {whole:,.0f}")
    axes.tick_params(length=0)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    return figure


def _table(
    frame: pd.DataFrame, teams: Sequence[str], key: str, columns: Sequence[object]
) -> np.ma.MaskedArray:
    """Lay busy shares out in per cent: a row per team, a column per month or scenario."""
    cells = frame.astype({"team": str}).set_index(["team", key])["mean"]
    share = 100 * cells.reindex(pd.MultiIndex.from_product([list(teams), list(columns)])).to_numpy()
    return np.ma.masked_invalid(share.reshape(len(teams), len(columns)))


def _cells(axes: Axes, table: np.ma.MaskedArray, most: int, words: Sequence[str]) -> QuadMesh:
    """Shade the cells, write the percentage into each, light on dark, and name the columns."""
    shades = colormaps["Blues"].resampled(most // 5)  # steps of 5 %: few enough to stay a drawing
    mesh = axes.pcolormesh(
        table, cmap=shades, vmin=0, vmax=most, edgecolors="white", linewidth=0.8, clip_on=False
    )
    for (row, column), share in np.ndenumerate(table.filled(np.nan)):
        if np.isfinite(share):
            colour = "white" if share > 0.6 * most else INK
            axes.text(
                column + 0.5, row + 0.53, f"{share:.0f}", ha="center", va="center", fontsize=7, color=colour
            )
    axes.set_xticks(np.arange(len(words)) + 0.5, list(words), rotation=90 * (max(map(len, words)) > 1))
    axes.tick_params(length=0)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    return mesh


def _month(month: object) -> str:
    return MONTHS[int(month) - 1] if isinstance(month, int | np.integer) else str(month)


def _lump(cases: pd.DataFrame, side: str) -> pd.Series:
    """Name the units of one side; the smallest beyond the limit become one."""
    names = cases[side].astype(str).map(label)
    totals = cases["mean"].groupby(names).sum().sort_values(ascending=False)
    if len(totals) <= MOST_NODES:
        return names
    kept = set(totals.index[: MOST_NODES - 1])
    return names.where(names.isin(kept), f"{len(totals) - len(kept)} others")


def _ordered(units: pd.Series, names: pd.Series) -> list[str]:
    """Order of a categorical column if it is one, else of first occurrence; the lump last."""
    if isinstance(units.dtype, pd.CategoricalDtype):
        names = names.iloc[np.argsort(units.cat.codes.to_numpy(), kind="stable")]
    return sorted(dict.fromkeys(map(str, names)), key=lambda name: name.endswith(" others"))


def _height(shares: np.ndarray) -> float:
    """Height of the whole at which every unit, small ones in a slot fit for their name, finds room."""
    low, high = 0.0, 1.0
    for _ in range(50):
        tall = (low + high) / 2
        fits = np.maximum(shares * tall + GAP, SLOT).sum() <= 1
        low, high = (tall, high) if fits else (low, tall)
    return low


def _spots(heights: "pd.Series[float]") -> dict[str, float]:
    """Upper edge of each unit, from the top down, the spare room spread evenly."""
    slots = np.maximum(heights.to_numpy() + GAP, SLOT)
    spare = (1 - slots.sum()) / len(slots)
    tops = 1 - np.concatenate([[0.0], np.cumsum(slots + spare)[:-1]])
    return {
        str(node): float(top - (slot + spare - height) / 2)
        for node, top, slot, height in zip(heights.index, tops, slots, heights, strict=True)
    }


def _ribbon(axes: Axes, left: float, right: float, wide: float, colour: str) -> None:
    """Draw one band between the upper edges `left` and `right`."""
    a, b = BAR, 1 - BAR
    points = [
        (a, left), (0.5, left), (0.5, right), (b, right),
        (b, right - wide), (0.5, right - wide), (0.5, left - wide), (a, left - wide), (a, left),
    ]  # fmt: skip
    curve = [Path.CURVE4] * 3
    codes = [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY]
    axes.add_patch(PathPatch(Path(points, codes), facecolor=colour, alpha=0.42, linewidth=0))


def _node(axes: Axes, at: float, name: str, upper: float, cases: float, per_case: float, colour: str) -> None:
    """Draw one unit as a bar with its name and its number of cases outside."""
    tall = cases * per_case
    axes.add_patch(Rectangle((at - BAR, upper - tall), 2 * BAR, tall, facecolor=colour, linewidth=0))
    side, shift = ("right", -2 * BAR) if at < 0.5 else ("left", 2 * BAR)
    axes.text(
        at + shift, upper - tall / 2, wrap(f"{name} ({cases:,.0f})", 44), ha=side, va="center", fontsize=8.5
    )
