"""Golden records: what a few replications were when the model version was last raised.

python -m tests.golden       # write tests/golden.json anew, after MODEL_VERSION was raised
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from simulation import provenance
from simulation.configuration import read_design
from simulation.engines import Replication, replicate
from simulation.layout import make_layout
from simulation.records import MODEL_VERSION

FILE = Path(__file__).with_name("golden.json")
LIBRARIES = ("python", "numpy", "numba", "scipy")
"""What must be the same for records to be the same to the bit."""
HOURS = 24.0 * 60
CASES = {
    "queue": ["city=mmc", "policy=baseline"],
    "street": ["city=street", "policy=baseline"],
    "street, all four": ["city=street", "policy=all_four"],
    "street, every lever": ["city=street", "policy=[digitization,closed_loop,triage,overflow,co_production]"],
    "health centre": ["study=phc", "city=phc_1", "policy=baseline"],
}


def replications(engine: str) -> dict[str, Replication]:
    """Run one replication of each case, of the last policy that it names, for two months."""
    found = {}
    for name, settings in CASES.items():
        layout = make_layout(read_design(settings).scenarios[-1], HOURS)
        found[name] = replicate(layout, 1, 0, engine)
    return found


def told(replication: Replication) -> dict[str, Any]:
    """Tell what the records of a replication are: a digest, and sums that come near on another machine."""
    records = replication.records
    digest = hashlib.sha256()
    sums: dict[str, float] = {}
    for table, rows in (("cases", records.cases), ("visits", records.visits)):
        sums[table] = float(len(rows))
        for column in rows.dtype.names or ():
            values = np.ascontiguousarray(rows[column])
            digest.update(f"{table}.{column}".encode() + values.tobytes())
            if values.dtype.kind == "f":
                sums[f"{table}.{column}"] = float(np.nansum(values))
    return {"digest": digest.hexdigest(), "sums": sums}


def versions() -> dict[str, str]:
    """Tell the versions on which records may hang."""
    return {name: version for name, version in provenance.versions().items() if name in LIBRARIES}


if __name__ == "__main__":
    content = {
        "model_version": MODEL_VERSION,
        "versions": versions(),
        "records": {name: told(one) for name, one in replications("compiled").items()},
    }
    FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
