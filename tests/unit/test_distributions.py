"""The closed family of distributions: what each kind means, and that compiled code means the same."""

import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError
from scipy import stats

from simulation import streams
from simulation.distributions import (
    Deterministic,
    Discrete,
    Distribution,
    Empirical,
    Exponential,
    Gamma,
    Law,
    Lognormal,
    Mixture,
    Normal,
    Triangular,
    Truncated,
    Uniform,
    Weibull,
    encode,
    hours_per,
)

ANY = TypeAdapter(Distribution)
GRID = np.concatenate(
    [[2.0**-53, 1e-9, 1e-4], np.linspace(0.01, 0.99, 99), [1 - 1e-4, 1 - 1e-9, 1 - 2.0**-53]]
)

# Each continuous kind with the same law made by scipy.stats.
TWINS = {
    "exponential": (Exponential(mean=2.5), stats.expon(scale=2.5)),
    "lognormal sd": (
        Lognormal(mean=3, sd=1.2),
        stats.lognorm(s=math.sqrt(math.log1p(0.16)), scale=3 / math.sqrt(1.16)),
    ),
    "lognormal cv": (
        Lognormal(mean=0.4, cv=2),
        stats.lognorm(s=math.sqrt(math.log(5)), scale=0.4 / math.sqrt(5)),
    ),
    "gamma sd": (Gamma(mean=3, sd=1.5), stats.gamma(a=4, scale=0.75)),
    "gamma cv": (Gamma(mean=3, cv=1.5), stats.gamma(a=1 / 2.25, scale=3 * 2.25)),
    "weibull": (Weibull(shape=0.7, scale=2), stats.weibull_min(c=0.7, scale=2)),
    "triangular": (Triangular(min=1, mode=2, max=6), stats.triang(c=0.2, loc=1, scale=5)),
    "triangular, mode at min": (Triangular(min=1, mode=1, max=6), stats.triang(c=0, loc=1, scale=5)),
    "triangular, mode at max": (Triangular(min=1, mode=6, max=6), stats.triang(c=1, loc=1, scale=5)),
    "uniform": (Uniform(min=-1, max=4), stats.uniform(loc=-1, scale=5)),
    "normal": (Normal(mean=8, sd=3), stats.norm(loc=8, scale=3)),
    "normal from 0": (Normal(mean=1, sd=2, min=0), stats.truncnorm(a=-0.5, b=np.inf, loc=1, scale=2)),
    "normal in a range": (Normal(mean=5, sd=2, min=4, max=9), stats.truncnorm(a=-0.5, b=2, loc=5, scale=2)),
}
# The kinds with steps, and compositions: checked against their definition.
OTHERS: dict[str, Any] = {
    "deterministic": Deterministic(at=1.5),
    "empirical": Empirical(probabilities=(0, 0.2, 0.9, 1), quantiles=(0, 1, 3, 10)),
    "empirical with a repeated amount": Empirical(probabilities=(0, 0.3, 0.6, 1), quantiles=(1, 2, 2, 5)),
    "empirical that starts with a share": Empirical(probabilities=(0, 0.3, 1), quantiles=(2, 2, 5)),
    "discrete": Discrete(values=(0.5, 1, 4), weights=(0.2, 0.5, 0.3)),
    "discrete with an amount that never comes": Discrete(values=(0, 1, 4), weights=(0, 1, 0)),
    "truncated lognormal": Truncated(of=Lognormal(mean=3, cv=1), min=1, max=8),
    "truncated gamma": Truncated(of=Gamma(mean=3, cv=0.6), min=2),
    "truncated weibull": Truncated(of=Weibull(shape=1.6, scale=2), max=3),
    "truncated exponential": Truncated(of=Exponential(mean=4), max=6),
    "truncated triangular": Truncated(of=Triangular(min=1, mode=2, max=6), min=1.5, max=4),
    "truncated uniform": Truncated(of=Uniform(min=0, max=4), min=1),
    "truncated normal": Truncated(of=Normal(mean=5, sd=2, min=0), min=4, max=9),
    "truncated empirical": Truncated(
        of=Empirical(probabilities=(0, 0.2, 0.9, 1), quantiles=(0, 1, 3, 10)), min=2
    ),
    "truncated discrete": Truncated(of=Discrete(values=(0.5, 1, 4), weights=(0.2, 0.5, 0.3)), min=1, max=4),
    "truncated twice": Truncated(of=Truncated(of=Exponential(mean=4), max=6), min=1),
}
MIXTURES: dict[str, Any] = {
    "two exponentials": Mixture(components=(Exponential(mean=1), Exponential(mean=9)), weights=(0.7, 0.3)),
    "a share at zero": Mixture(components=(Deterministic(at=0), Gamma(mean=2, cv=0.5)), weights=(0.25, 0.75)),
    "a component that never comes": Mixture(
        components=(Exponential(mean=1), Deterministic(at=99), Uniform(min=2, max=3)), weights=(0.5, 0, 0.5)
    ),
    "a mixture in a mixture": Mixture(
        components=(
            Mixture(components=(Uniform(min=0, max=1), Uniform(min=2, max=3)), weights=(0.5, 0.5)),
            Normal(mean=5, sd=1, min=0),
        ),
        weights=(0.4, 0.6),
    ),
    "a truncated mixture": Truncated(
        of=Mixture(components=(Exponential(mean=1), Exponential(mean=9)), weights=(0.7, 0.3)), min=2, max=20
    ),
    "a mixture truncated twice, in a mixture": Mixture(
        components=(
            Truncated(
                of=Truncated(
                    of=Mixture(components=(Deterministic(at=1), Exponential(mean=3)), weights=(0.5, 0.5)),
                    min=0.5,
                ),
                max=4,
            ),
            Uniform(min=3, max=6),
        ),
        weights=(0.8, 0.2),
    ),
}
LAWS: dict[str, Any] = {name: twin[0] for name, twin in TWINS.items()} | OTHERS | MIXTURES


