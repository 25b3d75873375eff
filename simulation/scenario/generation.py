"""Places: generated from a few numbers, or read from a CSV of real ones."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from simulation.scenario.quantities import Identifier, Probability, WholeShares, share_of
from simulation.spec import InputError, Problem, Spec, nearest

__all__ = ["PlaceGenerator", "TierPlan", "read_places"]

COLUMNS = ("id", "name", "tier", "parent", "veterans", "staff", "open", "standard")
GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0


class TierPlan(Spec):
    """One tier of a generated tree of places.

    Examples
    --------
    >>> TierPlan(tier="street", prefix="s", per_parent=11).per_parent
    11
    """

    tier: Identifier
    """The tier's name."""
    prefix: Identifier
    """Beginning of the ids: a prefix and a running number."""
    per_parent: int = Field(default=1, ge=1)
    """How many there are under each place of the tier above; of the first tier, how many in all."""
    above: Identifier | None = None
    """The tier above it; none: the one before it in the list."""
    unstaffed: Probability = 0.0
    """Share of the places without a staffed station."""
    standards: WholeShares = ()
    """Shares of the places below standard, at standard and model; empty: all at standard."""


class PlaceGenerator(Spec):
    """A tree of places made from a few numbers, the same every time.

    Sizes, staffing and standards are spread over the places of a tier by the golden-ratio sequence, so that
    every share is met as closely as whole places allow and no random number is spent.

    Examples
    --------
    >>> tiers = [{"tier": "street", "prefix": "s"}, {"tier": "community", "prefix": "c", "per_parent": 11}]
    >>> places = PlaceGenerator(tiers=tiers, veterans=2000, registered_at="community").places()
    >>> len(places), sum(place["veterans"] for place in places)
    (12, 2000)
    """

    tiers: tuple[TierPlan, ...] = Field(min_length=1)
    """The tiers, from the top."""
    veterans: int = Field(ge=0)
    """Veterans in all, persons."""
    registered_at: Identifier
    """The tier at which veterans are registered."""
    size_cv: float = Field(default=0.0, ge=0, le=2)
    """Coefficient of variation of the number of veterans per place (lognormal quantiles)."""

    @model_validator(mode="after")
    def _known_tiers(self) -> PlaceGenerator:
        names = [plan.tier for plan in self.tiers]
        for index, plan in enumerate(self.tiers):
            if plan.above is not None and plan.above not in names[:index]:
                raise ValueError(
                    f"tier {plan.tier}: above must be a tier earlier in the list; {plan.above!r} is not"
                )
        if self.registered_at not in names:
            raise ValueError(f"registered_at: {self.registered_at!r} is none of the tiers {names}")
        return self

    def places(self) -> list[dict[str, Any]]:
        """Return the places, top first, as input for `Place`."""
        made: list[dict[str, Any]] = []
        by_tier: dict[str, list[str]] = {}
        for index, plan in enumerate(self.tiers):
            above = plan.above or (self.tiers[index - 1].tier if index else None)
            parents: list[str | None] = list(by_tier[above]) if above else [None]
            total = plan.per_parent * len(parents)
            width = len(str(total))
            sizes = self._sizes(total) if plan.tier == self.registered_at else [0] * total
            ids = []
            for number in range(total):
                name = f"{plan.prefix}{number + 1:0{width}d}" if total > 1 else plan.prefix
                ids.append(name)
                made.append(
                    {
                        "id": name,
                        "tier": plan.tier,
                        "parent": parents[number // plan.per_parent],
                        "veterans": sizes[number],
                        "staffed": _spread(number, 0.5) >= plan.unstaffed,
                        "standard": _standard(plan, _spread(number, 0.25)),
                    }
                )
            by_tier[plan.tier] = ids
        return made

    def _sizes(self, total: int) -> list[int]:
        """Whole numbers of veterans per place that add up exactly (largest remainders)."""
        from statistics import NormalDist

        sigma = math.sqrt(math.log1p(self.size_cv**2))
        weights = [math.exp(sigma * NormalDist().inv_cdf(_spread(n, 0.0))) for n in range(total)]
        exact = [self.veterans * weight / sum(weights) for weight in weights]
        sizes = [int(size) for size in exact]
        by_remainder = sorted(range(total), key=lambda n: (sizes[n] - exact[n], n))
        for number in by_remainder[: self.veterans - sum(sizes)]:
            sizes[number] += 1
        return sizes


def _spread(number: int, shift: float) -> float:
    """Golden-ratio sequence: evenly spread over (0, 1) for every number of terms."""
    return ((number + 0.5) * GOLDEN + shift) % 1.0


def _standard(plan: TierPlan, position: float) -> str:
    below = share_of(plan.standards, "below", 0.0)
    model = share_of(plan.standards, "model", 0.0)
    if position < below:
        return "below"
    return "model" if position >= 1.0 - model else "standard"


def read_places(path: Path) -> list[dict[str, Any]]:
    r"""Read real places from a CSV with the columns id, name, tier, parent, veterans, staff, open, standard.

    Parameters
    ----------
    path
        UTF-8 file, with or without byte order mark; `open` holds yes or no; empty cells take the default.

    Raises
    ------
    InputError
        When the file is missing, is not UTF-8, lacks a column, or a row has a duplicate id or a bad number.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "places.csv"
    >>> header = "id,name,tier,parent,veterans,staff,open,standard"
    >>> _ = file.write_text(header + "\nc1,,community,,150,2,yes,below\n")
    >>> read_places(file)[0]["veterans"]
    150
    """
    where = f"places.csv {path}"
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
            if missing:
                hint = f"columns missing: {', '.join(missing)}; the header must be {','.join(COLUMNS)}"
                raise InputError([Problem(where, reader.fieldnames, hint)])
            rows = list(_read_rows(reader, where))
    except FileNotFoundError:
        raise InputError([Problem("places.csv", str(path), "there is no such file")]) from None
    except OSError as error:
        raise InputError([Problem("places.csv", str(path), f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError as error:
        raise InputError(
            [Problem(where, str(error.object[error.start : error.end]), "save the file as UTF-8")]
        ) from None
    problems = [row for row in rows if isinstance(row, Problem)]
    if problems:
        raise InputError(problems)
    return [row for row in rows if isinstance(row, dict)]


def _read_rows(reader: csv.DictReader[str], where: str) -> Iterator[dict[str, Any] | Problem]:
    seen: set[str] = set()
    for row in reader:
        here = f"{where} line {reader.line_num}"
        if None in row or None in row.values():
            hint = f"a row has one cell for each of the {len(reader.fieldnames or ())} columns; quote commas"
            yield Problem(here, [*row.values()], hint)
            continue
        cells = {column: (row[column] or "").strip() for column in COLUMNS}
        place: dict[str, Any] = {"id": cells["id"], "name": cells["name"], "tier": cells["tier"] or "place"}
        if not cells["id"]:
            yield Problem(f"{here} id", "", "each place needs an id")
        elif cells["id"] in seen:
            yield Problem(f"{here} id", cells["id"], "each id may stand once; this one is a duplicate")
        seen.add(cells["id"])
        place["parent"] = cells["parent"] or None
        for column in ("veterans", "staff"):
            if cells[column]:
                if cells[column].isascii() and cells[column].isdigit():
                    place[column] = int(cells[column])
                else:
                    yield Problem(
                        f"{here} {column}", cells[column], "a whole number, zero or more, is needed"
                    )
        if cells["open"].lower() not in ("", "yes", "no"):
            yield Problem(f"{here} open", cells["open"], "write yes or no")
        place["staffed"] = cells["open"].lower() != "no"
        if cells["standard"] not in ("", "below", "standard", "model"):
            hint = nearest(cells["standard"], ["below", "standard", "model"])
            yield Problem(f"{here} standard", cells["standard"], f"unknown standard; {hint}")
        elif cells["standard"]:
            place["standard"] = cells["standard"]
        yield place
