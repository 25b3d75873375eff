"""The tables of the report, as rows of words."""

import math
import re
from collections.abc import Mapping, Sequence
from inspect import cleandoc
from typing import Any, Final, NamedTuple

import pandas as pd
from markupsafe import Markup

from simulation.analysis.wording import change, estimate, label, quantity, scale
from simulation.kpis import Kpi
from simulation.report._words import records
from simulation.report.content import ReportContent

SENSE: Final = {1: "higher is better", -1: "lower is better", 0: ""}
FEW: Final = 6
"""Policies of which every two are still shown against each other."""
MARKS: Final = {"better": "▲", "worse": "▼", "differs": "◆", "no evidence": "■", "too noisy": "?"}


class Cell(NamedTuple):
    """What a policy changes: the difference, its interval, the verdict and a remark on it."""

    difference: str
    interval: str
    verdict: str
    mark: str
    remark: str


class Column(NamedTuple):
    """The head of a column: what it shows, a note on it, the value of the baseline."""

    head: str
    note: str
    baseline: str


class Grid(NamedTuple):
    """A table with a row per policy: its columns, and its rows under the headings of the parts."""

    head: str
    note: str
    corner: str
    columns: list[Column]
    parts: list[tuple[str, list[tuple[str, list[Any]]]]]


class Level(NamedTuple):
    """A KPI at baseline."""

    head: str
    note: str
    value: str
    cases: str


def change_grid(content: ReportContent, table: pd.DataFrame, kpis: Sequence[Kpi], head: str = "") -> Grid:
    """Give a table of changes: a row per policy, a column per KPI."""
    some = [(kpi.title, kpi, table[table["kpi"] == kpi.id]) for kpi in kpis]
    return _grid(content, head, "", [(*one, "") for one in some])


def other_grids(content: ReportContent) -> list[Grid]:
    """Give the changes of the KPIs that do not decide, by family, less those that never change."""
    same = unchanged(content)
    kpis = [kpi for kpi in content.within(content.others) if kpi.title not in same]
    families = dict.fromkeys(kpi.family for kpi in kpis)
    table = content.others.assign(replications_needed=None)  # these are hints
    return [
        change_grid(content, table, [kpi for kpi in kpis if kpi.family == family], family.capitalize())
        for family in families
    ]


def unchanged(content: ReportContent) -> list[str]:
    """Name the KPIs that are the same under every policy, or have no value."""
    if content.others.empty:
        return []
    numbers = content.others[["difference", "low", "high"]].fillna(0.0).abs().max(axis=1)
    most = numbers.groupby(content.others["kpi"], sort=False).max()
    return [kpi.title for kpi in content.within(content.others) if most[kpi.id] == 0]


def index_grids(content: ReportContent) -> list[Grid]:
    """Give each index with the KPIs that it is made of beside it."""
    both = pd.concat(
        [table for table in (content.comparison, content.others) if len(table)] or [pd.DataFrame()]
    )
    known = {kpi.id: kpi for kpi in content.within(both)}
    return [
        change_grid(
            content, both, [kpi, *(known[name] for name in kpi.components if name in known)], kpi.title
        )
        for kpi in known.values()
        if kpi.components
    ]


def level_grids(content: ReportContent) -> list[Grid]:
    """Give a table per KPI and dimension of the equity frame: a row per policy, a column per level."""
    known = {kpi.id: kpi for kpi in content.kpis}
    grids = []
    for (name, dimension), part in content.equity.groupby(["kpi", "dimension"], sort=False):
        kpi = known[str(name)]
        columns = [
            (content.level(str(level)), kpi, part[part["level"] == level], " ")
            for level in dict.fromkeys(part["level"])
        ]
        head = f"{kpi.title}, by {label(str(dimension))}"
        grids.append(_grid(content, head, _note(kpi, part), columns))
    return grids


def pair_rows(content: ReportContent, best: str | None) -> list[tuple[str, str, Cell]]:
    """Give a row per two policies: what one has over the other; of many, those of the best only."""
    if content.pairs.empty or not content.headline:
        return []
    kpi, table, rows = content.headline[0], content.pairs, []
    for place, later in enumerate(content.policies):
        for earlier in content.policies[:place]:
            one, other = (earlier, later) if earlier == best else (later, earlier)
            if len(content.policies) > FEW and best not in (one, other):
                continue
            found = records(table[(table["scenario"] == one) & (table["other"] == other)])
            head = f"{content.name(one)} against {content.name(other)}"
            rows += [
                (head, _note(kpi, table), _cell(row, row["replications"], kpi, _largest(table)))
                for row in found
            ]
    return rows


