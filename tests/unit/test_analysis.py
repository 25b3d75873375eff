"""What the analysis says must be right as often as it claims to be."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from simulation import analysis

SOLVED = SimpleNamespace(id="solved", direction=1, indifference=0.5)
WAIT = SimpleNamespace(id="wait", direction=-1, indifference=1.0)


def results(values, dimension="all", level=""):
    """Frame of {scenario: {kpi: [value of replication 0, 1, ...]}}."""
    rows = [
        (scenario, replication, kpi, dimension, level, value, 10, 0)
        for scenario, kpis in values.items()
        for kpi, numbers in kpis.items()
        for replication, value in enumerate(numbers)
    ]
    columns = ["scenario", "replication", "kpi", "dimension", "level", "value", "n", "censored"]
    return pd.DataFrame(rows, columns=columns)


def study(rng, scenarios, kpis, replications, shift=0.0):
    """A made-up study: replications share a common part, as under common random numbers."""
    common = rng.normal(size=(1, kpis, replications))
    values = 50 + 3 * common + rng.normal(size=(scenarios, kpis, replications))
    values[1:] += shift
    return results({f"s{s}": {f"k{k}": values[s, k] for k in range(kpis)} for s in range(scenarios)})


def test_an_interval_worked_out_by_hand():
    """Mean 10, sd 1, three values: 4.302653 x 1 / sqrt(3); of two comparisons, 6.205347 instead."""
    assert analysis.interval([9, 10, 11]) == pytest.approx((10, 4.302653 / 3**0.5), rel=1e-6)
    assert analysis.interval([9, 10, 11], comparisons=2).half_width == pytest.approx(
        6.205347 / 3**0.5, rel=1e-6
    )


def test_an_interval_agrees_with_scipy():
    """scipy's t-test of one sample gives the same limits."""
    values = np.random.default_rng(1).gamma(2, size=17)
    low, high = stats.ttest_1samp(values, 0).confidence_interval(0.9)
    mean, half = analysis.interval(values, confidence=0.9)
    assert (mean - half, mean + half) == pytest.approx((low, high))


def test_a_comparison_worked_out_by_hand():
    """Differences 3, 3.5, 2.5: mean 3, sd 0.5; variances 1 and 1.75 apart, 0.25 paired."""
    frame = results({"a": {"solved": [5, 7, 6]}, "b": {"solved": [8, 10.5, 8.5]}})
    (row,) = analysis.compare(frame, "a", [SOLVED]).to_dict("records")
    assert row["difference"] == pytest.approx(3)
    assert row["half_width"] == pytest.approx(4.302653 * 0.5 / 3**0.5, rel=1e-6)
    assert (row["baseline_mean"], row["mean"], row["replications"]) == (6, 9, 3)
    assert row["variance_reduction"] == pytest.approx((1 + 1.75) / 0.25)
    assert row["verdict"] == "better"
    assert pd.isna(row["replications_needed"])


def test_a_comparison_agrees_with_scipys_paired_test():
    """The paired t-test of scipy, at the confidence that Bonferroni leaves to each of six intervals."""
    frame = study(np.random.default_rng(5), scenarios=3, kpis=3, replications=8, shift=0.3)
    kpis = [SimpleNamespace(id=f"k{k}", direction=1, indifference=0) for k in range(3)]
    for row in analysis.compare(frame, "s0", kpis).itertuples():
        one = frame[(frame.scenario == row.scenario) & (frame.kpi == row.kpi)].value.to_numpy()
        other = frame[(frame.scenario == "s0") & (frame.kpi == row.kpi)].value.to_numpy()
        limits = stats.ttest_rel(one, other).confidence_interval(1 - 0.05 / 6)
        assert (row.low, row.high) == pytest.approx(tuple(limits))


