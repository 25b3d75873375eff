"""The decision that the numbers support, and the conditions on which it stands."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from markupsafe import Markup

from simulation.analysis.wording import label, quantity
from simulation.kpis import Kpi
from simulation.report._words import few, listed, low, records
from simulation.report.answer import helps_most, rivals
from simulation.report.content import ReportContent
from simulation.report.evidence import hinges

__all__ = ["Decision", "Tried", "decide", "tried_rows"]

ROBUSTNESS: Final = "robustness"
"""The question whose answer says when the winner changes."""


class Decision(NamedTuple):
    """What the numbers support."""

    text: Markup
    conditions: list[Markup]


class Tried(NamedTuple):
    """Scenarios ever tried in a study."""

    number: int
    """Different scenarios, by content."""
    others: int
    """Those that are not in this comparison."""
    since: str
    rows: list[tuple[str, str, str, int, bool]]
    """Title, command, first time, how often, whether in this comparison."""


def decide(content: ReportContent) -> Decision:
    """Say what to do by the verdicts, and on which conditions.

    Parameters
    ----------
    content
        The content of the report.

    Examples
    --------
    >>> import pandas as pd
    >>> none = pd.DataFrame(columns=["scenario", "kpi", "dimension", "level", "replications"])
    >>> content = ReportContent("T", "Q?", "", {"now": "As it is"}, [], *[none] * 4, {}, [], {}, {})
    >>> str(decide(content).text)
    'Nothing was compared, so these numbers support no decision.'
    """
    if content.comparison.empty and content.refused:
        text = Markup("There is no steady state, so means of the long run support no decision.")
        return Decision(text, [])
    if content.comparison.empty:
        return Decision(Markup("Nothing was compared, so these numbers support no decision."), [])
    best, kpi = helps_most(content)
    if best is None:
        text = Markup("Stay with the baseline (“{}”): no policy is shown to help on any headline measure.")
        return Decision(text.format(content.name(content.baseline)), [_when_it_changes(content)])
    text = Markup("These numbers support <b>{}</b>{}.").format(content.name(best), _doubt(content, best, kpi))
    conditions = [
        _when_it_changes(content), _price(content, best), _harms(content, best), _hinges(content, best),
    ]  # fmt: skip
    return Decision(text, [one for one in conditions if one])


def _doubt(content: ReportContent, best: str, kpi: Kpi) -> Markup:
    deciding = content.headline[0]
    if kpi is not deciding:
        return Markup(
            " for <em>{}</em> only; on <em>{}</em>, which decides, no policy is shown to help"
        ).format(low(kpi), low(deciding))
    close = [content.name(name) for name in rivals(content, best)]
    if not close:
        return Markup("")
    return Markup(
        ", or one that it is not shown to beat by what matters: {}; cost and conditions decide between them"
    ).format(listed(few(close)))


def _when_it_changes(content: ReportContent) -> Markup:
    whole = (one for one in content.answers if one["name"] == ROBUSTNESS and not one["about"])
    found = next(whole, None)
    if found is None:
        return Markup("When the winner changes has not been asked: <code>vetsim robustness</code> does.")
    return Markup("When the winner changes: {}").format(found["answer"][0])


def _hinges(content: ReportContent, best: str) -> Markup:
    """Name the assumptions on the levers of a policy, those of the policies in it among them."""
    names = [best, *content.packages.get(best, ())]
    found = {
        number: what
        for name in names
        if name in content.grounds
        for number, what, _ in hinges(content, name).levers
    }
    if not found:
        return Markup("")
    links = [
        Markup('<a href="#A{}">A{}</a> {}').format(number, number, what) for number, what in found.items()
    ]
    more = len(links) - 3
    return Markup("It hangs on {} assumption{} about how strongly it works and what it costs: {}{}.").format(
        len(links),
        "" if len(links) == 1 else "s",
        Markup("; ").join(links[:3]),
        f"; and {more} more" if more > 0 else "",
    )


def _price(content: ReportContent, best: str) -> Markup:
    """Say what a further need costs under a policy, and under which one it costs least."""
    kpi = next((kpi for kpi in content.kpis if kpi.id == content.cost), None)
    rows = {row["scenario"]: row for row in _rows(content.incremental)}
    if kpi is None or best not in rows or not rows[best]["per_effect"] > 0:
        return Markup("")
    text = Markup("Somebody has to find it worth its price: {} for each further need resolved").format(
        quantity(rows[best]["per_effect"], kpi.unit)
    )
    shown = {row["scenario"] for row in _rows(content.comparison) if row["verdict"] == "better"}
    each = {name: row["per_effect"] for name, row in rows.items() if name in shown and row["per_effect"] > 0}
    least = min(each, key=lambda name: each[name], default=best)
    if least == best:
        return text + ", the least of the policies that help."
    more, unit = rows[least]["effect_difference"], quantity(each[least], kpi.unit)
    return text + Markup("; <b>{}</b> resolves {} more than the baseline, at {} each.").format(
        content.name(least), f"{more:,.0f}", unit
    )


def _harms(content: ReportContent, best: str) -> Markup:
    known = {kpi.id: kpi for kpi in content.kpis}
    rows = [row for row in _rows(content.equity) if row["scenario"] == best and row["verdict"] == "worse"]
    if not rows:
        return Markup("")
    worse: dict[str, list[str]] = {}
    for row in rows:
        where = f"{content.level(str(row['level']))} ({label(str(row['dimension']))})"
        worse.setdefault(low(known[row["kpi"]]), []).append(where)
    said = [Markup("<em>{}</em> for {}").format(kpi, listed(few(levels))) for kpi, levels in worse.items()]
    return Markup("Somebody has to answer for those who are worse off: {}.").format(listed(said))


def _rows(table: Any) -> list[dict[str, Any]]:
    return records(table) if len(table) else []


def tried_rows(
    entries: Sequence[Mapping[str, Any]], scenarios: Sequence[str], digests: Sequence[str]
) -> Tried:
    """Count the scenarios ever tried, and list them.

    Parameters
    ----------
    entries
        Of the study's ledger.
    scenarios
        Ids of the scenarios of this comparison.
    digests
        Their digests.

    Examples
    --------
    >>> entry = {"scenario": "more", "digest": "a", "command": "vetsim", "first": "today", "times": 2}
    >>> tried_rows([entry, {**entry, "digest": "b"}], ["more"], ["b"])[:3]
    (2, 1, 'today')
    """
    here = set(zip(scenarios, digests, strict=True))
    rows = [
        (
            str(one.get("title") or label(one["scenario"])), str(one["command"]),
            str(one["first"]), int(one["times"]),
            (one["scenario"], one["digest"]) in here,
        )
        for one in entries
    ]  # fmt: skip
    different = {one["digest"] for one in entries}
    since = min((str(one["first"]) for one in entries), default="")
    return Tried(len(different), len(different - set(digests)), since, rows)
