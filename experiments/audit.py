"""Ask pip-audit whether what is locked has known vulnerabilities, and say what could not be looked up.

    python experiments/audit.py                            what users install
    python experiments/audit.py requirements-dev.lock      what the tests install besides

pip-audit ends with 0 also when it could ask nobody. This ends with 0 only when every package was looked up
and none is vulnerable; with 1 when one is vulnerable; else with 2.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PATIENCE = 600
"""Seconds after which no answer is expected any more."""
SILENCE = "pip-audit says nothing of it"


class Audit(NamedTuple):
    """What became of each package, by name and version."""

    audited: list[str]
    """Looked up, and nothing is known against it."""
    vulnerable: dict[str, list[str]]
    """Ids of what is known against it."""
    unknown: dict[str, str]
    """Not looked up, and why."""

    @property
    def exit_code(self) -> int:
        """0 when all is known and well, 1 when something is vulnerable, 2 when not all could be looked up."""
        if self.vulnerable:
            return 1
        return 2 if self.unknown or not self.audited else 0


def locked(text: str) -> dict[str, str]:
    """Give the pins of a lock file that are installed on this machine, by name."""
    found = {}
    for line in text.replace("\\\n", " ").splitlines():
        try:
            pin = Requirement(line.partition(" --hash")[0].partition(" #")[0].strip())
        except InvalidRequirement:
            continue
        if pin.marker is None or pin.marker.evaluate():
            found[canonicalize_name(pin.name)] = str(pin.specifier).removeprefix("==")
    return found


def classify(wanted: Mapping[str, str], output: str, failure: str = "") -> Audit:
    """Sort packages by what pip-audit says of them; what it does not speak of was not audited.

    Parameters
    ----------
    wanted
        Versions by name.
    output
        What pip-audit wrote with ``--format json``.
    failure
        Why there is no such output, if there is none.
    """
    said, failure = ({}, failure) if failure else _said(output)
    audit = Audit([], {}, {})
    for name in sorted({*wanted, *(name for name in said if said[name].get("vulns"))}):
        one = said.get(name, {})
        version = wanted.get(name, str(one.get("version", "")))
        called, found = f"{name} {version}", one.get("vulns")
        if one.get("skip_reason"):
            audit.unknown[called] = " ".join(str(one["skip_reason"]).split())
        elif not isinstance(found, list):
            audit.unknown[called] = failure or SILENCE
        elif found:
            audit.vulnerable[called] = [str(item.get("id", item)) for item in found]
        elif one.get("version") != version:
            audit.unknown[called] = f"another version was looked up: {one.get('version')}"
        else:
            audit.audited.append(called)
    return audit


def _said(output: str) -> tuple[dict[str, dict[str, Any]], str]:
    try:
        entries = json.loads(output)["dependencies"]
        return {canonicalize_name(entry["name"]): dict(entry) for entry in entries}, ""
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}, "what pip-audit wrote cannot be read"


def ask(lock: Path, patience: float = PATIENCE) -> tuple[str, str]:
    """Run pip-audit on a lock file; give what it wrote, or why it wrote nothing."""
    options = ["--format", "json", "--progress-spinner", "off", "--disable-pip", "-r", str(lock)]
    command = [sys.executable, "-m", "pip_audit", *options]
    try:
        run = subprocess.run(  # noqa: S603 - this very Python
            command, capture_output=True, text=True, timeout=patience, check=False
        )
    except subprocess.TimeoutExpired:
        return "", f"pip-audit gave no answer within {patience:g} s"
    except OSError as error:
        return "", f"pip-audit could not be started: {error.strerror}"
    if run.stdout.strip():
        return run.stdout, ""
    reason = run.stderr.strip().rpartition("\n")[2]
    if "No module named" in reason:
        return "", "pip-audit is not installed (pip install pip-audit)"
    return "", f"pip-audit ended with {run.returncode}: {reason[:200]}"


def table(audit: Audit) -> str:
    """Write what became of each package, the bad news last."""
    rows = [(called, "audited", "") for called in audit.audited]
    rows += [(called, "NOT AUDITED", reason) for called, reason in audit.unknown.items()]
    rows += [(called, "VULNERABLE", ", ".join(ids)) for called, ids in audit.vulnerable.items()]
    wide = max((len(called) for called, _, _ in rows), default=0)
    lines = [f"{called:{wide}}  {what:11}  {why}".rstrip() for called, what, why in rows]
    return "\n".join([*lines, "", *conclusion(audit)])


def conclusion(audit: Audit) -> list[str]:
    """Say in a line or three what follows."""
    number = len(audit.audited) + len(audit.vulnerable) + len(audit.unknown)
    lines = []
    if audit.vulnerable:
        lines.append(f"vulnerable: {len(audit.vulnerable)} of {number} packages")
    if audit.unknown or not number:
        lines.append(f"not audited: {len(audit.unknown)} of {number} packages could not be looked up")
    return lines or [f"audited: all {number} packages; nothing is known against them"]


def main(arguments: list[str]) -> int:
    """Audit one lock file, or more."""
    locks = [ROOT / name for name in arguments or ["requirements.lock"]]
    codes = []
    for lock in locks:
        print(f"{lock.name}\n")
        if not lock.is_file():
            print("not audited: there is no such file")
            codes.append(2)
            continue
        output, failure = ask(lock)
        audit = classify(locked(lock.read_text(encoding="utf-8")), output, failure)
        print(table(audit))
        codes.append(audit.exit_code)
    return min((code for code in codes if code), default=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
