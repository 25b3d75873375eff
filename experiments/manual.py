"""Write the pages that come from the code and the configs: the language, the assumptions, the engines."""

from pathlib import Path

from simulation.configuration import write_assumptions
from simulation.engines.manual import write_engines
from simulation.scenario.manual import write_manual

if __name__ == "__main__":
    docs = Path(__file__).parents[1] / "docs"
    pages = {"scenario": write_manual, "assumptions": write_assumptions, "engines": write_engines}
    for name, write in pages.items():
        (docs / f"{name}.md").write_text(write(), encoding="utf-8")
