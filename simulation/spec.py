"""The one base class of everything that is specified, and the one error that bad input raises."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_core.core_schema import ErrorType

__all__ = ["InputError", "Problem", "Spec", "nearest"]


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input: where it stands, what was found, and what would be right.

    Examples
    --------
    >>> str(Problem("needs.card.presented", 1.4, "a probability lies between 0 and 1"))
    'needs.card.presented: a probability lies between 0 and 1 (got 1.4)'
    """

    path: str
    """Dotted path of the field, named items by their id."""
    value: Any
    """What was found there."""
    message: str
    """What is wrong and what would be right."""

    def __str__(self) -> str:
        shown = repr(self.value)
        if len(shown) > 80:
            shown = shown[:77] + "..."
        return f"{self.path}: {self.message} (got {shown})"


class InputError(Exception):
    """Input that cannot be used, with all its problems at once.

    Examples
    --------
    >>> print(InputError([Problem("study.replications", 0, "at least one replication is needed")]))
    study.replications: at least one replication is needed (got 0)
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Problem, ...]]]:
        return (type(self), (self.problems,))


def nearest(name: str, known: Sequence[str]) -> str:
    """Suggest the known name nearest to a misspelt one, or list what is known.

    Examples
    --------
    >>> nearest("prioritty", ["priority", "pathway"])
    'did you mean "priority"?'
    >>> nearest("zzz", ["priority", "pathway"])
    'known: pathway, priority'
    """
    match = difflib.get_close_matches(name, known, n=1)
    if match:
        return f'did you mean "{match[0]}"?'
    listed = sorted(known)
    return "known: " + ", ".join(listed[:20]) + (", ..." if len(listed) > 20 else "")


class Spec(BaseModel):
    """A frozen, closed specification: unknown keys, NaN and infinities are refused.

    Collections in a specification are tuples, never lists or dicts, so that a frozen object
    cannot be changed through its contents.

    Examples
    --------
    >>> class Desk(Spec):
    ...     count: int
    >>> Desk(count=2).count
    2
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        populate_by_name=True,
    )

    @model_validator(mode="wrap")
    @classmethod
    def _suggest_names(cls, data: Any, handler: ModelWrapValidatorHandler[Any]) -> Any:
        """Add the nearest known name to the error that an unknown key gives."""
        try:
            return handler(data)
        except ValidationError as error:
            known = [field.alias or name for name, field in cls.model_fields.items()]
            details = []
            for line in error.errors(include_url=False):
                kind: str | PydanticCustomError = line["type"]
                if kind == "extra_forbidden" and len(line["loc"]) == 1:
                    hint = nearest(str(line["loc"][0]), known)
                    kind = PydanticCustomError("unknown_key", "unknown key; {hint}", {"hint": hint})
                elif kind == "unknown_key":
                    kind = PydanticCustomError("unknown_key", "unknown key; {hint}", line["ctx"])
                elif kind not in _BUILT_IN:
                    kind = PydanticCustomError("invalid", "{message}", {"message": line["msg"]})
                details.append(
                    InitErrorDetails(type=kind, loc=line["loc"], input=line["input"], ctx=line.get("ctx", {}))
                )
            raise ValidationError.from_exception_data(error.title, details) from None


_BUILT_IN = frozenset(get_args(ErrorType))
