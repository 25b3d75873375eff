"""The streams are the published functions, mean one thing however they are called, and survive the disk."""

import os
import subprocess
import sys
from collections.abc import Iterable
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from simulation import streams
from simulation.distributions import Exponential, Gamma, Lognormal, encode
from simulation.streams import keys, philox

SEED = 20_240_229
WORD = 2**64

# ------------------------------------------------------------------ the published functions


def numpy_words(seed: int, replication: int, counter: Iterable[int]) -> list[int]:
    """The block of NumPy's Philox; NumPy adds one to the counter before its first block."""
    number = (sum(word << 64 * i for i, word in enumerate(counter)) - 1) % 2**256
    before = np.array([number >> 64 * i & WORD - 1 for i in range(4)], np.uint64)
    key = np.array([seed, replication], np.uint64)
    return [int(word) for word in np.random.Philox(counter=before, key=key).random_raw(4)]


def test_philox_is_numpys() -> None:
    """Block by block, the words are those of numpy.random.Philox, at the ends of the range too."""
    rng = np.random.default_rng(SEED)
    blocks = rng.integers(0, WORD, size=(500, 6), dtype=np.uint64, endpoint=False).tolist()
    blocks += [list(block) for block in product([0, 1, WORD - 1], repeat=6)]
    for seed, replication, *counter in blocks:
        words = numpy_words(seed, replication, counter)
        assert list(philox._philox(seed, replication, *counter)) == words


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        (
            (0, 0, 0, 0),
            (0, 0),
            (0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B),
        ),
        (
            (WORD - 1,) * 4,
            (WORD - 1,) * 2,
            (0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0),
        ),
        (
            (0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89),
            (0x452821E638D01377, 0xBE5466CF34E90C6C),
            (0xA528F45403E61D95, 0x38C72DBD566E9788, 0xA5A1610E72FD18B5, 0x57BD43B5E52B7FE6),
        ),
    ],
    ids=["zeros", "ones", "pi"],
)
def test_philox_known_answers(counter: tuple[int, ...], key: tuple[int, int], words: tuple[int, ...]) -> None:
    """The words are the known answers that the authors of Philox publish with Random123."""
    assert philox._philox(*key, *counter) == words


def test_uniforms_are_the_words() -> None:
    """A draw is the block at counter (case, decision, visit, block) under the key (seed, replication)."""
    seed, replication, decision, case, visit, block = 7, 3, streams.decision("service"), 2**63 + 11, 2, 1
    words = numpy_words(seed, replication, (case, decision, visit, block))
    expected = tuple(((word >> 12) + 0.5) * 2.0**-52 for word in words)
    assert streams.uniforms(seed, replication, decision, case, visit, block) == expected


def test_generators_for_analysis_are_philox_under_the_seed_and_the_names() -> None:
    """A generator's words are the published function's, under the key (seed, digest of the names)."""
    words = streams.generator(7, "bootstrap", "days").bit_generator.random_raw(8).tolist()
    key = streams.decision("9:bootstrap4:days")
    assert words == [*philox._philox(7, key, 1, 0, 0, 0), *philox._philox(7, key, 2, 0, 0, 0)]


def test_generators_for_analysis_can_be_spawned() -> None:
    """scipy's designs of points spawn: the same every time, other numbers than the parent's."""
    child, again = (streams.generator(7, "points").spawn(1)[0].random(4) for _ in range(2))
    assert child.tolist() == again.tolist()
    assert child.tolist() != streams.generator(7, "points").random(4).tolist()
    assert child.tolist() != streams.generator(8, "points").spawn(1)[0].random(4).tolist()


def test_generators_of_other_names_or_seeds_are_others() -> None:
    """Seed, names, their order and where one ends all count; the same names give the same numbers."""
    keys = [(7, "ab", "c"), (7, "a", "bc"), (7, "c", "ab"), (7, "abc"), (7,), (8, "ab", "c")]
    first = [streams.generator(*key).random() for key in keys]
    assert len(set(first)) == len(keys)
    assert first == [streams.generator(*key).random() for key in keys]


