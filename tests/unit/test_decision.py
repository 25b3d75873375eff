"""The first page is a written decision: what is supported, on which conditions, and what was tried for it."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pandas as pd
import pytest

from simulation.publication import Inquiry, Past, publish, publish_inquiry, tried_now
from simulation.publication.stress import stress_items
from simulation.report.decision import decide
from simulation.runner import run_study
from simulation.scenario import Policy, digest
from simulation.scenario.examples import single_queue
from simulation.spec import InputError
from simulation.store import Ledger, Store, answers_in
from simulation.study import Account, Design, Study
from tests.unit.test_report import content

LEVER = {"id": "two", "kind": "add_staff", "team": "doctors", "group": "doctor", "heads": 1}
POLICIES = (Policy(id="baseline"), Policy(id="more", title="One more doctor", levers=[LEVER]))


def a_design(**settings):
    usual = {
        "id": "tiny",
        "run_length": "40 d",
        "replications": 6,
        "seed": 3,
        "question": "Does one more help?",
    }
    usual["headline"] = ["time_to_resolution_mean"]
    return Design(Study(**{**usual, **settings}), single_queue(rate=3.6, servers=3), POLICIES)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    design = a_design()
    return run_study(design.study, design.scenarios, Store(tmp_path_factory.mktemp("store")))


def the_page(design, results, folder, **more):
    publish(design, results, folder, "vetsim compare", "2026-05-01T10:00:00", **more)
    return " ".join((folder / "report.html").read_text(encoding="utf-8").split())


# -------------------------------------------------------------------------------------------- the ledger


def test_whatever_was_tried_stays_in_the_ledger(tmp_path):
    """Twice in the same way is one entry, tried twice; other content under the same name is another."""
    ledger, design = Ledger(tmp_path / "tiny"), a_design()
    ledger.add(tried_now(design, "vetsim compare"), "monday")
    ledger.add(tried_now(design, "vetsim compare"), "tuesday")
    other = Design(design.study, single_queue(rate=2.0), POLICIES[:1])
    entries = ledger.add(tried_now(other, "vetsim compare city=other"), "wednesday")
    assert [(one["scenario"], one["first"], one["last"], one["times"]) for one in entries] == [
        ("baseline", "monday", "tuesday", 2),
        ("more", "monday", "tuesday", 2),
        ("baseline", "wednesday", "wednesday", 1),
    ]
    assert len({one["digest"] for one in entries}) == 3


def test_two_may_write_to_the_ledger_at_once(tmp_path):
    """No entry is lost."""

    def note(number):
        one = {"scenario": f"s{number}", "digest": str(number), "command": "vetsim compare"}
        Ledger(tmp_path).add([one], "today")

    with ThreadPoolExecutor(8) as crew:
        list(crew.map(note, range(40)))
    assert len(Ledger(tmp_path).entries()) == 40


def test_a_ledger_that_cannot_be_read_is_not_begun_anew(tmp_path):
    """It cannot be made again; the error says what to do."""
    (tmp_path / "tried.json").write_text("[{")
    with pytest.raises(InputError, match="mend it, or move it away"):
        Ledger(tmp_path).add([], "today")
    assert (tmp_path / "tried.json").read_text() == "[{"


def the_answers(design, folder):
    """Give the answers that hold beside a design."""
    digests = {one.id: digest(one) for one in design.scenarios}
    return answers_in(folder, design.study.id, design.terms, digests)


def test_answers_are_those_about_the_same_design(tmp_path, monkeypatch):
    """Another design's, and what is no answer, are left out; other words are the same design."""
    design, folder = a_design(), tmp_path / "tiny"
    publish_inquiry(folder / "staff", Inquiry("staff", "Staff", "Where?", ("Here.",)), design, "c", "today")
    (folder / "broken").mkdir()
    (folder / "broken" / "answer.json").write_text("{")
    assert [one["answer"] for one in the_answers(design, folder)] == [["Here."]]
    assert the_answers(a_design(seed=4), folder) == ()
    assert the_answers(replace(design, city=single_queue(rate=2.0)), folder) == ()
    said = a_design(account=Account(purpose="The budget"), hypothesis="It does.")
    assert len(the_answers(said, folder)) == 1
    monkeypatch.setattr("simulation.study.MODEL_VERSION", -1)
    assert the_answers(design, folder) == ()