def value_rows(content: ReportContent) -> list[Level]:
    """Give a row per KPI of the summary: mean and half-width at baseline, and the cases behind it."""
    table = content.summary
    table = table[(table["dimension"] == "all") & (table["scenario"] == content.baseline)]
    found = {row["kpi"]: row for row in records(table)}
    rows = []
    for kpi in content.kpis:
        if kpi.id in found:
            row = found[kpi.id]
            note = _also(scale(kpi.unit, abs(row["mean"])).level, SENSE[kpi.direction])
            value = estimate(row["mean"], row["half_width"], kpi.unit)
            rows.append(Level(kpi.title, note, value, f"{_count(row['n'])} / {_count(row['censored'])}"))
    return rows


def precision_grid(content: ReportContent) -> Grid:
    """Say how wide each interval of a headline KPI is and what pairing gained."""
    found = {(row["scenario"], row["kpi"]): row for row in records(content.comparison)}
    columns, cells = [], []
    for kpi in content.headline:
        said = [found[name, kpi.id] for name in content.policies]
        widths = [row["half_width"] for row in said]
        largest = max(filter(math.isfinite, (*widths, kpi.indifference)))
        matters = f"over {_width(kpi.indifference, kpi, largest)}"
        columns.append(Column(kpi.title, scale(kpi.unit, largest).difference, matters))
        cells.append(
            [
                f"± {_width(width, kpi, largest)}{_gained(row['variance_reduction'])}"
                for width, row in zip(widths, said, strict=True)
            ]
        )
    rows = dict(zip(content.policies, map(list, zip(*cells, strict=True)), strict=True)) if cells else {}
    parts = [
        (heading, [(content.name(name), rows[name]) for name in names if name in rows])
        for heading, names in content.parts
    ]
    return Grid("", "", "What matters", columns, parts)


def cost_rows(content: ReportContent) -> list[tuple[str, list[str], str]]:
    """Give a row per scenario, by rising cost: cost, effect, and whether it is worth it."""
    known = {kpi.id: kpi for kpi in content.kpis}
    if len(content.incremental) < 2 or content.cost not in known:
        return []
    unit, rows = known[content.cost].unit, []
    largest = float(content.incremental[["cost_low", "cost_high"]].abs().max().max())
    for row in records(content.incremental):
        spent, got = (
            change(row[f"{name}_difference"], row[f"{name}_low"], row[f"{name}_high"], kind, most)
            for name, kind, most in (("cost", unit, largest), ("effect", "", 0.0))
        )
        others = " and ".join(content.name(name) for name in row["dominated_by"].split(" and ") if name)
        status = f"{row['status']} by {others}" if others else row["status"]
        each = "–" if math.isnan(row["per_effect"]) else quantity(row["per_effect"], unit)
        first = row["scenario"] == content.baseline
        cells = (
            ["–", "–"] if first else [f"{one.difference} ({one.low} to {one.high})" for one in (spent, got)]
        )
        cells[0] = cells[0] if first else f"{cells[0]} {spent.unit}"
        rows.append((content.name(row["scenario"]), [*cells, each], status))
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


def _grid(
    content: ReportContent, head: str, note: str, some: Sequence[tuple[str, Kpi, pd.DataFrame, str]]
) -> Grid:
    """Lay the changes out; a column is a head, a KPI, its rows, and a note in place of its unit."""
    columns, cells = [], {name: list[Any]() for name in content.policies}
    for words, kpi, rows, instead in some:
        found = {row["scenario"]: row for row in records(rows)}
        pairs = max((row["replications"] for row in found.values()), default=0)
        largest = _largest(rows)
        base = next(iter(found.values()))["baseline_mean"] if found else math.nan
        columns.append(
            Column(words, instead.strip() if instead else _note(kpi, rows), quantity(base, kpi.unit))
        )
        for name in content.policies:
            cells[name].append(_cell(found[name], pairs, kpi, largest) if name in found else None)
    parts = [
        (heading, [(content.name(name), cells[name]) for name in names]) for heading, names in content.parts
    ]
    return Grid(head, note, content.name(content.baseline), columns, parts)


def cell(row: dict[str, Any], kpi: Kpi) -> Cell:
    """Say what one policy changes in one KPI, with its unit."""
    return _cell(row, row["replications"], kpi, _largest(pd.DataFrame([row])))


def _cell(row: dict[str, Any], pairs: int, kpi: Kpi, largest: float) -> Cell:
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
    numbers = [abs(row[name]) for row in records(rows) for name in ("difference", "low", "high")]
    return max(filter(math.isfinite, numbers), default=0.0)


def _also(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


def _width(half: float, kpi: Kpi, largest: float) -> str:
    """Write a half-width to the digits that it has itself."""
    return estimate(half, half, kpi.unit, largest).partition(" ± ")[0] if math.isfinite(half) else "?"


def _gained(reduction: float) -> str:
    if math.isnan(reduction):
        return ""
    return "; variance / ∞" if math.isinf(reduction) else f"; variance / {reduction:,.3g}"


def _count(number: float) -> str:
    return "–" if math.isnan(number) else f"{number:,.0f}"
