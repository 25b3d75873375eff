"""The answer in three sentences: what helps, for whom and at what cost, and how sure we are."""

from typing import Any, Final, NamedTuple

from markupsafe import Markup

from simulation.analysis.wording import change, label, quantity
from simulation.kpis import Kpi
from simulation.report._words import few, listed, low, plain, records
from simulation.report.content import ReportContent

__all__ = ["Sentence", "answer", "helps_most", "rivals"]

EFFECTS: Final = 3
FEW: Final = 5


class Sentence(NamedTuple):
    """One sentence of the answer, and the part of the question that it answers."""

    about: str
    text: Markup


def answer(content: ReportContent) -> list[Sentence]:
    """Word the comparison by its verdicts.

    The policy said to help most is the one that is better on the deciding KPI by the largest estimate; where
    none is better on it, the one that is better on most other KPIs. Over which other policies its lead is
    established is read off their own comparison.

    Parameters
    ----------
    content
        The content of the report.

    Returns
    -------
    list of Sentence
        What helps; for whom, at what cost; how sure.

    Examples
    --------
    >>> import pandas as pd
    >>> from types import SimpleNamespace as Kpi
    >>> solved = Kpi(id="solved", title="Needs resolved", unit="share", direction=1)
    >>> row = {"scenario": "team", "kpi": "solved", "replications": 9, "baseline_mean": 0.6, "low": 0.04}
    >>> row |= {"difference": 0.05, "high": 0.06, "verdict": "better", "replications_needed": None}
    >>> none = pd.DataFrame(columns=["scenario", "kpi", "dimension", "level", "difference", "verdict"])
    >>> content = ReportContent("T", "Q", "H", {"now": "As it is", "team": "More staff"}, [solved],
    ...                         pd.DataFrame([row]), none, none, none, {}, [], {}, {})
    >>> str(answer(content)[0].text)[:58]
    '<b>More staff</b> helps: it raises <em>needs resolved</em>'
    """
    if content.refused:
        return [
            Sentence("No steady state", Markup("{}: {}; no long-run means are given.").format(name, why))
            for name, why in ((content.name(one), why) for one, why in content.refused.items())
        ]
    if content.comparison.empty:
        return [Sentence("What helps", Markup("Only the baseline was run, so there is nothing to compare."))]
    best, kpi = helps_most(content)
    if best is None:
        return [
            Sentence("What helps", _nothing_helps(content)),
            Sentence("At what cost", _costs(content)),
            Sentence("How sure", _how_sure(content)),
        ]
    cheaper = _cheaper(content, best) if kpi is content.headline[0] else Markup("")
    second = Markup("{}; {}{}.").format(_for_whom(content, best, kpi), _cost(content, best), cheaper)
    return [
        Sentence("What helps", _what_helps(content, best, kpi)),
        Sentence("For whom, at what cost", second),
        Sentence("How sure", _how_sure(content)),
    ]


def helps_most(content: ReportContent) -> tuple[str | None, Kpi]:
    """Find the policy that helps most, and the KPI on which it does.

    Examples
    --------
    >>> import pandas as pd
    >>> from types import SimpleNamespace as Kpi
    >>> solved = Kpi(id="solved", title="Needs resolved", unit="share", direction=1)
    >>> rows = pd.DataFrame([{"scenario": "team", "kpi": "solved", "difference": 0.1, "verdict": "better"}])
    >>> none = pd.DataFrame()
    >>> content = ReportContent("T", "Q", "H", {"now": "As it is", "team": "More staff"}, [solved],
    ...                         rows, none, none, none, {}, [], {}, {})
    >>> helps_most(content)[0]
    'team'
    """
    deciding, *others = content.headline
    rows = content.comparison[content.comparison["verdict"] == "better"]
    on_it = rows[rows["kpi"] == deciding.id]
    if len(on_it):
        return str(on_it.iloc[int(on_it["difference"].abs().argmax())]["scenario"]), deciding
    elsewhere = rows[rows["kpi"] != content.cost]
    if elsewhere.empty:
        return None, deciding
    best = str(elsewhere["scenario"].value_counts(sort=True).index[0])
    gains = set(elsewhere.loc[elsewhere["scenario"] == best, "kpi"])
    return best, next(kpi for kpi in others if kpi.id in gains)


