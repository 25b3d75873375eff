"""What running many replications costs beside the replications themselves.

    python experiments/scaling.py              # all of it, ten minutes on two idle cores; to results/scaling/
    python experiments/scaling.py --quick      # a little of it, to see it run

Everything is measured side by side in one run: the engine alone and the whole of runner and store, in turns;
threads, processes and the workers of a Dask cluster on this machine, in turns; and a store that holds
100,000 replications (tables of one real replication, saved under 100,000 numbers).
"""

import argparse
import json
import pickle
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from simulation import engines, kpis, provenance  # noqa: E402
from simulation.configuration import read_design  # noqa: E402
from simulation.layout import make_layout  # noqa: E402
from simulation.runner import everything, overall, run_study  # noqa: E402
from simulation.scenario import Scenario, digest  # noqa: E402
from simulation.store import BLOCK, Measurements, Store, inventory, shelf  # noqa: E402
from simulation.study import Design, Study  # noqa: E402

WORKERS = 2


def seconds(do: Callable[[], object]) -> float:
    """Time something."""
    begun = time.perf_counter()
    do()
    return time.perf_counter() - begun


def studied(study: Study, scenarios: list[Scenario], workers: int) -> float:
    """Time a study into an empty store."""
    folder = Path(tempfile.mkdtemp(dir=ROOT / "results"))
    try:
        return seconds(lambda: run_study(study, scenarios, Store(folder), workers=workers))
    finally:
        shutil.rmtree(folder)


def overhead(design: Design, rounds: int, replications: int) -> dict[str, float]:
    """Compare a study by one worker with the same replications by the engine and the KPIs alone."""
    study = design.study.model_copy(update={"replications": replications, "execution": "serial"})
    scenario = design.scenarios[0]
    parts: dict[str, list[float]] = {"engine": [], "kpis": [], "study": []}
    for number in range(rounds):
        layout = make_layout(scenario, study.horizon)
        ran = [0.0, 0.0]
        for replication in range(replications):
            begun = time.perf_counter()
            one = engines.replicate(layout, study.seed, replication, study.engine)
            between = time.perf_counter()
            kpis.measure(one, study.window)
            ran[0] += between - begun
            ran[1] += time.perf_counter() - between
        whole = studied(study, [scenario], 1)
        if number:  # the first round compiles, loads and fills caches
            for name, value in zip(parts, (*ran, whole), strict=True):
                parts[name].append(value / replications)
    found = {f"{name}_s": statistics.median(values) for name, values in parts.items()}
    extra = [
        (whole - engine - measured) / engine
        for engine, measured, whole in zip(parts["engine"], parts["kpis"], parts["study"], strict=True)
    ]
    return {**found, "overhead_of_engine": statistics.median(extra)}


def executions(design: Design, rounds: int, replications: int) -> dict[str, float]:
    """Time the same study by two threads, two processes and two Dask workers, in turns."""
    scenarios = list(design.scenarios)
    found: dict[str, list[float]] = {name: [] for name in ("serial", "threads", "processes", "dask")}
    starts: dict[str, float] = {}
    for number in range(rounds + 1):
        for name, values in found.items():
            size = replications if number else WORKERS  # the first round compiles and loads
            study = design.study.model_copy(update={"replications": size, "execution": name})
            took = studied(study, scenarios, WORKERS)
            if number:
                values.append(took)
            else:
                starts[name] = took
    medians = {f"{name}_s": statistics.median(values) for name, values in found.items()}
    count = replications * len(scenarios)
    marginal = {name: (medians[f"{name}_s"] - starts[name]) / count for name in found}
    return {
        **medians,
        **{f"{name}_start_s": values for name, values in starts.items()},
        **{f"{name}_marginal_s": value for name, value in marginal.items()},
        "dask_over_threads": statistics.median(
            threads / dask for threads, dask in zip(found["threads"], found["dask"], strict=True)
        ),
        "dask_over_threads_without_start": marginal["threads"] / marginal["dask"],
        "replications": count,
    }


