"""Compare both engines on very many made-up worlds, in blocks; what is done is noted, and not done again.

    python experiments/parity.py                    # 80 blocks of 250 worlds, on all cores
    python experiments/parity.py --blocks 400       # goes on where it stopped

A line of the notes holds for the code that it was made with: after a change the blocks are done again.
"""

import argparse
import csv
import hashlib
import os
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FIRST = 1000
"""Worlds of block n are drawn by this and n."""


def code() -> str:
    """A digest of all code that decides what is compared."""
    digest = hashlib.sha256()
    for folder in ("simulation", "tests/strategies", "tests/parity"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def block(number: int, worlds: int) -> dict[str, int]:
    """Do a block; it fails with the smallest world in which the engines differ."""
    sys.path.insert(0, str(ROOT))
    from tests.parity.trial import trial

    seen = trial(worlds, FIRST + number)
    return {name: seen[name] for name in ("worlds", "cases", "visits")}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--blocks", type=int, default=80)
    parser.add_argument("--worlds", type=int, default=250, help="of a block")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--notes", type=Path, default=Path("results/parity/blocks.csv"))
    asked = parser.parse_args()
    now, done = code(), set()
    asked.notes.parent.mkdir(parents=True, exist_ok=True)
    if asked.notes.exists():
        with asked.notes.open(encoding="utf-8", newline="") as notes:
            rows = [row for row in csv.reader(notes) if row[-1] == now and int(row[1]) == asked.worlds]
            done = {int(row[0]) for row in rows}
    left = [number for number in range(asked.blocks) if number not in done]
    failed = []
    with (
        asked.notes.open("a", encoding="utf-8", newline="") as notes,
        ProcessPoolExecutor(asked.workers) as workers,
    ):
        running = {workers.submit(block, number, asked.worlds): number for number in left}
        for finished in as_completed(running):
            number, fault = running[finished], finished.exception()
            if fault is not None:
                failed.append(number)
                print(f"block {number}:", *getattr(fault, "__notes__", ()), fault, sep="\n", flush=True)
                continue
            seen = finished.result()
            csv.writer(notes).writerow([number, *seen.values(), now])
            notes.flush()
            done.add(number)
            print(f"block {number}: {seen['worlds']} worlds alike; {len(done)} of {asked.blocks}", flush=True)
    sys.exit(f"the engines differ in blocks {sorted(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
