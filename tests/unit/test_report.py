"""The report: says what the comparison says, shows all it was given, and can neither run nor load."""

import math
import re
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace

import pandas as pd
import pytest

from simulation import report
from simulation.assumptions import Assumption, Grounds
from simulation.assumptions.reach import Reach
from simulation.report.answer import answer
from simulation.report.proposals import cards
from simulation.scenario.difference import PathwayDifference

EVIL = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>{{ 7 * 7 }}"
DRAWING = (
    '<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "a" "http://elsewhere/svg.dtd">\n'
    '<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="648pt" height="331pt" viewBox="0 0 648 331">'
    '<defs><style type="text/css">*{fill: red}</style></defs><g id="axes_1" clip-path="url(#p1)">'
    '<path id="p1" d="M 0 0"/><use xlink:href="#p1"/><text>Days</text></g></svg>'
)


def kpi(name, title, unit, direction, indifference=0.01):
    doc = "Share of needs.\n\nOf those ``latent``.\n\nParameters\n----------\nmeasured\n    Hidden.\n"
    return SimpleNamespace(
        id=name,
        title=title,
        unit=unit,
        direction=direction,
        rule="cohort",
        indifference=indifference,
        doc=doc,
        family="meeting needs",
        components=("solved",) if name == "index" else (),
    )


KPIS = [
    kpi("solved", "Needs resolved", "share", 1),
    kpi("wait", "P90 of the wait", "days", -1, 0.5),
    kpi("cost", "Cost", "yuan", -1, 50_000.0),
    kpi("index", "Contentment (index)", "index", 1),
]
SCENARIOS = {"baseline": "As it is", "team": "Team expansion", "digital": "Digitization"}


def row(scenario, name, difference, half, verdict, **more):
    base = {"solved": 0.6, "fulfilment": 0.6, "wait": 9.0, "cost": 8.9e6, "index": 0.5}[name]
    return {
        "scenario": scenario, "kpi": name, "replications": 10, "baseline_mean": base,
        "mean": base + difference,
        "difference": difference, "half_width": half, "low": difference - half, "high": difference + half,
        "variance_reduction": 12.5, "verdict": verdict, "replications_needed": None, **more,
    }  # fmt: skip


HELPS = [
    row("team", "solved", 0.02, 0.005, "better"),
    row("team", "wait", -2.0, 0.3, "better"),
    row("digital", "solved", 0.05, 0.005, "better"),
    row("digital", "wait", 0.2, 1.4, "too noisy", replications_needed=77),
]
COSTS = [row("team", "cost", 1.3e6, 1e5, "worse"), row("digital", "cost", 4.3e5, 9e4, "worse")]
GROUPS = [
    row("digital", "solved", 0.09, 0.01, "better", dimension="group", level="young"),
    row(
        "digital", "solved", 0.001, 0.01, "too noisy", dimension="group", level="old", replications_needed=31
    ),
    row("team", "solved", 0.02, 0.01, "better", dimension="group", level="young"),
]


ASSUMED = [
    (
        Assumption(1, "Rate", ("45",), "20 to 90", "no count", False, ("needs.card.rate",), Reach(False)),
        "a need",
    ),
    (
        Assumption(2, "Group", (), "× 0.5 to × 2", "no data", False, ("groups.old",), Reach(True)),
        "every need",
    ),
    (
        Assumption(3, "Factor", ("0.5",), "0.2 to 1", "their word", True, ("policies.a.x",), Reach(False)),
        "a lever",
    ),
    (
        Assumption(
            0,
            "Delay",
            ("22",),
            "",
            "https://example.org/a?b=1 (2025); p. 3",
            True,
            ("needs.d",),
            Reach(False),
        ),
        "needs: Card",
    ),
]
NOBODY = pd.DataFrame(columns=list(GROUPS[0]))
COST_AND_EFFECT = {
    "scenario": ["baseline", "digital", "team"], "cost": 1.0, "effect": 1.0,
    "status": ["on the frontier"] * 2 + ["dominated"],
    "cost_difference": [0.0, 4.3e5, 1.3e6],
    "cost_low": [0.0, 3.4e5, 1.2e6],
    "cost_high": [0.0, 5.2e5, 1.4e6],
    "effect_difference": [0.0, 700.0, 280.0],
    "effect_low": [0.0, 630.0, 210.0],
    "effect_high": [0.0, 770.0, 350.0],
    "per_effect": [math.nan, 614.0, 4643.0], "dominated_by": ["", "", "digital"],
}  # fmt: skip


