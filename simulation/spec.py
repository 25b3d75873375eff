"""The one base class of everything that is specified rather than computed."""

from pydantic import BaseModel, ConfigDict

__all__ = ["Spec"]


class Spec(BaseModel):
    """A frozen, closed specification: unknown keys, NaN and infinities are refused.

    Collections in a specification are tuples, never lists or dicts, so that a frozen object
    cannot be changed through its contents.

    Examples
    --------
    >>> class Desk(Spec):
    ...     count: int
    >>> Desk(count=2).model_copy(update={"count": 3})
    Desk(count=3)
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)
