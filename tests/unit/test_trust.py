"""A config, a table or a file in the results that somebody else made can lie; it can do nothing else.

Each test is an attack that is really tried. What it would leave behind is a file named ``pwned``.
"""

import ast
import json
import pickle
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from simulation.cli import app
from simulation.configuration import read_design, read_futures
from simulation.kpis.evaluation import Tables
from simulation.scenario import Policy
from simulation.spec import InputError
from simulation.store import Draft, Measurements, Shelf, write_flat

ROOT = Path(__file__).resolve().parents[2]
HERE = ["city=own", "policy=baseline", "study=street_quick"]
CITY = """# @package _global_
defaults: [/city/mmc]
scenario:
  title: {title}
"""
EVIL = "<script>alert(1)</script>\"><img src=x onerror=alert(1)><a href='javascript:alert(1)'>x</a>"


@pytest.fixture
def folder(tmp_path):
    """A folder of configs as it might be sent by mail."""
    for group in ("city", "study", "policy"):
        (tmp_path / "own" / group).mkdir(parents=True)
    return tmp_path / "own"


def own_city(folder, text):
    """Write a city."""
    (folder / "city" / "own.yaml").write_text(text, encoding="utf-8")
    return folder


def refused(folder, overrides=HERE):
    """Return what is said of a config that is not read."""
    with pytest.raises(InputError) as caught:
        read_design(overrides, folder)
    return str(caught.value)


@pytest.mark.parametrize("key", ["_target_", "_partial_", "_recursive_", "_args_", "_convert_"])
@pytest.mark.parametrize("at", ["scenario", "study", "policies.own", "size"])
def test_no_key_of_a_config_calls_code(folder, key, at):
    """Hydra would build what ``_target_`` names: no key may begin like that, wherever it stands."""
    top, _, below = at.partition(".")
    inner = f"{{{below}: {{{key}: os.system}}}}" if below else f"{{{key}: os.system}}"
    own_city(
        folder,
        CITY.format(title="x") + (f"  {key}: os.system\n" if at == "scenario" else f"{top}: {inner}\n"),
    )
    assert f'{key}: a key may not begin with "_"' in refused(folder)


@pytest.mark.parametrize(
    "reference",
    [
        "${oc.env:HOME}",
        "${oc.env:HOME,none}",
        "${oc.decode:'1'}",
        "${oc.create:{a: 1}}",
        "${oc.select:x,${oc.env:HOME}}",
        "${oc.dict.keys:study}",
        "${hydra:runtime.cwd}",
        "${oc.deprecated:study}",
        "a ${oc.env:HOME} b",
    ],
)
def test_no_reference_reaches_the_environment(folder, reference):
    """Only other values of the configs may be referred to."""
    own_city(folder, CITY.format(title=json.dumps(reference)))
    assert "only references to other values" in refused(folder)
    assert "HOME=" not in refused(folder)


def test_no_design_point_reaches_the_environment(folder):
    """A swept value is text, or it is refused; nothing looks up what it names."""
    own_city(folder, CITY.format(title="x"))
    read = read_futures(HERE, folder)
    design = read.imagine({}, ["baseline"], {"scenario.title": "${oc.env:HOME}"})
    assert design.city.title == "${oc.env:HOME}"
    read = read_futures(["city=street", "policy=baseline"])
    with pytest.raises(InputError, match="only references to other values"):
        read.imagine({}, ["baseline"], {"size.veterans": "${oc.env:HOME}"})


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system", "!!python/name:os.system", "!!python/module:os"]
)
def test_no_tag_makes_an_object(folder, tag):
    """YAML's own way to run code."""
    own_city(folder, CITY.format(title=f'{tag} ["touch {folder}/pwned"]'))
    assert "not valid YAML here" in refused(folder)
    assert not (folder / "pwned").exists()