@pytest.mark.parametrize(
    ("differences", "indifference", "direction", "verdict"),
    [
        ([3, 3.1, 2.9], 0.5, 1, "better"),
        ([3, 3.1, 2.9], 0.5, -1, "worse"),
        ([-3, -3.1, -2.9], 0.5, -1, "better"),
        ([3, 3.1, 2.9], 0.5, 0, "differs"),
        ([0.20, 0.21, 0.19], 0.5, 1, "no evidence"),  # a real difference, too small to matter
        ([0.1, -0.1, 0.0], 0.5, 1, "no evidence"),
        ([0.5, 0.7, 0.2], 0.7, 1, "too noisy"),  # may be nothing, may be more than matters
        ([2, -2, 1], 0.5, 1, "too noisy"),
        ([3, 3, 3], 0.5, 1, "better"),
        ([0, 0, 0], 0.0, 1, "no evidence"),
        ([1, np.nan, np.nan], 0.5, 1, "too noisy"),
    ],
)
def test_each_verdict_has_its_rule(differences, indifference, direction, verdict):
    """Verdicts follow from the interval, the zone and the direction alone."""
    frame = results({"a": {"k": [0.0] * 3}, "b": {"k": differences}})
    kpi = SimpleNamespace(id="k", direction=direction, indifference=indifference)
    assert analysis.compare(frame, "a", [kpi]).verdict.tolist() == [verdict]


def test_too_noisy_says_how_many_replications_it_takes():
    """At the number given the interval, a quarter from zero, fits the zone of a half; at one less not."""
    frame = results({"a": {"solved": [0.0] * 4}, "b": {"solved": [4, -4, 3, -2]}})
    (row,) = analysis.compare(frame, "a", [SOLVED]).to_dict("records")
    count, sd = row["replications_needed"], np.std([4, -4, 3, -2], ddof=1)
    assert stats.t.ppf(0.975, count - 1) * sd / count**0.5 <= 0.25
    assert stats.t.ppf(0.975, count - 2) * sd / (count - 1) ** 0.5 > 0.25


def test_no_number_of_replications_reaches_a_zone_of_zero():
    """Without an indifference zone, too noisy comes without a number."""
    frame = results({"a": {"k": [0.0, 0.0]}, "b": {"k": [1, -1]}})
    kpi = SimpleNamespace(id="k", direction=1, indifference=0.0)
    assert analysis.compare(frame, "a", [kpi]).replications_needed.isna().all()
    with pytest.raises(ValueError, match="half_width"):
        analysis.replications_for(1.0, 0.0)


def test_identical_scenarios_differ_by_exactly_zero():
    """The same numbers on both sides leave nothing, not even rounding."""
    values = list(np.random.default_rng(2).lognormal(8, 3, size=10))
    frame = results({"a": {"solved": values, "wait": values}, "b": {"solved": values, "wait": values}})
    table = analysis.compare(frame, "a", [SOLVED, WAIT])
    assert (table[["difference", "half_width", "low", "high"]] == 0).all(axis=None)
    assert np.isinf(table.variance_reduction).all()
    assert (table.verdict == "no evidence").all()


def test_a_constant_difference_has_no_width():
    """0.1 has no exact binary form; ten of them still have variance zero."""
    assert analysis.interval([0.1] * 10) == (0.1, 0.0)


def test_one_replication_shows_a_difference_and_no_interval():
    """A quick look is allowed; it just proves nothing."""
    (row,) = analysis.compare(results({"a": {"solved": [1]}, "b": {"solved": [3]}}), "a", [SOLVED]).to_dict(
        "records"
    )
    assert row["difference"] == 2
    assert np.isnan([row["half_width"], row["low"], row["high"], row["variance_reduction"]]).all()
    assert row["verdict"] == "too noisy"
    assert pd.isna(row["replications_needed"])


def test_a_pair_with_a_missing_value_is_left_out_on_both_sides():
    """Replication 1 has no value in b: neither mean may use it, and the count says so."""
    frame = results({"a": {"solved": [1, 100, 3]}, "b": {"solved": [2, np.nan, 4]}})
    (row,) = analysis.compare(frame, "a", [SOLVED]).to_dict("records")
    assert (row["replications"], row["baseline_mean"], row["mean"], row["difference"]) == (2, 2, 3, 1)
    infinite = results({"a": {"solved": [np.inf, 1, 3]}, "b": {"solved": [np.inf, 2, 4]}})
    assert analysis.compare(infinite, "a", [SOLVED]).replications.tolist() == [2]


