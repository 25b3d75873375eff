"""What a search for the best values found, in words, tables and figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simulation import figures
from simulation.analysis.wording import label, quantity
from simulation.kpis import Kpi
from simulation.procedures.optimum import Optimum
from simulation.publication.inquiry import Inquiry
from simulation.study import Design

__all__ = ["optimum_inquiry"]

SHOWN = 30
"""Trials on the page."""


def optimum_inquiry(found: Optimum, design: Design, of: str) -> Inquiry:
    """Put a search into words, tables and figures.

    Parameters
    ----------
    found
        What `simulation.procedures.optimum.optimum` found.
    design
        The study.
    of
        Address of the search: the end of the folder's name.

    Examples
    --------
    >>> import pandas as pd
    >>> from simulation.kpis import REGISTRY
    >>> from simulation.procedures.axes import Axis
    >>> from simulation.procedures.optimum import OptimumOptions
    >>> from simulation.scenario import Policy
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.study import Study
    >>> kpi = next(one for one in REGISTRY if one.id == "fulfilment")
    >>> options = OptimumOptions((Axis("heads", "Heads", (1, 2)),), "more", (kpi,), 1, 2)
    >>> row = {"trial": 0, "heads": 2, "fulfilment": 0.7, "half_width_fulfilment": 0.1}
    >>> fresh = {"fresh_fulfilment": 0.68, "fresh_half_width_fulfilment": 0.1}
    >>> trials, best = pd.DataFrame([row | {"message": ""}]), pd.DataFrame([row | fresh])
    >>> policies = Policy(id="baseline"), Policy(id="more", title="More")
    >>> design = Design(Study(id="quick", run_length=24), single_queue(), policies)
    >>> optimum_inquiry(Optimum(options, trials, best, {"fulfilment": 0.5}), design, "ab12").answer[0]
    'More is best with heads 2: 68.0 % needs resolved (± 10.0 %) on fresh luck, against 50.0 % as it is.'
    """
    titles = {policy.id: policy.title or label(policy.id) for policy in design.policies}
    wanted = " and ".join(kpi.title.lower() for kpi in found.options.kpis)
    shown = found.trials.drop(columns="message").head(SHOWN)
    return Inquiry(
        name="optimise",
        title="The best values",
        question=f"With which values is {titles[found.options.policy]} best by {wanted}?",
        answer=tuple(_answer(found, titles)),
        tables={
            "best": (
                found.best,
                "The choices that no other beats, in the search and on fresh luck.",
            ),
            "trials": (shown, f"The first {len(shown)} of {len(found.trials)} trials."),
        },
        figures=_figures(found),
        notes=tuple(_notes(found)),
        of=of,
        data={"all_trials": found.trials.astype({axis.id: "str" for axis in found.options.axes})},
    )


def _answer(found: Optimum, titles: Mapping[str, str]) -> Iterator[str]:
    title = titles[found.options.policy]
    if len(found.options.kpis) == 1:
        row, kpi = found.best.iloc[0].to_dict(), found.options.kpis[0]
        usual = quantity(found.baseline[kpi.id], kpi.unit)
        told = _fresh(row, kpi)
        yield f"{title} is best with {_chosen(found, row)}: {told} on fresh luck, against {usual} as it is."
        return
    first, second = found.options.kpis
    yield (
        f"{len(found.best)} of {len(found.trials)} choices are beaten by none in both "
        f"{first.title.lower()} and {second.title.lower()}."
    )
    for place, words in ((0, "most"), (-1, "least")):
        ends = found.best.iloc[place].to_dict()
        both = f"{_fresh(ends, first)}, {_fresh(ends, second)}"
        yield f"With {words} of the first, {_chosen(found, ends)}: {both}, on fresh luck."


def _chosen(found: Optimum, row: Mapping[Any, Any]) -> str:
    return ", ".join(f"{_short(axis.id)} {axis.words(row[axis.id])}" for axis in found.options.axes)


def _short(name: str) -> str:
    return name.removeprefix("scenario.").removeprefix("policies.")


def _fresh(row: Mapping[Any, Any], kpi: Kpi) -> str:
    mean, half = row[f"fresh_{kpi.id}"], row[f"fresh_half_width_{kpi.id}"]
    return f"{quantity(mean, kpi.unit)} {kpi.title.lower()} (± {quantity(half, kpi.unit)})"


def _figures(found: Optimum) -> dict[str, tuple[figures.Figure, str]]:
    kpi, axes = found.options.kpis[0], found.options.axes
    done = found.trials[found.trials["message"] == ""]
    if len(axes) < 2 or done[kpi.id].nunique() < 2:
        return {}
    names = [axes[0].id, axes[1].id]
    frame = done[names].assign(value=done[kpi.id])
    words = [_short(name) for name in names]
    figure = figures.heat_map(frame, names, words, f"{kpi.title}: the choices tried", kpi.unit, gain=False)
    return {
        "trials": (figure, "Each dot is a choice that was tried; the search comes back to where it is best.")
    }


def _notes(found: Optimum) -> Iterator[str]:
    failed = int((found.trials["message"] != "").sum())
    yield (
        f"{len(found.trials)} trials of {found.options.replications} replications, chosen by tree-structured "
        "Parzen estimators (Optuna) from the seed of the study; all with the same luck."
    )
    yield (
        "The best of many trials was lucky too: what is told of it was measured on a seed that the search "
        "has not seen. A search promises no optimum; more trials may find better."
    )
    if failed:
        yield f"{failed} choices could not be set up, and are in the table of trials with the reason."
