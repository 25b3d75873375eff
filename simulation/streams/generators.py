"""Random numbers for the analysis of results: a generator of NumPy for each name."""

import numpy as np

from simulation.streams.keys import decision

__all__ = ["fresh", "generator"]


def generator(seed: int, *names: str) -> np.random.Generator:
    """Make the generator of one named piece of analysis: resampling, a design of points, a permutation.

    Philox4x64-10, the streams' own generator, under the key (seed, digest of the names). Another name or
    another order of names is another stream, and none depends on what else was drawn. Runs of the system
    use the key (seed, replication) and so meet none of these, short of a digest that is a small whole number.

    Parameters
    ----------
    seed : int
        Seed of the study, 0 to 2**64 - 1.
    *names : str
        What the numbers are for, from the general to the particular, as ``"bootstrap"``, ``"days"``.

    Examples
    --------
    >>> one, again = generator(7, "bootstrap", "days"), generator(7, "bootstrap", "days")
    >>> float(one.random()) == float(again.random())
    True
    >>> float(one.random()) == float(generator(7, "bootstrap", "euros").random())
    False
    """
    # Each name is told where it ends, so that ("ab", "c") is not ("a", "bc").
    key = decision("".join(f"{len(name)}:{name}" for name in names))
    bits = np.random.Philox(
        np.random.SeedSequence([seed, key])
    )  # gives generators that are spawned their keys
    bits.state = np.random.Philox(key=np.array([seed, key], np.uint64)).state
    return np.random.Generator(bits)


def fresh(seed: int, *names: str) -> int:
    """Return another seed, for luck that nothing was chosen on.

    Parameters
    ----------
    seed : int
        Seed of the study.
    *names : str
        What the luck is for. Seeds of other names, or of another study's seed, do not meet, short of a chance
        of one in 2**63 for each two.

    Examples
    --------
    >>> fresh(1, "select") == fresh(1, "select")
    True
    >>> len({1, fresh(1, "select"), fresh(2, "select"), fresh(1, "staff", "together")})
    4
    """
    return int(generator(seed, *names, "fresh seed").integers(2**63))
