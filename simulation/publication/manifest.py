"""The manifest: what the results are of, what they were made with, and how to make them again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from simulation import provenance
from simulation.calendars import public_holidays
from simulation.records import MODEL_VERSION
from simulation.runner import StudyResults
from simulation.scenario import digest
from simulation.study import Design

__all__ = ["made_with", "make_manifest", "run_in_words"]


def make_manifest(design: Design, results: StudyResults, command: str, written: str) -> dict[str, Any]:
    """Return the manifest of a study.

    Parameters
    ----------
    design, results
        What was run, and what came of it.
    command
        What makes the results again.
    written
        When they were made.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(make_manifest).parameters)
    ['design', 'results', 'command', 'written']
    """
    return {
        "command": command,
        "written": written,
        **made_with(design),
        "run": {
            "seconds": round(results.seconds, 1),
            "replications_of_each": results.study.replications,
            "workers": results.workers,
            "replications_simulated": results.simulated,
            "replications_from_the_store": results.loaded,
        },
    }


def made_with(design: Design) -> dict[str, Any]:
    """Return what results are of, and what they are made with.

    Parameters
    ----------
    design
        What was asked.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.study import Study
    >>> list(made_with(Design(Study(id="quick", run_length=24), single_queue(), ())))[:3]
    ['study', 'city', 'design']
    """
    titles = {policy.id: policy.title for policy in design.policies}
    return {
        "study": design.study.model_dump(mode="json"),
        "city": {"id": design.city.id, "title": design.city.title},
        "design": design.digest,
        "scenarios": {
            scenario.id: {"title": titles[scenario.id], "digest": digest(scenario)}
            for scenario in design.scenarios
        },
        "public_holidays": _holidays(design),
        "model_version": MODEL_VERSION,
        "code": provenance.code_state(),
        "versions": provenance.versions(),
        "machine": provenance.machine(),
    }


def _holidays(design: Design) -> dict[str, list[str]]:
    """Freeze the days that the calendars take from the holidays package, which later releases may correct."""
    city = design.city
    if all(getattr(calendar, "holidays", "none") == "none" for calendar in city.calendars):
        return {}
    last = city.start + timedelta(days=math.ceil(design.study.horizon / 24.0) - 1)
    found = public_holidays(city.start, last)
    return {
        "off": sorted(day.isoformat() for day in found.off),
        "worked": sorted(day.isoformat() for day in found.worked),
    }


def run_in_words(design: Design, replications: int) -> Mapping[str, str]:
    """Say how the study is run, for readers.

    Parameters
    ----------
    design
        What was run.
    replications
        How many there were of each scenario.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.study import Study
    >>> run_in_words(Design(Study(id="quick", run_length="30 d"), single_queue(), ()), 10)["measured"]
    '30 days'
    """
    study = design.study
    return {
        "system": design.city.title or design.city.id,
        "begins on": design.city.start.isoformat(),
        "replications": str(replications),
        "seed": str(study.seed),
        "warm-up": _days(study.warm_up),
        "measured": _days(study.run_length),
        "run-out": _days(study.run_out),
    }


def _days(hours: float) -> str:
    return f"{hours:g} hours" if hours % 24 else f"{hours / 24:,.0f} days"
