"""Draws are evenly spread, and independent wherever the model takes them to be.

Every test has a fixed seed, so it passes or fails once and for all. Its false-alarm rate is the chance
that an ideal source of random numbers would fail it at an arbitrary seed: ALARM for each test function,
shared evenly among the p-values that it looks at. A chi-square p-value is two-sided: numbers more even
than chance allows are as suspect as uneven ones.
"""

from collections.abc import Callable
from itertools import combinations, product

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from simulation import streams

ALARM = 1e-5
SEED = 20_240_229
WORD = 2**64
Rows = NDArray[np.float64]


def chi_square(counts: NDArray[np.int64]) -> float:
    """Two-sided p-value of equal chances in all cells."""
    expected = counts.sum() / counts.size
    statistic = float(np.sum((counts - expected) ** 2) / expected)
    return 2 * min(stats.chi2.sf(statistic, counts.size - 1), stats.chi2.cdf(statistic, counts.size - 1))


def uniform_p(u: Rows, cells: int = 256) -> float:
    """Equal chances of the cells of a line."""
    return chi_square(np.bincount((u * cells).astype(np.int64), minlength=cells))


def pair_p(u: Rows, v: Rows, cells: int = 16) -> float:
    """Equal chances of the cells of a square: even, and independent."""
    cell = (u * cells).astype(np.int64) * cells + (v * cells).astype(np.int64)
    return chi_square(np.bincount(cell, minlength=cells**2))


def correlation_p(u: Rows, v: Rows) -> float:
    """Two-sided p-value of no correlation; the variance of a uniform, 1/12, is known."""
    r = 12 * float(np.mean((u - 0.5) * (v - 0.5)))
    return 2 * stats.norm.sf(abs(r) * np.sqrt(u.size))


def suspects(p_values: dict[str, float]) -> dict[str, float]:
    """The p-values too small for the share of ALARM that each may use."""
    return {name: p for name, p in p_values.items() if not p > ALARM / len(p_values)}


# ------------------------------------------------------------------ the short battery

BLOCKS = 2**16
AXES: dict[str, Callable[[int], tuple[int, int, int, int, int, int]]] = {
    "seed": lambda i: (i, 0, 11, 5, 0, 0),
    "replication": lambda i: (SEED, i, 11, 5, 0, 0),
    "decision": lambda i: (SEED, 0, streams.decision(f"activity {i}"), 5, 0, 0),
    "case": lambda i: (SEED, 0, 11, i, 0, 0),
    "child of a case": lambda i: (SEED, 0, 11, streams.mix(5, i), 0, 0),
    "visit": lambda i: (SEED, 0, 11, 5, i, 0),
    "block": lambda i: (SEED, 0, 11, 5, 0, i),
}


def evenness_of(rows: Rows) -> dict[str, float]:
    """Evenness of each column, of its neighbours, and of each pair of columns."""
    found = {}
    for k in range(4):
        u = rows[:, k]
        found[f"u{k} even"] = uniform_p(u)
        found[f"u{k} fine"] = uniform_p(u * 256 % 1)
        found[f"u{k} and the next"] = pair_p(u[::2], u[1::2])
        found[f"u{k} lag 1"] = correlation_p(u[:-1], u[1:])
        found[f"u{k} uniform"] = stats.kstest(u, "uniform").pvalue
    for j, k in combinations(range(4), 2):
        found[f"u{j} and u{k}"] = pair_p(rows[:, j], rows[:, k])
        found[f"u{j} with u{k}"] = correlation_p(rows[:, j], rows[:, k])
    return found


@pytest.mark.parametrize("axis", AXES)
def test_even_along_each_axis(axis: str) -> None:
    """Counting one part of the key up from 0 gives 262,144 even, serially independent uniforms.

    Chi-square of 256 cells for the leading and the next eight bits, of 16 x 16 cells for neighbours and
    for columns, Kolmogorov-Smirnov, and correlations: 32 p-values, false-alarm rate ALARM together.
    """
    rows = np.array([streams.uniforms(*AXES[axis](i)) for i in range(BLOCKS)])
    assert suspects(evenness_of(rows)) == {}


