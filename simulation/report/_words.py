"""Words that the parts of the report share."""

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
from markupsafe import Markup

from simulation.kpis import Kpi

MOST: Final = 3
"""Names in a list before the rest are only counted."""


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Give the rows of a table by the names of its columns."""
    return [dict(zip(table.columns, row, strict=True)) for row in table.itertuples(index=False, name=None)]


def plain(number: str) -> str:
    """Drop the sign: the verb says it."""
    return number.lstrip("+−")


def low(kpi: Kpi) -> str:
    """Begin a title with a small letter, unless it begins with an abbreviation."""
    word = kpi.title.partition(" ")[0]
    return kpi.title[:1].lower() + kpi.title[1:] if word[1:].islower() or len(word) == 1 else kpi.title


def listed(parts: Sequence[str]) -> Markup:
    """Join with commas and an `and`; what is not Markup is escaped."""
    if len(parts) == 1:
        return Markup("{}").format(parts[0])
    return Markup("{} and {}").format(Markup(", ").join(parts[:-1]), parts[-1])


def few(parts: Sequence[str]) -> Sequence[str]:
    """Keep the first of a long list, and count the rest."""
    return parts if len(parts) <= MOST + 1 else [*parts[:MOST], f"{len(parts) - MOST} others"]