def test_uniforms_are_inside_the_open_interval() -> None:
    """The smallest and the largest word give uniforms off 0 and 1, equally far."""
    assert (philox._unit(0), 1 - philox._unit(WORD - 1)) == (2.0**-53, 2.0**-53)


def test_mix_is_splitmix() -> None:
    """The finaliser gives the known outputs of SplitMix64 started at 1234567."""
    state, outputs = 1234567, []
    for _ in range(3):
        state += int(keys._GOLDEN)
        outputs.append(keys._finalise(state % WORD))
    assert outputs == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_keys_are_the_same_everywhere() -> None:
    """Keys are pinned: when one changes, every result changes, and MODEL_VERSION must."""
    assert streams.decision("service") == 0xE78044F1C5E1E813
    assert streams.mix(0, 0) == 0x48218226FF3CD4BF
    assert streams.mix(streams.decision("service"), 5) == 0x926E1D29AF0B627


# ------------------------------------------------------------------ one meaning, however it is called


def test_arrays_are_rows_of_scalars() -> None:
    """Drawing for many cases at once is drawing for each."""
    cases = streams.mix_array(99, np.arange(50))
    rows = streams.uniforms_array(SEED, 1, 5, cases, 2, 3)
    assert [tuple(row) for row in rows] == [streams.uniforms(SEED, 1, 5, int(c), 2, 3) for c in cases]
    assert cases.tolist() == [streams.mix(99, i) for i in range(50)]
    assert streams.mix_array(cases, 1).tolist() == [streams.mix(int(c), 1) for c in cases]
    assert streams.mix_array(cases, cases[::-1])[3] == streams.mix(int(cases[3]), int(cases[-4]))


def test_service_draws_are_uniforms_and_variates() -> None:
    """One call gives what the four calls it stands for give."""
    table, starts = encode([(Gamma(mean=2, cv=0.5), 1.0), (Exponential(mean=4), 1.0)])
    u = streams.uniforms(SEED, 4, 77, 123, 6, 0)
    service, patience = (streams.variate(table, start, v) for start, v in zip(starts, u[:2], strict=True))
    both = streams.service_draws(SEED, 4, 77, 123, 6, table, starts[0], starts[1])
    assert both == (service, patience, *u[2:])
    neither = streams.service_draws(SEED, 4, 77, 123, 6, table, -1, -1)
    assert neither == (0.0, np.inf, *u[2:])


def test_variates_take_one_start_or_one_for_each_draw() -> None:
    """Arrays that may not be written, as views often are, are read all the same."""
    table, starts = encode([(Gamma(mean=2, cv=0.5), 1.0), (Exponential(mean=4), 1.0)])
    u = np.array([0.2, 0.7])
    u.setflags(write=False)
    each = streams.variates(table, np.array([starts[0], starts[1]]), u)
    assert each.tolist() == [streams.variate(table, start, v) for start, v in zip(starts, u, strict=True)]
    assert streams.variates(table, starts[1], u)[1] == each[1]


@pytest.mark.parametrize("number", [-1, WORD])
def test_keys_outside_the_word_are_refused(number: int) -> None:
    """A key that is no 64-bit word is an error, never another key."""
    with pytest.raises(OverflowError):
        streams.uniforms(number, 0, 0, 0, 0, 0)


def test_a_new_decision_changes_no_other_draw() -> None:
    """What is drawn between two draws, for whom and in which order, changes neither."""
    cases = np.arange(1000, dtype=np.uint64)
    service = streams.decision("service")
    alone = streams.uniforms_array(SEED, 0, service, cases, 0)
    streams.uniforms_array(SEED, 0, streams.decision("newly invented"), cases, 0)
    order = np.random.default_rng(SEED).permutation(cases.size)
    shuffled = streams.uniforms_array(SEED, 0, service, cases[order], 0)
    np.testing.assert_array_equal(shuffled, alone[order])
    np.testing.assert_array_equal(streams.uniforms_array(SEED, 0, service, cases[:10], 0), alone[:10])


