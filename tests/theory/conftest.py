"""Comparison of a mean with its exact value."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from tests.engines import engine
from tests.theory.measuring import LEVEL, REPLICATIONS

__all__ = ["agrees", "engine"]

Compare = Callable[..., None]


@pytest.fixture
def agrees(request, engine) -> Compare:
    """A comparison of one measure with its exact result; `within` bounds the relative half-width.

    The bound is for the 20 replications of the reference; it is narrower where there are more.
    """
    number = REPLICATIONS[engine]

    def compare(name: str, measured: list[float], exact: float, within: float = 0.03) -> None:
        values = np.asarray(measured)
        assert len(values) == number
        error = values.std(ddof=1) / len(values) ** 0.5
        relative = stats.t.ppf(0.975, len(values) - 1) * error / abs(exact)
        request.node.user_properties.append((f"{name}: relative half-width", float(relative)))
        score = (values.mean() - exact) / error
        assert 2 * stats.t.sf(abs(score), len(values) - 1) > LEVEL, (name, values.mean(), exact, score)
        assert relative < within * (20 / number) ** 0.5, (name, relative)

    return compare