def test_every_bit_is_a_fair_coin() -> None:
    """Each of the 52 bits of a uniform is one half of the time 1: a million draws, rate ALARM."""
    words = (streams.uniforms_array(SEED, 0, 1, np.arange(2**18), 0) * 2.0**52).astype(np.int64).ravel()
    ones = np.array([np.count_nonzero(words >> bit & 1) for bit in range(52)])
    z = (2 * ones - words.size) / np.sqrt(words.size)
    assert suspects({f"bit {bit}": 2 * stats.norm.sf(abs(z[bit])) for bit in range(52)}) == {}


OTHERS: dict[str, tuple[int, int, int, int, int, int]] = {
    "seed": (SEED + 1, 0, 11, 0, 0, 0),
    "replication": (SEED, 1, 11, 0, 0, 0),
    "decision": (SEED, 0, 12, 0, 0, 0),
    "visit": (SEED, 0, 11, 0, 1, 0),
    "block": (SEED, 0, 11, 0, 0, 1),
    "seed and replication exchanged": (0, SEED, 11, 0, 0, 0),
    "far away": (SEED ^ 2**63, 2**40, 11 + 2**32, 0, 2**50, 2**60),
}


@pytest.mark.parametrize("other", OTHERS)
def test_streams_are_independent(other: str) -> None:
    """The same 262,144 cases in two streams whose keys differ in one part share nothing.

    Chi-square of 16 x 16 cells and the correlation, for each of the 16 pairs of columns; rate ALARM.
    """
    cases = np.arange(2**18)
    seed, replication, decision, _, visit, block = OTHERS[other]
    here = streams.uniforms_array(SEED, 0, 11, cases, 0)
    there = streams.uniforms_array(seed, replication, decision, cases, visit, block)
    found = {}
    for j, k in product(range(4), repeat=2):
        found[f"u{j} and u{k}"] = pair_p(here[:, j], there[:, k])
        found[f"u{j} with u{k}"] = correlation_p(here[:, j], there[:, k])
    assert suspects(found) == {}


@pytest.mark.parametrize("part", ["decision", "replication", "seed"])
def test_hundreds_of_streams_are_uncorrelated(part: str) -> None:
    """200 streams of 4,096 cases: all 19,900 correlations are those of chance.

    n times the sum of the squared correlations is chi-square with 19,900 degrees of freedom, and the
    largest is no larger than chance makes it (Bonferroni); rate ALARM together.
    """
    cases = np.arange(4096)
    keys = {
        "decision": [(SEED, 0, streams.decision(f"place {i}.service")) for i in range(200)],
        "replication": [(SEED, i, 11) for i in range(200)],
        "seed": [(i, 0, 11) for i in range(200)],
    }[part]
    drawn = np.array([streams.uniforms_array(*key, cases, 0)[:, 0] for key in keys])
    centred = (drawn - 0.5) * np.sqrt(12)
    r = (centred @ centred.T / cases.size)[np.triu_indices(200, 1)]
    statistic = cases.size * float(np.sum(r**2))
    together = 2 * min(stats.chi2.sf(statistic, r.size), stats.chi2.cdf(statistic, r.size))
    largest = min(2 * r.size * stats.norm.sf(np.sqrt(cases.size) * np.max(np.abs(r))), 1.0)
    assert suspects({"together": together, "largest": largest}) == {}


def test_child_keys_do_not_collide_and_every_bit_matters() -> None:
    """A million keys of children of numbered parents differ, and one bit of either argument turns half.

    Chance of a collision among ideal keys: 3e-8. Mean number of bits turned: 32 with sd 4 a time, so
    within 5 sd over 128 x 256 flips.
    """
    keys = streams.mix_array(np.arange(1000)[:, None], np.arange(1000)[None, :])
    assert np.unique(keys).size == keys.size
    pairs = np.random.default_rng(SEED).integers(0, WORD, size=(2, 256), dtype=np.uint64, endpoint=False)
    kept = streams.mix_array(pairs[0], pairs[1])
    turned = []
    for bit in range(64):
        flip = np.uint64(1 << bit)
        turned += [np.bitwise_count(kept ^ streams.mix_array(pairs[0] ^ flip, pairs[1])).mean()]
        turned += [np.bitwise_count(kept ^ streams.mix_array(pairs[0], pairs[1] ^ flip)).mean()]
    assert np.max(np.abs(np.array(turned) - 32)) < 6 * 4 / np.sqrt(256)


