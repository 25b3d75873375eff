"""What is in the stores: listed, verified, pruned, and read out as one flat table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulation.analysis.wording import csv_safe
from simulation.records import MODEL_VERSION
from simulation.store.files import write_whole
from simulation.store.measurements import Measurements, current_definitions, in_a_line, read_block
from simulation.store.replications import Store
from simulation.store.tables import read_about

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Held", "flat", "inventory", "prune", "stores", "verify", "write_flat"]

FRONT = ("scenario", "address", "seed")
"""Columns that the flat table has in front of what is in the files."""


@dataclass(frozen=True)
class Held:
    """What is kept of one scenario under one seed, horizon and window.

    Parameters
    ----------
    kept
        What is kept of each replication: ``everything``, ``overall`` (KPIs over all) or ``nationwide``.
    scenario
        Label under which it was first measured.
    address
        Where it is.
    content
        What the address is made of; empty where no file can be read.
    replications
        How many there seem to be.
    size
        Bytes on disk.
    usable
        Whether this version of the program uses it: model and definitions of the KPIs are the same.

    Examples
    --------
    >>> Held("overall", "baseline", "ab12", {}, 10, 4096, True).replications
    10
    """

    kept: str
    scenario: str
    address: str
    content: dict[str, Any]
    replications: int
    size: int
    usable: bool


def stores(folder: Path) -> dict[str, Measurements]:
    """Return the stores below a folder, by what they keep of a replication.

    Examples
    --------
    >>> stores(Path("nowhere"))
    {}
    """
    found = {"everything": folder} | {path.name: path for path in sorted(folder.glob("*")) if path.is_dir()}
    return {name: Measurements(path) for name, path in found.items() if (path / "measured").is_dir()}


def inventory(folder: Path) -> list[Held]:
    """List what is kept, by what is said at the end of the files; none is read whole.

    Parameters
    ----------
    folder
        The folder of all stores.

    Examples
    --------
    >>> inventory(Path("nowhere"))
    []
    """
    return [
        _held(name, kept, address) for name, kept in stores(folder).items() for address in kept.addresses()
    ]


def _held(name: str, kept: Measurements, address: str) -> Held:
    files = kept.files(address)
    about: dict[str, Any] = {}
    for path in files:
        try:
            about = read_about(path)
            break
        except Exception as error:  # noqa: BLE001 - there is no end to what damage can make of a file
            kept.damaged.append(f"{path}: {in_a_line(error)}")
    content = about.get("content", {})
    usable = (content.get("model_version"), content.get("definitions")) == (
        MODEL_VERSION,
        current_definitions(),
    )
    size = sum(path.stat().st_size for path in kept.folder_of(address).iterdir())
    label = about.get("provenance", {}).get("scenario", "")
    return Held(name, label, address, content, len(kept.numbers(address)), size, usable)


def verify(folder: Path, progress: Callable[[int, int], None]) -> list[str]:
    """Read every file whole, what was measured and records; return what is damaged, in words.

    Parameters
    ----------
    folder
        The folder of all stores.
    progress
        Called with the number of files read and of all.

    Examples
    --------
    >>> verify(Path("nowhere"), lambda *_: None)
    []
    """
    blocks = [
        (path, address)
        for kept in stores(folder).values()
        for address in kept.addresses()
        for path in kept.files(address)
    ]
    records = _records(folder)
    total, found = len(blocks) + len(records), []
    progress(0, total)
    for done, (path, address) in enumerate(blocks, 1):
        try:
            read_block(path, address)
        except Exception as error:  # noqa: BLE001 - there is no end to what damage can make of a file
            found.append(f"{path}: {in_a_line(error)}")
        progress(done, total)
    for done, path in enumerate(records, len(blocks) + 1):
        store = Store(folder)
        if store.load(path.name.partition(".")[0]) is None:
            found += store.damaged
        progress(done, total)
    return found


def prune(folder: Path, *, damaged: Collection[str] = (), rehearse: bool) -> tuple[int, int]:
    """Remove what this version does not use any more, and what is damaged; return files and bytes.

    Parameters
    ----------
    folder
        The folder of all stores.
    damaged
        As `verify` names it.
    rehearse
        Only count.

    Examples
    --------
    >>> prune(Path("nowhere"), rehearse=True)
    (0, 0)
    """
    kept = stores(folder)
    victims = {
        path
        for one in inventory(folder)
        if not one.usable
        for path in kept[one.kept].folder_of(one.address).iterdir()
    }
    for words in damaged:
        path = Path(words.partition(": ")[0])
        victims |= set(path.parent.glob(f"{path.name.partition('.')[0]}.*"))
    size = sum(path.stat().st_size for path in victims)
    if not rehearse:
        for path in victims:
            path.unlink(missing_ok=True)
        for place in {path.parent for path in victims}:
            if not any(place.iterdir()):
                place.rmdir()
    return len(victims), size


def flat(folder: Path, addresses: Collection[str] | None = None) -> Iterator[pd.DataFrame]:
    """Read out every KPI value that is kept, block by block, as one flat table.

    What a comparison measured has every dimension; of what a sweep or a question measured, only the KPIs over
    all are kept.

    Parameters
    ----------
    folder
        The folder of all stores.
    addresses
        Which scenarios; all unless given.

    Returns
    -------
    iterator of DataFrame
        scenario (its label), address, seed, replication, kpi, dimension, level, value, n, censored.

    Examples
    --------
    >>> list(flat(Path("nowhere")))
    []
    """
    import pandas as pd

    places: dict[str, Measurements] = {}
    for kept in stores(folder).values():  # the one that keeps everything comes first
        for address in kept.addresses():
            places.setdefault(address, kept)
    for address, kept in sorted(places.items()):
        if addresses is not None and address not in addresses:
            continue
        for path in kept.files(address):
            about = read_about(path)
            label, seed = about["provenance"].get("scenario", ""), about["content"]["seed"]
            for number, tables in read_block(path, address).items():
                front = dict(zip((*FRONT, "replication"), (label, address, seed, number), strict=True))
                yield pd.concat([pd.DataFrame(front, index=tables.values.index), tables.values], axis=1)


def write_flat(to: Path, frames: Iterator[pd.DataFrame]) -> int:
    """Write frames below each other to one file, Parquet or CSV by its name; return the number of rows.

    Parameters
    ----------
    to
        The file; what stands there is replaced when all is written.
    frames
        As `flat` gives them; one is in memory at a time.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> write_flat(Path(tempfile.mkdtemp()) / "kpis.csv", iter([pd.DataFrame({"kpi": ["latent"]})] * 2))
    2
    """
    rows = 0

    def counted() -> Iterator[pd.DataFrame]:
        nonlocal rows
        for frame in frames:
            rows += len(frame)
            yield frame

    write_whole(to, lambda path: (_as_csv if to.suffix == ".csv" else _as_parquet)(path, counted()))
    return rows


def _as_csv(path: Path, frames: Iterator[pd.DataFrame]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        for number, frame in enumerate(frames):
            csv_safe(frame).to_csv(file, index=False, header=number == 0)


def _as_parquet(path: Path, frames: Iterator[pd.DataFrame]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    first = next(frames, None)
    if first is None:
        pq.write_table(pa.table({}), path)
        return
    begun = pa.Table.from_pandas(first, preserve_index=False).replace_schema_metadata(None)
    with pq.ParquetWriter(path, begun.schema, compression="zstd") as file:
        file.write_table(begun)
        for frame in frames:
            table = pa.Table.from_pandas(frame, schema=begun.schema, preserve_index=False)
            file.write_table(table.replace_schema_metadata(None))


def _records(folder: Path) -> list[Path]:
    """Return the files of visits of kept records."""
    return sorted(path for path in folder.glob("??/*.visits.parquet") if path.is_file())
