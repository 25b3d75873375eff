"""The folder of one question asked of a study: answer, page, tables, figures, manifest."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from simulation import figures
from simulation.analysis.wording import in_markdown
from simulation.publication.manifest import made_with
from simulation.report import render_inquiry, rows_in_words
from simulation.scenario import digest
from simulation.store import Draft
from simulation.study import Design

__all__ = ["ANSWER", "Inquiry", "publish_inquiry"]

ANSWER = "answer.json"
"""The file in which the report of the study looks for the answer."""
READABLE = 200_000
"""Rows up to which a table for programs is written as CSV too."""


@dataclass(frozen=True)
class Inquiry:
    """A question asked of a study, and its answer.

    Parameters
    ----------
    name
        Of the command and of the folder.
    title, question
        For people; the question in one sentence.
    answer
        Plain sentences; the first one is the answer and stands on the first page of the report.
    tables
        A frame and its caption, by the name of its file.
    figures
        A figure and its caption, by the name of its file.
    notes
        How it was found out, and what to keep in mind.
    of
        What it was asked of, where a study may be asked several times: the end of the folder's name.
    data
        Frames that are too long for a page, by the name of their files.
    """

    name: str
    title: str
    question: str
    answer: tuple[str, ...]
    tables: Mapping[str, tuple[pd.DataFrame, str]] = field(default_factory=dict)
    figures: Mapping[str, tuple[figures.Figure, str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    of: str = ""
    data: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        """Name of its folder within that of the study."""
        return f"{self.name}-{self.of}" if self.of else self.name


def publish_inquiry(
    folder: Path, inquiry: Inquiry, design: Design, command: str, written: str
) -> dict[str, Any]:
    """Write an answer into a folder, in place of what was there; return what programs may read of it.

    Parameters
    ----------
    folder
        Where; in a folder of results of the study, under the name of the inquiry: its report finds it there.
    inquiry
        The question and its answer.
    design
        What was asked about: the policies that the answer is on, and no others.
    command, written
        What gives this answer again, and when it was given.

    Examples
    --------
    >>> import tempfile
    >>> from simulation.scenario import Policy
    >>> from simulation.scenario.examples import single_queue
    >>> from simulation.study import Study
    >>> design = Design(Study(id="quick", run_length=96), single_queue(), (Policy(id="baseline"),))
    >>> inquiry = Inquiry("luck", "Luck", "Is it luck?", ("No.",))
    >>> folder = Path(tempfile.mkdtemp()) / "quick" / "luck"
    >>> publish_inquiry(folder, inquiry, design, "vetsim luck", "today")["answer"]
    ['No.']
    >>> sorted(path.name for path in folder.iterdir())
    ['answer.json', 'answer.md', 'manifest.json', 'page.html']
    """
    study = design.study
    manifest = {"command": command, "written": written, **made_with(design)}
    told = {
        "name": inquiry.name,
        "title": inquiry.title,
        "question": inquiry.question,
        "answer": list(inquiry.answer),
        "terms": design.terms,
        "scenarios": {scenario.id: digest(scenario) for scenario in design.scenarios},
        "command": command,
        "written": written,
    }
    with Draft(folder) as draft:
        drawn = {}
        for name, (figure, caption) in inquiry.figures.items():
            figures.png(figure, draft.path(f"{name}.png"))
            drawn[name] = (figures.svg(figure), caption)
        for name, (table, _) in inquiry.tables.items():
            draft.csv(name, table)
        for name, frame in inquiry.data.items():
            draft.parquet(name, frame)
            if len(frame) <= READABLE:
                draft.csv(name, frame)
        shown = {name: item for name, item in manifest.items() if name != "study"}
        page = render_inquiry(
            study.title or study.id, inquiry.title, inquiry.question, inquiry.answer, inquiry.tables, drawn,
            inquiry.notes, shown,
        )  # fmt: skip
        draft.text("page.html", page)
        draft.text("answer.md", _in_markdown(inquiry, command, written))
        draft.text(ANSWER, json.dumps(told, indent=2, ensure_ascii=False) + "\n")
        draft.publish(manifest)
    return told


def _in_markdown(inquiry: Inquiry, command: str, written: str) -> str:
    answer = "\n\n".join(map(in_markdown, inquiry.answer))
    parts = [f"# {in_markdown(inquiry.title)}", in_markdown(inquiry.question), answer]
    parts += [f"![{in_markdown(caption)}]({name}.png)" for name, (_, caption) in inquiry.figures.items()]
    for table, caption in inquiry.tables.values():
        heads, rows = rows_in_words(table)
        lines = [map(in_markdown, heads), ["---"] * len(heads), *(map(in_markdown, row) for row in rows)]
        text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        parts.append(f"{in_markdown(caption)}\n\n{text}")
    parts += map(in_markdown, inquiry.notes)
    made = textwrap.indent(command, "    ")  # a block of code, in which nothing has a meaning
    return "\n\n".join([*parts, f"Made on {written} by", made]) + "\n"