def test_aliases_cannot_fill_the_memory(folder):
    """A billion laughs in half a kilobyte; and one that refers to itself."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    own_city(folder, CITY.format(title="x") + "\n".join(lines) + "\n")
    assert "written out, its aliases make more than" in refused(folder)
    own_city(folder, CITY.format(title="x") + "a: &a [*a]\n")
    assert "written out, its aliases make more than" in refused(folder)


def test_what_is_too_deep_or_too_long_is_refused(folder):
    """Before anything of it is read into the configuration."""
    own_city(folder, CITY.format(title="x") + f"a: {'[' * 5000}{']' * 5000}\n")
    assert "more than 60 deep" in refused(folder)
    own_city(folder, "# " + "x" * 2_100_000 + "\n")
    assert "more than 2 MB" in refused(folder)


@pytest.mark.parametrize("name", ["../secret.csv", "/etc/passwd", "city/../../secret.csv", "link.csv"])
def test_a_config_reads_no_file_outside_the_folders_of_configs(folder, name):
    """Neither by its name nor by a link; what is in the file is not in the message."""
    secret = folder.parent / "secret.csv"
    secret.write_text("id,tier\nsecret-word,street\n")
    (folder / "link.csv").symlink_to(secret)
    own_city(folder, CITY.format(title="x") + f"  opening: {{file: {name}}}\n")
    said = refused(folder)
    assert "may only name files in a folder of configs" in said
    assert "secret-word" not in said


@pytest.mark.parametrize(
    "name", ["../x", "/etc/x", "a/b", "..", "x" * 200, "con.", "a b", "a\\0b", "-rf", ""]
)
def test_no_name_of_a_study_leads_out_of_the_results(folder, name):
    """The name of a study is that of a folder."""
    said = refused(folder, ["city=mmc", "policy=baseline", f"study.id={json.dumps(name)}"])
    assert "study.id" in said


@pytest.mark.parametrize("name", ["../x", "/x", "a/b", "=x"])
def test_no_name_of_a_policy_is_a_path_or_a_formula(name):
    """It stands in tables and names of files."""
    with pytest.raises(ValueError, match="id"):
        Policy(id=name)


def test_links_in_the_results_lead_nowhere_else(tmp_path):
    """Nothing is written or removed through a link, whatever a manifest lists."""
    outside, results = tmp_path / "outside", tmp_path / "district"
    outside.mkdir()
    results.mkdir()
    (outside / "mine.txt").write_text("mine")
    (results / "figures").symlink_to(outside)
    listed = ["figures/mine.txt", "../outside/mine.txt"]
    (results / "manifest.json").write_text(json.dumps({"files": listed}))
    with Draft(results) as draft:
        draft.text("report.html", "x")
        draft.publish({})
    with Draft(results) as draft:
        draft.text("figures/evil.svg", "x")
        with pytest.raises(InputError, match="a link leads out"):
            draft.publish({})
    assert [path.name for path in outside.iterdir()] == ["mine.txt"]
    assert (results / "report.html").read_text() == "x"


class Page(HTMLParser):
    """What a browser would run or load."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            runs = name.startswith("on") or "javascript:" in (value or "")
            if runs or (
                name in ("src", "href", "xlink:href")
                and not (value or "").startswith(("#", "data:image/png"))
            ):
                self.found.append((tag, name, value))
        if tag in ("script", "iframe", "object", "embed", "img", "link"):
            self.found.append((tag, attrs))


@pytest.mark.parametrize("command", ["compare", "sweep"])
def test_labels_run_nothing_in_a_page_and_compute_nothing_in_a_table(folder, tmp_path, command):
    """Titles of city, study and policy and a swept text, through the whole of it."""
    title = json.dumps(EVIL)
    own_city(folder, CITY.format(title=title))
    formula = '=cmd|"/C calc"!A0'
    settings = [
        "city=own", "policy=baseline", "study.id=evil", "study.replications=2", f"study.title={title}",
        f"study.question={title}", "study.run_length=48", "study.warm_up=0", "study.run_out=0",
    ]  # fmt: skip
    policy = {"id": "own", "title": formula, "levers": []}
    (folder / "policy" / "own.yaml").write_text(
        f"# @package policies.own\n{json.dumps(policy)}\n", encoding="utf-8"
    )
    settings[1] = "policy=[baseline,own]" if command == "compare" else "policy=baseline"
    more = []
    if command == "sweep":
        texts = ",".join(json.dumps(text) for text in (EVIL.replace("'", ""), formula.replace('"', ""), "@x"))
        more = [f"scenario.title={texts}", "--replications", "2"]
    run = CliRunner().invoke(
        app, [command, *settings, *more, "--config-dir", str(folder), "--results", str(tmp_path / "results")]
    )
    assert run.exit_code == 0, run.output
    pages = list((tmp_path / "results").rglob("*.html"))
    assert pages
    for file in pages:
        page = Page()
        page.feed(file.read_text(encoding="utf-8"))
        assert page.found == [], file.name
    cells = [
        cell
        for file in (tmp_path / "results").rglob("*.csv")
        for line in file.read_text(encoding="utf-8").splitlines()
        for cell in re.split(r",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", line)
    ]
    taken = [cell for cell in cells if re.match(r"\"?[=+@\t\r]|\"?-(?![\d.]|inf)", cell)]
    assert taken == []


