"""Results on disk: prepared out of sight, then put in their places file by file, the manifest last."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from simulation.spec import InputError, Problem
from simulation.store.files import beside, linked, put, refuse_link

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MANIFEST", "Draft", "check_writable"]

MANIFEST = "manifest.json"
"""The file that says what the others are; it is put in its place last."""


class Draft:
    """Results that are being prepared; until they are published the earlier ones stay as they are.

    Files in the folder that no earlier results put there are never touched. Nothing is written or
    removed through a link: neither the folder nor one within it may be one.

    Parameters
    ----------
    folder
        Where the results will be.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp()) / "district"
    >>> with Draft(folder) as draft:
    ...     draft.text("report.html", "<p>What would help?</p>")
    ...     draft.publish({"seed": 1})
    >>> sorted(path.name for path in folder.iterdir())
    ['manifest.json', 'report.html']
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._hidden = beside(folder)

    def __enter__(self) -> Draft:
        self._hidden.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self._hidden, ignore_errors=True)

    def path(self, name: str) -> Path:
        """Return where to write the file of this name for now; its folder is made."""
        path = self._hidden / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def text(self, name: str, content: str) -> None:
        """Add a text file."""
        self.path(name).write_text(content, encoding="utf-8")

    def parquet(self, name: str, frame: pd.DataFrame) -> None:
        """Add a table for programs."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
        numbers = [field.name for field in table.schema if pa.types.is_floating(field.type)]
        pq.write_table(
            table,
            self.path(f"{name}.parquet"),
            compression="zstd",
            compression_level=19,
            use_dictionary=[name for name in table.column_names if name not in numbers],
            use_byte_stream_split=numbers,
        )

    def csv(self, name: str, frame: pd.DataFrame) -> None:
        """Add a table for people: numbers to five digits, nothing that a spreadsheet takes for a formula."""
        from simulation.analysis.wording import csv_safe

        csv_safe(frame).to_csv(self.path(f"{name}.csv"), index=False, float_format="%.5g")

    def publish(self, manifest: Mapping[str, Any]) -> None:
        """Put every file in its place, the manifest last, and remove what only earlier results had.

        Raises
        ------
        InputError
            When the folder, or one that a file belongs in, is a link to elsewhere.
        """
        files = sorted(
            str(path.relative_to(self._hidden)) for path in self._hidden.rglob("*") if path.is_file()
        )
        for name in files:
            refuse_link(self.folder, name)
        before = _listed(self.folder / MANIFEST)
        content = json.dumps({**manifest, "files": files}, indent=2, ensure_ascii=False, allow_nan=False)
        self.text(MANIFEST, content + "\n")
        for name in (*files, MANIFEST):
            place = self.folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            put(self.path(name), place)
        for name in before - set(files):
            place = self.folder / name
            if linked(self.folder, name) is None and place.is_file():
                place.unlink()


def _listed(manifest: Path) -> set[str]:
    """Name the files that earlier results consist of, those within their own folder only."""
    try:
        names = json.loads(manifest.read_text(encoding="utf-8"))["files"]
        return {
            name
            for name in names
            if not (Path(name).is_absolute() or ".." in Path(name).parts or "\0" in name)
        }
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return set()


def check_writable(folder: Path) -> None:
    """Raise InputError unless files can be written in the folder, which is made if it is missing.

    Parameters
    ----------
    folder
        The folder for results.

    Examples
    --------
    >>> import tempfile
    >>> check_writable(Path(tempfile.mkdtemp()) / "results")
    """
    probe = beside(folder / "probe")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        message = f"the folder for results cannot be written ({error.strerror}); name another with --results"
        raise InputError([Problem("results", str(folder), message)]) from None
