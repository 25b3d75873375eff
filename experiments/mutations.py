"""Break the compiled engine in chosen places, in a copy, and show what in the tests catches each.

    python experiments/mutations.py                 # all of them, a line each; some minutes
    python experiments/mutations.py lifo overtime   # these alone

The copies run without machine code, so that nothing has to be compiled.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
KERNEL = Path("simulation/engines/compiled")


class Mutation(NamedTuple):
    """A fault, and how it is made."""

    about: str
    file: str
    right: str
    wrong: str


MUTATIONS = {
    "ties": Mutation(
        "of two cases that queued at once the later one is served first",
        "queues.py",
        'return s.visits[v]["place"] < s.visits[other]["place"]',
        'return s.visits[v]["place"] > s.visits[other]["place"]',
    ),
    "priority": Mutation(
        "the larger number of a priority is served first",
        "queues.py",
        "return mine < its",
        "return mine > its",
    ),
    "lifo": Mutation(
        "last come, first served becomes first come, first served",
        "queues.py",
        's.visits[v]["rank"] = -s.visits[main]["queued"]',
        's.visits[v]["rank"] = s.visits[main]["queued"]',
    ),
    "patience": Mutation(
        "nobody whose queue is watched loses patience",
        "desks.py",
        'await_patience(p, s, s.teams[team]["first_new"], NONE)',
        "pass",
    ),
    "capacity": Mutation(
        "heads that come on duty are seen one moment too late",
        "staffing.py",
        "s.duty_times[at + 1] <= now:",
        "s.duty_times[at + 1] < now:",
    ),
    "overtime": Mutation(
        "a case that queues as the team closes is begun in overtime",
        "staffing.py",
        's.visits[v]["queued"] >= late',
        's.visits[v]["queued"] > late',
    ),
    "instant": Mutation(
        "work is given out before everything else of the instant has happened",
        "kernel.py",
        "soonest > now",
        "soonest >= now",
    ),
    "slots": Mutation(
        "of equal slots the case gets that of the team named last",
        "diaries.py",
        "start < best_start:",
        "start <= best_start:",
    ),
    "triggers": Mutation(
        "a lever is switched on by what only reaches its threshold",
        "adapting.py",
        'value > rule["above"]',
        'value >= rule["above"]',
    ),
    "returns": Mutation(
        "a case comes back once more than its need allows",
        "journey.py",
        's.cases[case]["rounds"] < rule["limit"]',
        's.cases[case]["rounds"] <= rule["limit"]',
    ),
    "carving": Mutation(
        "an urgent case takes an ordinary place although a carved-out one is as early",
        "diaries.py",
        "kept_start <= start:",
        "kept_start < start:",
    ),
    "caseloads": Mutation(
        "a team takes on one case more than it may hold",
        "caseloads.py",
        '_to_spare(s, team, now) + t["caseload_length"] > 0',
        '_to_spare(s, team, now) + t["caseload_length"] >= 0',
    ),
}


def broken(mutation: Mutation, folder: Path) -> None:
    """Make a copy of what the tests need, with the fault in it."""
    for part in ("simulation", "tests", "configs"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    file = folder / KERNEL / mutation.file
    text = file.read_text(encoding="utf-8")
    assert text.count(mutation.right) == 1, f"{mutation.right!r} stands {text.count(mutation.right)} times"
    file.write_text(text.replace(mutation.right, mutation.wrong), encoding="utf-8")


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run Python in a copy, without machine code."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    made = subprocess.run(  # noqa: S603 - this very Python
        [sys.executable, *arguments],
        check=False,
        cwd=folder,
        env={**kept, "PYTHONPATH": str(folder), "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
    )
    return made.returncode, made.stdout + made.stderr


def caught(mutation: Mutation) -> tuple[str, str]:
    """What the parity test and the tests of behaviour make of a fault."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        broken(mutation, folder)
        code, said = run(folder, "-m", "tests.parity.trial", "300", "7", "quick")
        found = re.search(r"after (\d+) worlds: (.*)", said)
        parity = "not caught" if code == 0 else f"in world {found[1]}" if found else said[-300:]
        options = ("-q", "-p", "no:cacheprovider", "-k", "compiled and not random", "--tb=no")
        code, said = run(folder, "-m", "pytest", *options, "tests/behaviour")
        tests = re.findall(
            r"^(?:FAILED|ERROR) tests/behaviour/(\S+?)\[?(?:\[compiled\S*)?(?: |$)", said, re.MULTILINE
        )
        first = f"`{tests[0]}`" if tests else "none"
        return parity, first + (f" and {len(tests) - 1} more" if len(tests) > 1 else "")


def main() -> None:
    """Print a row for each fault."""
    print("| fault | parity test | tests of behaviour |\n|---|---|---|")
    missed = []
    for name in sys.argv[1:] or MUTATIONS:
        parity, behaviour = caught(MUTATIONS[name])
        print(f"| {MUTATIONS[name].about} | {parity} | {behaviour} |", flush=True)
        missed += [name] * (parity == "not caught" and behaviour == "none")
    sys.exit(f"nothing catches {', '.join(missed)}" if missed else 0)


if __name__ == "__main__":
    main()