def _by(laws: dict[str, Any]) -> Any:
    return pytest.mark.parametrize("law", laws.values(), ids=laws.keys())


@pytest.mark.parametrize(("law", "twin"), TWINS.values(), ids=TWINS.keys())
def test_scipy_stats_agrees(law: Law, twin: Any) -> None:
    """A kind is the textbook law: quantiles, probabilities, mean and variance are those of scipy.stats."""
    np.testing.assert_allclose(law.ppf(GRID), twin.ppf(GRID), rtol=1e-9, atol=1e-14)
    x = np.concatenate([[-1.0, 0.0], twin.ppf(GRID), [1e6]])
    np.testing.assert_allclose(law.cdf(x), twin.cdf(x), rtol=1e-9, atol=1e-15)
    assert law.mean() == pytest.approx(twin.mean(), rel=1e-9)
    assert law.variance() == pytest.approx(twin.var(), rel=1e-9)


@_by(LAWS)
def test_quantile_is_the_generalised_inverse(law: Law) -> None:
    """The quantile of u is the smallest amount whose probability reaches u."""
    u = GRID[(GRID > 1e-5) & (GRID < 1 - 1e-5)]
    x = law.ppf(u)
    slack = 1e-9
    assert np.all(law.cdf(x + slack * (1 + np.abs(x))) >= u - 1e-12)
    assert np.all(law.cdf(x - slack * (1 + np.abs(x))) <= u + 1e-12)
    assert np.all(np.diff(x) >= 0)


@_by(LAWS)
def test_support(law: Law) -> None:
    """Nothing lies below the minimum or above the maximum, and both are reached at the ends of u."""
    assert law.ppf(0.0) == pytest.approx(law.minimum())
    assert law.ppf(1.0) == pytest.approx(law.maximum())
    below = math.nextafter(law.minimum(), -math.inf) if math.isfinite(law.minimum()) else law.minimum()
    assert law.cdf(below) == pytest.approx(0, abs=1e-12)
    assert law.cdf(law.maximum()) == 1


STEPS = {"deterministic", "discrete", "empirical", "mixture"}


