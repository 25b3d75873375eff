"""The page: words, tables and figures put into one HTML file."""

from pathlib import Path

from simulation.report import _tables as tables
from simulation.report._best import leads
from simulation.report._filling import fill
from simulation.report.answer import answer, helps_most
from simulation.report.content import ReportContent
from simulation.report.decision import decide, tried_rows
from simulation.report.evidence import proofs
from simulation.report.proposals import cards

__all__ = ["render", "write"]


def render(content: ReportContent) -> str:
    """Put a report into one page of HTML that loads nothing.

    Parameters
    ----------
    content
        What the report says. All of it is escaped; a figure may hold shapes and words only.

    Raises
    ------
    ValueError
        A figure holds something that could run or load.

    Examples
    --------
    >>> import pandas as pd
    >>> none = pd.DataFrame(columns=["scenario", "kpi", "dimension", "level", "replications"])
    >>> content = ReportContent("<T>", "Q?", "", {"now": "As it is"}, [], *[none] * 4, {}, [], {}, {})
    >>> "<title>&lt;T&gt;</title>" in render(content)
    True
    """
    manifest = dict(content.manifest)
    best = helps_most(content)[0] if len(content.comparison) else None
    return fill(
        "report.html",
        content.figures,
        content=content,
        baseline=content.name(content.baseline),
        answer=answer(content),
        decision=decide(content),
        tried=tried_rows(content.tried, list(content.scenarios)[: len(content.digests)], content.digests),
        answers=content.answers,
        proposals=cards(content),
        headline=tables.change_grid(content, content.comparison, content.headline),
        costs=tables.cost_rows(content),
        pairs=tables.pair_rows(content, best),
        leads=leads(content),
        indices=tables.index_grids(content),
        others=tables.other_grids(content),
        unchanged=tables.unchanged(content),
        definitions=[(kpi.title, tables.nature(kpi), tables.definition(kpi)) for kpi in content.kpis],
        values=tables.value_rows(content),
        levels=tables.level_grids(content),
        assumed=proofs(content, known=False),
        known=proofs(content, known=True),
        precision=tables.precision_grid(content),
        standing=[(content.name(name), said) for name, said in content.standing.items()],
        command=manifest.pop("command", ""),
        run=tables.flat(content.run),
        manifest=tables.flat(manifest),
    )


def write(content: ReportContent, path: Path) -> None:
    """Write the report as one HTML file.

    Parameters
    ----------
    content
        What the report says.
    path
        The file; its folder must exist.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> none = pd.DataFrame(columns=["scenario", "kpi", "dimension", "level", "replications"])
    >>> path = Path(tempfile.mkdtemp()) / "report.html"
    >>> write(ReportContent("T", "Q?", "", {"now": "As it is"}, [], *[none] * 4, {}, [], {}, {}), path)
    >>> path.read_text(encoding="utf-8").startswith("<!doctype html>")
    True
    """
    path.write_text(render(content), encoding="utf-8")
