"""The page of one question asked of a study."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from simulation.analysis.wording import label
from simulation.report._filling import fill
from simulation.report._tables import flat

__all__ = ["render_inquiry", "rows_in_words"]


def render_inquiry(
    about: str,
    title: str,
    question: str,
    answer: Sequence[str],
    tables: Mapping[str, tuple[pd.DataFrame, str]],
    figures: Mapping[str, tuple[str, str]],
    notes: Sequence[str],
    manifest: Mapping[str, object],
) -> str:
    """Put an answer into one page of HTML that loads nothing, in the look of the report.

    Parameters
    ----------
    about
        The study that was asked about.
    title, question, answer, notes
        In words.
    tables
        A frame and its caption by name.
    figures
        SVG text and caption by name.
    manifest
        What it was made with; ``command`` is what makes it again.

    Examples
    --------
    >>> page = render_inquiry("A study", "<T>", "Q?", ["Yes."], {}, {}, [], {"command": "vetsim"})
    >>> "<title>&lt;T&gt;</title>" in page, "Yes." in page
    (True, True)
    """
    made = dict(manifest)
    return fill(
        "inquiry.html",
        figures,
        about=about,
        title=title,
        question=question,
        answer=answer,
        tables=[(caption, *rows_in_words(table)) for table, caption in tables.values()],
        notes=notes,
        command=made.pop("command", ""),
        manifest=flat(made),
    )


def rows_in_words(table: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Write a frame as words: the heads of its columns, and its rows, numbers to four digits.

    Parameters
    ----------
    table
        Any frame; its index is left out.

    Examples
    --------
    >>> rows_in_words(pd.DataFrame({"more_posts": ["desk"], "gain": [0.123456], "left": [float("nan")]}))
    (['more posts', 'gain', 'left'], [['desk', '0.1235', '–']])
    """
    heads = [label(str(name)) for name in table.columns]
    return heads, [[_cell(value) for value in row] for row in table.itertuples(index=False, name=None)]


def _cell(value: Any) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, float):
        if math.isinf(value):
            return "∞" if value > 0 else "−∞"
        text = f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:.4g}"
        return text.replace("-", "−")
    return label(value) if isinstance(value, str) else str(value)