def content(rows=HELPS, **changes):
    summary = pd.DataFrame(
        {
            "scenario": list(SCENARIOS), "kpi": "solved", "dimension": "all", "level": "", "replications": 10,
            "mean": [0.6, 0.62, 0.65], "sd": 0.01, "half_width": 0.007, "n": 14420.0, "censored": 120.0,
        }
    )  # fmt: skip
    given = {
        "title": "What helps?", "question": "Which policy?", "hypothesis": "Both.", "scenarios": SCENARIOS,
        "kpis": KPIS, "comparison": pd.DataFrame(rows), "summary": summary, "equity": pd.DataFrame(GROUPS),
        "figures": {"waits": (DRAWING, "Read it."), "flows": (DRAWING, "Read it too.")},
        "assumptions": ASSUMED,
        "run": {"seed": 1, "replications": 10, "warm-up": "92 d"},
        "manifest": {"command": "vetsim compare seed=1", "versions": {"numpy": "2.4.6"}, "engines": ["x"]},
        "others": pd.DataFrame(COSTS),
        "pairs": pd.DataFrame([row("digital", "solved", 0.03, 0.01, "better", other="team")]),
        "names": {"young": "Under 40"},
        "summaries": {"team": "One more worker."},
    }  # fmt: skip
    return report.ReportContent(**(given | changes))


class Page(HTMLParser):
    """What a browser would see: tags with attributes, ids, and words."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.words = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def said(rows=HELPS, **changes):
    """The answer without its marks."""
    return [re.sub(r"<[^>]*>", "", str(part.text)) for part in answer(content(rows, **changes))]


def test_every_section_is_there_in_order():
    """Question, answer, headline, figures, measures, equity, evidence, run, manifest."""
    page = report.render(content())
    order = [
        "Which policy?",
        'id="answer"',
        'id="proposals"',
        'id="headline"',
        'id="figures"',
        'id="measures"',
        'id="equity"',
    ]
    order += ['id="evidence"', 'id="run"', 'id="manifest"']
    places = [page.index(part) for part in order]
    assert places == sorted(places)


def test_every_value_given_is_shown():
    """Differences, intervals, verdicts, levels, sources, ranges, versions: nothing is dropped on the way."""
    text = Page(report.render(content())).text
    for words in (
        "+5.0", "+4.5 to +5.5", "▲ better", "? too noisy", "would take 77 replications", "60.0 %",
        "60.0 ± 0.7",
        "14,420 / 120", "Under 40", "One more worker.", "no count", "20 to 90", "× 0.5 to × 2", "numpy",
        "2.4.6",
        "vetsim compare seed=1", "variance / 12.5", "million yuan; lower is better", "+0.43", "Figure 2.",
        "Digitization against Team expansion",
        "+3.0",
        "Expected before the run: Both.", "Share of needs.", "percentage points; higher is better",
    ):  # fmt: skip
        assert words in text, words
    assert "Hidden" not in text


def test_hostile_text_stays_text():
    """Whatever a config or a title holds, no tag and no template comes of it."""
    evil = kpi("solved", EVIL, EVIL, 1)
    evil.doc = evil.rule = EVIL
    hostile = content(
        [dict(HELPS[0]), dict(HELPS[2])], title=EVIL, question=EVIL, hypothesis=EVIL, kpis=[evil, KPIS[2]],
        scenarios={"baseline": EVIL, "team": EVIL, "digital": EVIL}, names={"young": EVIL},
        assumptions=[(Assumption(1, EVIL, (EVIL,), EVIL, EVIL, True, (EVIL,), Reach(False)), EVIL)],
        packages={"team": ["digital"]},
        pathways={"team": [PathwayDifference(EVIL, EVIL, "changed", EVIL, EVIL, EVIL)]},
        run={EVIL: EVIL}, manifest={"command": EVIL, EVIL: {EVIL: EVIL}}, summaries={"team": EVIL},
        figures={"a b": (DRAWING, EVIL)},
    )  # fmt: skip
    page = Page(report.render(hostile))
    assert not {"script", "img"} & {tag for tag, _ in page.tags}
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert "<script>alert('x')</script>" in page.text
    assert "{{ 7 * 7 }}" in page.text


def test_the_page_loads_nothing():
    """No script, sheet, picture or frame; a policy that forbids them; only links that a reader may click."""
    text = report.render(content())
    page = Page(text)
    assert not {"script", "link", "img", "image", "iframe", "object", "embed", "form"} & {
        tag for tag, _ in page.tags
    }
    policy = [
        found["content"] for tag, found in page.tags if found.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy[0].startswith("default-src 'none'")
    for tag, found in page.tags:
        assert "src" not in found
        for name in ("href", "xlink:href"):
            target = found.get(name) or "#"
            assert target.startswith("#") or (tag == "a" and target.startswith("https://"))
    assert not re.search(r"@import|url\((?!#)|elsewhere", text)


def test_ids_are_unique_and_every_reference_finds_its_own():
    """Two figures with the same ids inside do not borrow each other's shapes."""
    text = report.render(content())
    page = Page(text)
    ids = [found["id"] for _, found in page.tags if "id" in found]
    assert len(ids) == len(set(ids))
    targets = [
        found[name][1:]
        for _, found in page.tags
        for name in ("href", "xlink:href")
        if found.get(name, "")[:1] == "#"
    ]
    assert set(targets + re.findall(r"url\(#([^)]*)\)", text)) <= set(ids)
    assert {"waits-p1", "flows-p1"} <= set(ids)


