"""Write the speed table of the README from results/benchmark, which `vetsim benchmark` writes."""

from pathlib import Path

from simulation.benchmark.summary import put, summarise_benchmark

if __name__ == "__main__":
    root = Path(__file__).parents[1]
    page = root / "README.md"
    summary = summarise_benchmark(root / "results" / "benchmark")
    page.write_text(put(page.read_text(encoding="utf-8"), summary), encoding="utf-8")
