"""The tables of the report, as rows of words."""

import math
import re
from collections.abc import Mapping, Sequence
from inspect import cleandoc
from itertools import groupby
from typing import Any, Final, NamedTuple

import pandas as pd
from markupsafe import Markup

from simulation.analysis.wording import change, estimate, label, quantity, scale
from simulation.kpis import Kpi
from simulation.report.content import ReportContent
from simulation.scenario import Evidence

SENSE: Final = {1: "higher is better", -1: "lower is better", 0: ""}
MARKS: Final = {"better": "▲", "worse": "▼", "differs": "◆", "no evidence": "■", "too noisy": "?"}


class Cell(NamedTuple):
    """What a policy changes: the difference, its interval, the verdict and a remark on it."""

    difference: str
    interval: str
    verdict: str
    mark: str
    remark: str


class Row(NamedTuple):
    """One line: its head, a note on it, the baseline and one entry per policy."""

    head: str
    note: str
    baseline: str
    cells: list[Any]


class Proof(NamedTuple):
    """A piece of evidence, its range in words, and its text in pieces, addresses marked."""

    evidence: Evidence
    range: str
    pieces: list[tuple[str, bool]]


class Table(NamedTuple):
    """A headed table with one row per level."""

    head: str
    note: str
    dimension: str
    rows: list[Row]


def change_rows(content: ReportContent, table: pd.DataFrame) -> list[Row]:
    """Give a row per KPI of a comparison."""
    return [_changes(content, kpi.title, kpi, table[table["kpi"] == kpi.id]) for kpi in content.within(table)]


def pair_rows(content: ReportContent) -> list[Row]:
    """Give a row per two policies: what the later one has over the earlier."""
    if content.pairs.empty or not content.headline:
        return []
    kpi = content.headline[0]
    table = content.pairs
    rows = []
    for place, later in enumerate(content.policies):
        for earlier in content.policies[:place]:
            found = table[(table["scenario"] == later) & (table["other"] == earlier)]
            cells = [_cell(row, kpi, row["replications"], _largest(table)) for row in _records(found)]
            rows.append(
                Row(f"{content.name(later)} against {content.name(earlier)}", _note(kpi, table), "", cells)
            )
    return rows


def level_tables(content: ReportContent) -> list[Table]:
    """Give a table per KPI and dimension of the equity frame, a row per level."""
    known = {kpi.id: kpi for kpi in content.kpis}
    tables = []
    for (name, dimension), part in content.equity.groupby(["kpi", "dimension"], sort=False):
        kpi = known[str(name)]
        rows = [
            _changes(content, content.level(str(level)), kpi, part[part["level"] == level])
            for level in dict.fromkeys(part["level"])
        ]
        tables.append(
            Table(f"{kpi.title}, by {label(str(dimension))}", _note(kpi, part), label(str(dimension)), rows)
        )
    return tables


def value_rows(content: ReportContent) -> list[Row]:
    """Give a row per KPI of the summary: mean and half-width of every scenario, and the cases behind it."""
    table = content.summary[content.summary["dimension"] == "all"]
    rows = []
    for kpi in content.kpis:
        found = {row["scenario"]: row for row in _records(table[table["kpi"] == kpi.id])}
        if not found:
            continue
        largest = max(filter(math.isfinite, (abs(row["mean"]) for row in found.values())), default=0.0)
        first = next(iter(found.values()))
        cells = [_level(found.get(name), kpi, largest) for name in content.scenarios]
        note = _also(scale(kpi.unit, largest).level, SENSE[kpi.direction])
        rows.append(Row(kpi.title, note, f"{_count(first['n'])} / {_count(first['censored'])}", cells))
    return rows


def precision_rows(content: ReportContent) -> list[Row]:
    """Give a row per headline KPI: how wide each interval is and what pairing gained."""
    rows = []
    for kpi in content.headline:
        found = {row["scenario"]: row for row in _records(content.comparison) if row["kpi"] == kpi.id}
        said = [found[name] for name in content.policies]
        widths = [row["half_width"] for row in said]
        largest = max(filter(math.isfinite, (*widths, kpi.indifference)))
        cells = [
            f"± {_width(width, kpi, largest)}{_gained(row['variance_reduction'])}"
            for width, row in zip(widths, said, strict=True)
        ]
        matters = f"over {_width(kpi.indifference, kpi, largest)}"
        rows.append(Row(kpi.title, scale(kpi.unit, largest).difference, matters, cells))
    return rows


def nature(kpi: Kpi) -> str:
    """Say in which unit, over which cases and in which sense a KPI is measured."""
    return _also(scale(kpi.unit).level, kpi.rule, SENSE[kpi.direction])