@_by(LAWS)
def test_moments_are_integrals_of_the_quantile(law: Any) -> None:
    """Mean and variance are those of the numbers that inversion draws.

    The integral over u is taken at u = Phi(z) on an even grid of z: as good as exact for a smooth
    quantile; a jump costs half a step of the grid.
    """
    z, step = np.linspace(-8, 8, 4001, retstep=True)
    weights, x = stats.norm.pdf(z) * step, law.ppf(stats.norm.cdf(z))
    mean = float(np.sum(weights * x))
    jumps = law.kind in STEPS or getattr(law, "of", law).kind in STEPS
    rel = 5e-3 if jumps else 1e-5
    assert law.mean() == pytest.approx(mean, rel=rel)
    assert law.variance() == pytest.approx(float(np.sum(weights * (x - mean) ** 2)), rel=rel, abs=1e-9)


def test_exact_moments_of_steps() -> None:
    """The moments of a table of amounts are its weighted sums."""
    law = Discrete(values=(0.5, 1, 4), weights=(0.2, 0.5, 0.3))
    assert law.mean() == pytest.approx(1.8)
    assert law.variance() == pytest.approx(0.2 * 0.25 + 0.5 + 0.3 * 16 - 1.8**2)
    table = Empirical(probabilities=(0, 0.5, 1), quantiles=(0, 2, 2))
    assert table.mean() == pytest.approx(1.5)
    assert table.variance() == pytest.approx(0.5 * 4 / 3 + 0.5 * 4 - 2.25)
    assert (Deterministic(at=3).mean(), Deterministic(at=3).variance()) == (3, 0)


def test_exact_moments_of_a_mixture() -> None:
    """A mixture's mean is the weighted mean; its variance adds the spread between the components."""
    law = Mixture(components=(Exponential(mean=1), Exponential(mean=9)), weights=(0.7, 0.3))
    assert law.mean() == pytest.approx(0.7 + 2.7)
    assert law.variance() == pytest.approx(0.7 * 2 + 0.3 * 162 - 3.4**2)


@_by({name: law for name, law in LAWS.items() if law.kind == "truncated"})
def test_truncated_is_the_conditional_law(law: Truncated) -> None:
    """P(X <= x) after the cut is P(min <= X <= x) / P(min <= X <= max) before it."""
    low, high = law.minimum(), law.maximum()
    x = np.linspace(low, high if math.isfinite(high) else low + 20, 101)
    before = law.of.cdf(math.nextafter(low, -math.inf))
    expected = (law.of.cdf(x) - before) / (law.of.cdf(high) - before)
    np.testing.assert_allclose(law.cdf(x), expected, rtol=1e-12, atol=1e-14)
    assert np.all((law.ppf(GRID) >= low) & (law.ppf(GRID) <= high))


def test_normal_is_a_truncated_normal() -> None:
    """A normal with bounds is renormalised, not clipped: no share piles up at an end."""
    bounded = Normal(mean=1, sd=2, min=0, max=4)
    cut = Truncated(of=Normal(mean=1, sd=2), min=0, max=4)
    np.testing.assert_allclose(bounded.ppf(GRID), cut.ppf(GRID), rtol=1e-11, atol=1e-14)
    assert bounded.cdf(0.0) == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize("hours", [1.0, 1 / 60, 7.5])
@_by({name: law for name, law in LAWS.items() if name not in MIXTURES})
def test_compiled_inversion_is_the_quantile(law: Any, hours: float) -> None:
    """What compiled code draws from u is the quantile of u, in hours.

    To 1e-12 of itself; next to a cut at zero, where digits cancel, to an ulp of the law's mean.
    """
    table, starts = encode([(Exponential(mean=1), 1.0), (law, hours)])
    drawn = streams.variates(table, starts[1], GRID)
    np.testing.assert_allclose(
        drawn, hours * law.ppf(GRID), rtol=1e-12, atol=2**-52 * hours * abs(law.mean())
    )
    assert [streams.variate(table, starts[1], u) for u in GRID] == drawn.tolist()


