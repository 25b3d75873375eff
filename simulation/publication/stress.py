# ruff: noqa: E501 - sentences of a page
"""STRESS-DES, filled from a study: what a reader must be told of a simulation, and where each item comes from.

Source: Monks, Currie, Onggo, Robinson, Kunc and Taylor (2019), Strengthening the reporting of empirical simulation
studies: Introducing the STRESS guidelines, *Journal of Simulation* 13(1), 55-67: the checklist for discrete-event
simulation, 24 items in six sections.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from simulation.analysis.wording import in_markdown, label
from simulation.kpis import REGISTRY
from simulation.publication.manifest import run_in_words
from simulation.report.checklist import Item
from simulation.study import Design

__all__ = ["stress_in_markdown", "stress_items"]

SECTIONS = ("Objectives", "Logic", "Data", "Experimentation", "Implementation", "Code access")


def stress_items(design: Design, replications: int, manifest: dict[str, Any]) -> list[Item]:
    """Fill the 24 items from the design and the run.

    Parameters
    ----------
    design
        What was run.
    replications
        Of each scenario.
    manifest
        What the results were made with.

    Returns
    -------
    list of Item
        In the order of the checklist; an item that only a person can fill, and nobody has, is blank.

    Examples
    --------
    >>> from simulation.publication.manifest import made_with
    >>> from simulation.scenario import Policy
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.study import Study
    >>> design = Design(Study(id="quick", run_length=24), single_queue(), (Policy(id="baseline"),))
    >>> items = stress_items(design, 10, made_with(design))
    >>> len(items), [item.number for item in items if not item.text]
    (24, ['1.1', '1.3', '3.2', '6.1'])
    """
    parts: list[Callable[[Design, int, dict[str, Any]], list[Item]]] = [
        _objectives, _logic, _components, _data, _experimentation, _implementation,
    ]  # fmt: skip
    return [item for part in parts for item in part(design, replications, manifest)]


def _objectives(design: Design, _: int, __: dict[str, Any]) -> list[Item]:
    study = design.study
    deciding = "; ".join(kpi.title for kpi in study.deciding)
    aims = " ".join(
        part for part in (study.question, study.hypothesis and f"Expected: {study.hypothesis}") if part
    )
    return [
        Item("1.1", "Purpose of the study", study.account.purpose, "", "study.account.purpose"),
        Item(
            "1.2", "Outputs", f"{len(REGISTRY)} measures, of which these decide: {deciding}. Each is defined in the "
            "report.", "#measures",
        ),
        Item("1.3", "Aims of the experiments", aims, "#decision", "study.question"),
    ]  # fmt: skip


def _logic(design: Design, _: int, __: dict[str, Any]) -> list[Item]:
    about = {policy.title or policy.id: policy.summary.rstrip(".") for policy in design.policies[1:]}
    policies = "; ".join(f"{title} ({said})" if said else title for title, said in about.items())
    needs = ", ".join(need.title or need.id for need in design.city.needs)
    return [
        Item(
            "2.1", "Diagram of the base system", "The way of a case from need to exit is told step by step in docs/model.md; the "
            "flows between desks are a figure of the report.", "#figures",
        ),
        Item(
            "2.2", "Logic of the base system", f"Cases of these needs follow their pathways of work and delay: {needs}. "
            "The rules of each mechanism are in docs/model/.", "docs/model.md",
        ),
        Item(
            "2.3", "Logic of the scenarios", f"Against the baseline: {policies}." if policies else "The baseline alone.",
            "#proposals",
        ),
        Item(
            "2.4", "Algorithms", "Ties at one instant, queue order, rosters and appointments follow written rules "
            "(docs/engines.md); both engines obey them and leave the same records.", "docs/engines.md",
        ),
    ]  # fmt: skip


def _components(design: Design, _: int, __: dict[str, Any]) -> list[Item]:
    city = design.city
    veterans = sum(place.veterans for place in city.places)
    steps = Counter(step.kind for pathway in city.pathways for step in pathway.steps)
    kinds = ", ".join(f"{number} of {label(kind)}" for kind, number in steps.items())
    heads = f"{len(city.teams)} teams at {len(city.places)} places"
    return [
        Item("2.5.1", "Entities", f"Cases: episodes of {len(city.needs)} needs of {veterans:,} veterans in "
             f"{max(1, len(city.groups))} group(s).", "docs/scenario.md"),
        Item("2.5.2", "Activities", f"{len(city.pathways)} pathways with steps: {kinds}.", "docs/scenario.md"),
        Item("2.5.3", "Resources", f"{heads}, each with staff, skills and a calendar.", "docs/scenario.md"),
        Item("2.5.4", "Queues", "One for each team, ordered by priority, time queued and case; patience, limits and "
             "appointments where the configuration has them.", "docs/engines.md"),
        Item("2.5.5", "Entry and exit", "Needs arise at communities, told to anybody or not; every case ends in one of "
             "eleven exits, and the books are balanced after each replication.", "docs/glossary.md"),
    ]  # fmt: skip


def _data(design: Design, _: int, __: dict[str, Any]) -> list[Item]:
    sourced = sum(bool(one.source) for one in design.evidence)
    assumed = len(design.evidence) - sourced
    return [
        Item("3.1", "Sources of data", f"{sourced} numbers have a source, printed beside each.", "#evidence"),
        Item("3.2", "Pre-processing", design.study.account.preprocessing, "", "study.account.preprocessing"),
        Item(
            "3.3",
            "Input parameters",
            "The command vetsim show prints every value, with its source or its range.",
            "#evidence",
        ),
        Item(
            "3.4",
            "Assumptions",
            f"{assumed} numbers are assumed, each with its range and reason.",
            "#evidence",
        ),
    ]


def _experimentation(design: Design, replications: int, _: dict[str, Any]) -> list[Item]:
    words, study = run_in_words(design, replications), design.study
    begins = "with the open cases of the configuration" if design.city.opening else "empty"
    how = (
        f"added for a precision of {study.precision:g} indifference zone(s), at most {study.most_replications}"
        if study.precision
        else "fixed before the run"
    )
    return [
        Item("4.1", "Initialisation", f"Starts {begins}; warm-up {words['warm-up']}, simulated and not measured.", "#run"),
        Item("4.2", "Run length", f"{words['measured']} measured, then {words['run-out']} of run-out.", "#run"),
        Item("4.3", "Estimation", f"{replications} replications of each scenario ({how}), paired by common random numbers; "
             f"simultaneous intervals of {100 * study.confidence:g} % confidence.", "#headline"),
    ]  # fmt: skip


def _implementation(design: Design, _: int, manifest: dict[str, Any]) -> list[Item]:
    versions, machine = manifest["versions"], manifest["machine"]
    run = manifest.get("run", {})
    took = f"; {run['seconds']:,} s on {run['workers']} worker(s)" if run else ""
    return [
        Item("5.1", "Software", f"vetsim {versions['vetsim']} on Python {versions['python']}; code at {manifest['code']}.",
             "#manifest"),
        Item("5.2", "Random sampling", f"Keyed draws (Philox4x64) by inversion, seed {design.study.seed}: a draw belongs to "
             "a decision of a case, whatever the scenario.", "docs/decisions.md"),
        Item("5.3", "Execution", f"Engine {design.study.engine}, event by event{took}.", "#manifest"),
        Item("5.4", "System", f"{machine['processor']}, {machine['cores']} cores, {machine['system']}.", "#manifest"),
        Item("6.1", "Sharing of the program", design.study.account.sharing, "", "study.account.sharing"),
    ]  # fmt: skip


def stress_in_markdown(items: list[Item], title: str) -> str:
    """Write the checklist as Markdown, to go with an article.

    Parameters
    ----------
    items
        The items.
    title
        Of the study.

    Examples
    --------
    >>> text = stress_in_markdown([Item("1.1", "Purpose of the study", "", "", "study.account.purpose")], "Quick")
    >>> "| 1.1 | Purpose of the study | ____ (write it in the study file: `study.account.purpose`) |" in text
    True
    """
    lines = [
        f"# STRESS-DES: {in_markdown(title)}", "",
        "The checklist of Monks et al. (2019), *Journal of Simulation* 13(1), 55-67. Places with # are in `report.html`.", "",
        "| | Item | What is so here | Where it comes from |", "|---|---|---|---|",
    ]  # fmt: skip
    section = ""
    for item in items:
        if item.number[0] != section:
            section = item.number[0]
            lines.append(f"| **{section}** | **{SECTIONS[int(section) - 1]}** | | |")
        blank = f"____ (write it in the study file: `{item.field}`)"
        where = f"report.html{item.where}" if item.where.startswith("#") else item.where or "the study file"
        lines.append(f"| {item.number} | {item.title} | {in_markdown(item.text) or blank} | {where} |")
    return "\n".join(lines) + "\n"