# ------------------------------------------------------------------ machine code on disk

PROGRAM = """
import numpy as np
from simulation import streams
from simulation.distributions import Gamma, Lognormal, encode
table, starts = encode([(Gamma(mean=2, cv=0.5), 1.0), (Lognormal(mean=4, cv=1), 1.0)])
print(streams.service_draws(1, 2, 3, 4, 5, table, starts[0], starts[1]))
print(sum(streams.service_draws.stats.cache_hits.values()))
"""


def test_two_processes_that_compile_at_once_agree(tmp_path: Path) -> None:
    """Two cold processes on one empty cache, then a warm one: the same draws, the last without compiling."""
    environment = os.environ | {
        "NUMBA_CACHE_DIR": str(tmp_path),
        "NUMBA_DISABLE_JIT": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-c", PROGRAM]
    pair = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    first, second = (process.communicate(timeout=300)[0].splitlines() for process in pair)
    warm = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    table, starts = encode([(Gamma(mean=2, cv=0.5), 1.0), (Lognormal(mean=4, cv=1), 1.0)])
    here = str(streams.service_draws(1, 2, 3, 4, 5, table, starts[0], starts[1]))
    assert [first[0], second[0], warm.splitlines()[0]] == [here] * 3
    assert warm.splitlines()[1] == "1"


# ------------------------------------------------------------------ the same without machine code

DRAWING = """
import numpy as np
from simulation import streams
from simulation.distributions import (
    Deterministic, Discrete, Empirical, Exponential, Gamma, Lognormal, Mixture, Normal, Triangular, Truncated,
    Uniform, Weibull, encode,
)

def show(values):
    print(*(float(value).hex() for value in np.ravel(values)))

words = [0, 1, 2**63, 2**64 - 1, streams.decision("service")]
cases = streams.mix_array(np.array(words, np.uint64)[:, None], words).reshape(-1)
print(cases.tolist(), [streams.mix(a, np.uint64(b)) for a in words for b in words])
show([streams.uniforms(a, b, 3, np.uint64(a), b, 1) for a in words for b in words])
u = streams.uniforms_array(7, 2**64 - 1, words[-1], cases, 1).reshape(-1)
show(u)
wide, skewed = Normal(mean=9, sd=4), Lognormal(mean=4, cv=1)
laws = [
    Exponential(mean=3), skewed, Gamma(mean=2, cv=0.5), Gamma(mean=2, cv=3), Weibull(shape=0.7, scale=2),
    wide, Normal(mean=1, sd=2, min=0), Uniform(min=2, max=4), Triangular(min=1, mode=2, max=5),
    Deterministic(at=2), Discrete(values=(1, 2, 5), weights=(0.2, 0.5, 0.3)),
    Empirical(probabilities=(0, 0.5, 1), quantiles=(1, 2, 9)),
    Mixture(weights=(0.3, 0.7), components=(skewed, Uniform(min=1, max=2))),
    Truncated(of=Mixture(weights=(0.3, 0.7), components=(skewed, Gamma(mean=2, cv=0.5))), min=1, max=6),
]
table, starts = encode([(law, 1.5) for law in laws])
for start in starts:
    show(streams.variates(table, start, u))
    show(streams.service_draws(1, 2, 3, 4, 5, table, start, starts[0]))
"""


def test_plain_python_draws_the_same() -> None:
    """With NUMBA_DISABLE_JIT=1 each draw has the same bits, and no warning about words that are full."""
    plain, machine = (
        subprocess.run(
            [sys.executable, "-W", "error::RuntimeWarning", "-c", DRAWING],
            env=os.environ | {"NUMBA_DISABLE_JIT": off},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        for off in ("1", "0")
    )
    assert len(plain) == len(machine) == 31
    assert plain == machine
