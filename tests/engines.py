"""Tests that are run on each engine in turn."""

from collections.abc import Iterator

import pytest

from simulation.engines import ENGINES, replicate, simulate


@pytest.fixture(scope="module", params=ENGINES)
def engine(request) -> Iterator[str]:
    """The engine that runs what names none, in all tests of a file."""
    with pytest.MonkeyPatch.context() as patch:
        for run in (replicate, simulate):
            patch.setattr(run, "__defaults__", (request.param,))
        yield request.param


def in_use() -> str:
    """The engine that runs what names none."""
    return simulate.__defaults__[0]
