"""What a config from somebody else may not do: each attack is really tried."""

import ast
import json
import os
import subprocess
import sys

import pytest

from simulation.configuration import guarded, read_design, read_futures
from simulation.configuration.composition import read_configs
from simulation.configuration.guard import MOST_EXPANDED, refuse_code
from simulation.spec import InputError
from tests.architecture.reading import ROOT, modules

CITY = """\
# @package scenario
id: tiny
start: "2026-01-01"
places: {clinic: {}}
teams: {doctors: {place: clinic, staff: {doctor: {count: 2}}}}
pathways: {visit: {steps: [{id: consult, kind: work, teams: doctors, time: {kind: exponential, mean: 1}}]}}
needs: {illness: {pathway: visit, arrivals: {rate: 1.5}}}
"""
STUDY = "id: tiny\npolicies: [more]\nreplications: 2\nrun_length: 7 d\n"
POLICY = """\
# @package policies
more: {title: More, levers: {doctor: {kind: add_staff, team: doctors, group: doctor, heads: 1}}}
"""
EVIL = ("city=evil", "study=tiny")
ON_TOP = "# @package _global_\ndefaults: [tiny]\n"
"""The beginning of a config that is the tiny city and more."""
SECRET = "what-nobody-may-see"
BREAKS_OUT = "open(__import__('os').environ['TRACE'], 'w').close()\n"
"""Code that leaves a trace when it is run."""


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A folder of configs that somebody sent, beside a file and a package that it has no business with."""
    folder = tmp_path / "own"
    for group, text in (("city", CITY), ("study", STUDY), ("policy", POLICY)):
        (folder / group).mkdir(parents=True)
        (folder / group / f"{'more' if group == 'policy' else 'tiny'}.yaml").write_text(text)
    (tmp_path / "outside.yaml").write_text("# @package scenario\ntitle: from outside\n")
    (tmp_path / "evil_package").mkdir()
    (tmp_path / "evil_package" / "__init__.py").write_text(BREAKS_OUT)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("TRACE", str(tmp_path / "trace"))
    monkeypatch.setenv("SECRET", SECRET)
    return folder


def refused(own, text, *overrides, file="city/evil.yaml"):
    """Put the file into the folder and read the study: what is said; nothing may have run or leaked."""
    place = own / file
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    with pytest.raises(InputError) as caught:
        read_design([*EVIL, *overrides] if place.stem == "evil" else ["city=tiny", "study=tiny"], own)
    assert not (own.parent / "trace").exists()
    assert SECRET not in str(caught.value)
    return str(caught.value)


# ------------------------------------------------------------------ code


@pytest.mark.parametrize("key", ["_target_", "_partial_", "_recursive_", "_convert_", "_args_"])
@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("city/evil.yaml", CITY + "KEY: os.system\n"),
        ("city/evil.yaml", CITY.replace("rate: 1.5", "rate: {KEY: os.system, value: 1.5}")),
        ("city/evil.yaml", CITY + "defaults: [{KEY: os.system}]\n"),
        ("city/evil.yaml", ON_TOP + "anything: [{at: [{all: {KEY: os.system}}]}]\n"),
        ("policy/more.yaml", POLICY.replace("kind: add_staff", "KEY: os.system, kind: add_staff")),
        ("study/tiny.yaml", STUDY + "account: {KEY: os.system}\n"),
    ],
)
def test_a_key_by_which_hydra_calls_code_is_refused_anywhere(own, key, file, text):
    """In a city, deep in it, in a defaults list, where nobody looks, in a policy, in a study."""
    said = refused(own, text.replace("KEY", key), file=file)
    assert f'{key}: a key may not begin with "_"' in said


@pytest.mark.parametrize(
    "setting",
    ["+scenario._target_=os.system", "+policies.more.levers.doctor._target_=os.system",
     "+scenario.needs.illness={_target_:os.system}", "++x.y._target_=os.system"],
)  # fmt: skip
def test_such_a_key_is_refused_on_the_command_line(own, setting):
    """Set alone, or within a block."""
    with pytest.raises(InputError, match='_target_: a key may not begin with "_"'):
        read_design(["city=tiny", "study=tiny", setting], own)


@pytest.mark.parametrize(
    "tag",
    ["!!python/object/apply:os.system ['touch x']", "!!python/object/new:os.system ['touch x']",
     "!!python/name:os.system", "!!python/module:evil_package", "!!python/object/apply:evil_package.f []",
     "!!python/object/apply:pathlib.Path [/etc]"],
)  # fmt: skip
def test_yaml_makes_no_objects(own, tag):
    """Tags by which other loaders build objects, or import modules."""
    assert "this is not valid YAML here" in refused(own, CITY + f"title: {tag}\n")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("vetsim.yaml", "hydra: {searchpath: ['pkg://evil_package']}\n"),
        ("vetsim.yaml", '"\\x68ydra": {searchpath: ["pkg://evil_package"]}\n'),
        ("city/evil.yaml", ON_TOP + "hydra: {callbacks: {x: {_target_: evil_package.F}}}\n"),
        ("city/evil.yaml", ON_TOP + "hydra: {job: {env_copy: [SECRET]}}\n"),
        ("city/evil.yaml", "# @package hydra.job\nenv_set: {X: '1'}\n"),
        ("city/evil.yaml", "defaults: [{override hydra/launcher: evil}]\n"),
        ("city/evil.yaml", "defaults: [/city/tiny@hydra.callbacks]\n"),
        ("city/evil.yaml", "defaults: [{/city@hydra.callbacks: tiny}]\n"),
    ],
)
def test_a_config_has_no_say_in_hydra_itself(own, file, text):
    """Its search path would import a package, its callbacks call code, its job read the environment."""
    assert "settings of Hydra itself" in refused(own, text, file=file)


@pytest.mark.parametrize(
    "setting",
    ["hydra.searchpath=[pkg://evil_package]", "+hydra.searchpath=[pkg://evil_package]", "++hydra.job.name=x",
     "~hydra", "hydra/launcher=evil", "+hydra/callbacks=evil"],
)  # fmt: skip
def test_nor_have_settings_of_the_command(own, setting):
    """All ways to write a key of Hydra's."""
    with pytest.raises(InputError, match="settings of Hydra itself"):
        read_design(["city=tiny", "study=tiny", setting], own)
    assert not (own.parent / "trace").exists()