def test_a_drawing_fits_the_page_and_is_named_for_those_who_cannot_see_it():
    """No size of its own, a role and a label; its style sheet does not leak into the page."""
    text = report.render(content())
    assert 'width="648pt"' not in text
    assert 'role="img" aria-label="Read it."' in text
    assert "fill: red" not in text


@pytest.mark.parametrize(
    "bad",
    [
        "<script>alert(1)</script>", '<g onclick="x()"/>', '<image xlink:href="data:image/png;base64,AA"/>',
        '<use href="http://elsewhere/x.svg#a"/>', "<foreignObject/>", '<g style="fill: url(http://elsewhere)"/>',
        '<a href="javascript:x()"/>', "<use xlink:href='//elsewhere'/>", "<g onload = x()/>",
        "<use href=//elsewhere />",
    ],
)  # fmt: skip
def test_a_drawing_that_could_run_or_load_is_refused(bad):
    """Figures may come from files: they are checked before they are trusted."""
    with pytest.raises(ValueError, match=r"figures\.waits: .* could run or load"):
        report.render(content(figures={"waits": (f"<svg>{bad}</svg>", "Read it.")}))


def test_the_answer_names_the_policy_that_helps_most():
    """By the deciding KPI, with interval and baseline; for whom; at what cost; how sure."""
    first, second, third = said()
    assert first.startswith(
        "Digitization helps most of the 2 policies: it raises needs resolved from 60.0 % by 5.0 "
    )
    assert "(+4.5 to +5.5)" in first
    assert "largest for Under 40 (+9.0 percentage points)" in second
    assert "smallest for old (+0.1 percentage points, too noisy)" in second
    assert (
        "it costs 430,000 yuan (+340,000 to +520,000) more than the baseline’s 8.90 million yuan." in second
    )
    assert third.startswith(
        "The 4 intervals hold together with 95 % confidence over 10 paired replications: 3 show"
    )
    assert "1 are too noisy to tell (up to 77 replications would be needed)" in third


def test_three_sentences_whatever_the_verdicts():
    """One sentence each: a full stop at the end and none before."""
    for rows in (HELPS, [HELPS[3], row("team", "wait", 2.0, 0.3, "worse")]):
        sentences = said(rows)
        assert len(sentences) == 3
        assert all(re.search(r"\.$", text) and not re.search(r"\. [A-Z]", text) for text in sentences)


