"""Frames of several replications in one Parquet file, with a checksum of all that it says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simulation.store.files import write_whole

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["read_about", "read_table", "stack", "take_apart", "write_table"]

_KEY = b"vetsim"
_WORDS = ("series", "kpi", "dimension", "level")

Frames = Mapping[int, Mapping[str, "pd.DataFrame"]]
"""Frames by number of the replication and name."""


def stack(frames: Frames) -> tuple[pa.Table, dict[str, Any]]:
    """Put frames one below the other, each with its name and replication; beside it, what is whose.

    Examples
    --------
    >>> import pandas as pd
    >>> table, whose = stack({3: {"values": pd.DataFrame({"kpi": ["latent"], "value": [6.0]})}})
    >>> table.column_names, whose
    (['replication', 'kpi', 'value'], {'values': {'columns': ['kpi', 'value'], 'rows': {3: 1}}})
    """
    import pandas as pd
    import pyarrow as pa

    names = list(dict.fromkeys(name for some in frames.values() for name in some))
    parts, whose = [], {}
    for name in names:
        some = {number: tables[name] for number, tables in frames.items() if name in tables}
        rows = {number: len(frame) for number, frame in some.items()}
        part = pa.Table.from_pandas(pd.concat(some.values(), ignore_index=True), preserve_index=False)
        if any(pa.types.is_null(kind) for kind in part.schema.types):
            raise TypeError(f"{name}: a column without a type; a frame must have types even when it is empty")
        whose[name] = {"columns": part.column_names, "rows": rows}
        keys = np.repeat(np.array(list(rows), dtype=np.int64), list(rows.values()))
        part = part.add_column(0, "replication", pa.array(keys))
        if len(names) > 1:
            part = part.add_column(0, "series", pa.array([name] * len(part)))
        parts.append(part.replace_schema_metadata(None))
    return pa.concat_tables(parts, promote_options="default").combine_chunks(), whose


def write_table(
    path: Path,
    table: pa.Table,
    whose: Mapping[str, Any],
    about: Mapping[str, Any],
    provenance: Mapping[str, str] | None = None,
) -> str:
    """Write a table whole or not at all; return the checksum of what it says.

    Parameters
    ----------
    path
        Where to.
    table, whose
        As `stack` gives them.
    about
        What else is said of it, under the same checksum.
    provenance
        How it came about; beside the checksum.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> stacked = stack({3: {"values": pd.DataFrame({"kpi": ["latent"], "value": [6.0]})}})
    >>> len(write_table(Path(tempfile.mkdtemp()) / "block.parquet", *stacked, {"address": "ab12"}))
    32
    """
    import pyarrow.parquet as pq

    said = json.dumps({**about, "whose": whose})
    checksum = _checksum(table, said)
    more = {"said": said, "checksum": checksum, "provenance": dict(provenance or {})}
    table = table.replace_schema_metadata({_KEY: json.dumps(more).encode()})
    words = [name for name in table.column_names if name in _WORDS]

    def write(unfinished: Path) -> None:
        pq.write_table(table, unfinished, compression="zstd", use_dictionary=words)

    write_whole(path, write)
    return checksum


def _checksum(table: pa.Table, said: str) -> str:
    """Digest what a table says, however it is laid out in memory or on disk."""
    import pyarrow as pa

    found = hashlib.blake2b(said.encode(), digest_size=16)
    for name in table.column_names:
        column = table[name].combine_chunks()
        found.update(f"\n{name} {column.null_count}\n".encode())
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            coded = column.dictionary_encode()
            found.update("\n".join(map(str, coded.dictionary.to_pylist())).encode())
            column = coded.indices
        # What is missing becomes NaN.
        found.update(np.ascontiguousarray(column.to_numpy(zero_copy_only=False)).data)
    return found.hexdigest()


def read_table(path: Path) -> tuple[pa.Table, dict[str, Any]]:
    """Read a table and what is said of it, or raise when it is not what was written.

    Examples
    --------
    >>> read_table(Path("nowhere.parquet"))
    Traceback (most recent call last):
        ...
    FileNotFoundError: nowhere.parquet
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.exists():
        raise FileNotFoundError(str(path))
    file = pq.ParquetFile(pa.BufferReader(path.read_bytes()))
    more = json.loads((file.metadata.metadata or {})[_KEY])
    table = file.read(use_threads=False).replace_schema_metadata(None)
    if _checksum(table, more["said"]) != more["checksum"]:
        raise ValueError("its content does not match its checksum")
    return table, {**json.loads(more["said"]), **more}


def read_about(path: Path) -> dict[str, Any]:
    """Read what is said of a table, at the end of its file, without the table; nothing is verified.

    Examples
    --------
    >>> read_about(Path("nowhere.parquet"))
    Traceback (most recent call last):
        ...
    FileNotFoundError: nowhere.parquet
    """
    import pyarrow.parquet as pq

    if not path.exists():
        raise FileNotFoundError(str(path))
    more = json.loads((pq.read_metadata(path).metadata or {})[_KEY])
    return {**json.loads(more["said"]), **more}


def take_apart(table: pa.Table, whose: Mapping[str, Any]) -> dict[int, dict[str, pd.DataFrame]]:
    """Give back what `stack` put together.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"kpi": ["latent"], "value": [6.0]})
    >>> take_apart(*stack({3: {"values": frame}}))[3]["values"].equals(frame)
    True
    """
    found: dict[int, dict[str, pd.DataFrame]] = {}
    low = 0
    for name, part in whose.items():
        size = sum(part["rows"].values())
        frame = table.slice(low, size).select(part["columns"]).to_pandas(use_threads=False)
        if size != len(frame):
            raise ValueError("rows are missing")
        low, first = low + size, 0
        for number, rows in part["rows"].items():
            taken = frame.iloc[first : first + rows].reset_index(drop=True)
            found.setdefault(int(number), {})[name] = taken
            first += rows
    return found
