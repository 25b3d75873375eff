"""What the commands do once they know what is asked: run, publish, and say how far they have come."""

from __future__ import annotations

import shlex
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import TYPE_CHECKING

from simulation.cli.running import asking, cores, replications

if TYPE_CHECKING:
    from simulation.benchmark import System
    from simulation.procedures.precision import Precision
    from simulation.publication import Nation, Publication
    from simulation.runner import StudyResults
    from simulation.study import Design
    from simulation.validation import Agreement

__all__ = [
    "benchmark_systems",
    "compare_design",
    "in_words",
    "now",
    "own_folder",
    "reproduce",
    "run_nation",
]

SYSTEMS = {"phc": ("phc_1", "phc_2", "phc_3", "phc_benchmark")}
"""Published systems: a study of the same name, and the cities that it runs besides its own policies."""

TEN_CITIES = (
    "city=city_s",
    "size.veterans=2000000",
    "size.districts=100",
    "scenario.teams.city.staff.officers.count=250",
)
"""City S ten times over, under one centre."""

SAME_RESULTS = (
    "study=",
    "study.id=",
    *(f"{of}{key}=" for key in ("engine", "execution", "scheduler", "keep_records") for of in ("", "study.")),
)
"""Settings that leave the results of a study what they are."""


def compare_design(
    design: Design,
    settings: Sequence[str],
    results: Path,
    workers: int | None = None,
    config_dir: Path | None = None,
) -> Publication:
    """Run a design and publish what comes of it, in a folder that no other design writes to."""
    from simulation.store import Ledger, answers_in

    folder, ledger = own_folder(design, settings, results), Ledger(results / design.study.id)
    ledger.entries()  # one that cannot be read is known before anything is run
    precision = None
    if design.study.precision is None:
        found = replications(design.study, design.scenarios, results, workers)
    else:
        precision, found = _precise(design, results, workers)

    from simulation.publication import Past, publish, tried_now

    command, written = in_words("compare", settings, config_dir), now()
    tried = tried_now(design, command)
    digests = {one["scenario"]: one["digest"] for one in tried}
    answers = answers_in(folder, design.study.id, design.terms, digests)
    past = Past(tuple(ledger.add(tried, written)), answers)
    crew = 1 if design.study.execution == "serial" else workers or cores()
    return publish(design, found, folder, command, written, precision=precision, past=past, workers=crew)


def _precise(design: Design, results: Path, workers: int | None) -> tuple[Precision, StudyResults]:
    """Run as many replications as the precision takes, and give all that was measured of those."""
    begun = time.perf_counter()
    with asking(design.study, results, workers, everything=True) as runs:
        from simulation.procedures.precision import reach_precision

        precision = reach_precision(design, runs)
    study = design.study.model_copy(update={"replications": precision.replications})
    found = replications(study, design.scenarios, results, workers)
    return precision, replace(
        found,
        simulated=found.simulated + runs.simulated,
        loaded=max(0, found.loaded - runs.simulated),
        seconds=time.perf_counter() - begun,
    )


def own_folder(design: Design, settings: Sequence[str], results: Path) -> Path:
    """Return the folder of a design within the results, which can be written.

    It is named after the study as it is configured. With other settings on the command line the digest of the
    design is added, so that a quick look never replaces the study of record.
    """
    from simulation.store import check_writable, refuse_link

    plain = all(setting.startswith(SAME_RESULTS) for setting in settings)
    folder = results / (design.study.id if plain else f"{design.study.id}-{design.digest[:10]}")
    check_writable(results)
    refuse_link(folder)
    if folder.exists():
        check_writable(folder)
    return folder


def in_words(command: str, settings: Sequence[str], config_dir: Path | None) -> str:
    """Write a command as it would be typed."""
    own = ["--config-dir", str(config_dir)] if config_dir else []
    return shlex.join(["vetsim", command, *settings, *own])


def now() -> str:
    """Tell the time, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def run_nation(
    settings: Sequence[str], results: Path, workers: int | None = None, config_dir: Path | None = None
) -> Nation:
    """Run the cities of a nation, keeping little of each, and write what comes of them."""
    from simulation.configuration import read_design

    design = read_design(["study=national", *settings], config_dir)
    design = replace(design, policies=design.policies[:1])

    from simulation.runner import nationwide

    found = replications(design.study, design.scenarios, results, workers, nationwide)

    from simulation.publication import publish_nation

    peak = getrusage(RUSAGE_SELF).ru_maxrss / 1024  # Linux counts in KiB
    return publish_nation(
        design, found, results / design.study.id, in_words("national", settings, None), now(), peak
    )


def reproduce(system: str, settings: Sequence[str], runs: int | None, workers: int | None) -> list[Agreement]:
    """Run a published system, showing progress, and set it beside what was published."""
    from simulation.configuration import read_design
    from simulation.spec import InputError, Problem, nearest

    if system not in SYSTEMS:
        message = f"there is no such published system; {nearest(system, list(SYSTEMS))}"
        raise InputError([Problem("system", system, message)])
    cast = {
        name: read_design([f"study={system}", f"city={name}", "policy=baseline", *settings]).scenarios[0]
        for name in SYSTEMS[system]
    }
    design = read_design([f"study={system}", *settings])
    for policy, scenario in zip(design.policies[1:], design.scenarios[1:], strict=True):
        cast[f"{design.city.id}, {policy.id}"] = scenario

    from simulation.cli.compilation import told
    from simulation.cli.progress import shown

    study = design.study
    with told() as compiled, shown(compiled) as progress:
        from simulation.runner import measure_runs
        from simulation.validation import MEASURES, PUBLISHED, compare, measure

        table = measure_runs(
            cast,
            study.horizon,
            study.seed,
            runs or study.replications,
            partial(measure, warm_up=study.warm_up),
            engine=study.engine,
            workers=workers or cores(),
            progress=progress,
        )
    return compare(table, PUBLISHED, MEASURES)


def benchmark_systems(rounds: int, *, quick: bool) -> list[System]:
    """Return the systems of the benchmark: a district, the whole city, a city of ten times the size."""
    from simulation.benchmark import System
    from simulation.configuration import read_design

    runs: dict[str, tuple[tuple[str, ...], str, int, int]]
    if quick:
        runs = {"street": (("city=street",), "", 1, 1)}
    else:
        runs = {
            "district": (("city=district",), "", rounds, rounds),
            "city_s": (("city=city_s",), "", 1, min(rounds, 3)),
            "ten_cities": (TEN_CITIES, "City S ten times over", 0, 1),
        }
    found = []
    for name, (settings, title, reference, own) in runs.items():
        design = read_design([*settings, "policy=baseline"])
        study, called = design.study, title or design.city.title
        found.append(System(name, called, design.city, study.horizon, study.window, reference, own))
    return found
