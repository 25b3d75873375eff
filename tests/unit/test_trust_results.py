"""What labels and files from somebody else may not do to results and to those who open them."""

import csv
import json
import pickle
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from simulation.analysis.wording import FORMULA_STARTS, in_markdown
from simulation.cli import app
from simulation.kpis.evaluation import Tables
from simulation.publication import Inquiry, publish_inquiry
from simulation.records import CASE, VISIT, Names, Records
from simulation.report import write
from simulation.scenario import Policy
from simulation.scenario.examples import single_queue
from simulation.spec import InputError
from simulation.store import Draft, Ledger, Measurements, Shelf, Store, address, answers_in, write_flat
from simulation.study import Design, Study
from tests.unit.test_report import content

MARKUP = (
    '"><script>alert(1)</script><img src=x onerror=alert(1)><svg onload="x()"><a href="javascript:x()">x</a>'
    "</title></style><!-- --><iframe src=//elsewhere> ' onclick='x() | [x](javascript:x()) {{7*7}}"
)
SCRIPT, IMAGE, DRAWING = "<script>x()</script>", "]]>--><img src=x onerror=x()>", '"/><svg onload="x()">'
"""Short enough for the axes of a figure."""
STARTS = [f"{start}cmd|' /C calc'!A0" for start in FORMULA_STARTS]
CITY = {
    "id": "tiny",
    "title": MARKUP,
    "start": "2026-01-01",
    "places": {"clinic": {"name": SCRIPT}, "ward": {"name": "=1+1", "veterans": 50}},
    "groups": {"all": {"title": IMAGE, "share": 0.5}, "other": {"title": DRAWING, "share": 0.5}},
    "channels": {"in_person": {"title": SCRIPT}},
    "teams": {"doctors": {"title": IMAGE, "place": "clinic", "staff": {"doctor": {"count": 2}}}},
    "pathways": {
        "visit": {
            "title": MARKUP,
            "steps": [
                {"id": "consult", "title": MARKUP, "kind": "work", "teams": "doctors",
                 "time": {"mean": 1, "kind": "exponential", "source": MARKUP}},
            ],
        }
    },
    "needs": {
        "illness": {
            "title": DRAWING, "pathway": "visit",
            "arrivals": {"rate": {"value": 1.2, "assumption": MARKUP, "low": 1, "high": 2}},
        }
    },
}  # fmt: skip
STUDY = {
    "id": "tiny", "title": MARKUP, "question": MARKUP, "hypothesis": MARKUP,
    "policies": ["more", "image", "formula"], "replications": 2, "run_length": "4 d",
    "account": {"purpose": MARKUP, "preprocessing": MARKUP, "sharing": MARKUP, "decision": MARKUP},
}  # fmt: skip
LEVER = {"doctor": {"kind": "add_staff", "team": "doctors", "group": "doctor",
                    "heads": {"value": 1, "source": "javascript:alert(1)"}}}  # fmt: skip
POLICIES = {
    "more": {"title": SCRIPT, "summary": MARKUP, "levers": LEVER},
    "image": {"title": IMAGE, "summary": DRAWING, "levers": LEVER},
    "formula": {"title": "=HYPERLINK(1)", "summary": "@SUM(1)", "levers": LEVER},
}


