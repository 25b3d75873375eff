"""The answers by proposal: what each policy does to fulfilment, waits, equity, petitions and cost."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from markupsafe import Markup

from simulation.analysis.wording import change, label
from simulation.kpis import Kpi
from simulation.report._tables import Cell, cell
from simulation.report._words import listed, low, plain, records
from simulation.report.content import ReportContent
from simulation.report.evidence import Hinge, hinges
from simulation.scenario.difference import PathwayDifference

__all__ = ["Card", "Step", "cards"]

ASKED: Final = {
    "Fulfilment": ("fulfilment", "on_time"),
    "Waits": ("wait_first_contact_p90", "time_to_resolution_mean"),
    "Equity": ("fulfilment_gap", "fulfilment_worst_tenth"),
    "Petitions": ("petitions_opened", "petitions_overdue"),
    "Cost": ("cost", "cost_per_resolved"),
}
"""What is asked of every proposal, and the KPIs that answer; the first of them goes into the words."""
MOST: Final = 14
"""Changes of pathways shown at most."""


class Step(NamedTuple):
    """One change of structure, and the needs in whose pathway it is made."""

    needs: str
    step: str
    aspect: str
    before: str
    after: str


class Card(NamedTuple):
    """The answer on one policy."""

    id: str
    title: str
    summary: str
    sentence: Markup
    numbers: list[tuple[str, str, str, Cell]]
    hinge: Hinge
    steps: list[Step]
    more: int


def cards(content: ReportContent) -> list[tuple[str, list[Card]]]:
    """Answer for each policy, under the headings of packages and single ones.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(cards).parameters)
    ['content']
    """
    return [(heading, [_card(content, name) for name in names]) for heading, names in content.parts]


def _card(content: ReportContent, policy: str) -> Card:
    known = {kpi.id: kpi for kpi in content.kpis}
    rows = [*records(content.comparison), *records(content.others)]
    own = {row["kpi"]: row for row in rows if row["scenario"] == policy and row["kpi"] in known}
    numbers = []
    first: list[tuple[Kpi, dict[str, Any]]] = []
    for about, names in ASKED.items():
        found = [(known[name], own[name]) for name in names if name in own]
        first += found[:1] + [one for one in found[1:] if about == "Waits" and _shown(one[1])]
        for place, (kpi, row) in enumerate(found):
            unit = change(row["difference"], row["low"], row["high"], kpi.unit).unit
            numbers.append(("" if place else about, kpi.title, unit, cell(row, kpi)._replace(remark="")))
    steps = _steps(content, content.pathways.get(policy, ()))
    return Card(
        policy, content.name(policy), content.summaries.get(policy, ""),
        _sentence(first) + _for_whom(content, policy), numbers,
        hinges(content, policy), steps[:MOST], max(0, len(steps) - MOST),
    )  # fmt: skip


def _for_whom(content: ReportContent, policy: str) -> Markup:
    """Name the groups that are shown to be better or worse off on the KPI that decides."""
    text = Markup("")
    table = content.equity
    if table.empty:
        return text
    kpi, dimension = table["kpi"].iloc[0], table["dimension"].iloc[0]
    rows = table[(table["kpi"] == kpi) & (table["dimension"] == dimension) & (table["scenario"] == policy)]
    for verdict in ("better", "worse"):
        names = [content.level(str(level)) for level in rows.loc[rows["verdict"] == verdict, "level"]]
        if names:
            text += Markup(" Shown to be {} off, by {}: {}.").format(
                verdict, label(str(dimension)), listed(names)
            )
    return text


def _shown(row: dict[str, Any]) -> bool:
    return row["verdict"] in ("better", "worse", "differs")


def _sentence(found: Sequence[tuple[Kpi, dict[str, Any]]]) -> Markup:
    """Say what is better, what is worse, what does not change, and what cannot be told."""
    better, worse = (
        [_effect(kpi, row) for kpi, row in found if row["verdict"] in verdicts]
        for verdicts in (("better", "differs"), ("worse",))
    )
    same, noisy = (
        [Markup("<em>{}</em>").format(low(kpi)) for kpi, row in found if row["verdict"] == verdict]
        for verdict in ("no evidence", "too noisy")
    )
    parts = []
    if better:
        parts.append(Markup("It {}").format(listed(better)))
    if worse:
        parts.append((Markup("but {}") if better else Markup("It {}")).format(listed(worse)))
    if same:
        parts.append(Markup("no difference that matters is shown in {}").format(listed(same)))
    if noisy:
        parts.append(Markup("too noisy to tell: {}").format(listed(noisy)))
    text = Markup("; ").join(parts).replace("; but", ", but", 1)
    return Markup("{}{}.").format(text[:1].upper(), text[1:]) if parts else Markup("Nothing was compared.")


def _effect(kpi: Kpi, row: dict[str, Any]) -> Markup:
    said = change(row["difference"], row["low"], row["high"], kpi.unit)
    verb = "raises" if row["difference"] > 0 else "lowers"
    return Markup("{} <em>{}</em> by {} {} ({} to {})").format(
        verb, low(kpi), plain(said.difference), said.unit, said.low, said.high
    )


def _steps(content: ReportContent, rows: Sequence[PathwayDifference]) -> list[Step]:
    """Put the same change of several needs into one row."""
    found: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        key = (row.step, row.change, row.aspect, row.before, row.after)
        found.setdefault(key, []).append(content.level(row.need))
    return [
        Step(
            ", ".join(dict.fromkeys(needs)), label(step) or "where it begins",
            aspect if change_ == "changed" else f"{aspect} {change_}", before or "–", after or "–",
        )
        for (step, change_, aspect, before, after), needs in found.items()
    ]  # fmt: skip
