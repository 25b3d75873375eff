"""What drives the effect of a policy, in words."""

from __future__ import annotations

from typing import Final

import pandas as pd

from simulation import figures
from simulation.analysis.attribution import waterfall
from simulation.analysis.wording import change
from simulation.figures.attribution import Way, contributions, interplay, turns
from simulation.kpis import Kpi
from simulation.procedures.attribution import Attributed
from simulation.publication.inquiry import Inquiry
from simulation.study import Design

__all__ = ["inquiry"]

SHOWN = ("better", "worse", "differs")
"""Verdicts that say that something is there."""
CAPTIONS: Final = {
    "contributions": "What each part brings: its share (contribution), alone (first), as last (last).",
    "totals": "What all parts bring together, and what of that is beyond the sum of what they bring alone.",
    "pairs": "What two parts bring together beyond what they bring apart.",
    "waterfall": "From the baseline to the policy, part by part. Bars and numbers add up; lines: intervals.",
    "waterfalls": "The same for the other headline measures.",
    "turns": "What does much alone and little as the last one does what others do as well; what does more "
    "as the last one needs the others.",
    "interplay": "What two parts bring together beyond what they bring apart (Shapley interaction index).",
}


def inquiry(design: Design, attributed: Attributed) -> Inquiry:
    """Put into words what drives the effect of a policy.

    Parameters
    ----------
    design
        The study, whose headline KPIs are told.
    attributed
        What was found out.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from simulation.procedures.attribution import attribute_effect
    >>> from simulation.runner import Runs
    >>> from simulation.scenario import Policy
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.store import Store
    >>> from simulation.study import Study
    >>> study = Study(id="quick", run_length=96, replications=2, headline=["time_to_resolution_mean"])
    >>> levers = [{"id": name, "kind": "scale_time", "steps": ["consult"], "factor": 0.9} for name in "ab"]
    >>> policies = (Policy(id="baseline"), Policy(id="both", title="Both", levers=levers))
    >>> design = Design(study, single_queue(), policies)
    >>> found = attribute_effect(design, Runs(study, Store(Path(tempfile.mkdtemp()))), "both")
    >>> inquiry(design, found).title
    'What drives the effect of Both'
    """
    title = attributed.policy.title or attributed.policy.id
    names = {player.id: player.title for player in attributed.players}
    kpis = design.study.deciding
    ways = [
        Way(kpi, total, waterfall(attributed.found, kpi.id))
        for kpi, (_, total) in zip(kpis, attributed.found.totals.iterrows(), strict=True)
    ]
    answer = [_effect(title, way, names) for way in ways]
    answer[1:1] = [_beyond(ways[0]), *_pairs(attributed.found.pairs, kpis[0], names)]
    idle = _idle(attributed, names)
    return Inquiry(
        name="attribute",
        of=attributed.policy.id,
        title=f"What drives the effect of {title}",
        question=f"How much of what {title} changes does each of its parts bring?",
        answer=(*answer, *([idle] if idle else [])),
        tables=_tables(attributed),
        figures=_figures(design, attributed, title, ways, names),
        notes=_notes(design, attributed),
    )


def _moved(row: pd.Series, kpi: Kpi, name: str) -> str:
    said = change(row[name], row["low"], row["high"], kpi.unit)
    return f"{said.difference} ({said.low} to {said.high})"


def _effect(title: str, way: Way, names: dict[str, str]) -> str:
    """Say what the policy changes of one KPI, and who brings it."""
    kpi, total, steps = way
    unit = change(total["difference"], total["low"], total["high"], kpi.unit).unit
    whole = f"{kpi.title}: {title} changes it by {_moved(total, kpi, 'difference')} {unit}".rstrip()
    if total["verdict"] == "no evidence":
        return f"{whole}, too little to matter."
    if total["verdict"] == "too noisy":
        return f"{whole}, which is not established: more replications are needed."
    shown = steps[steps["verdict"].isin(SHOWN)]
    if shown.empty:
        return f"{whole}; no part by itself is shown to bring a share that matters."
    largest = shown.reindex(shown["contribution"].abs().sort_values(ascending=False, kind="stable").index)
    told = [
        f"{names[row['player']]} {_moved(row, kpi, 'contribution')}" for _, row in largest.head(4).iterrows()
    ]
    rest = steps[~steps["player"].isin(largest["player"].head(4))]
    if len(rest):
        left = change(float(rest["contribution"].sum()), total["low"], total["high"], kpi.unit).difference
        told.append(f"{'the other part' if len(rest) == 1 else f'the other {len(rest)} together'} {left}")
    return f"{whole}. Of this, {'; '.join(told)}."


