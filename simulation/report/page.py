"""The page: words, tables and figures put into one HTML file."""

import re
from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from simulation.report import _tables as tables
from simulation.report.answer import answer, helps_most
from simulation.report.content import ReportContent
from simulation.report.evidence import proofs
from simulation.report.proposals import cards

__all__ = ["render", "write"]

ALLOWED: Final = {"svg", "defs", "g", "path", "use", "text", "tspan", "clippath", "rect", "circle", "line"}


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
    environment = Environment(
        loader=PackageLoader("simulation"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    manifest = dict(content.manifest)
    drawings = {name: _inline(name, svg, caption) for name, (svg, caption) in content.figures.items()}
    looks: dict[str, str] = {}
    best = helps_most(content)[0] if len(content.comparison) else None
    return environment.get_template("report.html").render(
        content=content,
        baseline=content.name(content.baseline),
        answer=answer(content),
        proposals=cards(content),
        headline=tables.change_grid(content, content.comparison, content.headline),
        costs=tables.cost_rows(content),
        pairs=tables.pair_rows(content, best),
        indices=tables.index_grids(content),
        others=tables.other_grids(content),
        unchanged=tables.unchanged(content),
        figures=[(_classed(drawing, looks), content.figures[name][1]) for name, drawing in drawings.items()],
        looks=looks,
        definitions=[(kpi.title, tables.nature(kpi), tables.definition(kpi)) for kpi in content.kpis],
        values=tables.value_rows(content),
        levels=tables.level_grids(content),
        assumed=proofs(content, known=False),
        known=proofs(content, known=True),
        precision=tables.precision_grid(content),
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


def _classed(drawing: Markup, looks: dict[str, str]) -> Markup:
    """Write each look once, in the sheet of the page, and its class where it is used."""

    def name(style: re.Match[str]) -> str:
        return f' class="{looks.setdefault(style[1], f"look{len(looks)}")}"'

    plain = re.sub(r'<g id="[^"]*"', "<g", drawing)  # nothing refers to a group
    return Markup(re.sub(r' style="([-\w\s:;.,#%]*)"', name, plain))  # noqa: S704 - plain words only


def _inline(name: str, svg: str, caption: str) -> Markup:
    """Take the drawing out of an SVG file, give it ids of its own; refuse what could run or load."""
    drawing = re.sub(r"<style.*?</style>", "", svg[svg.find("<svg") :], flags=re.DOTALL)
    tags = re.findall(r"<[^>]*>", drawing)
    for tag in tags:
        word = re.match(r"</?\s*([\w:-]*)", tag)
        strange = word is None or word[1].lower() not in ALLOWED
        if strange or re.search(
            r"""\son\w+\s*=|href\s*=\s*["']?(?!["']?#)|url\((?!#)|javascript:""", tag, re.IGNORECASE
        ):
            raise ValueError(
                f"figures.{name}: {tag[:80]!r} could run or load something; give shapes and words only"
            )
    prefix = re.sub(r"[^A-Za-z0-9-]", "-", name)
    drawing = re.sub(r'(\sid="|href="#|url\(#)', rf"\g<1>{prefix}-", drawing)
    drawing = re.sub(r'(<svg[^>]*?) width="[^"]*" height="[^"]*"', r"\1", drawing, count=1)
    title = Markup(' role="img" aria-label="{}"').format(caption)
    return Markup(drawing.replace("<svg", f"<svg{title}", 1))  # noqa: S704 - checked tag by tag above