def keeping(design: Design, rounds: int) -> dict[str, float]:
    """Time, by replication, what the one process that writes must do: take what is sent, and keep it."""
    study, scenario = design.study, design.scenarios[0]
    layout = make_layout(scenario, study.horizon)
    whole = {
        number: kpis.measure(engines.replicate(layout, study.seed, number, study.engine), study.window)
        for number in range(BLOCK)
    }
    place = shelf(digest(scenario), study.horizon, study.seed, study.window, scenario.indices)
    found = {}
    for name, keep in (("everything", everything), ("overall", overall)):
        sent = pickle.dumps({number: keep(tables) for number, tables in whole.items()})
        took = []
        for _ in range(rounds + 1):
            folder = Path(tempfile.mkdtemp(dir=ROOT / "results"))
            took.append(seconds(lambda: Measurements(folder).save(place, pickle.loads(sent), {})))  # noqa: B023, S301
            shutil.rmtree(folder)
        found[f"{name}_s"] = statistics.median(took[1:]) / BLOCK
        found[f"{name}_bytes"] = len(sent) / BLOCK
    return found


def projection(found: dict[str, dict[str, float]], cores: int) -> dict[str, float]:
    """Project wall times: the longer of what the workers and what the one who writes must do.

    A worker takes as long for a replication as each of two processes did here; the writer takes what was
    measured. A million replications of a district, of which is kept what a sweep keeps.
    """
    each = WORKERS * found["executions"]["processes_marginal_s"]
    writer = found["keeping"]["overall_s"]
    return {
        "cores": cores,
        "million_districts_workers_h": 1e6 * each / cores / 3600,
        "million_districts_writer_h": 1e6 * writer / 3600,
        "cores_that_one_writer_serves": each / writer,
    }


def stored(design: Design, scenarios: int, replications: int) -> dict[str, float]:
    """Fill a store, and time its list and the decision what a longer study lacks."""
    study, city = design.study, design.scenarios[0]
    layout = make_layout(city, study.horizon)
    tables = overall(kpis.measure(engines.replicate(layout, study.seed, 0, study.engine), study.window))
    folder = Path(tempfile.mkdtemp(dir=ROOT / "results"))
    try:
        kept = Measurements(folder)
        marks = [f"{number:08d}{digest(city)[8:]}" for number in range(scenarios)]
        places = [shelf(mark, study.horizon, study.seed, study.window, city.indices) for mark in marks]
        filling = seconds(
            lambda: [kept.save(place, dict.fromkeys(range(replications), tables), {}) for place in places]
        )
        listing = seconds(lambda: inventory(folder))
        wanted = set(range(replications + 10))

        def decide() -> int:
            total = 0
            for mark in marks:
                digest(city)  # as a study would, of each scenario of its own
                place = shelf(mark, study.horizon, study.seed, study.window, city.indices)
                total += len(wanted - kept.numbers(place.address))
            return total

        assert decide() == 10 * scenarios
        opening = seconds(lambda: [kept.numbers(place.address) for place in places])
        return {
            "replications": scenarios * replications,
            "scenarios": scenarios,
            "filling_s": filling,
            "open_s": opening,
            "list_s": listing,
            "decide_what_is_missing_s": seconds(decide),
        }
    finally:
        shutil.rmtree(folder)


def main() -> None:
    """Do it, and write what was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    city, rounds, replications = ("street", 2, 10) if quick else ("district", 5, 40)
    one = read_design([f"city={city}", "policy=baseline"])
    two = read_design([f"city={city}", "policy=[baseline,closed_loop]"])
    found = {
        "machine": provenance.machine(),
        "versions": provenance.versions(),
        "overhead": overhead(one, rounds, replications),
        "executions": executions(two, 1 if quick else 3, replications if quick else 180),
        "keeping": keeping(one, rounds),
        "store": stored(one, 10 if quick else 100, 100 if quick else 1000),
    }
    found["projection"] = projection(found, 100)
    text = json.dumps(found, indent=1)
    print(text)
    if not quick:
        folder = ROOT / "results" / "scaling"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "scaling.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
