"""What the commands print."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from simulation.benchmark import Benchmark
    from simulation.publication import Publication
    from simulation.study import Design
    from simulation.validation import Agreement

__all__ = ["emit", "print_agreement", "print_benchmark", "print_comparison", "print_values", "written"]


def print_comparison(design: Design, published: Publication) -> None:
    """Print the answer, and how each policy differs from the baseline on the headline KPIs."""
    from simulation.analysis.wording import change, quantity

    print(*published.answer, sep="\n")
    table = published.comparison
    for kpi in design.study.deciding:
        rows = table[table["kpi"] == kpi.id]
        if rows.empty:
            continue
        print(f"\n{kpi.title}: {quantity(float(rows['baseline_mean'].iloc[0]), kpi.unit)} at baseline")
        for row in rows.to_dict("records"):
            said = change(row["difference"], row["low"], row["high"], kpi.unit)
            moved = f"{said.difference} {said.unit}".strip()
            print(f"  {row['scenario']:20} {moved} ({said.low} to {said.high}): {row['verdict']}")
    print(f"\nThe report: {published.folder / 'report.html'}")


def print_values(design: Design, table: pd.DataFrame) -> None:
    """Print the headline KPIs of one scenario, each with the half-width of its interval."""
    from simulation.analysis.wording import quantity

    scenario = design.scenarios[-1]
    names = [scenario.title or scenario.id, design.city.title or design.city.id]
    print(f"{', '.join(names)}: {design.study.replications} replication(s)")
    found = {row["kpi"]: row for row in table.to_dict("records")}
    for kpi in design.study.deciding:
        mean, half = found[kpi.id]["mean"], found[kpi.id]["half_width"]
        spread = "" if math.isnan(half) else f" ± {quantity(half, kpi.unit)}"
        print(f"  {kpi.title}: {quantity(mean, kpi.unit)}{spread}")


def print_benchmark(measured: Benchmark, page: Path) -> None:
    """Print how fast each engine was, and what of the aims was reached."""
    tables = measured.tables()
    for row in tables["benchmark"].to_dict("records"):
        print(
            f"{row['workload']:9} {row['engine']:18} {row['rate']:12,.0f} customers/s"
            f" {row['over_simpy']:9.2f} times SimPy"
        )
    for row in tables["systems"].to_dict("records"):
        print(
            f"{row['title']}, {row['engine']}: {row['engine_seconds']:.3f} s for the events of "
            f"{row['cases']:,} cases, {row['replication']:.3f} s for all of a replication"
        )
    for aim in measured.aims:
        wanted = f"{'at least' if aim.at_least else 'at most'} {aim.wanted:g}"
        reached = "reached" if aim.reached else "NOT REACHED"
        print(f"{aim.about}: {aim.found:.3g} {aim.unit} ({wanted}): {reached}")
    print(f"\nMore: {page}")


def print_agreement(agreements: Sequence[Agreement]) -> None:
    """Print published and measured values side by side, first what decides, then what is only shown."""
    for decides in (True, False):
        print("What decides:" if decides else "\nFor information:")
        print(f"{'':48}{'published':>10}{'here':>9}{'+- sd':>8}{'apart':>9}{'allowed':>9}")
        scenario = ""
        for line in agreements:
            if decides == bool(line.quantity.note):
                continue
            if line.scenario != scenario:
                scenario = line.scenario
                print(scenario)
            print(
                f"  {line.quantity.title:46}{line.published.mean:10.3f}{line.mean:9.4f}{line.sd:8.4f}"
                f"{line.difference:+9.4f}{line.tolerance:9.4f}  {_verdict(line)}"
            )


def _verdict(line: Agreement) -> str:
    if line.quantity.note:
        return f"{'within' if line.within else 'apart'} ({line.quantity.note})"
    return "holds" if line.holds else "OUT OF TOLERANCE"


def written(value: Any) -> str:
    """Write a value as it would be written on the command line."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def emit(content: Any) -> None:
    """Print JSON."""
    print(json.dumps(content, indent=2, ensure_ascii=False))
