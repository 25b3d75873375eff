"""One look for all figures: colours, type, size, and how they are written."""

import io
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, Final, NamedTuple, ParamSpec

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

__all__ = [
    "COLOURS",
    "FAINT",
    "INK",
    "QUIET",
    "STYLE",
    "VERDICTS",
    "Look",
    "canvas",
    "legend",
    "looks",
    "png",
    "save",
    "styled",
    "svg",
    "title",
    "wrap",
]

P = ParamSpec("P")

PALETTE: Final = 64
"""Colours of a PNG; as many as a figure of flat colours and smooth text needs, in a third of the bytes."""

LONG: Final = 400
"""Characters of a path beyond which its points are close together."""
FONTS: Final = "'DejaVu Sans', Verdana, sans-serif"
INK: Final = "#222222"
QUIET: Final = "#6b6b6b"
FAINT: Final = "#e6e6e6"

STYLE: Final[dict[Any, Any]] = {
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "text.color": INK,
    "text.parse_math": False,  # a dollar in a title is a dollar
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9,
    "axes.labelcolor": INK,
    "axes.edgecolor": QUIET,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.8,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "figure.titlesize": 12,
    "figure.titleweight": "bold",
    "lines.linewidth": 1.8,
    "savefig.dpi": 100,
    "svg.fonttype": "none",  # words stay words: to be searched, read aloud, translated
    "svg.hashsalt": "vetsim",  # the same bytes every time
}

# Okabe and Ito (2008): told apart with any common colour vision. The baseline is grey, always.
BASELINE: Final = "#4d4d4d"
COLOURS: Final = ("#0072B2", "#E69F00", "#CC79A7", "#56B4E9", "#009E73", "#D55E00")
DASHES: Final = ("-", (0, (6, 1.5)), (0, (3, 1, 1, 1)), (0, (1, 1)))
MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X")


class Look(NamedTuple):
    """How one scenario or verdict is drawn; shape and dash say the same as the colour."""

    title: str
    colour: str
    marker: str
    dash: Any = "-"