def definition(kpi: Kpi) -> list[Markup]:
    """Turn the prose of a docstring, down to its first section, into paragraphs; ``code`` is set as code."""
    text = re.split(r"\n[^\n]+\n-{3,}\n", "\n" + cleandoc(kpi.doc) + "\n")[0]
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip()]
    return [
        Markup("").join(
            Markup("<code>{}</code>").format(piece) if place % 2 else piece
            for place, piece in enumerate(re.split(r"``?(.+?)``?", part))
        )
        for part in paragraphs
    ]


def evidence_parts(found: Sequence[Evidence]) -> list[tuple[str, list[Proof]]]:
    """Give the evidence by the first word of its path."""

    def part(one: Evidence) -> str:
        return one.path.partition(".")[0]

    order = list(dict.fromkeys(map(part, found)))
    rows = sorted(found, key=lambda one: order.index(part(one)))
    return [
        (label(name), [Proof(one, _range(one), _links(one.source or one.assumption)) for one in some])
        for name, some in groupby(rows, key=part)
    ]


def flat(items: Mapping[str, Any], above: str = "") -> list[tuple[str, str]]:
    """Give nested items as pairs of a path in words and a text."""
    found: list[tuple[str, str]] = []
    for name, value in items.items():
        path = f"{above} {label(name)}".strip()
        if isinstance(value, Mapping):
            found += flat(value, path)
        elif isinstance(value, list | tuple):
            found.append((path, ", ".join(map(str, value))))
        else:
            found.append((path, str(value)))
    return found


def _changes(content: ReportContent, head: str, kpi: Kpi, rows: pd.DataFrame) -> Row:
    found = {row["scenario"]: row for row in _records(rows)}
    pairs = max((row["replications"] for row in found.values()), default=0)
    largest = _largest(rows)
    cells = [_cell(found[name], kpi, pairs, largest) if name in found else None for name in content.policies]
    base = next(iter(found.values()))["baseline_mean"] if found else math.nan
    return Row(head, _note(kpi, rows), quantity(base, kpi.unit), cells)


def _cell(row: dict[str, Any], kpi: Kpi, pairs: int, largest: float) -> Cell:
    said = change(row["difference"], row["low"], row["high"], kpi.unit, largest)
    remarks = []
    if pd.notna(row["replications_needed"]):
        remarks.append(f"would take {int(row['replications_needed']):,} replications")
    if row["replications"] < pairs:
        remarks.append(f"{row['replications']} pairs only")
    verdict = str(row["verdict"])
    return Cell(said.difference, f"{said.low} to {said.high}", verdict, MARKS[verdict], ", ".join(remarks))


def _note(kpi: Kpi, rows: pd.DataFrame) -> str:
    """Say in which unit the differences are, and which way is better."""
    return _also(scale(kpi.unit, _largest(rows)).difference, SENSE[kpi.direction])


def _largest(rows: pd.DataFrame) -> float:
    numbers = [abs(row[name]) for row in _records(rows) for name in ("difference", "low", "high")]
    return max(filter(math.isfinite, numbers), default=0.0)


def _also(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


def _level(row: dict[str, Any] | None, kpi: Kpi, largest: float) -> str:
    """Write a mean and its half-width without their unit."""
    return "no value" if row is None else estimate(row["mean"], row["half_width"], kpi.unit, largest)


def _width(half: float, kpi: Kpi, largest: float) -> str:
    """Write a half-width to the digits that it has itself."""
    return estimate(half, half, kpi.unit, largest).partition(" ± ")[0] if math.isfinite(half) else "?"


def _gained(reduction: float) -> str:
    if math.isnan(reduction):
        return ""
    return "; variance / ∞" if math.isinf(reduction) else f"; variance / {reduction:,.3g}"


def _count(number: float) -> str:
    return "–" if math.isnan(number) else f"{number:,.0f}"


def _range(one: Evidence) -> str:
    if one.range is None:
        return ""
    sign = "× " if one.relative else ""
    return f"{sign}{one.range[0]:g} to {sign}{one.range[1]:g}"


def _links(text: str) -> list[tuple[str, bool]]:
    """Cut a text into pieces; those that are addresses are marked."""
    pieces = re.split(r"(https?://[^\s;,<>\"']+[^\s;,<>\"'.)])", text)
    return [(piece, place % 2 == 1) for place, piece in enumerate(pieces) if piece]


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [dict(zip(table.columns, row, strict=True)) for row in table.itertuples(index=False, name=None)]
