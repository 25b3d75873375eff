"""Stop a sweep at random moments, again and again, and see whether anything is lost or wrong.

    python experiments/kills.py                  # 200 stops, three ways to run; about a quarter of an hour
    python experiments/kills.py --stops 12       # fewer
    python experiments/kills.py --execution dask

A sweep is stopped by SIGKILL, SIGTERM or Ctrl-C at a random moment and started again by the same command,
until it ends. After each stop everything in the store must be whole, and nothing that was there may be gone;
at the end the tables must be the same bytes as those of a run that nobody stopped. No worker may outlive its
parent.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
TABLES = ("design.parquet", "kpis.parquet", "replications.parquet", "design.csv", "kpis.csv")
AXES = ("size.veterans=900,1400,1900", "policy=baseline,training", "--replications", "20")
SIGNALS = {"SIGKILL": signal.SIGKILL, "SIGTERM": signal.SIGTERM, "Ctrl-C": signal.SIGINT}
EXECUTIONS = ("threads", "processes", "dask")
NEW = {"SIGKILL": -9, "SIGTERM": 130, "Ctrl-C": 130}
"""How the command ends when it is stopped."""


def command(execution: str, results: Path) -> list[str]:
    """Write the sweep."""
    vetsim = [sys.executable, "-m", "simulation.cli"]
    options = ["--workers", "2", "--results", str(results)]
    return [*vetsim, "sweep", "city=street", f"execution={execution}", *AXES, *options]


def start(execution: str, results: Path) -> subprocess.Popen[bytes]:
    """Begin or go on, in a process group of its own, as at a terminal."""
    return subprocess.Popen(  # noqa: S603 - our own command
        command(execution, results),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )


def tables(results: Path) -> dict[str, bytes]:
    """Read the final tables."""
    (page,) = results.glob("*/sweep-*/page.html")
    return {name: (page.parent / name).read_bytes() for name in TABLES}


def kept(results: Path) -> dict[str, int]:
    """Count the whole replications in the store; complain about what is not whole."""
    from simulation.store import inventory, verify

    damaged = verify(results / ".store", lambda *_: None)
    assert not damaged, damaged
    return {held.address: held.replications for held in inventory(results / ".store")}


def left_alive(group: int) -> bool:
    """Tell whether a process of a group is there ten seconds after it was stopped."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.05)
    return True


def whole_run(execution: str) -> tuple[dict[str, bytes], float]:
    """Run without a stop; give the tables, and how long it took."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.monotonic()
        assert start(execution, Path(folder)).wait() == 0
        return tables(Path(folder)), time.monotonic() - begun


def stopped_run(
    execution: str, most: int, length: float, rng: np.random.Generator, tally: Counter[str]
) -> dict[str, bytes]:
    """Stop it at random moments until it ends, or until there were so many stops."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder)
        stops, before = 0, dict[str, int]()
        while True:
            run = start(execution, results)
            name = ("SIGKILL", "SIGKILL", "SIGTERM", "Ctrl-C")[rng.integers(4)]
            try:
                if stops < most:
                    run.wait(float(rng.uniform(0.2, 1.0)) * length)
                code = run.wait() if stops >= most else run.returncode
            except subprocess.TimeoutExpired:
                begun = time.monotonic()
                whole_group = name == "Ctrl-C" or bool(rng.integers(2))
                (os.killpg if whole_group else os.kill)(run.pid, SIGNALS[name])
                code = run.wait(30)
                tally[f"{execution}: {name}"] += 1
                tally["slow to end"] += time.monotonic() - begun > 5
                tally["other exit code"] += code not in (NEW[name], 0, -SIGNALS[name])
                stops += 1
                tally["workers that outlived it"] += left_alive(run.pid)
                now = kept(results)
                tally["replications lost"] += sum(max(0, before[one] - now.get(one, 0)) for one in before)
                tally["whole at a stop"] += sum(now.values())
                before = now
                continue
            assert code == 0, f"it ended with {code}"
            return tables(results)


def main() -> None:
    """Do it, and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--stops", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--execution", choices=EXECUTIONS)
    chosen = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    rng, tally = np.random.default_rng(chosen.seed), Counter[str]()
    executions = [chosen.execution] if chosen.execution else list(EXECUTIONS)
    right, _ = whole_run("threads")
    lengths = {one: whole_run(one)[1] for one in executions}
    runs, wrong = 0, 0
    while (done := sum(tally[f"{e}: {s}"] for e in executions for s in SIGNALS)) < chosen.stops:
        execution = executions[runs % len(executions)]
        most = min(10, chosen.stops - done)
        found = stopped_run(execution, most, lengths[execution], rng, tally)
        wrong += found != right
        runs += 1
        print(f"{done} stops, {runs} runs", file=sys.stderr, flush=True)
    print(
        json.dumps({"runs": runs, "runs with other tables": wrong, **dict(sorted(tally.items()))}, indent=1)
    )
    sys.exit(bool(wrong or tally["replications lost"] or tally["workers that outlived it"]))


if __name__ == "__main__":
    main()