@pytest.mark.parametrize("name", ["run", "compare"])
def test_the_hydra_applications_refuse_it_too(own, name):
    """A callback in a city would be imported before the job begins."""
    (own / "city" / "evil.yaml").write_text(ON_TOP + "hydra: {callbacks: {x: {_target_: evil_package.F}}}\n")
    command = [sys.executable, str(ROOT / "experiments" / f"{name}.py"), "--config-dir", str(own), *EVIL]
    path = os.pathsep.join([str(ROOT), str(own.parent)])
    run = subprocess.run(
        command, cwd=own.parent, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}
    )
    assert run.returncode != 0
    assert "settings of Hydra itself" in run.stderr
    assert not (own.parent / "trace").exists()


# ------------------------------------------------------------------ the environment


@pytest.mark.parametrize(
    "reference",
    ["${oc.env:SECRET}", "${ oc.env:SECRET}", "${oc.env:SECRET,x}", "${oc.decode:${oc.env:SECRET}}",
     "${oc.create:{a: 1}}", "${oc.deprecated:study.id}", "${oc.dict.keys:study}",
     "${oc.select:x,${oc.env:SECRET}}",
     "${oc.select:${oc.env:SECRET},1}", "${oc.select:${scenario.id},1}", "${hydra:runtime.cwd}", "${now:%Y}",
     "${python_version:}", "${anything:at,all}", "\\${oc.env:SECRET}", "${study.${scenario.id}}"],
)  # fmt: skip
def test_only_plain_references_are_let_through(own, reference):
    """No resolver but the one with a value in its stead, nothing within it, wherever it is written."""
    assert "only references to other values" in refused(own, CITY + f"title: {json.dumps(reference)}\n")
    setting = "scenario.title='" + reference.replace("'", "\\'") + "'"
    with pytest.raises(InputError) as caught:
        read_design(["city=tiny", "study=tiny", setting], own)
    assert "only references to other values" in str(caught.value)


def test_no_reference_is_put_together_from_parts(own):
    """A dollar here, a brace there: the text that comes of it is text."""
    parts = ON_TOP + "a: '$'\nb: '{oc.env:SECRET}'\nc: '${a}${b}'\nscenario: {title: '${c}'}\n"
    (own / "city" / "evil.yaml").write_text(parts)
    assert read_design(EVIL, own).city.title == "${oc.env:SECRET}"
    with pytest.raises(InputError):
        read_design([*EVIL, "+scenario.title.x=1"], own)


def test_a_defaults_list_does_not_read_the_environment(own):
    """Hydra follows references there before anybody sees the values."""
    for text in ("defaults: ['${oc.env:SECRET}']\n", "defaults: [{/city: '${oc.env:SECRET}'}]\n"):
        assert "only references to other values" in refused(own, text)


def test_what_is_let_through_works(own):
    """A value by its name, within a text, and one in its stead where there is none."""
    text = ON_TOP + "scenario: {title: '${study.id}: ${oc.select:nothing,a name}'}\n"
    (own / "city" / "evil.yaml").write_text(text)
    assert read_design(EVIL, own).city.title == "tiny: a name"


# ------------------------------------------------------------------ other files