@_by(MIXTURES)
def test_mixture_draws_follow_the_mixture(law: Any) -> None:
    """Draws on an even grid of u have the mixture's distribution function.

    No chance is involved: 20,000 evenly spaced u must reproduce each probability to 10 / 20,000,
    the most that the cell borders of the components can shift it.
    """
    count = 20_000
    table, starts = encode([(law, 1.0)])
    drawn = np.sort(streams.variates(table, starts[0], (np.arange(count) + 0.5) / count))
    x = np.unique(law.ppf(np.linspace(0.001, 0.999, 333)))
    np.testing.assert_allclose(np.searchsorted(drawn, x, side="right") / count, law.cdf(x), atol=10 / count)
    assert law.minimum() <= drawn[0]
    assert drawn[-1] <= law.maximum()


@_by(LAWS)
def test_draws_stay_finite_and_in_the_support(law: Any) -> None:
    """The smallest and the largest uniform that a stream can give draw finite amounts in the support."""
    table, starts = encode([(law, 1.0)])
    ends = streams.variates(table, starts[0], [2.0**-53, 2.0**-52, 1 - 2.0**-52, 1 - 2.0**-53])
    assert np.all(np.isfinite(ends))
    assert np.all((ends >= law.minimum()) & (ends <= law.maximum()))


def test_units() -> None:
    """A unit is a number of hours; a working day is as long as the calendar says."""
    assert [hours_per(unit, 7.5) for unit in ("min", "h", "d", "wd")] == [1 / 60, 1, 24, 7.5]


def test_outermost_unit_counts() -> None:
    """A distribution inside another is read in the unit of the outer one, in the object and in its dump."""
    inner = {"kind": "truncated", "max": 9, "of": {"kind": "exponential", "mean": 3}}
    law = ANY.validate_python({"kind": "mixture", "unit": "wd", "weights": [1], "components": [inner]})
    assert isinstance(law, Mixture)
    assert law.components[0].unit == "wd"
    assert law.components[0].of.unit == "wd"
    assert ANY.validate_python(ANY.dump_python(law)) == law


def test_contradicting_units_are_refused() -> None:
    """A unit inside a distribution that is not the outer one is an error, not a guess."""
    with pytest.raises(ValidationError, match="write the unit once"):
        Mixture(unit="min", weights=(1,), components=(Exponential(mean=1, unit="h"),))
    with pytest.raises(ValidationError, match="write the unit once"):
        Truncated(unit="h", max=3, of=Exponential(mean=1, unit="d"))


