"""Comparison of a mean with its exact value."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from tests.theory.measuring import LEVEL, REPLICATIONS

Compare = Callable[..., None]


@pytest.fixture
def agrees(request) -> Compare:
    """A comparison of one measure with its exact result; `within` bounds the relative half-width."""

    def compare(name: str, measured: list[float], exact: float, within: float = 0.03) -> None:
        values = np.asarray(measured)
        assert len(values) == REPLICATIONS
        error = values.std(ddof=1) / len(values) ** 0.5
        relative = stats.t.ppf(0.975, len(values) - 1) * error / abs(exact)
        request.node.user_properties.append((f"{name}: relative half-width", float(relative)))
        score = (values.mean() - exact) / error
        assert 2 * stats.t.sf(abs(score), len(values) - 1) > LEVEL, (name, values.mean(), exact, score)
        assert relative < within, (name, relative)

    return compare
