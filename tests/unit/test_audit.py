"""The audit says what could not be looked up: silence is never taken for good news."""

import importlib.util
import json
import subprocess
import sys

import pytest

from tests.architecture.reading import ROOT

WANTED = {"hydra-core": "1.3.8", "numpy": "2.0"}


@pytest.fixture
def audit():
    """The command, as a module."""
    spec = importlib.util.spec_from_file_location("audit", ROOT / "experiments" / "audit.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def said(*entries):
    """What pip-audit writes."""
    return json.dumps({"dependencies": list(entries), "fixes": []})


HYDRA = {"name": "Hydra_Core", "version": "1.3.8", "vulns": []}
NUMPY = {"name": "numpy", "version": "2.0", "vulns": []}
BAD = {**NUMPY, "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"]}, {"id": "CVE-2"}]}
SKIPPED = {"name": "numpy", "skip_reason": "Dependency not found\non the index"}


def test_all_looked_up_and_well_is_the_only_success(audit):
    """Names are compared as installers do; every pin is there with its version."""
    found = audit.classify(WANTED, said(HYDRA, NUMPY))
    assert found == (["hydra-core 1.3.8", "numpy 2.0"], {}, {})
    assert found.exit_code == 0
    assert audit.table(found).endswith("audited: all 2 packages; nothing is known against them")


def test_a_vulnerable_package_is_named_with_its_ids(audit):
    """It decides the exit code, also when others could not be looked up; all of it is told."""
    found = audit.classify({**WANTED, "scipy": "1"}, said(HYDRA, BAD))
    assert found.vulnerable == {"numpy 2.0": ["PYSEC-1", "CVE-2"]}
    assert found.exit_code == 1
    assert "numpy 2.0         VULNERABLE   PYSEC-1, CVE-2" in audit.table(found)
    assert audit.conclusion(found) == [
        "vulnerable: 1 of 3 packages",
        "not audited: 1 of 3 packages could not be looked up",
    ]


def test_a_vulnerable_package_that_is_not_locked_is_told_too(audit):
    """What pip-audit speaks of and nobody asked for."""
    found = audit.classify({"hydra-core": "1.3.8"}, said(HYDRA, BAD))
    assert found.exit_code == 1


@pytest.mark.parametrize(
    ("output", "failure", "reason"),
    [
        (said(HYDRA, SKIPPED), "", "Dependency not found on the index"),
        (said(HYDRA, {**BAD, **SKIPPED}), "", "Dependency not found on the index"),
        (said(HYDRA), "", "pip-audit says nothing of it"),
        (said(HYDRA, {"name": "numpy", "version": "2.0"}), "", "pip-audit says nothing of it"),
        (said(HYDRA, {**NUMPY, "version": "1.9"}), "", "another version was looked up: 1.9"),
        ("", "pip-audit gave no answer within 1 s", "pip-audit gave no answer within 1 s"),
        ("No known vulnerabilities found", "", "what pip-audit wrote cannot be read"),
        ('{"dependencies": [{"vulns": []}]}', "", "what pip-audit wrote cannot be read"),
        ('{"dependencies": 3}', "", "what pip-audit wrote cannot be read"),
        ("[]", "", "what pip-audit wrote cannot be read"),
    ],
)
def test_what_was_not_looked_up_is_not_audited(audit, output, failure, reason):
    """Skipped, left out, another version, broken or no output: said with its reason, and the end is 2."""
    found = audit.classify(WANTED, output, failure)
    assert found.unknown["numpy 2.0"] == reason
    assert found.exit_code == 2
    lines = audit.table(found).splitlines()
    assert any(line.startswith("numpy 2.0") and f"NOT AUDITED  {reason}" in line for line in lines)
    assert lines[-1] == f"not audited: {len(found.unknown)} of 2 packages could not be looked up"


def test_nothing_to_audit_is_no_success(audit):
    """An empty lock file."""
    found = audit.classify({}, said())
    assert found.exit_code == 2
    assert audit.conclusion(found) == ["not audited: 0 of 0 packages could not be looked up"]


def test_the_pins_of_a_lock_are_those_of_this_machine(audit):
    """Hashes are left out, and what is installed elsewhere only."""
    text = (
        "Hydra.core==1.3.8 \\\n    --hash=sha256:ab \\\n    --hash=sha256:cd\n"
        "numpy==2.0 ; python_version >= '3' \\\n    --hash=sha256:ef\n"
        "winonly==1 ; sys_platform == 'nowhere' \\\n    --hash=sha256:ef\n# a remark\n"
    )
    assert audit.locked(text) == WANTED
    names = audit.locked((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    assert {"numpy", "hydra-core", "pyyaml"} <= names.keys()


class Ended:
    """What a program left behind."""

    def __init__(self, returncode=0, stdout="", stderr=""):
        self.returncode, self.stdout, self.stderr = returncode, stdout, stderr


@pytest.mark.parametrize(
    ("ended", "expected"),
    [
        (Ended(1, said(BAD)), (said(BAD), "")),
        (Ended(1, "", "No module named x"), ("", "pip-audit is not installed (pip install pip-audit)")),
        (Ended(1, " ", "Traceback\nError: no route"), ("", "pip-audit ended with 1: Error: no route")),
        (subprocess.TimeoutExpired("pip_audit", 5), ("", "pip-audit gave no answer within 5 s")),
        (OSError(13, "Not permitted"), ("", "pip-audit could not be started: Not permitted")),
    ],
)  # fmt: skip
def test_a_program_that_fails_is_told_with_its_reason(audit, monkeypatch, ended, expected):
    """Not installed, no connection, no end, not to be started; its exit code is not believed."""

    def run(*_, **__):
        if isinstance(ended, Exception):
            raise ended
        return ended

    monkeypatch.setattr(audit.subprocess, "run", run)
    assert audit.ask(ROOT / "requirements.lock", patience=5) == expected


def test_the_command_ends_as_its_answer_is(audit, monkeypatch, capsys):
    """The worst of several files counts: vulnerable before not audited, and both before well."""
    answers = {
        "requirements.lock": said(),
        "requirements-build.lock": said({"name": "hatchling", "version": "0", "vulns": [{"id": "X-1"}]}),
    }
    monkeypatch.setattr(audit, "ask", lambda lock: (answers[lock.name], ""))
    assert audit.main([]) == 2
    assert audit.main(["no_such.lock"]) == 2
    assert audit.main(["requirements.lock", "requirements-build.lock"]) == 1
    last = capsys.readouterr().out.splitlines()
    assert "not audited: there is no such file" in last
    assert any(line.startswith("vulnerable: 1 of ") for line in last)


@pytest.mark.skipif(importlib.util.find_spec("pip_audit") is None, reason="pip-audit is not installed")
def test_the_real_program_is_understood(audit, tmp_path):
    """Whether or not it reaches anybody: one pin is audited, vulnerable or unknown, and never lost."""
    lock = tmp_path / "one.lock"
    lock.write_text("six==1.17.0 --hash=sha256:" + "0" * 64 + "\n", encoding="utf-8")
    found = audit.classify(audit.locked(lock.read_text()), *audit.ask(lock, patience=60))
    assert [*found.audited, *found.vulnerable, *found.unknown] == ["six 1.17.0"]
    assert found.exit_code == (1 if found.vulnerable else 2 if found.unknown else 0)


def test_it_runs_from_anywhere(tmp_path):
    """The lock files are found beside it."""
    command = [sys.executable, str(ROOT / "experiments" / "audit.py"), "no_such.lock"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (run.returncode, run.stdout.splitlines()[-1]) == (2, "not audited: there is no such file")
