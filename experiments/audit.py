"""Ask whether a vulnerability is known in what the project installs; say plainly when nobody could be asked.

    python experiments/audit.py                   # asks, by pip-audit, about requirements.lock
    python experiments/audit.py --answer FILE     # reads an answer that pip-audit gave before (--format json)

It ends with 0 when every package was looked up and none is known to be vulnerable, with 1 when one is, and
with 2 when not all could be looked up. pip-audit itself ends with 0 when it found nobody to ask.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FINE, VULNERABLE, NOT_AUDITED = 0, 1, 2


def ask() -> str:
    """Let pip-audit look up every package of the lock file."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--format", "json", "-r"]
    try:
        run = subprocess.run(  # noqa: S603 - our own command
            [*command, str(ROOT / "requirements.lock")],
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
    except subprocess.TimeoutExpired:
        return ""
    if "No module named" in run.stderr:
        print("pip-audit is not installed: pip install pip-audit")
    return run.stdout


def judge(answer: str) -> int:
    """Print what an answer says; return the exit code."""
    try:
        found: list[dict[str, Any]] = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        print("not audited: pip-audit gave no answer (is the network there?)")
        return NOT_AUDITED
    skipped = [one for one in found if "skip_reason" in one]
    known = [one for one in found if one.get("vulns")]
    for one in known:
        print(f"{one['name']} {one['version']}: {', '.join(flaw['id'] for flaw in one['vulns'])}")
    for one in skipped:
        print(f"{one['name']}: not audited ({one['skip_reason']})")
    looked = len(found) - len(skipped)
    if looked:
        fine = f"{len(known)} vulnerable" if known else "none is known to be vulnerable"
        print(f"audited: {looked} of {len(found)}, {fine}")
    if skipped:
        print(f"not audited: {len(skipped)} of {len(found)}")
    if not found:
        print("not audited: nothing was looked at")
    return VULNERABLE if known else FINE if looked == len(found) and found else NOT_AUDITED


def main() -> None:
    """Do it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--answer", type=Path)
    chosen = parser.parse_args()
    sys.exit(judge(chosen.answer.read_text(encoding="utf-8") if chosen.answer else ask()))


if __name__ == "__main__":
    main()
