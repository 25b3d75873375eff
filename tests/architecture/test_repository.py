"""What a clone and a wheel hold, and what no file may say."""

import re
import subprocess
import sys
import tomllib
import zipfile

import pytest
import yaml

from tests.architecture.reading import PACKAGE, ROOT, project_files

AT_THE_ROOT = {
    ".ci", ".gitattributes", ".gitignore", ".pre-commit-config.yaml", "CHANGELOG.md", "CITATION.cff",
    "CONTRIBUTING.md", "LICENSE", "README.md", "configs", "docs", "experiments", "pyproject.toml",
    "requirements-build.lock", "requirements-dev.lock", "requirements.lock", "results", "simulation", "tests",
}  # fmt: skip
LOCKS = ("requirements-build.lock", "requirements.lock", "requirements-dev.lock")
README = (ROOT / "README.md").read_text(encoding="utf-8")

# Written so that the patterns do not find themselves.
MACHINE = re.compile(
    r"/(ho[m]e|Us[e]rs)/\w|/ro[o]t/|/w[o]rk/|/t[m]p/|/o[p]t/|/m[n]t/|[A-Z]:\\Us[e]rs|fi[l]e://|\.\./sh[a]red"
)
INDEX = re.compile(r"py[p]i\.org|python[h]osted|--(extra-)?ind[e]x-url|--fi[n]d-links|--trus[t]ed-host")


def command(name: str) -> str:
    """Return the one command of the README that stands in the fence after its mark."""
    fences = re.findall(rf"^<!-- command: {name} -->\n```sh\n(.*?)```$", README, re.MULTILINE | re.DOTALL)
    assert len(fences) == 1, name
    assert fences[0].count("\n") == 1, "one line"
    return fences[0].strip()


def test_the_readme_has_two_set_up_commands_and_no_third():
    """One ends with the report written, one with the tests passing; nothing else sets anything up."""
    assert command("report").endswith("&& .venv/bin/vetsim compare")
    assert command("tests").endswith("&& .venv/bin/python -m pytest -n 2 --dist loadfile")
    assert README.count("pip install") == sum(
        command(name).count("pip install") for name in ("report", "tests")
    )
    assert README.count("```sh\n") == 2


@pytest.mark.parametrize(
    ("name", "lock"), [("report", "requirements.lock"), ("tests", "requirements-dev.lock")]
)
def test_a_set_up_command_installs_by_hash(name, lock):
    """All that is fetched is pinned by hash, the builders included; the project itself is the clone."""
    assert [step.strip() for step in command(name).split("&&")][:-1] == [
        "python3 -m venv .venv",
        ".venv/bin/pip install --require-hashes -r requirements-build.lock",
        f".venv/bin/pip install --require-hashes --no-build-isolation -r {lock}",
        ".venv/bin/pip install --no-build-isolation --no-deps -e .",
    ]


def test_ci_runs_the_command_of_the_readme():
    """The check and the README cannot drift."""
    run = subprocess.run(["bash", ".ci/run", "--show"], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout == command("tests") + "\n", run.stderr


def pins(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", text, re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_hashes_and_no_address(lock):
    """Each pin has a hash; no address, no index."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z])", text)
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
    assert not INDEX.search(text)


def test_the_locks_agree():
    """The tests run on the versions that users run, and the builders fit both."""
    run, dev, build = (
        pins(lock) for lock in ("requirements.lock", "requirements-dev.lock", "requirements-build.lock")
    )
    assert run.items() <= dev.items()
    assert all(dev[name] == version for name, version in build.items() if name in dev)


def test_the_locks_hold_what_is_declared():
    """A dependency that is added to `pyproject.toml` is locked."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = {
        "requirements.lock": project["project"]["dependencies"],
        "requirements-dev.lock": project["dependency-groups"]["dev"],
        "requirements-build.lock": project["dependency-groups"]["build"],
    }
    for lock, lines in groups.items():
        names = {re.split(r"[<>=~!\[; ]", line)[0].lower() for line in lines}
        assert names <= pins(lock).keys(), f"{lock} lacks {names - pins(lock).keys()}"


def test_nothing_else_grows_at_the_root():
    """The root of the clone is small enough to read at a glance."""
    found = {path.relative_to(ROOT).parts[0] for path in project_files()}
    assert found <= AT_THE_ROOT | {"PKG-INFO"}, found - AT_THE_ROOT


def test_no_file_names_a_machine_or_an_index():
    """What is in the project is true on every machine."""
    found = []
    for path in project_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if MACHINE.search(line) or INDEX.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert not found, "\n".join(found)


def test_the_version_is_one():
    """The citation says the version of the package."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == project["version"]


def test_a_clone_holds_no_packed_configs():
    """The packed copy is the wheel's alone; in a clone the configs are those that one edits."""
    assert not (PACKAGE / "_configs").exists()


def test_the_wheel_carries_the_package_and_the_configs(tmp_path):
    """The files of `simulation/` and of `configs/` are in the wheel, byte for byte, and nothing else."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    run = subprocess.run(build, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        packed = {name: wheel.read(name) for name in wheel.namelist() if ".dist-info/" not in name}
    expected = {}
    for path in project_files():
        folder, *rest = path.relative_to(ROOT).parts
        if folder in {"simulation", "configs"}:
            home = "simulation" if folder == "simulation" else "simulation/_configs"
            expected["/".join([home, *rest])] = path.read_bytes()
    assert packed.keys() == expected.keys()
    assert packed == expected
    assert "simulation/py.typed" in packed
    assert any(name.startswith("simulation/_configs/") for name in packed)
