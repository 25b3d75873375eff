"""The manual says what the code does."""

from pathlib import Path

from simulation.scenario.manual import write_manual

PAGE = Path(__file__).parents[2] / "docs" / "scenario.md"


def test_the_page_is_the_one_that_the_code_writes() -> None:
    """`python experiments/manual.py` would change nothing."""
    assert PAGE.read_text(encoding="utf-8") == write_manual()


def test_every_field_has_a_meaning() -> None:
    """No row of the manual ends in an empty cell."""
    rows = [line for line in write_manual().splitlines() if line.startswith("| `")]
    assert len(rows) > 100
    assert [row for row in rows if row.endswith("|  |")] == []
