"""What a sweep found, in words, tables and figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import pandas as pd

from simulation.analysis.responses import Metamodel, at_points, cube
from simulation.analysis.wording import label, scale
from simulation.procedures.designs import DESIGNS
from simulation.procedures.sweep import Sweep
from simulation.publication.inquiry import Inquiry
from simulation.publication.sweep_drawn import sweep_figures
from simulation.publication.sweep_facts import Facts
from simulation.study import Design

__all__ = ["sweep_inquiry"]

ROWS: Final = 200
"""Rows of a table on the page."""


def sweep_inquiry(found: Sweep, design: Design, of: str) -> Inquiry:
    """Put a sweep into words, tables and figures.

    Parameters
    ----------
    found
        What `simulation.procedures.sweep.sweep` found.
    design
        The study, with the policies that were run.
    of
        Address of the sweep: the end of the folder's name.

    Examples
    --------
    >>> from simulation.kpis import REGISTRY
    >>> from simulation.procedures.axes import Axis
    >>> from simulation.procedures.sweep import SweepOptions
    >>> from simulation.scenario import Policy
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.study import Study
    >>> kpi = next(one for one in REGISTRY if one.id == "fulfilment")
    >>> options = SweepOptions("grid", (Axis("heads", "Heads", (1, 2)),), ("baseline",), 2, (kpi,))
    >>> rows = [(p, "baseline", run, "fulfilment", 0.5 + 0.2 * p) for p in (0, 1) for run in (0, 1)]
    >>> values = pd.DataFrame(rows, columns=["point", "policy", "replication", "kpi", "value"])
    >>> points = pd.DataFrame({"point": [0, 1], "heads": [1, 2]}, dtype=object)
    >>> none = pd.DataFrame(columns=["point", "policy", "replication", "message"])
    >>> design = Design(Study(id="quick", run_length=24), single_queue(), (Policy(id="baseline"),))
    >>> sweep_inquiry(Sweep(options, points, values, none), design, "ab12").folder
    'sweep-ab12'
    """
    titles = {policy.id: policy.title or label(policy.id) for policy in design.policies}
    each = [Facts(found, kpi, titles) for kpi in found.options.kpis]
    return Inquiry(
        name="sweep",
        title="What it hangs on: a sweep",
        question=_question(each[0]),
        answer=tuple(_answer(each[0])),
        tables=_tables(each),
        figures=sweep_figures(each),
        notes=tuple(_notes(each[0])),
        of=of,
        data={
            "design": found.points.astype(_types(found)),
            "kpis": _kpis(found),
            "replications": found.values,
        },
    )


def _question(found: Facts) -> str:
    listed = ", ".join(found.words.values())
    return f"How does “{found.kpi.title.lower()}” answer to {listed}?"


def _answer(found: Facts) -> Iterator[str]:
    failed = len(found.sweep.failures)
    if not np.isfinite(found.cube).any():
        yield f"Nothing could be run: all of {failed} attempts failed; the table of failures says why."
        return
    if found.several:
        yield _winners(found)
    moving = {name: curve for name, curve in found.curves.items() if curve["level"].nunique() > 1}
    for name, curve in list(moving.items())[:3]:
        yield _response(found, name, curve)
    if found.model is not None:
        yield from _together(found, found.model)
    if failed:
        yield f"{failed} runs or points failed (see the table of failures); the same command retries them."


def _winners(found: Facts) -> str:
    """Say who is best at how many points."""
    means = found.table.pivot(index="point", columns="policy", values="mean")[list(found.names)].dropna()
    if not found.kpi.direction or means.empty:
        return f"{len(found.names)} policies were run at each of {len(found.sweep.points)} points."
    best = (means * found.kpi.direction).idxmax(axis=1).value_counts()
    said = ", ".join(f"{found.titles[str(name)]} at {count}" for name, count in best.items())
    what, rivals = found.kpi.title.lower(), len(found.names)
    return f"By {what} the best of {rivals} policies at {len(means)} points is {said}."


def _response(found: Facts, name: str, curve: pd.DataFrame) -> str:
    """Say what the first policy does between the ends of an axis, and the gain of the best rival."""
    first = curve[curve["policy"] == found.names[0]]
    low, high = first.iloc[0], first.iloc[-1]
    axis = next(axis for axis in found.axes if axis.id == name)
    ends = [axis.words(row["value"]) for row in (low, high)]
    who = f"{found.titles[found.names[0]]}: " if found.several else ""
    means = [f"{found.quantity(row['mean'])} (± {found.quantity(row['half_width'])})" for row in (low, high)]
    said = f"{who}from {means[0]} to {means[1]} as {found.words[name]} goes from {ends[0]} to {ends[1]}"
    if found.several:
        rival = curve[curve["policy"] == found.names[found.rival]]
        unit = scale(found.kpi.unit, float(rival["gain"].abs().max()))
        gains = [
            f"{row['gain'] * unit.factor:+.3g}".replace("-", "−") for _, row in rival.iloc[[0, -1]].iterrows()
        ]
        title = found.titles[found.names[found.rival]]
        said += f"; the gain of {title} goes from {gains[0]} to {gains[1]} {unit.difference}"
    return f"{said[:1].upper()}{said[1:]}."


def _together(found: Facts, model: Metamodel) -> Iterator[str]:
    """Say whether two axes act together by more than what matters."""
    pairs = model.effects[model.effects["other"] != ""]
    if pairs.empty:
        return
    unit = scale(found.kpi.unit)
    what = (
        f"the gain of {found.titles[found.names[found.rival]]}" if found.several else found.kpi.title.lower()
    )
    largest = pairs.iloc[0]
    clear = (largest["low"] > 0) == (largest["high"] > 0)
    if abs(largest["effect"]) < found.kpi.indifference or not clear:
        yield (
            f"No two of them act together on {what} by more than {found.quantity(found.kpi.indifference)}: "
            "their effects add up."
        )
        return
    size, low, high = (largest[name] * unit.factor for name in ("effect", "low", "high"))
    pair = f"{found.words[largest['axis']]} and {found.words[largest['other']]}"
    sized = f"{size:+.3g} {unit.difference} ({low:.3g} to {high:.3g})".replace("-", "−")
    yield (
        f"{pair} act together: the change of {what} over the range of the one is {sized} larger at the "
        "highest value of the other than at its lowest."
    )


def _tables(each: Sequence[Facts]) -> dict[str, tuple[pd.DataFrame, str]]:
    first, found = each[0], each[0].sweep
    axes = pd.DataFrame(
        [
            {
                "axis": first.words[axis.id],
                "set_as": axis.id,
                "values": ", ".join(axis.words(value) for value in axis.values[:12])
                + (" ..." if len(axis.values) > 12 else "")
                if axis.values
                else f"{axis.words(axis.low)} to {axis.words(axis.high)}",
            }
            for axis in first.axes
        ]
    )
    tables = {"axes": (axes, "What is varied.")}
    for one in each:
        if one.curves:
            caption = f"{one.kpi.title} ({one.kpi.unit}) along each axis: means over the points there, "
            caption += "95 % half-widths over replications."
            tables[f"response_{one.kpi.id}"] = (_responses(one).head(ROWS), caption)
        if one.model is not None:
            effects = one.model.effects.assign(
                axis=one.model.effects["axis"].map(one.words),
                other=[one.words.get(name, "") for name in one.model.effects["other"]],
            )
            tables[f"effects_{one.kpi.id}"] = (effects, _model_caption(one, one.model))
    if len(found.failures):
        tables["failures"] = (found.failures.head(ROWS), "What failed, and why.")
    return tables


def _responses(one: Facts) -> pd.DataFrame:
    """Put the responses along all axes below each other."""
    parts = []
    for axis in sorted(one.axes, key=lambda axis: list(one.curves).index(axis.id)):
        frame = one.curves[axis.id]
        values = [axis.words(value) for value in frame["value"]]
        named = frame.assign(axis=one.words[axis.id], policy=frame["policy"].map(one.titles), value=values)
        parts.append(named)
    gained = ["gain", "gain_half_width"] if one.several else []
    return pd.concat(parts)[["axis", "value", "policy", "mean", "half_width", *gained, "points"]]


def _model_caption(found: Facts, model: Metamodel) -> str:
    what = f"Gain of {found.titles[found.names[found.rival]]}, " if found.several else ""
    return (
        f"{what}{found.kpi.title} ({found.kpi.unit}): change from the lowest to the highest value of an "
        "axis, and of two together how much larger that is at the other's highest value than at its lowest; "
        f"a plane with products explains {model.explained:.0%} of the variance between points."
    )


def _notes(found: Facts) -> Iterator[str]:
    options, points = found.sweep.options, found.sweep.points
    how = DESIGNS.get(options.kind, "points from a table")
    yield (
        f"{len(points)} points ({how}), {len(options.policies)} policies at each, {options.replications} "
        "replications of each with the same luck (common seed)."
    )
    yield (
        "Intervals are over replications: they cover the luck of the simulation, not what is varied. Means "
        "along an axis are over all points that share its value, or lie close together."
    )
    yield (
        "design.parquet has the points, kpis.parquet every KPI at every point, replications.parquet every "
        "replication: for your own statistics."
    )


def _kpis(found: Sweep) -> pd.DataFrame:
    """Give the second flat table: every KPI of every policy at every point."""
    names, count = found.options.policies, len(found.points)
    known = list(dict.fromkeys(found.values["kpi"])) if len(found.values) else []
    tables = [at_points(cube(found.values, kpi, names, count), names).assign(kpi=kpi) for kpi in known]
    columns = ["point", "policy", "kpi", "mean", "half_width", "gain", "gain_half_width", "replications"]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def _types(found: Sweep) -> dict[str, str]:
    """Give each axis the type of its column: a column of a table holds numbers, or text."""
    kinds = {}
    for axis in found.options.axes:
        values = [value for value in found.points[axis.id] if value is not None]
        numbers = all(isinstance(value, int | float) for value in values)
        kinds[axis.id] = "float64" if numbers else "str"
    return kinds
