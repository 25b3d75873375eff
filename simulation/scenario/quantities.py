"""Quantities as people write them, converted once: durations, shares, probabilities, named items."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field

from simulation.distributions import hours_per
from simulation.spec import Spec

__all__ = [
    "Day",
    "Duration",
    "Hours",
    "Identifier",
    "Named",
    "Probability",
    "Share",
    "Shares",
    "WholeShares",
    "WrittenDuration",
    "share_of",
]

Probability = Annotated[float, Field(ge=0, le=1)]
"""A number between 0 and 1."""


def _not_a_number(given: Any) -> Any:
    if isinstance(given, int | float):
        raise ValueError('write the day as a date, such as "2026-02-16"')
    return given


Day = Annotated[date, BeforeValidator(_not_a_number)]
"""A day; a bare number is refused, which would be seconds since 1970."""

RESERVED = ("value", "source", "assumption", "low", "high", "factors")
"""Words by which a configuration says where a number comes from; nothing may be called by them."""


def _not_reserved(name: str) -> str:
    if name in RESERVED:
        raise ValueError("the word says where a number comes from, and cannot be a name; choose another")
    return name


Identifier = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_\-]*$", max_length=64), AfterValidator(_not_reserved)
]
"""A name made of letters, digits, hyphen and underscore."""

_DURATION = re.compile(r"^\s*([0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)\s*(min|h|d|wd)\s*$")


class Duration(Spec):
    """A length of time in minutes, hours, days or working days, written as ``"40 min"`` or ``"30 wd"``.

    Examples
    --------
    >>> Duration.model_validate({"amount": 15, "unit": "d"}).hours(24)
    360.0
    """

    amount: float = Field(ge=0)
    """How many units."""
    unit: Literal["min", "h", "d", "wd"] = "h"
    """The unit: minutes, hours, days, or working days of the calendar it is used with."""

    def hours(self, day_hours: float) -> float:
        """Length in hours, a working day being `day_hours` hours long."""
        return self.amount * hours_per(self.unit, day_hours)


def _read_duration(data: Any) -> Any:
    if isinstance(data, str):
        match = _DURATION.match(data)
        if match is None:
            raise ValueError('write a duration as a number and a unit of min, h, d or wd, such as "40 min"')
        return {"amount": float(match.group(1)), "unit": match.group(2)}
    if isinstance(data, int | float) and not isinstance(data, bool):
        return {"amount": float(data), "unit": "h"}
    return data


def _read_hours(data: Any) -> Any:
    if isinstance(data, str):
        duration = _read_duration(data)
        if duration["unit"] == "wd":
            raise ValueError("working days need a calendar; use min, h or d here")
        return duration["amount"] * hours_per(duration["unit"], 24.0)
    return data


WrittenDuration = Annotated[Duration, BeforeValidator(_read_duration)]
Hours = Annotated[float, BeforeValidator(_read_hours), Field(ge=0)]
"""A length of time in hours; text such as "15 d" is converted."""


class Share(Spec):
    """The share of one named thing.

    Examples
    --------
    >>> Share(of="phone", share=0.18).share
    0.18
    """

    of: str
    """What the share is of."""
    share: float = Field(ge=0)
    """The share, a probability or a factor according to the field it stands in."""


def _read_shares(data: Any) -> Any:
    if isinstance(data, str):
        return [{"of": data, "share": 1.0}]
    if isinstance(data, Mapping):
        return [{"of": name, "share": share} for name, share in data.items()]
    return data


def _sorted_shares(shares: tuple[Share, ...]) -> tuple[Share, ...]:
    names = [share.of for share in shares]
    if len(set(names)) != len(names):
        raise ValueError(
            f"each name may stand once; named twice: {sorted({n for n in names if names.count(n) > 1})}"
        )
    return tuple(sorted(shares, key=lambda share: share.of))


def _sum_to_one(shares: tuple[Share, ...]) -> tuple[Share, ...]:
    total = sum(share.share for share in shares)
    if shares and abs(total - 1.0) > 1e-9:
        raise ValueError(f"the shares must sum to 1; they sum to {total:.6g}")
    return shares


Shares = Annotated[tuple[Share, ...], BeforeValidator(_read_shares), AfterValidator(_sorted_shares)]
"""Numbers by name, written as a mapping; kept sorted by name."""
WholeShares = Annotated[Shares, AfterValidator(_sum_to_one)]
"""Shares by name that sum to one; a single name stands for all of it."""


def _read_named(data: Any) -> Any:
    if not isinstance(data, Mapping):
        return data
    items = []
    for name, item in data.items():
        if isinstance(item, Mapping):
            if item.get("id", name) != name:
                raise ValueError(
                    f"the item written under {name!r} calls itself {item['id']!r}; leave its id out"
                )
            items.append({**item, "id": name})
        elif item is not None:
            items.append(item)
    return items


def _sorted_named(items: tuple[Any, ...]) -> tuple[Any, ...]:
    names = [item.id for item in items]
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) != len(names) else []
    if twice:
        raise ValueError(f"each id may stand once; duplicate: {', '.join(twice)}")
    return tuple(sorted(items, key=lambda item: (getattr(item, "rank", 0), item.id)))


T = TypeVar("T")
Named = Annotated[tuple[T, ...], BeforeValidator(_read_named), AfterValidator(_sorted_named)]
"""Named items, written as a mapping from id to item or as a list; kept sorted: their order means nothing."""


def share_of(shares: Sequence[Share], name: str, default: float) -> float:
    """Look up one name in a tuple of shares.

    Examples
    --------
    >>> share_of((Share(of="phone", share=0.18),), "phone", 0.0)
    0.18
    """
    for share in shares:
        if share.of == name:
            return share.share
    return default