@pytest.mark.parametrize(
    "entry",
    ["../../outside", "/../outside", "//{there}/outside", "{{/x: ../../outside}}", "{{//{there}: outside}}",
     "../../../../../../../../../../../..{there}/outside"],
)  # fmt: skip
def test_a_defaults_list_stays_in_the_config_folders(own, entry):
    """By steps upwards, by absolute names, by the group or by the name."""
    text = f"# @package scenario\ndefaults: [tiny, {entry.format(there=own.parent)}, _self_]\n"
    assert "within the config folders" in refused(own, text)


def test_a_link_to_a_config_elsewhere_is_not_followed(own):
    """A folder that was sent may hold links."""
    (own / "city" / "evil.yaml").symlink_to(own.parent / "outside.yaml")
    with pytest.raises(InputError, match="within the config folders"):
        read_configs(EVIL, own)


def test_a_step_upwards_within_the_folder_is_fine(own):
    """As Hydra has it."""
    (own / "city" / "evil.yaml").write_text("# @package scenario\ndefaults: [../city/tiny]\n")
    assert read_configs(EVIL, own).config.scenario is not None


PLACES = "id,name,tier,parent,veterans,staff,open,standard\nclinic,,place,,100,2,yes,standard\n"


@pytest.fixture
def tables(own):
    """Tables of places within the folder and outside it, and a link from one to the other."""
    for place in (own / "mine.csv", own.parent / "outside.csv"):
        place.write_text(PLACES)
    (own / "link.csv").symlink_to(own.parent / "outside.csv")
    return own


@pytest.mark.parametrize(
    "name", ["../outside.csv", "{there}/outside.csv", "link.csv", "city/../../outside.csv"]
)
@pytest.mark.parametrize("marked", [False, True])
def test_a_config_names_files_in_the_config_folders_only(tables, name, marked):
    """No step upwards, no absolute name, no link; saying that the command line said so does not help."""
    written = json.dumps(name.format(there=tables.parent))
    written = f"{{value: {written}, source: set on the command line}}" if marked else written
    (tables / "city" / "evil.yaml").write_text(CITY.replace("{clinic: {}}", f"{{csv: {written}}}"))
    with pytest.raises(InputError, match="a config may name files within the config folders only"):
        read_design(EVIL, tables)
    (tables / "city" / "evil.yaml").write_text(CITY + f"opening: {{file: {written}}}\n")
    with pytest.raises(InputError, match="a config may name files within the config folders only"):
        read_design(EVIL, tables)


def test_the_command_line_may_name_any_file(tables):
    """Who types the name of a file of their own means it."""
    (tables / "city" / "evil.yaml").write_text(CITY.replace("{clinic: {}}", "{csv: mine.csv}"))
    for setting in ((), (f"scenario.places.csv={tables.parent / 'outside.csv'}",)):
        assert read_design([*EVIL, *setting], tables).city.places[0].veterans == 100


@pytest.mark.parametrize("name", ["a\0b", "a" * 5000])
def test_a_name_that_no_disk_can_hold_is_an_input_error(tables, name):
    """Of a table, of a config."""
    (tables / "city" / "evil.yaml").write_text(CITY.replace("{clinic: {}}", f"{{csv: {json.dumps(name)}}}"))
    with pytest.raises(InputError, match="write the name of a file"):
        read_design(EVIL, tables)
    with pytest.raises(InputError):
        read_design([f"city={name}"], tables)


# ------------------------------------------------------------------ bombs


def grown(line, times=40):
    """The tiny city, and lines each of which refers to the one before."""
    return ON_TOP + "a0: {x: 1}\n" + "".join(line.format(n=n, m=n - 1) for n in range(1, times))


ALIASES = "a0: &a0 [lol, lol]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 20)
)
MERGES = "a0: &a0 {x: 1}\n" + "".join(
    f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 20)
)


@pytest.mark.parametrize(
    "text",
    [
        ALIASES,
        ALIASES.replace("[", "{x: [").replace("]", "]}"),
        MERGES,
        "a: &a [*a]\n",
        "a: " + "[" * 5000 + "]" * 5000,
        "a: " + "[" * 100 + "]" * 100,
        "a: " + "{x: " * 5000 + "1" + "}" * 5000,
        "".join(" " * n + "x:\n" for n in range(300)),
        grown("a{n}: '${{a{m}}}${{a{m}}}'\n").replace("{x: 1}", "lol"),
        grown("a{n}: {{x: '${{a{m}}}', y: '${{a{m}}}'}}\n"),
        grown("a{n}: ['${{..a{m}}}', '${{..a{m}}}']\n"),
        grown("a{n}: {{x: '${{oc.select:a{m}}}', y: '${{oc.select:a{m},3}}'}}\n"),
        grown("a{n}: ['${{b{m}.0}}', '${{b{m}.0}}']\nb{n}: ['${{a{n}}}']\n").replace("a0:", "b0: [lol]\na0:"),
        ON_TOP + "a: {x: '${b}'}\nb: {x: '${a}'}\n",
        "defaults: [evil]\n",
    ],
)
def test_a_small_file_does_not_grow_without_bound(own, text):
    """Aliases, merges, nesting and references of references: refused with 1 GB to spare, in seconds."""
    (own / "city" / "evil.yaml").write_text(text)
    script = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))\n"
        "from pathlib import Path; from simulation.configuration import read_design\n"
        "from simulation.spec import InputError\n"
        "try: read_design(['city=evil', 'study=tiny'], Path(sys.argv[1]))\n"
        "except InputError as error: print('refused:', error)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(own)], capture_output=True, text=True, timeout=60, cwd=ROOT
    )
    assert run.stdout.startswith("refused:"), run.stderr[-500:]