def _beyond(way: Way) -> str:
    """Say whether the parts together do more or less than alone."""
    kpi, total, _ = way
    low, high = total["beyond_low"], total["beyond_high"]
    apart = change(total["difference"] - total["beyond"], low, high, kpi.unit)
    said = change(total["beyond"], low, high, kpi.unit)
    size = f"{said.difference} {said.unit} ({said.low} to {said.high})"
    if low > 0 or high < 0:
        kind = "more" if total["beyond"] * (total["difference"] or 1.0) > 0 else "less"
        why = "they help each other" if kind == "more" else "in part they do the same work twice"
        return (
            f"Added up as if each were carried out alone, the parts would change it by {apart.difference} "
            f"{apart.unit}; together they do {kind}, by {size}: {why}."
        )
    return (
        f"Together the parts do what they would do alone, added up: what is beyond that, {size}, is not "
        "established."
    )


def _pairs(pairs: pd.DataFrame, kpi: Kpi, names: dict[str, str]) -> list[str]:
    """Say which two parts help or hinder each other."""
    rows = pairs[pairs["kpi"] == kpi.id]
    if rows.empty:
        return []
    shown = rows[rows["verdict"].isin(SHOWN)]
    if shown.empty:
        return ["No two parts are shown to help or to hinder each other by an amount that matters."]
    order = shown["interaction"].abs().sort_values(ascending=False, kind="stable").index[:3]
    told = [
        f"{names[row['player']]} and {names[row['other']]} {_moved(row, kpi, 'interaction')}"
        for _, row in shown.loc[order].iterrows()
    ]
    return [f"Beyond what each brings apart, pairs bring: {'; '.join(told)}."]


def _idle(attributed: Attributed, names: dict[str, str]) -> str:
    """Name the parts of which nothing is shown."""
    table = attributed.found.contributions
    moving = set(table.loc[table["verdict"].isin(SHOWN), "player"])
    idle = [title for name, title in names.items() if name not in moving]
    return f"Not shown to move any of these measures: {', '.join(idle)}." if idle else ""


def _tables(attributed: Attributed) -> dict[str, tuple[pd.DataFrame, str]]:
    found = attributed.found
    tables = {
        "contributions": (found.contributions, CAPTIONS["contributions"]),
        "totals": (found.totals, CAPTIONS["totals"]),
    }
    if len(found.pairs):
        tables["pairs"] = (found.pairs, CAPTIONS["pairs"])
    return tables


def _figures(
    design: Design, attributed: Attributed, title: str, ways: list[Way], names: dict[str, str]
) -> dict[str, tuple[figures.Figure, str]]:
    ends = ("The baseline", title)
    heading = f"What drives the effect of {title}"
    found, kpis = attributed.found, design.study.deciding
    drawn = {"waterfall": (contributions(heading, ways[:1], names, ends), CAPTIONS["waterfall"])}
    if len(ways) > 1:
        drawn["waterfalls"] = (contributions(heading, ways[1:], names, ends), CAPTIONS["waterfalls"])
    drawn["turns"] = (turns(found.contributions, kpis, names), CAPTIONS["turns"])
    if len(found.pairs):
        drawn["interplay"] = (interplay(found.pairs, kpis[0], names), CAPTIONS["interplay"])
    return drawn


def _notes(design: Design, attributed: Attributed) -> tuple[str, ...]:
    parts, runs = len(attributed.players), attributed.replications
    if attributed.drawn:
        how = (
            f"The {parts} parts make 2^{parts} sets, too many to run all. For each of {runs} replications "
            f"{attributed.drawn} orders were drawn anew, every second one the reverse of the one before, and "
            f"the sets run that form along them ({attributed.coalitions:,} different sets in all). The "
            "intervals cover this sampling as well as the luck of the replications. Pairs are told for up to "
            "eight parts."
        )
    else:
        how = (
            f"All {attributed.coalitions} sets of the {parts} parts were run, in {runs} replications under "
            "the same luck."
        )
    share = (
        "The share of a part is its Shapley value: what it adds when it comes, averaged over all orders in "
        "which the parts can come. Shares add up to the whole effect, parts that do the same share alike, "
        "and a part that does nothing has none."
    )
    interval = (
        "Intervals are Student-t over replications, of paired differences, and hold together with "
        f"{design.study.confidence:.0%} over all parts and headline measures (Bonferroni). Verdicts compare "
        "them with the smallest difference that matters. They cover chance, and not doubt about assumptions."
    )
    return (how, share, interval)
