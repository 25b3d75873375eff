"""What is known of behaviour holds for each engine."""

import pytest

from tests.engines import engine

__all__ = ["each_engine", "engine"]


@pytest.fixture(autouse=True, scope="module")
def each_engine(engine):
    """Every test of behaviour is run on each engine."""
