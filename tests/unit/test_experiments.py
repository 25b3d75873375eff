"""The Hydra applications: one job, a sweep, bad input; what they write never mixes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
QUICK = [
    "city=mmc",
    "policy=baseline",
    "study.replications=1",
    "study.warm_up=0",
    "study.run_length=48",
    "study.run_out=0",
]


@pytest.fixture
def application(tmp_path):
    """Run one of the applications in an empty folder."""

    def run(name, *arguments):
        command = [sys.executable, str(ROOT / "experiments" / f"{name}.py"), *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    return run


def test_the_jobs_of_a_sweep_have_results_of_their_own(application, tmp_path):
    """Two seeds, two folders, each with its manifest and the command that makes it again."""
    run = application("compare", "-m", *QUICK, "study.seed=1,2")
    assert run.returncode == 0, run.stderr
    manifests = [
        json.loads(path.read_text()) for path in sorted((tmp_path / "results").glob("*/manifest.json"))
    ]
    assert sorted(manifest["study"]["seed"] for manifest in manifests) == [1, 2]
    assert all(
        f"study.seed={manifest['study']['seed']}" in manifest["command"].split() for manifest in manifests
    )
    assert {path.name for path in tmp_path.iterdir()} == {"results"}


def test_a_job_that_fails_does_not_end_the_sweep(application):
    """The first cannot be run, the second is."""
    run = application("run", "-m", *QUICK, "study.confidence=2,0.9")
    assert run.returncode == 1
    assert "study.confidence: Input should be less than 1" in run.stderr
    assert "Needs resolved" in run.stdout


def test_bad_input_of_a_single_job_has_its_exit_code(application):
    """The same complaint and the same code as from the command."""
    run = application("compare", *QUICK, "study.headline=[fulfilmen]")
    assert run.returncode == 2
    assert 'did you mean "fulfilment"?' in run.stderr
    assert "Traceback" not in run.stderr
