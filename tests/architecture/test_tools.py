"""The tools that read the code find nothing: one test command covers them all."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.reading import ROOT

BIN = Path(sys.executable).parent
COMMANDS = {
    "ruff": [BIN / "ruff", "check", "--no-cache", "."],
    "format": [BIN / "ruff", "format", "--no-cache", "--check", "."],
    "mypy": [sys.executable, "-m", "mypy"],
    "imports": [BIN / "lint-imports", "--no-cache"],
}


@pytest.mark.parametrize("tool", COMMANDS)
def test_a_tool_finds_nothing(tool):
    """Style, types and floors hold in the whole tree."""
    run = subprocess.run(COMMANDS[tool], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, f"{tool}:\n{run.stdout}\n{run.stderr}"
