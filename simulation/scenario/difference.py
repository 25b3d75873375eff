"""What a policy changes in what happens to the cases of a need, step by step, as plain rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel

from simulation.scenario.needs import Need
from simulation.scenario.pathways import Pathway
from simulation.scenario.phases import in_full
from simulation.scenario.quantities import Duration, Share
from simulation.scenario.routing import Routing, TimeFactor
from simulation.scenario.scenario import Scenario
from simulation.scenario.waiting import TeamOption

__all__ = ["PathwayDifference", "pathway_differences"]

ASPECTS = {
    "teams": "teams",
    "join": "teams",
    "time": "time",
    "time_factors": "time",
    "re_entry": "time",
    "referral": "hand-over",
    "next": "routes",
    "branches": "routes",
}
"""Fields of a step under the heading that a reader knows; any other goes by its own name."""

LABELS = {"id", "title", "pathway", "variant_of"}


class PathwayDifference(NamedTuple):
    """One thing that is not the same for the cases of a need."""

    need: str
    step: str
    """The step; empty when it is the need itself, or the way into its pathway."""
    change: Literal["added", "removed", "changed"]
    aspect: str
    """step, routes, teams, time, hand-over, or the name of another field."""
    before: str
    """In plain words; empty for what is added."""
    after: str
    """In plain words; empty for what is removed."""


def pathway_differences(before: Scenario, after: Scenario) -> tuple[PathwayDifference, ...]:
    """Return what differs in the pathways of two scenarios, with all their levers in effect.

    Parameters
    ----------
    before, after
        The scenarios; needs are matched by id, and the steps of the pathway that each takes by theirs.

    Returns
    -------
    tuple of PathwayDifference
        By need in the order of the scenario; within it the need itself, then steps in the order of the
        pathway after, then those removed.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> for row in pathway_differences(single_queue(), single_queue(service=2.0)):
    ...     print(row.need, row.step, row.change, row.aspect, "|", row.before, "|", row.after)
    illness consult changed time | exponential, mean 1 h | exponential, mean 2 h
    """
    one, other = in_full(before), in_full(after)
    pathways = [{pathway.id: pathway for pathway in system.pathways} for system in (one, other)]
    needs = {need.id: need for need in one.needs}
    found: list[PathwayDifference] = []
    for need in other.needs:
        old = needs.get(need.id)
        if old is not None:
            found += _in_need(old, need)
            found += _in_pathway(need.id, pathways[0][old.pathway], pathways[1][need.pathway])
    return tuple(found)


def _in_need(old: Need, new: Need) -> Iterator[PathwayDifference]:
    for field in Need.model_fields:
        before, after = getattr(old, field), getattr(new, field)
        if field not in LABELS and before != after:
            yield PathwayDifference(new.id, "", "changed", field.replace("_", " "), said(before), said(after))


def _in_pathway(need: str, old: Pathway, new: Pathway) -> Iterator[PathwayDifference]:
    if old.first_routes() != new.first_routes():
        yield PathwayDifference(
            need, "", "changed", "routes", said(old.first_routes()), said(new.first_routes())
        )
    known = {step.id: position for position, step in enumerate(old.steps)}
    for position, step in enumerate(new.steps):
        after = _aspects(new, position)
        if step.id not in known:
            yield PathwayDifference(need, step.id, "added", "step", "", step.kind.replace("_", " "))
            before = dict.fromkeys(after, "")
        else:
            before = _aspects(old, known[step.id])
        for aspect in dict.fromkeys([*after, *before]):
            was, is_ = before.get(aspect, ""), after.get(aspect, "")
            if was != is_:
                change: Literal["added", "changed"] = "changed" if step.id in known else "added"
                yield PathwayDifference(need, step.id, change, aspect, was, is_)
    kept = {step.id for step in new.steps}
    for step in old.steps:
        if step.id not in kept:
            yield PathwayDifference(need, step.id, "removed", "step", step.kind.replace("_", " "), "")


def _aspects(pathway: Pathway, position: int) -> dict[str, str]:
    """Say each aspect of a step in words; what is left at its default is not said."""
    step = pathway.steps[position]
    parts: dict[str, list[str]] = {}
    for name, field in type(step).model_fields.items():
        value = pathway.routes(position) if name == "next" else getattr(step, name)
        default = None if field.is_required() else field.get_default(call_default_factory=True)
        if name in LABELS or name == "kind" or value == default:
            continue
        aspect = ASPECTS.get(name, name.replace("_", " "))
        text = said(value)
        parts.setdefault(aspect, []).append(f"join {text}" if name == "join" else text)
    return {aspect: "; ".join(texts) for aspect, texts in parts.items()}


def said(value: Any) -> str:
    """Say a value of the scenario language in a few plain words.

    Examples
    --------
    >>> said(Duration(amount=2.0, unit="wd")), said((Share(of="resolved", share=0.7),)), said(True)
    ('2 wd', 'resolved 70 %', 'yes')
    """
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:g}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return ", ".join(said(item) for item in value)
    if isinstance(value, Duration):
        return f"{value.amount:g} {value.unit}"
    if isinstance(value, Share):
        return value.of if value.share == 1.0 else f"{value.of} {100 * value.share:.4g} %"
    if isinstance(value, TeamOption):
        rest = _fields(value, {"role", "at"})
        return f"{value.role} @ {value.at}" + (f" ({rest})" if rest else "")
    if isinstance(value, Routing | TimeFactor):
        when = _fields(value.when, set())
        text = said(value.to) if isinstance(value, Routing) else f"times {value.factor:g}"
        return f"{text} (if {when})" if when else text
    return _fields(value, set()) if isinstance(value, BaseModel) else str(value).replace("_", " ")


def _fields(value: BaseModel, left_out: set[str]) -> str:
    """Say the fields of a specification that are not at their default, its kind first and its unit last."""
    texts = []
    for name, field in type(value).model_fields.items():
        part = getattr(value, name)
        default = None if field.is_required() else field.get_default(call_default_factory=True)
        if name in {"kind", "unit", *left_out} or part == default:
            continue
        texts.append(f"{(field.alias or name).replace('_', ' ')} {said(part)}")
    text = ", ".join(texts) + (f" {value.unit}" if hasattr(value, "unit") else "")  # a distribution
    return ", ".join(part for part in (getattr(value, "kind", ""), text) if part)
