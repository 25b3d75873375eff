"""What was measured of replications on disk: tables in Parquet, one file for each block of replications."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from simulation import kpis
from simulation.kpis import Window
from simulation.kpis.evaluation import Tables
from simulation.records import MODEL_VERSION
from simulation.scenario.indices import Indices
from simulation.store.tables import read_table, stack, take_apart, write_table

__all__ = ["BLOCK", "Measurements", "Shelf", "shelf"]

BLOCK = 10
"""Replications of a block: replication r belongs to block r // 10, and no file reaches beyond its block."""


def current_definitions() -> str:
    """Return the digest of the definitions of the KPIs as they are now.

    Examples
    --------
    >>> len(current_definitions())
    64
    """
    return _definitions(Path(kpis.__file__).parent)


@cache
def _definitions(room: Path) -> str:
    """Digest of all that decides how records are measured: the code of the KPIs."""
    found = hashlib.sha256()
    for file in sorted(room.rglob("*.py")):
        found.update(f"{file.relative_to(room).as_posix()}\n".encode() + file.read_bytes())
    return found.hexdigest()


class Shelf(NamedTuple):
    """Where what is measured of one scenario is kept, and all that decides it."""

    address: str
    """A digest of what follows."""
    content: Mapping[str, Any]
    """Scenario (its digest), horizon, seed, window, model_version, weights, definitions."""


def shelf(scenario: str, horizon: float, seed: int, window: Window, indices: Indices) -> Shelf:
    """Return where what is measured of a scenario is kept: an address made of all that decides the values.

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
    >>> one_day.address == two_days.address
    False
    """
    content = {
        "scenario": scenario,
        "horizon": float(horizon),
        "seed": int(seed),
        "window": [float(window.start), float(window.end)],
        "model_version": MODEL_VERSION,
        "weights": hashlib.sha256(indices.model_dump_json().encode()).hexdigest(),
        "definitions": current_definitions(),
    }
    # JSON writes the shortest digits that give the same float again.
    return Shelf(hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest(), content)


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
    >>> kept, place = Measurements(Path(tempfile.mkdtemp())), Shelf("ab12", {})
    >>> tables = Tables(pd.DataFrame({"kpi": ["latent"], "value": [6.0]}), {})
    >>> kept.save(place, {0: tables, 1: tables}, {"scenario": "baseline"})
    >>> sorted(kept.load(place, range(5))), sorted(kept.numbers("ab12"))
    ([0, 1], [0, 1])
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.damaged: list[str] = []
        """What was found damaged, in words."""

    def addresses(self) -> list[str]:
        """Return the addresses at which something is kept."""
        return sorted(path.name for path in self.folder.glob("measured/*/*") if path.is_dir())

    def numbers(self, address: str) -> set[int]:
        """Return the numbers of the replications that seem to be there, by the names of the files alone."""
        return {number for path in self.files(address) for number in range(*_reach(path))}

    def load(self, place: Shelf, wanted: Collection[int]) -> dict[int, Tables]:
        """Return what was measured of those of the wanted replications that are there, by their number."""
        found: dict[int, Tables] = {}
        for path in self.files(place.address):
            if {number for number in range(*_reach(path)) if number in wanted} <= found.keys():
                continue
            try:
                whole = read_block(path, place.address)
            except Exception as error:  # noqa: BLE001 - there is no end to what damage can make of a file
                self.damaged.append(f"{path}: {in_a_line(error)}; measured again")
            else:
                found |= {number: tables for number, tables in whole.items() if number in wanted}
        return found

    def save(self, place: Shelf, measured: Mapping[int, Tables], provenance: Mapping[str, str]) -> None:
        """Write what was measured of some replications, a file for each block that they belong to.

        Who reads finds all of a file or nothing. Numbers with gaps between them get files of their own.

        Parameters
        ----------
        place
            Where: the `shelf` of scenario, horizon, seed and window.
        measured
            The tables of each replication, by its number.
        provenance
            How they came about (the scenario's id, versions, machine, git state); not part of the address.
        """
        for numbers in _runs(sorted(measured)):
            series = {number: tables.series for number in numbers if (tables := measured[number]).series}
            path = self.folder_of(place.address) / f"{numbers[0]:06d}-{numbers[-1]:06d}.parquet"
            about: dict[str, Any] = {"address": place.address, "content": dict(place.content)}
            about |= {"replications": list(numbers), "series": ""}
            if series:
                about["series"] = write_table(_beside(path), *stack(series), {"address": place.address})
            values = {number: {"values": measured[number].values} for number in numbers}
            # The values go last: without them the block is not there.
            write_table(path, *stack(values), about, provenance)

    def files(self, address: str) -> list[Path]:
        """Return the files of values at an address, by their names."""
        try:
            found = list(self.folder_of(address).iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []
        return sorted(path for path in found if _reach(path)[1])

    def folder_of(self, address: str) -> Path:
        """Return the folder of an address, whether it is there or not."""
        return self.folder / "measured" / address[:2] / address


def in_a_line(error: BaseException) -> str:
    """Write an error in one line of bearable length.

    Examples
    --------
    >>> in_a_line(ValueError("no"))
    'ValueError: no'
    """
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0][:200]}"


def _reach(path: Path) -> tuple[int, int]:
    """Tell from its name which replications a file holds, as a range; an empty one for other files."""
    first, _, last = path.name.removesuffix(".parquet").partition("-")
    if path.suffix != ".parquet" or not (first.isdigit() and last.isdigit()):
        return 0, 0
    return int(first), int(last) + 1


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.stem}.series.parquet")


def _runs(numbers: Iterable[int]) -> Iterator[list[int]]:
    """Cut numbers where there is a gap, and at the borders of blocks."""
    run: list[int] = []
    for number in numbers:
        if run and (number > run[-1] + 1 or number % BLOCK == 0):
            yield run
            run = []
        run.append(number)
    if run:
        yield run


def read_block(path: Path, address: str) -> dict[int, Tables]:
    """Read a block of replications, or raise when it is not the one that was saved there.

    Examples
    --------
    >>> read_block(Path("000000-000009.parquet"), "ab12")
    Traceback (most recent call last):
        ...
    FileNotFoundError: 000000-000009.parquet
    """
    table, about = read_table(path)
    if about["address"] != address or list(range(*_reach(path))) != about["replications"]:
        raise ValueError("it holds something else than its name says")
    values = take_apart(table, about["whose"])
    series: dict[int, dict[str, Any]] = {}
    if about["series"]:
        beside, told = read_table(_beside(path))
        if told["checksum"] != about["series"]:
            raise ValueError("its values and its series are of different runs")
        series = take_apart(beside, told["whose"])
    return {number: Tables(values[number]["values"], series.get(number, {})) for number in values}
