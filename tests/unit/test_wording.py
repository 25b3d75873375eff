"""Numbers in words: a reader sees the unit, the sign, and no more digits than the interval supports."""

import io
import math

import pandas as pd
import pytest

from simulation.analysis.wording import change, csv_safe, estimate, label, quantity, scale


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0.6134, "share", "61.3 %"),
        (61.34, "%", "61.3 %"),
        (0.0, "share", "0.0 %"),
        (9.3891, "days", "9.39 days"),
        (1234.5, "cases", "1,234 cases"),
        (0.0614, "per need", "0.0614 per need"),
        (8_923_025.0, "yuan", "8.92 million yuan"),
        (-2.5, "", "−2.50"),
        (math.nan, "days", "no value"),
        (math.inf, "days", "∞ days"),
    ],
)
def test_a_quantity_has_about_three_digits_and_its_unit(value, unit, words):
    """Shares are percentages, large amounts millions."""
    assert quantity(value, unit) == words


@pytest.mark.parametrize(
    ("difference", "half", "unit", "words"),
    [
        (0.0621, 0.0117, "share", ("+6.2", "+5.0", "+7.4")),
        (0.0567, 0.03504, "share", ("+5.7", "+2.2", "+9.2")),
        (-2.0727, 0.167, "days", ("−2.07", "−2.24", "−1.91")),
        (-10.055, 0.774, "days", ("−10.1", "−10.8", "−9.3")),
        (1_292_474.0, 103_923.0, "yuan", ("+1.29", "+1.19", "+1.40")),
        (0.0, 0.0, "days", ("0", "0", "0")),
        (0.7, 0.69, "days", ("+0.70", "+0.01", "+1.39")),
        (3.0, math.nan, "days", ("+3.00", "?", "?")),
        (1e-7, 0.0014, "share", ("0.00", "−0.14", "+0.14")),
        (0.5, 0.4999999, "days", ("+0.5", "0.0", "+1.0")),
    ],
)
def test_a_difference_has_the_digits_that_its_interval_supports(difference, half, unit, words):
    """Rounded at the half-width; a limit near zero gets some digits more, not any number of them."""
    assert change(difference, difference - half, difference + half, unit)[:3] == words


@pytest.mark.parametrize(
    ("mean", "half", "unit", "words"),
    [
        (0.9684, 0.0006, "share", "96.84 ± 0.06"),
        (180.0, 0.0, "days", "180 ± 0"),
        (0.0035, 1e-19, "days", "0.0035 ± 0"),
        (17865.2, 279.0, "cases", "17,865 ± 279"),
        (8.92e6, 9.4e4, "yuan", "8.92 ± 0.09"),
        (4.0, math.nan, "days", "4.00"),
        (math.nan, math.nan, "days", "no value"),
    ],
)
def test_a_mean_has_the_digits_of_its_half_width(mean, half, unit, words):
    """Both are rounded at the same place; rounding errors are no half-width."""
    assert estimate(mean, half, unit) == words


def test_a_row_is_in_millions_as_a_whole():
    """Beside 1.3 million, 433,030 is 0.43 million."""
    assert change(433_030.0, 347_486.0, 518_573.0, "yuan", beside=1_292_474.0).difference == "+0.43"
    assert quantity(433_030.0, "yuan", beside=2e6) == "0.433 million yuan"
    assert scale("yuan", math.nan).level == "yuan"


def test_ids_become_words():
    """Words stay words."""
    assert label("not_presented") == "not presented"


def test_text_that_looks_like_a_formula_is_defused():
    """Every spreadsheet takes these beginnings for formulas; numbers below zero are none."""
    frame = pd.DataFrame(
        {
            "=title": ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "plain", None],
            "number": [-1.0] * 8,
            "kind": pd.Categorical(["=a", "b"] * 4),
            "flag": [True] * 8,
        }
    )
    safe = csv_safe(frame)
    assert safe["'=title"].tolist()[:7] == ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "'\rx", "plain"]
    assert safe["'=title"].isna().tolist()[7]
    assert safe["kind"].tolist()[:2] == ["'=a", "b"]
    assert safe["number"].tolist() == [-1.0] * 8
    assert frame.columns[0] == "=title"
    assert pd.read_csv(io.StringIO(safe.to_csv(index=False)))["number"].sum() == -8