def test_an_answer_on_one_policy_is_found_under_other_settings(results, tmp_path):
    """It stands on the first page, and says whom it is about; a policy changed since then is not that one."""
    design, folder = a_design(), tmp_path / "tiny"
    other = POLICIES[1].model_copy(update={"id": "other"})
    both = replace(design, policies=(*POLICIES, other))
    one = a_design(policies=["more"])
    for when, says in (("monday", "Nowhere."), ("tuesday", "To the doctors.")):
        inquiry = Inquiry("staff", "Staff", "Where does the next post go?", (says,))
        publish_inquiry(tmp_path / "tiny-0123456789" / "staff", inquiry, one, "c", when)
    publish_inquiry(tmp_path / "tiny_2" / "staff", inquiry, one, "c", "wednesday")
    [found] = the_answers(both, folder)
    assert (found["about"], found["answer"], found["page"]) == (
        ["baseline", "more"],
        ["To the doctors."],
        "../tiny-0123456789/staff/page.html",
    )
    page = the_page(design, results, folder, past=Past((), (found,)))
    assert "About: One more doctor." in page
    assert '<a href="../tiny-0123456789/staff/page.html">' in page
    levers = ({**LEVER, "heads": 2},)
    changed = Policy(id="more", levers=levers)
    assert the_answers(replace(both, policies=(POLICIES[0], changed, other)), folder) == ()
    assert the_answers(replace(both, policies=(POLICIES[0], other)), folder) == ()


def test_when_the_winner_changes_among_some_is_not_when_it_changes(results, tmp_path):
    """Robustness asked of a part of the policies stands among the other answers, and says of which."""
    design, folder = a_design(), tmp_path / "tiny"
    inquiry = Inquiry("robustness", "Robustness", "When?", ("Never.",))
    publish_inquiry(
        tmp_path / "tiny-0123456789" / "robustness", inquiry, replace(design, policies=POLICIES[:1]), "c", ""
    )
    page = the_page(design, results, folder, past=Past((), the_answers(design, folder)))
    assert "When the winner changes has not been asked" in page
    assert "<dt>When? <span" in page


# -------------------------------------------------------------------------------------------- the first page


def test_the_first_page_says_what_is_supported_and_what_nobody_asked(results, tmp_path):
    """Without an answer on robustness it says so; the decision itself is a person's to write."""
    page = the_page(a_design(), results, tmp_path / "tiny")
    assert "These numbers support <b>One more doctor</b>." in page
    assert "When the winner changes has not been asked: <code>vetsim robustness</code> does." in page
    assert "to be written by whoever decides, in the study file: <code>study.account.decision</code>" in page
    assert page.index('id="decision"') < page.index('id="proposals"')


def test_a_price_and_those_who_lose_are_conditions():
    """10,000 yuan for each further need; another policy that helps does it for 1,000; the old lose."""
    whole = content()
    rows = [
        {"scenario": "digital", "per_effect": 10_000.0, "effect_difference": 300.0},
        {"scenario": "team", "per_effect": 1_000.0, "effect_difference": 20.0},
    ]
    equity = whole.equity.assign(verdict="worse")
    found = decide(replace(whole, incremental=pd.DataFrame(rows), equity=equity))
    said = [one.striptags() for one in found.conditions]
    assert found.text.striptags() == "These numbers support Digitization."
    assert said[1] == (
        "Somebody has to find it worth its price: 10,000 yuan for each further need resolved; "
        "Team expansion resolves 20 more than the baseline, at 1,000 yuan each."
    )
    assert said[2].startswith(
        "Somebody has to answer for those who are worse off: needs resolved for Under 40 (group)"
    )


