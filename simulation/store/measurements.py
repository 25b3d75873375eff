"""What was measured of replications on disk: small tables, one file for each block of replications."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulation import kpis
from simulation.kpis import Window
from simulation.kpis.evaluation import Tables
from simulation.records import MODEL_VERSION
from simulation.scenario.indices import Indices
from simulation.store.files import write_whole

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Measurements", "shelf"]

_ABOUT = "about.json"
_VALUES = "values"


@cache
def _definitions(room: Path) -> str:
    """Digest of all that decides how records are measured: the code of the KPIs."""
    found = hashlib.sha256()
    for file in sorted(room.rglob("*.py")):
        found.update(f"{file.relative_to(room).as_posix()}\n".encode() + file.read_bytes())
    return found.hexdigest()


def shelf(scenario: str, horizon: float, seed: int, window: Window, indices: Indices) -> str:
    """Return the address of what is measured of a scenario: a digest of all that decides the values.

    That is what decides the records, but for the number of the replication, and the window, the weights of
    the indices and the definitions of the KPIs.

    Parameters
    ----------
    scenario
        Digest of the scenario.
    horizon
        Hours simulated.
    seed
        What the random numbers are keyed by.
    window
        The measured stretch.
    indices
        The weights of the indices.

    Examples
    --------
    >>> one_day, two_days = (shelf("ab12", 48, 1, Window(0, end), Indices()) for end in (24, 48))
    >>> one_day == two_days
    False
    """
    span = [float(hours).hex() for hours in (horizon, window.start, window.end)]
    weights = indices.model_dump(mode="json")
    content = [scenario, span, int(seed), MODEL_VERSION, weights, _definitions(Path(kpis.__file__).parent)]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


class Measurements:
    """A folder of what was measured.

    A file that is damaged, half-written or not what its name says counts as not there, and is named in
    `damaged`. Two processes, or threads, may share a folder.

    Parameters
    ----------
    folder
        Made when something is saved.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> kept = Measurements(Path(tempfile.mkdtemp()))
    >>> tables = Tables(pd.DataFrame({"kpi": ["latent"], "value": [6.0]}), {})
    >>> kept.save("ab12", {0: tables, 1: tables}, {"made_by": "an example"})
    >>> sorted(kept.load("ab12", range(5)))
    [0, 1]
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.damaged: list[str] = []
        """What was found damaged, in words."""

    def load(self, place: str, wanted: Collection[int]) -> dict[int, Tables]:
        """Return what was measured of those of the wanted replications that are there, by their number."""
        found: dict[int, Tables] = {}
        for path in sorted(self._shelf(place).glob("*.zip")):
            first, _, last = path.stem.partition("-")
            try:
                if not {n for n in wanted if int(first) <= n <= int(last)} <= found.keys():
                    found |= {n: tables for n, tables in _read(path, place).items() if n in wanted}
            except Exception as error:  # noqa: BLE001 - there is no end to what damage can make of a file
                reason = str(error).partition("\n")[0][:200]
                self.damaged.append(f"{path}: {type(error).__name__}: {reason}; measured again")
        return found

    def save(self, place: str, measured: Mapping[int, Tables], provenance: Mapping[str, str]) -> None:
        """Write what was measured of some replications to one file; who reads finds all of it or nothing.

        Parameters
        ----------
        place
            Where: the `shelf` of scenario, horizon, seed and window.
        measured
            The tables of each replication, by its number; at least one.
        provenance
            How they came about (versions, machine, git state); not part of the address.
        """
        numbers = sorted(measured)
        about = {"address": place, "replications": numbers, "provenance": dict(provenance)}
        parts = {_VALUES: {number: measured[number].values for number in numbers}}
        for number in numbers:
            for name, frame in measured[number].series.items():
                parts.setdefault(f"series/{name}", {})[number] = frame

        def write(unfinished: Path) -> None:
            with zipfile.ZipFile(unfinished, "w") as file:
                file.writestr(_ABOUT, json.dumps(about))
                for name, frames in parts.items():
                    file.writestr(f"{name}.arrow", _packed(frames))

        write_whole(self._shelf(place) / f"{numbers[0]:06d}-{numbers[-1]:06d}.zip", write)

    def _shelf(self, place: str) -> Path:
        return self.folder / "measured" / place[:2] / place


def _packed(frames: Mapping[int, pd.DataFrame]) -> bytes:
    """Put the frames of several replications one below the other, and beside them how long each is."""
    import pandas as pd
    import pyarrow as pa

    table = pa.Table.from_pandas(pd.concat(frames.values(), ignore_index=True), preserve_index=False)
    rows = {number: len(frame) for number, frame in frames.items()}
    about = {**(table.schema.metadata or {}), b"vetsim": json.dumps(rows).encode()}
    sink = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_file(sink, table.schema.with_metadata(about), options=options) as writer:
        writer.write_table(table)
    return sink.getvalue()


def _unpacked(content: bytes) -> dict[int, pd.DataFrame]:
    import pyarrow as pa

    table = pa.ipc.open_file(content).read_all()
    rows = json.loads(table.schema.metadata[b"vetsim"])
    frame = table.to_pandas(use_threads=False)
    if sum(rows.values()) != len(frame):
        raise ValueError("rows are missing")
    found, low = {}, 0
    for number, size in rows.items():
        found[int(number)] = frame.iloc[low : low + size].reset_index(drop=True)
        low += size
    return found


def _read(path: Path, place: str) -> dict[int, Tables]:
    """Read a file, or raise when it is not the one that was saved; the archive checks its parts."""
    with zipfile.ZipFile(path) as file:
        about: dict[str, Any] = json.loads(file.read(_ABOUT))
        if about["address"] != place:
            raise ValueError("it holds something else than its folder says")
        parts = {name: _unpacked(file.read(name)) for name in file.namelist() if name != _ABOUT}
    values = parts.pop(f"{_VALUES}.arrow")
    series = {name.removeprefix("series/").removesuffix(".arrow"): part for name, part in parts.items()}
    return {
        number: Tables(
            values[number], {name: part[number] for name, part in series.items() if number in part}
        )
        for number in about["replications"]
    }