VERDICTS: Final[Mapping[str, Look]] = {
    "better": Look("better", "#009E73", "o"),
    "worse": Look("worse", "#D55E00", "X"),
    "differs": Look("differs", "#0072B2", "D"),
    "no evidence": Look("no evidence of a difference that matters", QUIET, "s"),
    "too noisy": Look("too noisy to tell", "#b8860b", "v"),
}


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Draw with `STYLE`, leave the settings of matplotlib as they were, and settle where everything is.

    The layout is found by iteration, from wherever the last drawing left off; settled once, a figure is the
    same in every file that it is written to.

    Examples
    --------
    >>> @styled
    ... def empty() -> Figure:
    ...     return canvas("Nothing yet", height=2).add_subplot().figure
    >>> [text.get_text() for text in empty().texts]
    ['Nothing yet']
    """

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with mpl.rc_context(STYLE):
            figure = draw(*args, **kwargs)
            for _ in range(2):
                figure.get_layout_engine().execute(figure)  # type: ignore[union-attr]
            figure.set_layout_engine(None)  # else every file is drawn twice
            return figure

    return drawn


def looks(scenarios: Mapping[str, str]) -> dict[str, Look]:
    """Give each scenario its colour, marker and dash, by its position; the first is the baseline.

    Parameters
    ----------
    scenarios
        Title of each scenario id, the baseline first. Hand the same mapping to every figure.

    Examples
    --------
    >>> looks({"baseline": "As it is", "team": "Team expansion"})["team"].colour
    '#0072B2'
    """
    first, *others = scenarios.items()
    found = {first[0]: Look(first[1], BASELINE, MARKERS[0], "-")}
    for number, (name, words) in enumerate(others):
        place = number % len(COLOURS)
        dash = DASHES[(number + 1) % len(DASHES)]
        found[name] = Look(words, COLOURS[place], MARKERS[(number + 1) % len(MARKERS)], dash)
    return found


def canvas(heading: str, height: float, width: float = 9.0) -> Figure:
    """Open a figure with its heading on the left; sizes in inches.

    Examples
    --------
    >>> canvas("Open cases", height=4).get_size_inches().tolist()
    [9.0, 4.0]
    """
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.06)  # type: ignore[union-attr, call-arg]
    figure.suptitle(wrap(heading, int(width * 10)), x=0.012, ha="left")
    return figure


def legend(figure: Figure, handles: Sequence[Artist]) -> None:
    """Put one legend below the axes, in as many columns as fit.

    Examples
    --------
    >>> from matplotlib.lines import Line2D
    >>> figure = canvas("Open cases", height=4)
    >>> legend(figure, [Line2D([], [], label="As it is")])
    >>> len(figure.legends)
    1
    """
    widths = [len(str(handle.get_label())) + 10 for handle in handles]  # in characters, with its key
    room = int(figure.get_figwidth() * 12.5)
    columns = len(handles) if sum(widths) <= room else max(1, room // max(widths))
    figure.legend(handles=list(handles), loc="outside lower left", ncols=columns)


def title(axes: Axes, words: str, width: int = 48) -> None:
    """Head one panel, in several lines where one is too short.

    Examples
    --------
    >>> axes = canvas("Open cases", height=4).add_subplot()
    >>> title(axes, "Team expansion and digitization", width=20)
    """
    axes.set_title(wrap(words, width))


def wrap(words: str, width: int) -> str:
    """Break words into lines of so many characters.

    Examples
    --------
    >>> wrap("Team expansion and digitization", 20).count(chr(10))
    1
    """
    return "\n".join(textwrap.wrap(words, width, break_long_words=True)) or words


def svg(figure: Figure) -> str:
    """Write a figure as SVG text: the same figure gives the same text, without date and address.

    Examples
    --------
    >>> svg(canvas("Open cases", height=4)).startswith("<?xml")
    True
    """
    with mpl.rc_context(STYLE), io.StringIO() as text:
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(text, format="svg", metadata=nothing)
        return _lighter(text.getvalue())


def _lighter(text: str) -> str:
    """Drop what an SVG does not need, and name fonts to take where ours is not installed."""
    text = re.sub(r"<!--.*?-->\n?", "", text, flags=re.DOTALL)
    text = text.replace("'DejaVu Sans'", FONTS).replace(f"font-family: {FONTS}; ", "")
    text = text.replace("<svg ", f'<svg font-family="{FONTS}" ', 1)
    text = re.sub(r' transform="rotate\(-0 [^"]*"', "", text)
    text = re.sub(r'<g id="text_\d+">\s*(<text [^>]*>[^<]*</text>)\s*</g>', r"\1", text)
    text = re.sub(r'<g id="(?:line2d|patch)_\d+">\s*(<path [^>]*/>)\s*</g>', r"\1", text)
    text = re.sub(r'<g id="line2d_\d+">\s*<g>\s*(<use [^>]*/>)\s*</g>\s*</g>', r"\1", text)
    text = re.sub(r'\s*<g id="[^"]*"/>', "", text)
    text = re.sub(r"\n\s+", "\n", text)
    text = re.sub(
        r'(?:<text style="([^"]*)" [^>]*>[^<]*</text>\n)(?:<text style="\1" [^>]*>[^<]*</text>\n)+',
        _grouped,
        text,
    )
    return re.sub(r'(?<= (?:d|x|y)=")[^"]+', _short, text)


def _grouped(texts: re.Match[str]) -> str:
    """Say the style of a run of texts once."""
    style = f' style="{texts[1]}"'
    return f"<g{style}>\n{texts[0].replace(style, '')}</g>\n"


def _short(numbers: re.Match[str]) -> str:
    """Write coordinates to a tenth of a point (of long curves; else to a hundredth), in one line."""
    places = 1 if len(numbers[0]) > LONG else 2
    rounded = re.sub(
        r"-?\d+\.\d+", lambda one: f"{float(one[0]):.{places}f}".rstrip("0").rstrip("."), numbers[0]
    )
    return re.sub(r"(?<=\d) L (?=[-\d])", " ", " ".join(rounded.split()))


def save(figure: Figure, path_stem: Path) -> tuple[Path, Path]:
    """Write a figure as SVG and as PNG.

    Parameters
    ----------
    figure
        A figure of this room.
    path_stem
        Where to, without the ending; the folder must exist.

    Returns
    -------
    tuple of Path
        The SVG and the PNG.

    Examples
    --------
    >>> import tempfile
    >>> [path.name for path in save(canvas("Open cases", height=4), Path(tempfile.mkdtemp()) / "backlog")]
    ['backlog.svg', 'backlog.png']
    """
    vector, raster = (path_stem.with_name(f"{path_stem.name}.{ending}") for ending in ("svg", "png"))
    vector.write_text(svg(figure), encoding="utf-8")
    png(figure, raster)
    return vector, raster


def png(figure: Figure, path: Path) -> None:
    """Write a figure as PNG.

    Parameters
    ----------
    figure
        A figure of this room.
    path
        Where to; the folder must exist.

    Examples
    --------
    >>> import tempfile
    >>> png(canvas("Open cases", height=4), Path(tempfile.mkdtemp()) / "backlog.png")
    """
    with mpl.rc_context(STYLE):
        drawn = io.BytesIO()
        figure.savefig(drawn, format="png")
    with Image.open(drawn) as picture:
        picture.convert("RGB").quantize(
            PALETTE, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
        ).save(path, optimize=True)