def test_answers_to_other_questions_stand_on_it(results, tmp_path):
    """Above all when the winner changes; of each the first sentence and a link."""
    design, folder = a_design(), tmp_path / "tiny"
    robust = Inquiry(
        "robustness", "Robustness", "When?", ("Above <3 a day it loses.", "In 4 of 100 futures.")
    )
    staff = Inquiry("staff", "Staff", "Where does the next post go?", ("To the doctors.", "And so on."))
    for inquiry in (robust, staff):
        publish_inquiry(folder / inquiry.name, inquiry, design, "vetsim", "today")
    past = Past((), the_answers(design, folder))
    page = the_page(design, results, folder, past=past)
    assert "When the winner changes: Above &lt;3 a day it loses.</li>" in page
    assert '<dt>Where does the next post go?</dt><dd>To the doctors. <a href="staff/page.html">' in page
    assert "And so on." not in page
    assert (folder / "staff" / "page.html").exists()


def test_every_scenario_ever_tried_is_listed(results, tmp_path):
    """Those that are not in this comparison above all: the best of many looks better than it is."""
    design = a_design()
    earlier = {
        "scenario": "less",
        "title": "One doctor fewer",
        "digest": "ab",
        "command": "vetsim compare x=1",
    }
    ledger = Ledger(tmp_path / "tiny")
    ledger.add([earlier], "2026-04-01T09:00:00")
    past = Past(tuple(ledger.add(tried_now(design, "vetsim compare"), "2026-05-01T10:00:00")), ())
    page = the_page(design, results, tmp_path / "tiny", past=past)
    assert "Scenarios ever tried in this study, since 2026-04-01: 3, the baseline among them" in page
    assert "<b>1 of them is not in this comparison</b>" in page
    assert "One doctor fewer</th><td><code>vetsim compare x=1</code>" in page
    assert (tmp_path / "tiny" / "tried.json").exists()


# -------------------------------------------------------------------------------------------- the checklist


def test_the_checklist_has_its_24_items_and_asks_for_what_only_people_know(results, tmp_path):
    """In the report and as Markdown; every link leads to a section that is there."""
    design, folder = a_design(), tmp_path / "tiny"
    page = the_page(design, results, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    items = stress_items(design, 6, manifest)
    assert [item.number for item in items] == [
        "1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4", "2.5.1", "2.5.2", "2.5.3", "2.5.4", "2.5.5",
        "3.1", "3.2", "3.3", "3.4", "4.1", "4.2", "4.3", "5.1", "5.2", "5.3", "5.4", "6.1",
    ]  # fmt: skip
    assert {item.field for item in items if not item.text} == {
        "study.account.purpose", "study.account.preprocessing", "study.account.sharing",
    }  # fmt: skip
    for item in items:
        assert item.text or item.field
        if item.where.startswith("#"):
            assert f'id="{item.where[1:]}"' in page, item
    text = (folder / "stress_des.md").read_text()
    assert "| 1.1 | Purpose of the study | ____ (write it in the study file: `study.account.purpose`)" in text
    assert text.count("\n| ") == 24 + 6 + 1


def test_what_people_wrote_fills_the_blanks(results, tmp_path):
    """Once written in the study file, nothing is asked for."""
    said = {
        "purpose": "Next year's budget",
        "preprocessing": "None",
        "sharing": "MIT",
        "decision": "Hire one.",
    }
    page = the_page(a_design(account=said), results, tmp_path / "tiny")
    for words in ("Next year&#39;s budget", "<b>Decided:</b> Hire one."):
        assert words in page
    assert "to be written" not in page


def test_places_of_the_checklist_are_in_the_documentation():
    """A page that it names is there."""
    from tests.architecture.reading import ROOT

    manifest = {
        "versions": {"vetsim": "0", "python": "3"},
        "machine": dict.fromkeys(("processor", "cores", "system"), "x"),
    }
    for item in stress_items(a_design(), 6, {**manifest, "code": "x"}):
        if item.where and not item.where.startswith("#"):
            assert (ROOT / item.where).exists(), item


def test_the_digest_tells_scenarios_apart():
    """What the ledger counts as one scenario has one content."""
    assert len({digest(one) for one in a_design().scenarios}) == 2