def test_a_lead_that_is_not_established_is_not_claimed():
    """The policies are compared with each other: a lead is told with its interval, or said to be open."""
    assert said()[0].endswith("; it leads Team expansion by 3.0 percentage points (+2.0 to +4.0).")
    noisy = pd.DataFrame([row("digital", "solved", 0.03, 0.05, "too noisy", other="team")])
    assert said(pairs=noisy)[0].endswith(
        "; it is not shown to do better by what matters than Team expansion."
    )
    assert "lead" not in said(pairs=pd.DataFrame())[0]


def test_harm_is_said_in_the_same_breath():
    """A policy that helps most and makes waits longer is told with both."""
    rows = [HELPS[2], row("digital", "wait", 3.0, 0.4, "worse")]
    assert "percentage points (+4.5 to +5.5), but it is worse on P90 of the wait; it leads" in said(rows)[0]


def test_help_elsewhere_is_not_help_on_what_decides():
    """Better on waits only: the first words say that the deciding KPI is not improved."""
    rows = [row("team", "solved", 0.001, 0.004, "no evidence"), row("team", "wait", -2.0, 0.3, "better")]
    first, second, _ = said(rows)
    assert first.startswith("No policy is shown to improve needs resolved, but Team expansion helps most")
    assert "lowers P90 of the wait from 9.00 days by 2.00 days" in first
    assert "Whom it helps was not compared; it costs 1.30 million yuan" in second


def test_no_help_is_no_help():
    """Without a single better, no policy is praised and the costs stand there."""
    rows = [row("team", "solved", 0.001, 0.004, "no evidence"), row("digital", "wait", 2.0, 0.3, "worse")]
    first, second, _ = said(rows)
    assert first == (
        "Team expansion and Digitization are not shown to help on any headline measure: of 2 differences, "
        "1 for the worse and 1 without evidence of a difference that matters."
    )
    assert second.startswith(
        "Against the baseline’s cost of 8.90 million yuan: Team expansion +1.30 million yuan"
    )


def test_cheaper_and_unknown_costs_have_their_words():
    """A saving is a saving; a noisy difference is not one; a cost not compared stays unknown."""
    saves = pd.DataFrame([row("digital", "cost", -4e5, 9e4, "better")])
    assert "it saves 400,000 yuan (−490,000 to −310,000) of the baseline’s" in said(others=saves)[1]
    noisy = pd.DataFrame([row("digital", "cost", -4e5, 9e5, "too noisy")])
    assert (
        "its cost cannot be told from the baseline’s 8.90 million yuan: −0.4 million" in said(others=noisy)[1]
    )
    assert said(others=pd.DataFrame())[1].endswith("what it costs was not compared.")
    nothing = [row("team", "solved", 0.001, 0.004, "no evidence")]
    assert said(nothing, others=pd.DataFrame())[1] == "What the policies cost was not compared."


def test_a_study_of_the_baseline_alone_has_a_report():
    """Nothing to compare is said, not a crash."""
    alone = content(
        [], comparison=pd.DataFrame(columns=list(HELPS[0])), equity=pd.DataFrame(columns=list(GROUPS[0]))
    )
    text = Page(report.render(replace(alone, scenarios={"baseline": "As it is"}, others=pd.DataFrame()))).text
    assert "nothing to compare" in text


def test_values_that_are_missing_are_said_to_be():
    """A scenario without a row, a mean that is no number, an interval of one replication: all are shown."""
    rows = [HELPS[0], row("digital", "solved", 0.05, float("nan"), "too noisy")]
    rows[1]["variance_reduction"] = float("nan")
    given = content(rows)
    given.summary.loc[0, ["mean", "half_width"]] = float("nan")
    equity = given.equity[given.equity["scenario"] == "digital"]
    text = Page(report.render(replace(given, equity=equity))).text
    assert "? to ?" in text
    assert "no value" in text
    assert "not measured" in text