def _what_helps(content: ReportContent, best: str, kpi: Kpi) -> Markup:
    rows = {row["kpi"]: row for row in records(content.comparison) if row["scenario"] == best}
    named = [other for other in content.headline if other.id != content.cost]
    gains = [other for other in named if rows[other.id]["verdict"] == "better"]
    gains = [kpi, *(other for other in gains if other.id != kpi.id)]
    harms = [other for other in named if rows[other.id]["verdict"] == "worse"]
    many = len(content.policies)
    text = Markup("<b>{}</b> helps{}: it {}").format(
        content.name(best), f" most of the {many} policies" if many > 1 else "",
        listed([_effect(rows[gain.id], gain) for gain in gains[:EFFECTS]]),
    )  # fmt: skip
    if kpi is not content.headline[0]:
        text = Markup("No policy is shown to improve <em>{}</em>, but {}").format(
            low(content.headline[0]), text
        )
    if len(gains) > EFFECTS:
        text += f", and is better on {len(gains)} of the {len(content.headline)} headline measures in all"
    if harms:
        text += Markup(", but it is worse on {}").format(
            listed([Markup("<em>{}</em>").format(low(harm)) for harm in harms])
        )
    return text + (_lead(content, best) if kpi is content.headline[0] else "") + "."


def _lead(content: ReportContent, best: str) -> Markup:
    """Say by how much the best policy leads the others, and from which it is not shown to differ."""
    rows = [row for row in records(content.pairs) if row["scenario"] == best]
    ahead = [row for row in rows if row["verdict"] == "better"]
    close = few([content.name(name) for name in rivals(content, best)])
    kpi = content.headline[0]
    ahead.sort(key=lambda row: abs(row["difference"]))  # the closest first
    said = [(row["other"], change(row["difference"], row["low"], row["high"], kpi.unit)) for row in ahead]
    each = [
        f"{content.name(name)} by {plain(one.difference)} {one.unit} ({one.low} to {one.high})"
        for name, one in said
    ]
    parts = [Markup("it leads {}").format(listed(few(each)))] if each else []
    parts += (
        [Markup("is not shown to do better by what matters than {}").format(listed(close))] if close else []
    )
    begin = "; " if each else "; it "
    return Markup("{}{}").format(begin, Markup(", but ").join(parts)) if parts else Markup("")


def rivals(content: ReportContent, best: str) -> list[str]:
    """Name the policies that the best one is not shown to beat.

    Examples
    --------
    >>> import pandas as pd
    >>> pairs = pd.DataFrame([{"scenario": "a", "other": "b", "verdict": "too noisy"}])
    >>> none = pd.DataFrame()
    >>> frames = (none, none, pairs, none)
    >>> rivals(ReportContent("T", "Q", "H", {"now": "As it is"}, [], *frames, {}, [], {}, {}), "a")
    ['b']
    """
    rows = [row for row in records(content.pairs) if row["scenario"] == best]
    return [row["other"] for row in rows if row["verdict"] != "better"]


def _cheaper(content: ReportContent, best: str) -> Markup:
    """Name the cheapest policy that the best one is not shown to beat, when it costs less."""
    costs = {row["scenario"]: row["difference"] for row in _cost_rows(content)}
    close = [name for name in rivals(content, best) if name in costs and best in costs]
    cheapest = min(close, key=lambda name: costs[name], default=best)
    if not close or costs[cheapest] >= costs[best]:
        return Markup("")
    kpi = next(kpi for kpi in content.kpis if kpi.id == content.cost)
    saved = quantity(costs[best] - costs[cheapest], kpi.unit)
    return Markup("; <b>{}</b>, which it is not shown to beat by what matters, costs {} less").format(
        content.name(cheapest), saved
    )


def _nothing_helps(content: ReportContent) -> Markup:
    verdicts = content.comparison.loc[content.comparison["kpi"] != content.cost, "verdict"].value_counts()
    words = {
        "worse": "for the worse",
        "differs": "neither better nor worse",
        "no evidence": "without evidence of a difference that matters",
        "too noisy": "too noisy to tell",
    }
    counts = [f"{verdicts[name]} {said}" for name, said in words.items() if name in verdicts]
    policies = [Markup("<b>{}</b>").format(content.name(name)) for name in content.policies]
    return Markup("{} {} not shown to help on any headline measure: of {} differences, {}.").format(
        listed(few(policies)), "are" if len(policies) > 1 else "is", int(verdicts.sum()), listed(counts)
    )


