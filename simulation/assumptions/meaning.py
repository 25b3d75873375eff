"""What a dotted path of a configuration speaks of, in the words of the manual."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, get_args

from simulation.scenario import Policy, Scenario
from simulation.scenario.generation import PlaceGenerator
from simulation.spec import Spec

__all__ = ["meaning"]

PARTS = MappingProxyType(
    {
        "calendars": "Opening hours",
        "channels": "Ways of making contact",
        "groups": "Share, access and choice of channel of a group",
        "needs": "Who presents the need, when it is due and how fast it is",
        "pathways": "Minutes, shares and routes of a service",
        "places": "The places",
        "profiles": "How the rate varies over the year, the week and the day",
        "teams": "Heads, hours and pay of a team",
        "levers": "Strength of the lever",
    }
)
"""Words for an item as a whole."""


def meaning(path: str, scenario: Scenario, policies: Mapping[str, Policy]) -> str:
    """Say what the number, or the block of numbers, at a path means.

    Parameters
    ----------
    path
        Dotted path, as in `Evidence.path`.
    scenario
        The system without policies.
    policies
        Policies by id, those that they include written out.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> meaning("needs.illness.dropout_per_week", single_queue(), {})
    'Probability per week that an open case is silently given up by the veteran'
    """
    parts = path.split(".")
    if parts[:2] == ["places", "generate"]:
        return _by_type(parts[2:], PlaceGenerator) or PARTS["places"]
    if parts[0] == "policies":
        levers = {lever.id: lever for policy in policies.values() for lever in policy.levers}
        lever = levers.get(parts[3]) if parts[2:3] == ["levers"] and len(parts) > 3 else None
        return _walk(parts[4:], lever) or PARTS["levers"]
    return _walk(parts, scenario) or PARTS.get(parts[0], parts[0])


def _walk(parts: Sequence[str], here: Any) -> str:
    """Give the sentence of the deepest field on the way; what is inside a distribution is left to it."""
    found = ""
    for part in parts:
        if isinstance(here, Spec) and "distributions" not in type(here).__module__:
            fields = {field.alias or name: (name, field) for name, field in type(here).model_fields.items()}
            if part not in fields:
                return found
            name, field = fields[part]
            here = getattr(here, name)
            found = "" if _items(here) else _sentence(field.description or "")
        elif isinstance(here, tuple):
            here = next((item for n, item in enumerate(here) if part in (_name(item), str(n))), None)
        else:
            return found
    return found


def _by_type(parts: Sequence[str], kind: type[Spec]) -> str:
    """Do the same along the types: of what made the places only these are left."""
    found = ""
    for part in parts:
        if part.isdigit() or part not in kind.model_fields:
            continue
        field = kind.model_fields[part]
        found = _sentence(field.description or "")
        kind = next(iter(_specs(field.annotation)), kind)
    return found


def _specs(annotation: Any) -> list[type[Spec]]:
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        return [annotation]
    return [spec for part in get_args(annotation) for spec in _specs(part)]


def _items(value: Any) -> bool:
    """Tell a list of named things, of which the name comes next."""
    return isinstance(value, tuple) and bool(value) and isinstance(getattr(value[0], "id", None), str)


def _name(item: Any) -> str:
    return str(getattr(item, "id", getattr(item, "of", "")))


def _sentence(text: str) -> str:
    """Take the first clause, without what it says in brackets."""
    plain = re.sub(r" \([^()]*\)", "", " ".join(text.split()).replace("`", ""))
    return re.split(r"(?<=[a-z0-9])[.;:](?:\s|$)", plain, maxsplit=1)[0].rstrip(".")
