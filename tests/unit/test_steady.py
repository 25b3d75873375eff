"""Growth, the end of a start-up, and agreement with what is computed: traces worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from simulation.analysis.agreement import agreement
from simulation.analysis.steady import growth, mser5, welch


def frame(*rows):
    """What is open, replication by replication."""
    return pd.concat(
        [pd.DataFrame({"replication": n, "day": range(len(row)), "open": row}) for n, row in enumerate(rows)]
    )


def test_growth_by_hand():
    """Slopes 1 and 3 over days 0 to 4 gain 4 and 12: 8 on average, half-width 12.706 x 4."""
    found = growth(frame([0, 1, 2, 3, 4], [0, 3, 6, 9, 12]))
    assert found.gained == pytest.approx(8.0)
    assert found.high - found.gained == pytest.approx(12.7062 * 4.0, rel=1e-4)
    assert found.grows is False


def test_one_replication_cannot_tell():
    """There is no interval, so there is no answer."""
    assert growth(frame([0, 1, 2])).grows is None


def test_growth_is_shown_falsely_no_more_often_than_said():
    """Without any trend, in 2,000 experiments of ten replications: at most 2.5 %, three errors added."""
    random = np.random.Generator(np.random.Philox(key=5))
    days = np.arange(20.0)
    centred = days - days.mean()
    found = 0
    for _ in range(2000):
        rows = random.normal(1.0, 3.0, (10, 20))
        slopes = rows @ centred / (centred**2).sum()
        found += slopes.mean() > 2.262157 * slopes.std(ddof=1) / np.sqrt(10)
    assert found / 2000 <= 0.025 + 3 * np.sqrt(0.025 * 0.975 / 2000)
    assert growth(frame(*rows.tolist())).grows is not None


def test_mser5_by_hand():
    """Batch means 8, 2, 4, 2: the squared errors are 24/16, 2.667/9 and 2/4.

    All four: mean 4, squares 16 + 4 + 0 + 4 = 24. Without the first: mean 8/3, squares 2.667, over 9
    is 0.296, the least. Without two: mean 3, squares 2, over 4 is 0.5.
    """
    series = np.repeat([8.0, 2.0, 4.0, 2.0], 5)
    assert mser5(series) == 5


def test_mser5_says_when_a_series_is_too_short():
    """A ramp has its least at the end: no answer."""
    assert mser5(np.arange(50.0)) is None
    with pytest.raises(ValueError, match="at least 10"):
        mser5([1.0] * 9)


def test_welch_by_hand():
    """Means 1, 3, 8, 4, 2; with one day on each side (1), (1+3+8)/3, (3+8+4)/3, (8+4+2)/3, none."""
    found = welch(frame([0, 2, 8, 4, 2], [2, 4, 8, 4, 2]), 1)
    assert found["mean"].tolist() == [1, 3, 8, 4, 2]
    assert found["smooth"].tolist()[:4] == pytest.approx([1.0, 4.0, 5.0, 14 / 3])
    assert np.isnan(found["smooth"].iloc[4])


def test_agreement_within_chance_or_a_twentieth():
    """104 beside 100 agree; 120 beside 100 +- 6.4 do not, and the reason is given."""
    kpis = pd.DataFrame(
        {
            "kpi": ["utilisation"] * 4 + ["overtime"] * 4,
            "dimension": "team",
            "level": ["desk", "desk", "bureau", "bureau"] * 2,
            "replication": [0, 1] * 4,
            "value": [0.5, 0.5, 0.5, 0.5, 0, 0, 0, 0],
            "n": [100, 100, 99.5, 100.5, 0, 0, 0, 0],
        }
    )
    expected = pd.DataFrame(
        {
            "team": ["desk", "bureau"],
            "visits": [104.0, 120.0],
            "duty": 10.0,
            "intensity": 0.5,
            "utilisation": 0.5,
        }
    )
    found = agreement(expected, kpis, {"bureau": (("losses of patience", "full queues"), (), ())})
    assert found["agrees"].tolist() == [True, False]
    assert found["reason"].tolist() == ["", "losses of patience; full queues"]
