"""The manual says what the code and the configs do."""

from pathlib import Path

import pytest

from simulation.configuration import write_assumptions
from simulation.engines.manual import write_engines
from simulation.scenario.manual import write_manual

DOCS = Path(__file__).parents[2] / "docs"


PAGES = {"scenario": write_manual, "assumptions": write_assumptions, "engines": write_engines}


@pytest.mark.parametrize(("page", "write"), PAGES.items())
def test_the_page_is_the_one_that_is_written(page: str, write) -> None:
    """`python experiments/manual.py` would change nothing."""
    assert (DOCS / f"{page}.md").read_text(encoding="utf-8") == write()


def test_every_field_has_a_meaning() -> None:
    """No row of the manual ends in an empty cell."""
    rows = [line for line in write_manual().splitlines() if line.startswith("| `")]
    assert len(rows) > 100
    assert [row for row in rows if row.endswith("|  |")] == []
