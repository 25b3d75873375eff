"""Records on disk, each replication under the address of what made it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.records import CASE, MODEL_VERSION, SWITCH, VISIT, Names, Records
from simulation.store.files import write_whole

__all__ = ["Store", "address"]

_KEY = b"vetsim"
_TABLES = {"cases": CASE, "visits": VISIT}


def address(scenario: str, horizon: float, seed: int, replication: int) -> str:
    """Return the address of a replication: a digest of all that decides its records.

    Engine, executor, cores, warm-up and KPIs decide nothing and are not in it.

    Parameters
    ----------
    scenario
        Digest of the scenario.
    horizon
        Hours simulated.
    seed, replication
        What the random numbers are keyed by.

    Examples
    --------
    >>> address("ab12", 24, 1, 0) == address("ab12", 24.0, 1, 0) != address("ab12", 24.0, 1, 1)
    True
    """
    content = [scenario, float(horizon).hex(), int(seed), int(replication), MODEL_VERSION]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


class Store:
    """A folder of replications.

    A file that is damaged, half-written or not what its name says counts as not there, and is named in
    `damaged`; it is written anew when the replication is saved again. Two processes may share a folder.

    Parameters
    ----------
    folder
        Made when the first replication is saved.

    Examples
    --------
    >>> import tempfile
    >>> store = Store(Path(tempfile.mkdtemp()))
    >>> empty = Records(np.empty(0, VISIT), np.empty(0, CASE), Names(), horizon=24.0, seed=1, replication=0)
    >>> place = address("ab12", 24.0, 1, 0)
    >>> store.load(place) is None
    True
    >>> store.save(place, empty, {"made_by": "an example"})
    >>> store.load(place).horizon
    24.0
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.damaged: list[str] = []
        """What was found damaged, in words."""

    def path(self, address: str) -> Path:
        """Return the file of the visits of a replication; its cases stand beside it."""
        return self._file(address, "visits")

    def _file(self, address: str, table: str) -> Path:
        return self.folder / address[:2] / f"{address}.{table}.parquet"

    def load(self, address: str) -> Records | None:
        """Return the records at an address, or None when they are not there whole."""
        import pyarrow as pa

        if not self.path(address).exists():
            return None
        try:
            visits, about = self._read(address, "visits")
            cases, beside = self._read(address, "cases")
            if about["cases"] != beside["checksum"]:
                raise ValueError("visits and cases are of different runs")
            names = Names(**{name: tuple(items) for name, items in about["names"].items()})
            key = (float(about["horizon"]), int(about["seed"]), int(about["replication"]))
            switches = np.array([tuple(row) for row in about["switches"]], SWITCH)
            return Records(visits, cases, names, *key, int(about["opening"]), switches)
        except (
            pa.ArrowException,
            OSError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            MemoryError,
            RecursionError,
        ) as error:
            reason = str(error).partition("\n")[0][:200]
            self.damaged.append(f"{self.path(address)}: {type(error).__name__}: {reason}; simulated again")
            return None

    def save(self, address: str, records: Records, provenance: Mapping[str, str]) -> None:
        """Write records to an address; who reads there finds all of them or nothing.

        Parameters
        ----------
        address
            Where: `address` of the scenario, horizon, seed and replication.
        records
            What.
        provenance
            How they came about (versions, machine, git state); not part of the address.
        """
        checksum = _checksum(records.cases)
        about = {
            "address": address,
            "model_version": MODEL_VERSION,
            "horizon": records.horizon,
            "seed": records.seed,
            "replication": records.replication,
            "provenance": dict(provenance),
        }
        # The visits go last: without them the address is not there.
        _write(self._file(address, "cases"), records.cases, {**about, "checksum": checksum})
        more = {
            "checksum": _checksum(records.visits),
            "cases": checksum,
            "names": dataclasses.asdict(records.names),
            "opening": records.opening,
            "switches": records.switches.tolist(),
        }
        _write(self._file(address, "visits"), records.visits, {**about, **more})

    def _read(self, address: str, table: str) -> tuple[NDArray[Any], dict[str, Any]]:
        """Read one table, or raise when it is not the one that was saved."""
        import pyarrow.parquet as pq

        file = pq.ParquetFile(self._file(address, table))
        about: dict[str, Any] = json.loads((file.metadata.metadata or {})[_KEY])
        if about["address"] != address or about["model_version"] != MODEL_VERSION:
            raise ValueError("it holds another replication than its name says")
        columns = file.read(use_threads=False)
        rows = np.empty(columns.num_rows, _TABLES[table])
        for name in rows.dtype.names or ():
            rows[name] = columns[name].to_numpy()
        if _checksum(rows) != about["checksum"]:
            raise ValueError("its content does not match its checksum")
        return rows, about


def _write(path: Path, rows: NDArray[Any], about: Mapping[str, Any]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = list(rows.dtype.names or ())
    floats = [name for name in names if rows.dtype[name].kind == "f"]
    columns = {name: np.ascontiguousarray(rows[name]) for name in names}
    table = pa.table(columns, metadata={_KEY: json.dumps(about).encode()})

    def write(unfinished: Path) -> None:
        pq.write_table(
            table,
            unfinished,
            compression="zstd",
            use_dictionary=[name for name in names if name not in floats],
            use_byte_stream_split=floats,
        )

    write_whole(path, write)


def _checksum(rows: NDArray[Any]) -> str:
    return hashlib.blake2b(np.ascontiguousarray(rows).data, digest_size=16).hexdigest()
