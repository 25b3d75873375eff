"""An answer has a folder of its own: words, page, tables, figures, and what made it."""

import json

import pandas as pd

from simulation import figures
from simulation.publication import Inquiry, publish_inquiry
from simulation.scenario import Policy
from simulation.scenario.examples import single_queue
from simulation.study import Design, Study

DESIGN = Design(
    Study(id="quick", title="A <quick> look", run_length=96), single_queue(), (Policy(id="baseline"),)
)


def an_inquiry(**changes):
    table = pd.DataFrame({"team": ["front_desk", "=cmd()"], "gain": [0.123456, float("nan")]})
    content = {
        "name": "staff",
        "title": "Where the next post goes",
        "question": "Where does the next post help most?",
        "answer": ("At the <front> desk.", "Nowhere else."),
        "tables": {"gains": (table, "Gain per post.")},
        "notes": ("Read with care.",),
    }
    return Inquiry(**{**content, **changes})


def test_the_folder_holds_all_of_an_answer(tmp_path):
    """Words for people, a page that loads nothing, tables for spreadsheets, a file for programs."""
    folder = tmp_path / "quick" / "staff"
    told = publish_inquiry(folder, an_inquiry(), DESIGN, "vetsim staff", "today")
    names = {path.name for path in folder.iterdir()}
    assert names == {"answer.json", "answer.md", "gains.csv", "manifest.json", "page.html"}
    assert json.loads((folder / "answer.json").read_text()) == told
    assert (told["terms"], told["answer"][0]) == (DESIGN.terms, "At the <front> desk.")
    page = (folder / "page.html").read_text()
    assert "At the &lt;front&gt; desk." in page
    assert "A &lt;quick&gt; look" in page
    assert "front desk" in page
    assert "0.1235" in page
    assert "http://" not in page
    assert "'=cmd()" in (folder / "gains.csv").read_text()
    text = (folder / "answer.md").read_text()
    assert text.startswith("# Where the next post goes\n")
    assert "| =cmd() | – |" in text
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["design"], manifest["command"]) == (DESIGN.digest, "vetsim staff")
    assert manifest["files"] == sorted(names - {"manifest.json"})


def test_a_new_answer_takes_the_place_of_the_old_one(tmp_path):
    """What only the earlier answer had is removed; what somebody else put there stays."""
    publish_inquiry(tmp_path, an_inquiry(), DESIGN, "vetsim staff", "today")
    (tmp_path / "mine.txt").write_text("mine")
    publish_inquiry(tmp_path, an_inquiry(tables={}), DESIGN, "vetsim staff", "tomorrow")
    assert not (tmp_path / "gains.csv").exists()
    assert (tmp_path / "mine.txt").exists()


def test_a_figure_stands_in_the_page_and_beside_it(tmp_path):
    """As PNG in the folder, as shapes in the page."""
    figure = figures.Figure()
    figure.subplots().plot([0, 1], [0, 1])
    publish_inquiry(tmp_path, an_inquiry(figures={"line": (figure, "A line.")}), DESIGN, "c", "today")
    assert (tmp_path / "line.png").read_bytes().startswith(b"\x89PNG")
    page = (tmp_path / "page.html").read_text()
    assert "<svg" in page
    assert "A line." in page
