"""Write the pages of the manual that come from the code and the configs: the language, the assumptions."""

from pathlib import Path

from simulation.configuration import write_assumptions
from simulation.scenario.manual import write_manual

if __name__ == "__main__":
    docs = Path(__file__).parents[1] / "docs"
    for name, text in (("scenario", write_manual()), ("assumptions", write_assumptions())):
        (docs / f"{name}.md").write_text(text, encoding="utf-8")
