"""The manual of the scenario language, written from the docstrings of its fields."""

from __future__ import annotations

import re
import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic_core import PydanticUndefined

from simulation.scenario.features import specifications
from simulation.scenario.generation import PlaceGenerator
from simulation.scenario.levers import Policy
from simulation.scenario.scenario import Scenario
from simulation.spec import Spec

__all__ = ["write_manual"]

OPENING = """# The scenario language

Every field of a scenario file, from the code that reads it; `python experiments/manual.py` writes this page.

A scenario is YAML. Where a list of named things stands below, write a mapping from id to thing. A number may
be bare, or say where it comes from:

```yaml
rate: {value: 45, source: "the yearbook of 2021"}
share: {value: 0.2, assumption: "nobody has counted", low: 0.1, high: 0.3}
```

A block may carry `source`, or `assumption` with `factors: [lowest, highest]`, for all numbers in it. Times
are written with their unit (`"40 min"`, `"2 h"`, `"15 d"`, `"30 wd"`: working days of the calendar at hand),
times of day in quotes.

"""


def write_manual() -> str:
    """Return the manual as Markdown: a section for each kind of thing, a row for each field.

    Examples
    --------
    >>> "## Scenario" in write_manual()
    True
    """
    sections = [_section(kind) for kind in specifications([Scenario, Policy, PlaceGenerator])]
    return OPENING + "\n".join(sections)


def _section(kind: type[Spec]) -> str:
    summary = (kind.__doc__ or "").strip().split("\n\n")
    text = [f"## {kind.__name__}", "", _one_line(summary[0])]
    if len(summary) > 1 and not summary[1].strip().startswith("Examples"):
        text += ["", _one_line(summary[1])]
    text += ["", "| field | what is written | default | meaning |", "|---|---|---|---|"]
    for name, field in kind.model_fields.items():
        default = (
            "required" if field.is_required() else _default(field.get_default(call_default_factory=True))
        )
        meaning = _one_line(field.description or "")
        text.append(f"| `{field.alias or name}` | {_written(field.annotation)} | {default} | {meaning} |")
    return "\n".join([*text, ""])


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().replace("|", "\\|")


def _default(value: Any) -> str:
    if value is None or value is PydanticUndefined or value == ():
        return ""
    return (
        f"`{value.isoformat() if hasattr(value, 'isoformat') else value}`"
        if not isinstance(value, Spec)
        else ""
    )


def _written(annotation: Any) -> str:
    """Say in a few words what a field takes."""
    origin, parts = get_origin(annotation), [part for part in get_args(annotation) if part is not type(None)]
    if origin is Annotated:
        return _written(parts[0])
    if origin is Literal:
        return ", ".join(f"`{part}`" for part in parts)
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(_written(part) for part in parts))
    if origin is tuple:
        return "list of " + _written(parts[0])
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    names = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    return names.get(annotation, getattr(annotation, "__name__", str(annotation)))