def test_scenarios_that_ran_different_replications_are_refused():
    """Unequal replications cannot be paired: the message names the scenario and the replication."""
    frame = results({"a": {"solved": [1, 2, 3]}, "b": {"solved": [1, 2]}})
    with pytest.raises(
        ValueError, match=r"scenario 'b' and baseline 'a' differ in replication 2 \(1 in all\)"
    ):
        analysis.compare(frame, "a", [SOLVED])


def test_what_is_missing_or_twice_is_named():
    """A misspelt baseline or KPI, a replication given twice and an odd confidence are each refused."""
    frame = results({"a": {"solved": [1, 2]}, "b": {"solved": [1, 2]}})
    with pytest.raises(ValueError, match="baseline: 'basline' is not in the results; there are a, b"):
        analysis.compare(frame, "basline", [SOLVED])
    with pytest.raises(ValueError, match="kpis: 'wait' has no row of dimension 'all'; use solved"):
        analysis.compare(frame, "a", [SOLVED, WAIT])
    with pytest.raises(ValueError, match="occurs twice"):
        analysis.compare(pd.concat([frame, frame]), "a", [SOLVED])
    with pytest.raises(ValueError, match="confidence: 95"):
        analysis.compare(frame, "a", [SOLVED], confidence=95)


def test_a_baseline_alone_compares_with_nothing():
    """A study of one scenario has an empty comparison with all its columns."""
    table = analysis.compare(results({"a": {"solved": [1, 2]}}), "a", [SOLVED])
    assert table.empty
    assert "verdict" in table.columns


def test_rows_come_in_the_order_asked_for():
    """Scenarios as they come, KPIs as given, whatever the order or the type of the columns."""
    frame = results({"z": {"wait": [1, 2], "solved": [1, 2]}, "b": {"wait": [2, 4], "solved": [1, 3]}})
    frame = pd.concat([frame, results({"a": {"wait": [5, 9], "solved": [2, 2]}})])
    frame[["scenario", "kpi"]] = frame[["scenario", "kpi"]].astype("category")
    table = analysis.compare(frame.iloc[::-1], "z", [SOLVED, WAIT])
    assert list(zip(table.scenario, table.kpi, strict=True)) == [
        ("a", "solved"), ("a", "wait"), ("b", "solved"), ("b", "wait"),
    ]  # fmt: skip
    assert table.difference.tolist() == pytest.approx([0.5, 5.5, 0.5, 1.5])


def test_differences_are_simultaneous_over_the_levels():
    """Two scenarios in three groups, one KPI: each half-width is that of three comparisons."""
    frame = pd.concat(
        results({"a": {"solved": [5, 7, 6]}, "b": {"solved": [8, 10.5, 8.5]}}, "group", level)
        for level in ("young", "middle", "old")
    )
    table = analysis.differences(frame, "a", [SOLVED], "group")
    assert table.level.tolist() == ["young", "middle", "old"]
    assert (table.dimension == "group").all()
    expected = analysis.interval([3, 3.5, 2.5], comparisons=3).half_width
    assert table.half_width.tolist() == pytest.approx([expected] * 3)


def test_pairs_agree_from_both_sides():
    """Three scenarios make three pairs: as wide as three comparisons, and each the mirror of its reverse."""
    values = {"a": {"solved": [5, 7, 6]}, "b": {"solved": [8, 10.5, 8.5]}, "c": {"solved": [5, 8, 9]}}
    table = analysis.pairwise(results(values), ["a", "b", "c"], SOLVED).set_index(["scenario", "other"])
    assert len(table) == 6
    assert table.loc[("b", "a"), "half_width"] == pytest.approx(
        analysis.interval([3, 3.5, 2.5], comparisons=3).half_width
    )
    for one, other in (("a", "b"), ("a", "c"), ("b", "c")):
        assert table.loc[(one, other), "difference"] == -table.loc[(other, one), "difference"]
    assert (table.loc[("b", "a"), "verdict"], table.loc[("a", "b"), "verdict"]) == ("better", "worse")
    assert analysis.pairwise(results(values), ["a"], SOLVED).empty


