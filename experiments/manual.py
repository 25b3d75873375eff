"""Write docs/scenario.md, the manual of the scenario language, anew."""

from pathlib import Path

from simulation.scenario.manual import write_manual

if __name__ == "__main__":
    page = Path(__file__).parents[1] / "docs" / "scenario.md"
    page.write_text(write_manual(), encoding="utf-8")