class Page(HTMLParser):
    """What a browser would find: elements with their attributes."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, attrs))

    handle_startendtag = handle_starttag


RUNS = {"script", "img", "iframe", "object", "embed", "link", "base", "form", "foreignobject", "image",
        "audio", "video", "source", "input", "button", "template", "animate", "set"}  # fmt: skip
LOADS = {"src", "srcset", "data", "action", "formaction", "poster", "background", "srcdoc", "ping"}


def check_page(text):
    """No element that runs or loads, no handler, no address but of places in the page and pages beside it.

    A source may be a link to the web, which loads nothing until somebody follows it.
    """
    page = Page(text)
    assert {tag for tag, _ in page.found} & RUNS == set()
    for tag, attributes in page.found:
        for name, value in attributes:
            assert not name.startswith("on"), (tag, name)
            assert name not in LOADS, (tag, name)
            if name.endswith("href"):
                link = r"https?://" if tag == "a" else "#"
                assert re.match(rf"#|{link}|[\w%.-][\w%./-]*$", value), value
    policy = next(dict(a)["content"] for tag, a in page.found if dict(a).get("http-equiv"))
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert not re.search(r"@import|url\((?!#)", "".join(re.findall(r"<style>(.*?)</style>", text, re.DOTALL)))


def check_csv(path):
    """No cell that a spreadsheet takes for a formula, numbers aside."""
    with path.open(encoding="utf-8", newline="") as file:
        for cell in (cell for row in csv.reader(file) for cell in row):
            if cell.startswith(FORMULA_STARTS):
                float(cell)


def check_markdown(text):
    """No tag, no link that runs, and as many cells in each row of a table as in its head; code is code."""
    text = re.sub(r"^    .*$", "", text, flags=re.MULTILINE)
    assert not re.search(r"<[a-z!/]", text, re.IGNORECASE)
    assert not re.search(r"(?<!\\)\]\((?!\w+\.png\))", text)
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1, table


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The folder that `vetsim compare` writes of a study all of whose labels attack."""
    there = tmp_path_factory.mktemp("labels")
    for group, name, text in (
        ("city", "tiny", "# @package scenario\n" + json.dumps(CITY)),
        ("study", "tiny", json.dumps(STUDY)),
        ("policy", "more", "# @package policies\n" + json.dumps(POLICIES)),
    ):
        (there / "own" / group).mkdir(parents=True)
        (there / "own" / group / f"{name}.yaml").write_text(text, encoding="utf-8")
    (there / "here").mkdir()
    command = ["compare", "city=tiny", "study=tiny", "--config-dir", str(there / "own"),
               "--results", str(there / "results"), "--workers", "1"]  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(there / "here")
        with pytest.raises(SystemExit) as end:
            app(command)
    assert not end.value.code
    return there / "results"


def test_labels_put_nothing_into_a_page(results):
    """The report of a study all of whose labels attack: what a browser finds is what the template has."""
    (report,) = results.glob("*/report.html")
    text = report.read_text(encoding="utf-8")
    assert text.count("&lt;script&gt;") > 10
    assert "{{7*7}}" in text
    check_page(text)
    assert "<script" not in text.lower()


def test_the_page_checks_find_what_they_are_for():
    """Each of the attacks, were it let through."""
    head = "<meta http-equiv=\"x\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    check_page(head + '<a href="#x">x</a><a href="../a/page.html">x</a>')
    for bad in ("<script>", "<svg onload=x>", "<img src=x>", '<a href="javascript:x">', '<a href="//x">',
                "<p onclick=x>", '<use xlink:href="http://x">', "<style>@import 'x'</style>"):  # fmt: skip
        with pytest.raises(AssertionError):
            check_page(head + bad)


def test_labels_put_no_formula_into_a_spreadsheet(results):
    """Every CSV of the comparison."""
    tables = list(results.rglob("*.csv"))
    assert len(tables) >= 6
    for table in tables:
        check_csv(table)


def test_labels_put_no_markup_into_markdown(results):
    """The checklist, with the labels in its cells."""
    (page,) = results.rglob("*.md")
    text = page.read_text(encoding="utf-8")
    assert text.count("&lt;script&gt;") > 3
    check_markdown(text)


def test_labels_lead_nowhere_on_the_disk(results):
    """All that was written is within the results; nothing where the command was run."""
    assert {path.name for path in results.parent.iterdir()} == {"own", "results", "here"}
    assert not list((results.parent / "here").iterdir())
    assert not [path for path in results.rglob("*") if path.is_symlink()]