def test_a_summary_describes_each_scenario_alone():
    """Mean, sd and half-width as in `interval`; cases and censored cases are averaged beside them."""
    frame = results({"a": {"solved": [9, 10, 11, np.nan]}})
    (row,) = analysis.summarise(frame).to_dict("records")
    assert (row["replications"], row["mean"], row["sd"], row["n"], row["censored"]) == (3, 10, 1, 10, 0)
    assert row["half_width"] == pytest.approx(analysis.interval([9, 10, 11]).half_width)
    assert set(row) == {
        "scenario", "kpi", "dimension", "level", "replications", "mean", "sd", "half_width", "n", "censored",
    }  # fmt: skip


def test_a_series_of_one_replication_has_no_half_width():
    """Mean, lowest and highest are known; the spread is not."""
    (row,) = analysis.average(pd.DataFrame({"day": [1], "open": [4.0]}), ["day"], "open").to_dict("records")
    assert (row["mean"], row["lowest"], row["highest"]) == (4, 4, 4)
    assert np.isnan([row["sd"], row["half_width"]]).all()


@pytest.fixture(scope="module")
def studies():
    """1,000 comparisons of four scenarios on three KPIs: two equal the baseline, the last is 0.7 higher."""
    rng = np.random.default_rng(20)
    kpis = [SimpleNamespace(id=f"k{k}", direction=1, indifference=0.01) for k in range(3)]
    frame = study(rng, scenarios=4, kpis=3, replications=8)
    tables = []
    for _ in range(1000):
        values = 3 * rng.normal(size=(1, 3, 8)) + rng.normal(size=(4, 3, 8))
        values[3] += 0.7
        tables.append(analysis.compare(frame.assign(value=values.ravel()), "s0", kpis))
    return tables


def test_simultaneous_intervals_cover_as_often_as_they_say(studies):
    """All nine intervals cover in 95 % of the studies or more; false alarm of this test below 3e-4.

    Bonferroni may only err on the safe side, so for nine together the lower limit alone is tested (1e-4); an
    interval by itself is exact and is tested on both sides (2e-4).
    """
    truth = np.repeat([0, 0, 0.7], 3)
    covered = np.array([(table.low <= truth) & (table.high >= truth) for table in studies])
    assert covered.all(axis=1).sum() >= stats.binom.ppf(1e-4, 1000, 0.95)
    exact = 1 - 0.05 / 9
    assert stats.binom.ppf(1e-4, 1000, exact) <= covered[:, 0].sum() <= stats.binom.ppf(1 - 1e-4, 1000, exact)


def test_equal_scenarios_are_rarely_called_better_or_worse(studies):
    """A false verdict anywhere in at most 5 % of the studies; false alarm of this test below 1e-4."""
    wrong = sum(table.verdict[:6].isin(["better", "worse"]).any() for table in studies)
    assert wrong <= stats.binom.ppf(1 - 1e-4, 1000, 0.05)


def test_common_random_numbers_narrow_the_intervals():
    """The common part has 9 times the variance of the rest: pairing divides the variance by about 10."""
    frame = study(np.random.default_rng(22), scenarios=2, kpis=1, replications=400)
    kpi = SimpleNamespace(id="k0", direction=1, indifference=0.2)
    assert analysis.compare(frame, "s0", [kpi]).variance_reduction.item() == pytest.approx(10, rel=0.2)


def test_verdicts_can_be_written_as_json():
    """The columns hold plain numbers and words, so that any reader can take them up."""
    table = analysis.compare(results({"a": {"solved": [1, 2]}, "b": {"solved": [3, 5]}}), "a", [SOLVED])
    assert json.loads(table.to_json(orient="records"))[0]["verdict"] == "too noisy"
