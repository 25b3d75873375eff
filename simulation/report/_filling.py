"""Templates filled, and drawings made safe to stand in a page."""

import re
from collections.abc import Mapping
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

ALLOWED: Final = {"svg", "defs", "g", "path", "use", "text", "tspan", "clippath", "rect", "circle", "line"}


def fill(template: str, figures: Mapping[str, tuple[str, str]], **content: Any) -> str:
    """Fill a template; of each figure, SVG text and caption, the drawing is put into the page."""
    environment = Environment(
        loader=PackageLoader("simulation"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    looks: dict[str, str] = {}
    drawings = {name: _inline(name, svg, caption) for name, (svg, caption) in figures.items()}
    drawn = [(_classed(drawing, looks), figures[name][1]) for name, drawing in drawings.items()]
    return environment.get_template(template).render(figures=drawn, looks=looks, **content)


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