@_by(LAWS)
def test_round_trip(law: Any) -> None:
    """A distribution written out and read again is equal, and hashes equal."""
    again = ANY.validate_json(ANY.dump_json(law))
    assert again == law
    assert hash(again) == hash(law)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"kind": "exponential", "mean": 0}, "greater than 0"),
        ({"kind": "exponential", "mean": math.inf}, "finite"),
        ({"kind": "exponential", "rate": 1}, "rate"),
        ({"kind": "lognormal", "mean": 1}, "neither sd nor cv is given"),
        ({"kind": "gamma", "mean": 1, "sd": 2, "cv": 3}, "both sd=2 and cv=3 are given: write exactly one"),
        ({"kind": "weibull", "shape": 0.01, "scale": 1}, "greater than or equal to 0.05"),
        ({"kind": "normal", "mean": 1, "sd": 1, "min": 3, "max": 2}, "min=3 is not below max=2"),
        ({"kind": "normal", "mean": -50, "sd": 1, "min": 0}, "move the mean towards the range"),
        ({"kind": "uniform", "min": 2, "max": 2}, "use kind: deterministic"),
        ({"kind": "triangular", "min": 3, "mode": 2, "max": 5}, "min=3, mode=2, max=5: write them so that"),
        ({"kind": "empirical", "probabilities": [0, 1], "quantiles": [3, 2]}, "2 comes after 3"),
        ({"kind": "empirical", "probabilities": [0, 0.5, 0.5, 1], "quantiles": [1, 2, 3, 4]}, "each once"),
        (
            {"kind": "empirical", "probabilities": [0.1, 1], "quantiles": [2, 3]},
            "begin with 0 and end with 1",
        ),
        ({"kind": "empirical", "probabilities": [0, 1], "quantiles": [2]}, "as many of one as of the other"),
        (
            {"kind": "discrete", "values": [1, 2], "weights": [0.5, 0.4]},
            r"sum to 0.9; they must sum to 1 \(add 0.1\)",
        ),
        ({"kind": "discrete", "values": [2, 1], "weights": [0.5, 0.5]}, "1 comes after 2"),
        ({"kind": "discrete", "values": [2], "weights": [0.5, 0.5]}, "one weight for each"),
        ({"kind": "mixture", "components": [], "weights": []}, "one weight for each component"),
        (
            {
                "kind": "mixture",
                "components": [{"kind": "deterministic", "at": 1}] * 2,
                "weights": [0.5, 0.75],
            },
            r"sum to 1.25; they must sum to 1 \(take off 0.25\)",
        ),
        ({"kind": "truncated", "of": {"kind": "exponential", "mean": 1}}, "neither min nor max"),
        ({"kind": "truncated", "of": {"kind": "exponential", "mean": 1}, "max": -1}, "holds nothing"),
        (
            {"kind": "truncated", "of": {"kind": "exponential", "mean": 1}, "min": 2, "max": 1},
            "exchange them",
        ),
        ({"kind": "poisson", "mean": 1}, "does not match any of the expected tags"),
    ],
)
def test_refusals_name_the_value_and_the_remedy(given: dict[str, Any], message: str) -> None:
    """A distribution that cannot be is refused at the gate, with what was written and what would be right."""
    with pytest.raises(ValidationError, match=message):
        ANY.validate_python(given)


def test_a_cut_that_holds_next_to_nothing_is_refused() -> None:
    """A truncation to less than a millionth of a law has no digits left, and says so before a draw."""
    law = Truncated(of=Exponential(mean=1), min=50)
    with pytest.raises(ValueError, match="move the range or the distribution"):
        law.ppf(0.5)
    with pytest.raises(ValueError, match="move the range or the distribution"):
        encode([(law, 1.0)])


@pytest.mark.parametrize("u", [-0.1, 1.1, math.nan])
def test_quantile_outside_probability_is_refused(u: float) -> None:
    """A quantile is asked for at a probability."""
    with pytest.raises(ValueError, match="probability from 0 to 1"):
        Exponential(mean=1).ppf(u)


def test_rescaling_keeps_ranks() -> None:
    """The same u at a larger mean gives the larger duration: common random numbers stay common."""
    table, starts = encode([(Gamma(mean=1, cv=0.5), 1.0), (Gamma(mean=1.3, cv=0.5), 1.0)])
    slow, fast = streams.variates(table, starts[1], GRID), streams.variates(table, starts[0], GRID)
    np.testing.assert_allclose(slow, 1.3 * fast, rtol=1e-12)


def test_specifications_need_no_scipy() -> None:
    """Reading and checking distributions imports neither scipy nor numba: help must not pay for them."""
    program = (
        "import sys; from simulation.distributions import *;"
        "Truncated(of=Normal(mean=2, sd=1, min=0), max=3);"
        "Mixture(components=(Lognormal(mean=1, cv=1), Gamma(mean=1, sd=1)), weights=(.5, .5));"
        "print(sorted({'scipy', 'numba', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_field_has_a_sentence() -> None:
    """The input manual is made of the fields' docstrings, so each field has one."""
    for law in {type(law) for law in LAWS.values()}:
        assert all(field.description for field in law.model_fields.values()), law


def test_there_is_one_name_for_the_mean() -> None:
    """The mean is written `mean`, in and out; `mean()` computes it, for every kind alike."""
    law = Exponential(mean=2)
    assert ANY.dump_python(law)["mean"] == law.mean() == 2
    assert repr(law) == "Exponential(unit='h', kind='exponential', mean=2.0)"
    with pytest.raises(ValidationError, match="mean"):
        ANY.validate_python({"kind": "exponential", "average": 2})