def _for_whom(content: ReportContent, best: str, kpi: Kpi) -> Markup:
    """Name the level with the largest and the one with the smallest gain, within the first dimension."""
    rows = content.equity[(content.equity["scenario"] == best) & (content.equity["kpi"] == kpi.id)]
    rows = rows[rows["dimension"] == (rows["dimension"].iloc[0] if len(rows) else "")]
    rows = rows[rows["difference"].notna()].sort_values(
        "difference", ascending=kpi.direction < 0, kind="stable"
    )
    if len(rows) < 2:
        return Markup("Whom it helps was not compared")
    most, least = (_gain(content, row, kpi) for row in (records(rows)[0], records(rows)[-1]))
    return Markup("By {}, the gain in <em>{}</em> is largest for {} and smallest for {}").format(
        label(str(rows["dimension"].iloc[0])), low(kpi), most, least
    )


def _gain(content: ReportContent, row: dict[str, Any], kpi: Kpi) -> Markup:
    said = change(row["difference"], row["low"], row["high"], kpi.unit)
    doubt = "" if row["verdict"] in ("better", "worse") else f", {row['verdict']}"
    return Markup("<b>{}</b> ({} {}{})").format(
        content.level(str(row["level"])), said.difference, said.unit, doubt
    )


def _cost(content: ReportContent, best: str) -> Markup:
    row = next((row for row in _cost_rows(content) if row["scenario"] == best), None)
    if row is None:
        return Markup("what it costs was not compared")
    kpi = next(kpi for kpi in content.kpis if kpi.id == content.cost)
    said = change(row["difference"], row["low"], row["high"], kpi.unit)
    base = quantity(row["baseline_mean"], kpi.unit)
    verbs = {"worse": ("it costs", "more than"), "better": ("it saves", "of")}
    if row["verdict"] not in verbs:
        doubt = "cannot be told from" if row["verdict"] == "too noisy" else "hardly differs from"
        return Markup("its cost {} the baseline’s {}: {} {} ({} to {})").format(
            doubt, base, said.difference, said.unit, said.low, said.high
        )
    begin, end = verbs[row["verdict"]]
    return Markup("{} {} {} ({} to {}) {} the baseline’s {}").format(
        begin, plain(said.difference), said.unit, said.low, said.high, end, base
    )


def _costs(content: ReportContent) -> Markup:
    rows = _cost_rows(content)
    if not rows:
        return Markup("What the policies cost was not compared.")
    kpi = next(kpi for kpi in content.kpis if kpi.id == content.cost)
    said = [(row["scenario"], change(row["difference"], row["low"], row["high"], kpi.unit)) for row in rows]
    each = [
        f"{content.name(name)} {one.difference} {one.unit} ({one.low} to {one.high})" for name, one in said
    ]
    return Markup("Against the baseline’s cost of {}: {}.").format(
        quantity(rows[0]["baseline_mean"], kpi.unit), listed(few(each))
    )


def _cost_rows(content: ReportContent) -> list[dict[str, Any]]:
    """Find the cost among the headline KPIs or the others."""
    rows = [*records(content.comparison), *records(content.others)]
    return [row for row in rows if row["kpi"] == content.cost]


def _how_sure(content: ReportContent) -> Markup:
    table = content.comparison
    counts = table["verdict"].value_counts()
    noisy, small = (int(counts.get(name, 0)) for name in ("too noisy", "no evidence"))
    found = [
        (len(table) - noisy - small, "show a difference"),
        (small, "give no evidence of one that matters"),
    ]
    shown = [f"{number} {words}" for number, words in [*found, (noisy, "are too noisy to tell")] if number]
    needed = table["replications_needed"].dropna()
    more = f" (up to {int(needed.max()):,} replications would be needed)" if len(needed) else ""
    runs = list(dict.fromkeys([table["replications"].min(), table["replications"].max()]))
    few = f", and with fewer than {FEW} replications hardly that" if runs[0] < FEW else ""
    return Markup(
        "The {} intervals hold together with {:g} % confidence over {} paired replications: {}{}; they cover "
        "chance inside the model{}, not the assumptions it stands on."
    ).format(len(table), 100 * content.confidence, " to ".join(map(str, runs)), listed(shown), more, few)


def _effect(row: dict[str, Any], kpi: Kpi) -> Markup:
    said = change(row["difference"], row["low"], row["high"], kpi.unit)
    return Markup("{} <em>{}</em> from {} by {} {} ({} to {})").format(
        "raises" if row["difference"] > 0 else "lowers", low(kpi), quantity(row["baseline_mean"], kpi.unit),
        plain(said.difference), said.unit, said.low, said.high,
    )  # fmt: skip
