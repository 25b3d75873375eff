"""What the language has, and what of it a scenario uses: read off the specifications themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Literal, get_args, get_origin

from simulation.scenario.scenario import Scenario
from simulation.spec import Spec

__all__ = ["features", "language", "specifications"]


def specifications(kinds: Sequence[type[Spec]]) -> Iterator[type[Spec]]:
    """Yield every specification that the given ones are made of, each once, in reading order.

    Examples
    --------
    >>> [kind.__name__ for kind in specifications([Scenario])][:2]
    ['Scenario', 'WeeklyCalendar']
    """
    todo, seen = list(kinds), set[type[Spec]]()
    while todo:
        kind = todo.pop(0)
        if kind in seen:
            continue
        seen.add(kind)
        yield kind
        found = [part for field in kind.model_fields.values() for part in _specs_in(field.annotation)]
        todo = [*found, *todo]


def _specs_in(annotation: Any) -> list[type[Spec]]:
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        return [annotation]
    return [spec for part in get_args(annotation) for spec in _specs_in(part)]


@cache
def _written(kind: type[Spec]) -> tuple[tuple[str, str, tuple[Any, ...]], ...]:
    """Give the fields of a specification, each with its name in the language and the words it chooses among.

    A field that several kinds have in common is called by what they have in common.
    """
    homes = {
        name: base.__name__.strip("_")
        for base in kind.__mro__
        for name in vars(base).get("__annotations__", ())
    }
    return tuple(
        (name, f"{homes[name]}.{field.alias or name}", tuple(_words_in(field.annotation)))
        for name, field in kind.model_fields.items()
    )


def _words_in(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    return [word for part in get_args(annotation) for word in _words_in(part)]


def language() -> tuple[str, ...]:
    """Return all that a scenario can use: each kind of thing, its fields, and the words of a field.

    Examples
    --------
    >>> [name for name in language() if name.startswith("Squeeze")]
    ['Squeeze', 'Squeeze.waiting', 'Squeeze.speed']
    """
    found: dict[str, None] = {}
    for kind in specifications([Scenario]):
        found[kind.__name__] = None
        for _, written, words in _written(kind):
            named = [f"{written}={word}" for word in words] if len(words) > 1 else [written] * (not words)
            found.update(dict.fromkeys(named))
    return tuple(found)


def features(scenario: Spec) -> frozenset[str]:
    """Return what a scenario uses: kinds, fields that differ from their default, and words, default or not.

    Examples
    --------
    >>> from simulation.scenario.examples import single_queue
    >>> used = features(single_queue())
    >>> "Work.join=first" in used, "Work.booking" in used
    (True, False)
    """
    found = set[str]()
    todo: list[Spec] = [scenario]
    while todo:
        spec = todo.pop()
        found.add(type(spec).__name__)
        for name, written, words in _written(type(spec)):
            value = getattr(spec, name)
            entries = value if isinstance(value, tuple) else (value,)
            todo += [entry for entry in entries if isinstance(entry, Spec)]
            if len(words) > 1:
                found.update(f"{written}={entry}" for entry in entries if entry is not None)
            elif not words and value != type(spec).model_fields[name].get_default(call_default_factory=True):
                found.add(written)
    return frozenset(found)