# ------------------------------------------------------------------ the long battery


class Tally:
    """Counts over very many draws, taken a piece at a time."""

    def __init__(self) -> None:
        self.counts: dict[str, NDArray[np.int64]] = {}
        self.products: dict[str, tuple[float, int]] = {}

    def cells(self, name: str, *parts: Rows, cells: int) -> None:
        """Count the cells of a line, a square or a cube."""
        cell = np.zeros(parts[0].size, np.int64)
        for part in parts:
            cell = cell * cells + (part * cells).astype(np.int64)
        size = cells ** len(parts)
        found = np.bincount(cell, minlength=size)
        self.counts[name] = self.counts.get(name, np.zeros(size, np.int64)) + found

    def correlate(self, name: str, u: Rows, v: Rows) -> None:
        """Add up the products of centred uniforms."""
        total, count = self.products.get(name, (0.0, 0))
        self.products[name] = (total + 12 * float(np.dot(u - 0.5, v - 0.5)), count + u.size)

    def p_values(self) -> dict[str, float]:
        found = {name: chi_square(counts) for name, counts in self.counts.items()}
        for name, (total, count) in self.products.items():
            found[f"correlation {name}"] = 2 * stats.norm.sf(abs(total) / np.sqrt(count))
        return found


def tally_piece(tally: Tally, rows: Rows, other: Rows) -> None:
    """Count one piece of a stream, and of the same cases in another stream."""
    flat = rows.ravel()
    tally.cells("leading bits", flat, cells=2**16)
    tally.cells("bits 17 to 32", flat * 2.0**16 % 1, cells=2**16)
    tally.cells("bits 33 to 48", flat * 2.0**32 % 1, cells=2**16)
    for k in range(4):
        tally.cells(f"u{k}, case and next case", rows[::2, k], rows[1::2, k], cells=256)
        tally.correlate(f"u{k}, lag 1", rows[:-1, k], rows[1:, k])
        tally.correlate(f"u{k}, lag 4", rows[:-4, k], rows[4:, k])
        tally.cells(f"u{k}, other stream", rows[:, k], other[:, k], cells=256)
        tally.correlate(f"u{k}, other stream", rows[:, k], other[:, k])
    for j, k in combinations(range(4), 2):
        tally.cells(f"u{j} and u{k}", rows[:, j], rows[:, k], cells=256)
        tally.correlate(f"u{j} and u{k}", rows[:, j], rows[:, k])
    tally.cells("u0, u1, u2", rows[:, 0], rows[:, 1], rows[:, 2], cells=40)
    tally.cells("u1, u2, u3", rows[:, 1], rows[:, 2], rows[:, 3], cells=40)


@pytest.mark.randomness_long
@pytest.mark.parametrize("other", ["decision", "replication", "seed", "visit"])
@pytest.mark.parametrize("keys", ["numbered", "mixed"])
def test_hundred_million_draws(keys: str, other: str) -> None:
    """10**8 uniforms of 25 million cases are even to 48 bits, and independent within and across streams.

    Chi-square of 2**16 cells of a line, 256 x 256 of a square and 40**3 of a cube, and correlations at
    lags and across streams. The cases are numbered, or keyed by `mix` as children. Rate ALARM together.
    """
    seed, replication, decision, _, visit, block = OTHERS[other]
    tally, piece = Tally(), 500_000
    for start in range(0, 25_000_000, piece):
        cases = np.arange(start, start + piece, dtype=np.uint64)
        if keys == "mixed":
            cases = streams.mix_array(3, cases)
        rows = streams.uniforms_array(SEED, 0, 11, cases, 0)
        tally_piece(tally, rows, streams.uniforms_array(seed, replication, decision, cases, visit, block))
    assert suspects(tally.p_values()) == {}