def test_the_exported_table_computes_nothing(tmp_path):
    """A label that was stored under another name."""
    frame = pd.DataFrame({"scenario": ["=1+1", "@x"], "value": [-1.5, 2.0]})
    write_flat(tmp_path / "kpis.csv", iter([frame]))
    assert (tmp_path / "kpis.csv").read_text().splitlines() == ["scenario,value", "'=1+1,-1.5", "'@x,2.0"]


class Bomb:
    """What runs when it is read as a pickle."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


@pytest.mark.parametrize("form", ["pickle", "metadata", "extension"])
def test_a_pickle_in_the_store_is_a_miss_and_never_read(tmp_path, form):
    """As the file itself, in the place of what is said of it, or as a type that only Python knows."""
    kept, place = Measurements(tmp_path), Shelf("ab12", {})
    kept.save(place, {0: Tables(pd.DataFrame({"kpi": ["latent"], "value": [1.0]}), {})}, {})
    (file,) = kept.files("ab12")
    bomb = pickle.dumps(Bomb(tmp_path / "pwned"))
    if form == "pickle":
        file.write_bytes(bomb)
    elif form == "metadata":
        pq.write_table(pa.table({"value": [1.0]}, metadata={b"vetsim": bomb, b"pandas": bomb}), file)
    else:
        marks = {"ARROW:extension:name": "arrow.py_extension_type", "ARROW:extension:metadata": bomb}
        field = pa.field("value", pa.float64(), metadata=marks)
        pq.write_table(pa.Table.from_arrays([pa.array([1.0])], schema=pa.schema([field])), file)
    assert kept.load(place, range(1)) == {}
    assert len(kept.damaged) == 1
    assert not (tmp_path / "pwned").exists()


READS_CODE = re.compile(
    r"^(eval|exec|compile|__import__|\w+\.read_pickle|pickle\.\w+|marshal\.\w+|shelve\.\w+|dill\.\w+"
    r"|cloudpickle\.\w+|joblib\.load|importlib\.import_module|yaml\.(load|unsafe_load|full_load)"
    r"|hydra\.utils\.\w+|os\.(system|popen))$"
)


def test_nothing_in_the_library_reads_code_from_data():
    """No call that could; numba's own cache lies beside the code, and is trusted as the code is."""
    calls = [
        f"{file.relative_to(ROOT)}:{node.lineno} {ast.unparse(node.func)}"
        for file in (ROOT / "simulation").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and (
            READS_CODE.match(ast.unparse(node.func))
            or any(word.arg == "allow_pickle" for word in node.keywords)
        )
    ]
    assert calls == []


@pytest.mark.parametrize(
    ("found", "code", "said"),
    [
        (
            {"dependencies": [{"name": "a", "version": "1", "vulns": []}]},
            0,
            "audited: 1 of 1, none is known to be vulnerable",
        ),
        ({"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "X-1"}]}]}, 1, "a 1: X-1"),
        (
            {"dependencies": [{"name": "a", "skip_reason": "Dependency not found on PyPI"}]},
            2,
            "not audited: 1 of 1",
        ),
        ({"dependencies": []}, 2, "not audited: nothing was looked at"),
        ("no JSON", 2, "not audited: pip-audit gave no answer"),
    ],
)
def test_an_audit_that_could_not_look_says_so(tmp_path, found, code, said):
    """pip-audit itself ends with 0 when it found nobody to ask."""
    answer = tmp_path / "answer.json"
    answer.write_text(found if isinstance(found, str) else json.dumps(found))
    script = [sys.executable, str(ROOT / "experiments" / "audit.py"), "--answer", str(answer)]
    run = subprocess.run(script, capture_output=True, text=True, check=False)
    assert (run.returncode, said in run.stdout) == (code, True), run.stdout + run.stderr
