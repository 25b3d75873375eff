"""The folder of a study's results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from simulation import figures
from simulation.analysis import average_series, best, compare, differences, pairwise, summarise
from simulation.analysis.incremental import incremental
from simulation.assumptions import depends, gather, grounds
from simulation.kpis import REGISTRY, Kpi
from simulation.procedures.precision import Precision
from simulation.publication.balance import Balance, balance
from simulation.publication.manifest import make_manifest, run_in_words
from simulation.publication.past import Past
from simulation.publication.precision import in_short
from simulation.publication.stress import stress_in_markdown, stress_items
from simulation.publication.words import seasons, structures, titles
from simulation.report import ReportContent, write
from simulation.report.answer import answer
from simulation.runner import StudyResults
from simulation.runner.twins import twins
from simulation.scenario import digest
from simulation.store import Draft
from simulation.streams import generator
from simulation.study import BASELINE, Design, Study

__all__ = ["Publication", "publish"]

NOTHING = Past()
FOR_WHOM = ("group", "tier")
"""Dimensions within which the deciding KPIs are compared."""
DECIDING = 3
"""How many of the headline KPIs are compared within them."""


@dataclass(frozen=True)
class Publication:
    """What was published.

    Parameters
    ----------
    folder
        Where.
    comparison
        Headline KPIs of each policy against the baseline.
    summary
        Every KPI of each scenario, on every level.
    equity
        The first headline KPIs compared within groups and tiers.
    answer
        What the report says in a few sentences.
    manifest
        What the results are of, and what they were made with.
    """

    folder: Path
    comparison: pd.DataFrame
    summary: pd.DataFrame
    equity: pd.DataFrame
    answer: tuple[str, ...]
    manifest: dict[str, Any]


def publish(
    design: Design,
    results: StudyResults,
    folder: Path,
    command: str,
    written: str,
    *,
    precision: Precision | None = None,
    past: Past = NOTHING,
    workers: int = 1,
) -> Publication:
    """Compare, draw and report what came of a study, and put it in a folder in place of what was there.

    Parameters
    ----------
    design
        What was run.
    results
        What came of it, whole.
    folder
        Where the results will be; until all are ready, the earlier ones stay as they are.
    command
        What makes these results again.
    written
        When they were made.
    precision
        How many replications the precision asked for took, if one was.
    past
        What was tried and asked before.
    workers
        How many processes compute the scenarios' twins, beside this one.

    Examples
    --------
    >>> import tempfile
    >>> from simulation.runner import run_study
    >>> from simulation.scenario import Policy
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.store import Store
    >>> from simulation.study import Study
    >>> design = Design(Study(id="quick", run_length=96), single_queue(), (Policy(id="baseline"),))
    >>> folder = Path(tempfile.mkdtemp())
    >>> results = run_study(design.study, design.scenarios, Store(folder / ".store"))
    >>> published = publish(design, results, folder / "quick", "vetsim compare", "today")
    >>> (folder / "quick" / "report.html").exists()
    True
    """
    study = design.study
    luck = partial(generator, study.seed, "compare", "best")
    manifest = make_manifest(design, results, command, written)
    if precision is not None:
        manifest["precision"] = {"wanted": precision.wanted, "needed": precision.needed}
    with Draft(folder) as draft, twins(study, results.scenarios, workers) as computed:
        # Where a steady state is asked for, what is compared depends on the twins; else they may come later.
        long_run = balance(study, results, computed()) if study.horizon_kind == "steady_state" else None
        refused = long_run.refused if long_run else {}
        tables = _tables(study, results, refused)
        steady = results.kpis[~results.kpis["scenario"].isin(list(refused))]
        leading = best(steady, study.deciding, study.confidence, luck)
        drawings = _draw(draft, design, results, tables, long_run)
        standing = long_run or balance(study, results, computed())
        content = replace(_content(design, results, tables, drawings, manifest, standing), best=leading)
        content = _decided(content, design, results, manifest, precision, past)
        write(content, draft.path("report.html"))
        draft.text("stress_des.md", stress_in_markdown(list(content.checklist), content.title))
        _write(draft, study, results, tables, standing, precision)
        draft.csv("best", leading)
        draft.parquet("best", leading)
        draft.publish(manifest)
    said = tuple(f"{sentence.about}: {sentence.text.striptags()}" for sentence in answer(content))
    if precision is not None:
        said += (f"Precision: {in_short(precision)['precision']}.",)
    return Publication(folder, tables.comparison, tables.summary, tables.within, said, manifest)


def _write(
    draft: Draft,
    study: Study,
    results: StudyResults,
    tables: Tables,
    standing: Balance,
    precision: Precision | None,
) -> None:
    """Add the tables to the folder, for people and for programs."""
    if precision is not None:
        draft.csv("precision", precision.table)
        draft.csv("precision_path", precision.path)
    for name, table in (
        ("comparison", tables.comparison), ("comparison_within", tables.within), ("costs", tables.costs),
        ("twin", standing.table),
    ):  # fmt: skip
        draft.csv(name, table)
        draft.parquet(name, table)
    if len(standing.path):
        draft.csv("welch", standing.path)
    summary = tables.summary[~tables.summary["scenario"].isin(list(standing.refused))]
    draft.csv("kpis", summary[summary["dimension"] == "all"])
    draft.parquet("kpis", _single(_kept(summary, study.deciding, set(summary["dimension"]) - {"place"})))
    draft.parquet("replications", _single(_kept(results.kpis, study.deciding, {"all"})))


class Tables(NamedTuple):
    """What was estimated."""

    comparison: pd.DataFrame
    costs: pd.DataFrame
    within: pd.DataFrame
    summary: pd.DataFrame


def _tables(study: Study, results: StudyResults, refused: Mapping[str, str]) -> Tables:
    """Estimate; scenarios without a steady state are compared with none."""
    known = {kpi.id: kpi for kpi in REGISTRY}
    cost, effect = known[figures.COST], known[figures.EFFECT]
    return Tables(
        comparison=_long_run(compare(results.kpis, BASELINE, study.deciding, study.confidence), refused),
        costs=incremental(results.kpis, BASELINE, cost, effect, study.confidence),
        within=_within(results, study.deciding[:DECIDING], study.confidence),
        summary=summarise(results.kpis, study.confidence),
    )


def _content(
    design: Design,
    results: StudyResults,
    tables: Tables,
    drawings: dict[str, tuple[str, str]],
    manifest: dict[str, Any],
    standing: Balance,
) -> ReportContent:
    """Put together what the report says."""
    study, names = design.study, _packages_first(design)
    rivals = [name for name in names if name != BASELINE] or [BASELINE]
    assumed = gather(design.evidence, design.city, design.policies)
    others = _all_kpis(study)[len(study.deciding) :]
    return ReportContent(
        title=study.title or study.id,
        question=study.question,
        hypothesis=study.hypothesis,
        scenarios=names,
        kpis=_all_kpis(study),
        comparison=tables.comparison,
        summary=tables.summary,
        pairs=pairwise(results.kpis, rivals, study.deciding[0], study.confidence),
        equity=tables.within,
        figures=drawings,
        assumptions=[(one, depends(one, design.city, design.policies)) for one in assumed],
        run=run_in_words(design, results.study.replications),
        manifest={name: item for name, item in manifest.items() if name != "study"},
        confidence=study.confidence,
        others=compare(results.kpis, BASELINE, others, study.confidence),
        summaries={policy.id: policy.summary for policy in design.policies if policy.summary},
        names=titles(design.city),
        packages={policy.id: policy.includes for policy in design.policies if policy.includes},
        grounds={policy.id: grounds(policy, design.city, assumed) for policy in design.policies[1:]},
        pathways=structures(design),
        incremental=tables.costs,
        standing=standing.sentences,
        twin=standing.table,
        refused=standing.refused,
    )


def _long_run(comparison: pd.DataFrame, refused: Mapping[str, str]) -> pd.DataFrame:
    """Leave out the scenarios without a steady state; all of them if that is the baseline."""
    if BASELINE in refused:
        return comparison.iloc[:0]
    return comparison[~comparison["scenario"].isin(list(refused))]


def _decided(
    content: ReportContent,
    design: Design,
    results: StudyResults,
    manifest: dict[str, Any],
    precision: Precision | None,
    past: Past,
) -> ReportContent:
    """Add what the first page says beside the answer, and the checklist."""
    digests = {scenario.id: digest(scenario) for scenario in design.scenarios}
    return replace(
        content,
        run={**content.run, **in_short(precision)} if precision else content.run,
        tried=past.tried,
        digests=[digests[name] for name in content.scenarios],
        answers=past.answers,
        checklist=stress_items(design, results.study.replications, manifest),
        decided=design.study.account.decision,
    )


def _all_kpis(study: Study) -> list[Kpi]:
    """Give those that decide, then the others."""
    return [*study.deciding, *(kpi for kpi in REGISTRY if kpi not in study.deciding)]


def _packages_first(design: Design) -> dict[str, str]:
    """Give titles by id: the baseline, the policies that consist of others, the single ones."""
    baseline, *others = design.policies
    ordered = [baseline, *sorted(others, key=lambda policy: not policy.includes)]
    return {policy.id: policy.title or policy.id for policy in ordered}


def _kept(table: pd.DataFrame, deciding: Sequence[Kpi], dimensions: set[str]) -> pd.DataFrame:
    """Keep some dimensions of all KPIs, and of those that decide groups, tiers and places."""
    whole = table["dimension"].isin(dimensions)
    within = table["dimension"].isin([*FOR_WHOM, "place"]) & table["kpi"].isin([kpi.id for kpi in deciding])
    return table[whole | within]


def _single(table: pd.DataFrame) -> pd.DataFrame:
    """Halve the numbers to the seven digits that are meant."""
    return table.astype(dict.fromkeys(table.select_dtypes("float64"), "float32"))


def _draw(
    draft: Draft,
    design: Design,
    results: StudyResults,
    tables: Tables,
    long_run: Balance | None,
) -> dict[str, tuple[str, str]]:
    """Draw the figures into the folder; give the SVG text and the caption of each."""
    study = design.study
    drawn = figures.draw(
        average_series(results.series, study.confidence),
        *tables,
        _all_kpis(study),
        _packages_first(design),
        titles(design.city),
        design.city.start,
        seasons(design.city, study.horizon),
    )
    if long_run:
        drawn["welch"] = figures.welch(long_run.path, _packages_first(design))
    texts = {}
    for name, figure in drawn.items():
        figures.png(figure, draft.path(f"figures/{name}.png"))
        texts[name] = (figures.svg(figure), figures.CAPTIONS[name])
    return texts


def _within(results: StudyResults, kpis: Sequence[Kpi], confidence: float) -> pd.DataFrame:
    """Compare within groups and within tiers, one table below the other."""
    tables = []
    for dimension in FOR_WHOM:
        rows = results.kpis[results.kpis["dimension"] == dimension]
        known = [kpi for kpi in kpis if kpi.id in set(rows["kpi"])]
        if known:
            tables.append(differences(results.kpis, BASELINE, known, dimension, confidence))
    empty = pd.DataFrame(columns=["scenario", "kpi", "dimension", "level", "difference", "verdict"])
    return pd.concat([table for table in tables if len(table)] or [empty], ignore_index=True)