@pytest.mark.parametrize("start", STARTS)
def test_an_answer_is_as_safe_as_a_report(tmp_path, start):
    """Its page, its tables with their heads, its Markdown."""
    table = pd.DataFrame({"team": [start, MARKUP, "a|b"], start: [-1.5, 2.0, 0.0]})
    inquiry = Inquiry("staff", MARKUP, MARKUP, (MARKUP, start), {"gains": (table, MARKUP)}, notes=(MARKUP,))
    study = Study(id="quick", title=MARKUP, run_length=96)
    design = Design(study, single_queue(), (Policy(id="baseline", title=MARKUP),))
    publish_inquiry(tmp_path / "quick", inquiry, design, "vetsim staff", "today")
    check_page((tmp_path / "quick" / "page.html").read_text(encoding="utf-8"))
    check_csv(tmp_path / "quick" / "gains.csv")
    check_markdown((tmp_path / "quick" / "answer.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("kind", ["object", "category", "string"])
def test_no_kind_of_column_carries_a_formula(tmp_path, start, kind):
    """Plain text, categories, and the text of pandas."""
    with Draft(tmp_path / "quick") as draft:
        draft.csv("table", pd.DataFrame({"label": pd.Series([start, "plain"], dtype=kind), "n": [-1, 2]}))
        draft.publish({})
    check_csv(tmp_path / "quick" / "table.csv")
    assert "plain,2" in (tmp_path / "quick" / "table.csv").read_text()


def test_markdown_is_told_what_is_meant():
    """A line, whatever it holds; words stay as they are."""
    assert in_markdown("Stations\nand | more") == r"Stations and \| more"
    assert in_markdown("Help by the siblings: 5 %") == "Help by the siblings: 5 %"


# ------------------------------------------------------------------ files that lie in the results


def test_an_answer_that_somebody_left_there_puts_nothing_into_a_page(tmp_path):
    """Its words are escaped, its place is a place beside; one that says nothing is left out."""
    there = tmp_path / "tiny" / "robustness"
    there.mkdir(parents=True)
    told = dict.fromkeys(("title", "question", "command", "written"), MARKUP)
    told |= {"name": "robustness", "terms": "t", "scenarios": {"now": "d"}, "answer": [MARKUP]}
    (there / "answer.json").write_text(json.dumps(told))
    (found,) = answers_in(tmp_path / "tiny", "tiny", "t", {"now": "d"})
    tried = ({"scenario": MARKUP, "title": MARKUP, "digest": "d", "command": MARKUP, "first": MARKUP,
              "last": MARKUP, "times": 1},)  # fmt: skip
    write(content(answers=(found,), tried=tried), tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;" in text
    check_page(text)
    for bad in ({**told, "answer": []}, {**told, "scenarios": []}, [], 3, "[" * 10**5):
        (there / "answer.json").write_text(bad if isinstance(bad, str) else json.dumps(bad))
        assert answers_in(tmp_path / "tiny", "tiny", "t", {"now": "d"}) == ()


@pytest.fixture
def victim(tmp_path):
    """A folder beside the results, with a file that must stay as it is."""
    (tmp_path / "victim").mkdir()
    (tmp_path / "victim" / "file.txt").write_text("mine")
    (tmp_path / "results" / "tiny" / "figures").mkdir(parents=True)
    yield tmp_path / "victim"
    assert [path.name for path in (tmp_path / "victim").iterdir()] == ["file.txt"]
    assert (tmp_path / "victim" / "file.txt").read_text() == "mine"


@pytest.mark.parametrize(
    "name", ["../../victim/file.txt", "{victim}/file.txt", "figures/../../../victim/file.txt",
             "link/file.txt", "figures/link/file.txt", "./link/file.txt"],
)  # fmt: skip
def test_a_manifest_has_nothing_removed_elsewhere(victim, name):
    """By steps upwards, by its absolute name, through a link that somebody left in the folder."""
    folder = victim.parent / "results" / "tiny"
    (folder / "link").symlink_to(victim)
    (folder / "figures" / "link").symlink_to(victim)
    (folder / "manifest.json").write_text(json.dumps({"files": [name.format(victim=victim)]}))
    with Draft(folder) as draft:
        draft.text("report.html", "new")
        draft.publish({})
    assert (folder / "report.html").read_text() == "new"


def test_a_link_among_the_files_is_replaced_and_not_followed(victim):
    """A file that is a link to elsewhere: the link goes."""
    folder = victim.parent / "results" / "tiny"
    (folder / "report.html").symlink_to(victim / "file.txt")
    with Draft(folder) as draft:
        draft.text("report.html", "new")
        draft.publish({})
    assert not (folder / "report.html").is_symlink()


@pytest.mark.parametrize("where", ["tiny", "tiny/figures"])
def test_nothing_is_written_through_a_link(victim, where):
    """The folder of a study, or of its figures, is a link to elsewhere: refused by name."""
    place = victim.parent / "results" / where
    for folder in (place / "figures", place):
        if folder.exists():
            folder.rmdir()
    place.symlink_to(victim)
    with Draft(victim.parent / "results" / "tiny") as draft:
        draft.text("figures/waits.svg", "new")
        with pytest.raises(InputError, match="a folder of results may not be a link"):
            draft.publish({})
    if where == "tiny":
        with pytest.raises(InputError, match="a folder of results may not be a link"):
            Ledger(place)
        with pytest.raises(SystemExit) as end:
            app(["compare", "city=mmc", "study.id=tiny", "policy=baseline", "--results", str(place.parent)])
        assert end.value.code == 2


@pytest.mark.parametrize(
    "manifest",
    ["[" * 10**5, '{"files": 3}', '{"files": [["a"]]}', '{"files": [".", "", "figures", "a\\u0000b", "~"]}',
     "[]", '{"files": "figures"}', "\x00", "{}", '{"files": [null]}'],
)  # fmt: skip
def test_a_manifest_that_is_none_harms_nothing(victim, manifest):
    """Very deep, of other types, with names of folders or none."""
    folder = victim.parent / "results" / "tiny"
    (folder / "manifest.json").write_text(manifest)
    with Draft(folder) as draft:
        draft.text("report.html", "new")
        draft.publish({"seed": 1})
    assert json.loads((folder / "manifest.json").read_text())["seed"] == 1
    assert (folder / "figures").is_dir()


@pytest.mark.parametrize(
    "name", ["../x", "/etc/x", "a/b", "a\\b", "a\0b", "", ".", "..", ".store", "-x", "x\n", "x" * 65, "窗口"]
)
def test_no_name_leads_out_of_the_results(name):
    """What becomes the name of a folder: studies; and what could: policies."""
    for make in (lambda: Study(id=name, run_length=24), lambda: Policy(id=name),
                 lambda: Study(id="x", policies=[name], run_length=24)):  # fmt: skip
        with pytest.raises(ValueError, match=r"\b(id|policies)\b"):
            make()


# ------------------------------------------------------------------ pickles


class Evil:
    """What leaves a trace when its pickle is read."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return open, (str(self.trace), "w")


PLACE = address("ab12", 24.0, 7, 3)


def extension(trace):
    """A column whose type is told by a pickle, as pyarrow once had it."""
    told = {b"ARROW:extension:name": b"arrow.py_extension_type",
            b"ARROW:extension:metadata": pickle.dumps(Evil(trace))}  # fmt: skip
    return pa.field("case", pa.int64(), metadata=told)


@pytest.fixture
def trace(tmp_path):
    """Where a pickle would leave its trace; it must not."""
    yield tmp_path / "trace"
    assert not (tmp_path / "trace").exists()


def test_the_pickle_works(tmp_path):
    """Were it read, it would be seen."""
    pickle.loads(pickle.dumps(Evil(tmp_path / "seen"))).close()
    assert (tmp_path / "seen").exists()


@pytest.mark.parametrize("kind", ["pickle", "extension", "metadata", "numpy"])
def test_a_pickle_in_the_store_is_a_miss(tmp_path, trace, kind):
    """Under the right name: bare, in the type of a column, in the metadata, as an array of objects."""
    store = Store(tmp_path / "store")
    empty = Records(np.empty(0, VISIT), np.empty(0, CASE), Names(), horizon=24.0, seed=7, replication=3)
    store.save(PLACE, empty, {})
    for table in ("visits", "cases"):
        path = store.path(PLACE).with_name(f"{PLACE}.{table}.parquet")
        told = pq.ParquetFile(path).metadata.metadata[b"vetsim"]
        column = pa.array([1], pa.int64())
        if kind == "pickle":
            path.write_bytes(pickle.dumps(Evil(trace)))
        elif kind == "extension":
            pq.write_table(pa.table([column], pa.schema([extension(trace)], {b"vetsim": told})), path)
        elif kind == "metadata":
            told = pickle.dumps(Evil(trace))
            pq.write_table(pa.table([column], pa.schema([("case", pa.int64())], {b"vetsim": told})), path)
        else:
            with path.open("wb") as file:
                np.save(file, np.array([Evil(trace)], object), allow_pickle=True)
    assert store.load(PLACE) is None
    assert len(store.damaged) == 1


@pytest.mark.parametrize("kind", ["pickle", "extension", "pandas", "about"])
@pytest.mark.parametrize("ending", ["000000-000000.parquet", "000000-000000.series.parquet"])
def test_a_pickle_among_the_measurements_is_a_miss(tmp_path, trace, kind, ending):
    """The same for what was measured, in the values and in the series beside them."""
    kept, place = Measurements(tmp_path / "store"), Shelf("ab12", {})
    frame = pd.DataFrame({"kpi": ["latent"], "value": [6.0]})
    kept.save(place, {0: Tables(frame, {"waits": frame})}, {})
    (path,) = kept.folder.rglob(ending)
    told, evil = pq.ParquetFile(path).metadata.metadata[b"vetsim"], pickle.dumps(Evil(trace))
    if kind == "pickle":
        path.write_bytes(evil)
    else:
        field = extension(trace) if kind == "extension" else ("case", pa.int64())
        marks = {b"vetsim": evil if kind == "about" else told, b"pandas": evil}
        pq.write_table(pa.table([pa.array([1], pa.int64())], pa.schema([field], marks)), path)
    assert kept.load(place, [0]) == {}
    assert len(kept.damaged) == 1


# ------------------------------------------------------------------ sweeps


def test_labels_that_are_swept_do_nothing_anywhere(tmp_path):
    """Texts as values of an axis: in the page, in the tables, in Markdown."""
    texts = ["<script>alert(1)</script>", "@SUM(1)", "+1|x", DRAWING]
    times = ["study.run_length=48", "study.warm_up=0", "study.run_out=0"]
    swept = f"scenario.title={','.join(json.dumps(text) for text in texts)}"
    options = ["--replications", "2", "--results", str(tmp_path), "--workers", "1"]
    with pytest.raises(SystemExit) as end:
        app(["sweep", "city=mmc", *times, swept, *options])
    assert not end.value.code
    (page,) = tmp_path.glob("*/sweep-*/page.html")
    check_page(page.read_text(encoding="utf-8"))
    check_markdown((page.parent / "answer.md").read_text(encoding="utf-8"))
    for table in page.parent.glob("*.csv"):
        check_csv(table)


def test_the_exported_table_computes_nothing(tmp_path):
    """A label that was stored under another name."""
    frame = pd.DataFrame({"scenario": ["=1+1", "@x"], "value": [-1.5, 2.0]})
    write_flat(tmp_path / "kpis.csv", iter([frame]))
    assert (tmp_path / "kpis.csv").read_text().splitlines() == ["scenario,value", "'=1+1,-1.5", "'@x,2.0"]