def test_fewer_pairs_are_marked():
    """A difference that rests on fewer replications than its neighbours says so."""
    rows = [HELPS[0], {**HELPS[2], "replications": 7}]
    text = Page(report.render(content(rows))).text
    assert "7 pairs only" in text
    assert "over 7 to 10 paired replications" in text


def test_the_same_content_gives_the_same_page(tmp_path):
    """No clock and no chance; what is written is what is rendered."""
    report.write(content(), tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == report.render(content())


def card(policy, **changes):
    """The answer on one policy."""
    (found,) = [one for _, some in cards(content(**changes)) for one in some if one.id == policy]
    return found


def test_each_proposal_is_answered_in_a_sentence_and_in_numbers():
    """What is asked of all: cost comes from the other measures, and what was not compared is not made up."""
    rows = [
        row("team", "fulfilment", 0.02, 0.005, "better"),
        row("digital", "fulfilment", -0.03, 0.01, "worse"),
    ]
    kpis = [kpi("fulfilment", "Needs resolved", "share", 1), KPIS[2]]
    team = card("team", rows=rows, kpis=kpis, equity=NOBODY)
    assert [number[0] for number in team.numbers] == ["Fulfilment", "Cost"]
    assert re.sub("<[^>]*>", "", team.sentence) == (
        "It raises needs resolved by 2.0 percentage points (+1.5 to +2.5), but raises cost by 1.30 million "
        "yuan (+1.20 to +1.40)."
    )
    digital = card("digital", rows=rows, kpis=kpis, equity=NOBODY)
    assert digital.sentence.startswith("It lowers <em>needs resolved</em> by 3.0 percentage points")


def test_doubt_is_said_and_not_dropped():
    """Too noisy and no evidence have words of their own."""
    rows = [
        row("team", "fulfilment", 0.02, 0.05, "too noisy"),
        row("digital", "fulfilment", 0.0, 0.001, "no evidence"),
    ]
    kpis = [kpi("fulfilment", "Needs resolved", "share", 1)]
    assert card("team", rows=rows, kpis=kpis, others=pd.DataFrame(), equity=NOBODY).sentence == (
        "Too noisy to tell: <em>needs resolved</em>."
    )
    assert card("digital", rows=rows, kpis=kpis, others=pd.DataFrame(), equity=NOBODY).sentence == (
        "No difference that matters is shown in <em>needs resolved</em>."
    )


def test_who_is_better_off_is_named():
    """The groups whose interval shows it, and no other."""
    assert "Shown to be better off, by group: Under 40." in card("digital").sentence


def test_an_answer_names_the_assumptions_that_it_hangs_on():
    """Levers first, then what they change; each leads to its row of the table."""
    rate, group, factor = (one for one, _ in ASSUMED[:3])
    page = Page(report.render(content(grounds={"team": Grounds((factor,), (rate, group))})))
    assert "A3 Factor: 0.5, from 0.2 to 1" in page.text
    assert "A1 Rate: 45, from 20 to 90" in page.text
    assert "A2 Group: from × 0.5 to × 2" in page.text
    targets = {found["href"] for tag, found in page.tags if tag == "a" and found["href"].startswith("#A")}
    assert targets == {"#A1", "#A2", "#A3"}
    assert targets <= {f"#{found['id']}" for _, found in page.tags if "id" in found}


def test_a_package_leads_to_the_answers_on_its_parts():
    """What a part hangs on is told at the part, once."""
    rate, _, factor = (one for one, _ in ASSUMED[:3])
    grounds = {"team": Grounds((factor,), (rate,)), "digital": Grounds((factor,), ())}
    hinge = card("team", grounds=grounds, packages={"team": ["digital"]}).hinge
    assert hinge.levers == []
    assert [what for _, what, _ in hinge.mechanisms] == ["Rate"]
    assert hinge.parts == [("digital", "Digitization")]


def test_packages_come_before_single_policies():
    """In the cards and in the tables alike."""
    page = report.render(content(packages={"digital": ["team"]}))
    assert page.index('id="policy-digital"') < page.index('id="policy-team"')
    assert "Packages" in page
    assert "Single policies" in page
    assert "Packages" not in report.render(content())


def test_the_same_change_of_two_pathways_is_one_row():
    """Two needs, one triage."""
    rows = [PathwayDifference(need, "triage", "added", "step", "", "work") for need in ("card", "aid")]
    (step,) = card("team", pathways={"team": rows}).steps
    assert step == ("card, aid", "triage", "step added", "–", "work")


def test_what_is_dominated_is_said_with_what_dominates_it():
    """By rising cost, with intervals."""
    text = Page(report.render(content(incremental=pd.DataFrame(COST_AND_EFFECT)))).text
    assert "Team expansion +1.30 (+1.20 to +1.40) million yuan +280 (+210 to +350) 4,643 yuan" in text
    assert "dominated by Digitization" in text


def test_an_index_has_its_components_beside_it():
    """Whoever reads the index reads what it is made of."""
    others = pd.DataFrame(
        [*COSTS, row("team", "index", 0.1, 0.02, "better"), row("digital", "index", 0.1, 0.02, "better")]
    )
    page = report.render(content(others=others))
    table = page[page.index('aria-label="Contentment (index)"') :]
    assert "Needs resolved" in table[: table.index("</table>")]


def test_of_many_policies_only_the_best_is_set_against_the_others():
    """Twenty policies have 190 pairs; the reader gets nineteen."""
    names = {"baseline": "As it is", **{f"p{n}": f"Policy {n}" for n in range(8)}}
    rows = [row(f"p{n}", "solved", 0.01 * n, 0.005, "better") for n in range(8)]
    pairs = [
        row(f"p{n}", "solved", 0.01 * (n - m), 0.005, "better" if n > m else "worse", other=f"p{m}")
        for n in range(8) for m in range(8) if n != m
    ]  # fmt: skip
    page = report.render(content(rows, scenarios=names, pairs=pd.DataFrame(pairs), equity=NOBODY))
    assert page.count("Policy 7 against ") == 7
    assert page.count(" against Policy") == 7
    first = said(rows, scenarios=names, pairs=pd.DataFrame(pairs))[0]
    assert "it leads Policy 6 by 1.0" in first
    assert "and 4 others" in first


def test_a_look_is_written_once():
    """Two drawings of one look share a class of the page."""
    drawing = DRAWING.replace('<path id="p1"', '<path id="p1" style="fill: red"')
    page = report.render(content(figures={"waits": (drawing, "Read it."), "flows": (drawing, "Too.")}))
    assert page.count("fill: red}") == 1
    assert page.count('class="look0"') == 2


def test_what_no_policy_changes_is_named_and_takes_no_column():
    """A measure that is the same everywhere is a sentence, not a column of zeros."""
    others = pd.DataFrame(
        [*COSTS, *(row(name, "wait", 0.0, 0.0, "no evidence") for name in ("team", "digital"))]
    )
    text = Page(report.render(content(rows=[HELPS[0], HELPS[2]], others=others))).text
    assert "No policy changes: P90 of the wait." in text
    assert "No policy changes" not in Page(report.render(content())).text


def test_the_report_says_who_is_best_measure_by_measure():
    """The best mean, what is shown of it, how likely, who else may be; not where there is no rival."""
    rows = [
        ("solved", "baseline", 10, 0.60, -0.05, -0.06, 0.0, 0.0, 0.0, "not the best"),
        ("solved", "team", 10, 0.62, -0.03, -0.04, 0.01, 0.01, 0.2, "may be the best"),
        ("solved", "digital", 10, 0.65, 0.03, -0.01, 0.04, 0.996, 1.0, "as good as the best"),
        ("wait", "digital", 10, 9.0, 0.0, 0.0, 0.0, 1.0, 1.0, "best"),
    ]
    names = "kpi scenario replications mean difference low high probability_best probability_good standing"
    page = report.render(content(best=pd.DataFrame(rows, columns=names.split())))
    shown = page[page.index("Which is best?") :]
    shown = shown[: shown.index("</table>")]
    assert re.findall(r"<td[^>]*>([^<]*)</td>", shown) == [
        "Digitization",
        "as good as the best",
        "above 99 %",
        "Team expansion",
    ]
    assert "Which is best?" not in report.render(content())