def test_a_deep_setting_is_an_input_error(own):
    """On the command line too."""
    for setting in ("scenario.title=" + "[" * 3000 + "]" * 3000, "+scenario." + ".".join("a" * 3000) + "=1"):
        with pytest.raises(InputError):
            read_design(["city=tiny", "study=tiny", setting], own)


@pytest.mark.parametrize("size", [MOST_EXPANDED // 10, MOST_EXPANDED * 2])
def test_the_bound_is_on_what_is_made_of_it(size):
    """Ten references to a long text, and one too many."""
    data = {"long": "x" * (size // 10), "all": ["${long}"] * 9}
    if size < MOST_EXPANDED:
        refuse_code(data)
    else:
        with pytest.raises(InputError, match="references to references"):
            refuse_code(data)


def test_the_guard_goes_when_it_is_done():
    """Other Hydra applications of the process have their sources back."""
    from hydra._internal.sources_registry import SourcesRegistry

    with guarded():
        within = dict(SourcesRegistry.instance().types)
    after = SourcesRegistry.instance().types
    assert {name for name in after if after[name] is not within[name]} == {"file", "pkg"}


# ------------------------------------------------------------------ the code of the project

UNSAFE = {
    "pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "eval", "exec", "__import__",
    "import_module", "read_pickle", "to_pickle", "unsafe_load", "full_load", "UnsafeLoader", "FullLoader",
    "Loader", "allow_pickle", "instantiate", "get_class", "get_method", "shell",
}  # fmt: skip
"""Names by which data becomes code, or a command of a shell."""
UNSAFE_CALLS = {"yaml.load", "yaml.load_all", "os.system", "os.popen"}
BY_REASON = {
    ("simulation", "import_module"): "the public names of the package, from a table in the same file",
    ("simulation.configuration.guard", "Loader"): "with the safe loader: the word of a parameter",
}


def unsafe(tree):
    """The unsafe names that a module uses, in whatever way."""
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Name):
            names = [node.id]
        elif isinstance(node, ast.Attribute):
            names = [node.attr]
        elif isinstance(node, ast.keyword):
            names = [node.arg or ""]
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [part for alias in node.names for part in alias.name.split(".")]
            names += (getattr(node, "module", None) or "").split(".")
        yield from (name for name in names if name in UNSAFE)
        if isinstance(node, ast.ImportFrom):
            yield from UNSAFE_CALLS & {f"{node.module}.{alias.name}" for alias in node.names}
        if isinstance(node, ast.Attribute):
            yield from UNSAFE_CALLS & {ast.unparse(node)}


def test_no_module_turns_data_into_code():
    """No pickle, no eval, no loader that is not safe, no shell; exceptions have their reason here."""
    found = {(module.name, name) for module in modules() for name in unsafe(module.tree)}
    assert found == set(BY_REASON)


@pytest.mark.parametrize(
    "code",
    ["import pickle", "from pickle import loads", "import joblib as j", "pd.read_pickle(x)", "exec(x)",
     "np.load(x, allow_pickle=True)", "yaml.load(x, yaml.SafeLoader)", "yaml.unsafe_load(x)",
     "run(x, shell=True)", "os.system(x)", "from os import popen", "from yaml import load",
     "importlib.import_module(x)", "hydra.utils.instantiate(x)", "__import__(x)"],
)  # fmt: skip
def test_the_search_finds_what_it_is_for(code):
    """Each of them, however it is imported."""
    assert list(unsafe(ast.parse(code)))


def test_no_design_point_reaches_the_environment():
    """A swept value is text, or it is refused; nothing looks up what it names."""
    read = read_futures(["city=street", "policy=baseline"])
    design = read.imagine({}, ["baseline"], {"scenario.title": "${oc.env:HOME}"})
    assert design.city.title == "${oc.env:HOME}"
    with pytest.raises(InputError, match="only references to other values"):
        read.imagine({}, ["baseline"], {"size.veterans": "${oc.env:HOME}"})
