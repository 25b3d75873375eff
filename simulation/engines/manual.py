"""The page on the engines: what each of them has of the language, and what equality is promised."""

from __future__ import annotations

from simulation.engines.replication import ENGINES, LACKS
from simulation.scenario.features import language, specifications
from simulation.scenario.scenario import Scenario

__all__ = ["write_engines"]

OPENING = """# The engines

Two engines run the same scenario to the same records. The *reference* is the model as it is read: one SimPy
process for each case. The *compiled* engine is its fast twin: the scenario laid out in arrays, and one loop
over events in machine code. They share what is made before the run (layout, demand, roster), the draws
(`streams`) and the written order of ties (`engines/ordering`), and no event logic. `engine=NAME` chooses
one in every command; the engine is no part of the address of a result.

`python experiments/manual.py` writes this page.

## What is promised

- **On one machine, with the same versions of the packages**, both engines leave the same records *bit for
  bit*: every column of visits, cases and switches, however many threads or processes there are, and whether
  the loop is compiled or runs as plain Python (`NUMBA_DISABLE_JIT=1`). `tests/parity` compares them so on
  made-up worlds with all of what stands in the table below.
- **Between machines, or versions of the packages**, the uniforms are the same to the bit; logarithms,
  powers and special functions may differ in their last digits. Moments are then the same to 1 part in 10⁹,
  unless such a digit decides which of two things comes first.
- Neither engine calculates logarithms or powers itself, and nothing is compiled with `fastmath`: sums are
  added up in the same order.

## What a replication takes of memory

A year of City S, 190,000 veterans and 933,273 visits, simulated and measured by one worker with its code
compiled before, takes at most 631 MB of resident memory, where 500 MB were wanted. 334 MB of these are there
before it begins: Python, its libraries and the compiled code, 134 MB of it files that processes share. About
50 MB are kept of the layout for the replications that follow. The rest goes with the replication: at the
end of the run the rows of visits (65 bytes each, 61 MB), the cases (69 bytes, 39 MB) with what the engine
knows of them (54 bytes, 30 MB), who is on duty when (52 MB), and the agenda and the visits under way.

Visits and cases stand in memory once: the engine takes in the cases that were drawn, and puts the visits in
order where they lie. KPIs are measured on these rows, so memory still grows with the visits of a replication;
it does not grow with the number of replications.

## What they have

A kind of thing in the scenario language, its fields (with the words that a field chooses among), and
whether an engine has them. The rows come from the language itself ([scenario.md](scenario.md)); what an
engine lacks is refused before a run (`unsupported`). Labels, costs, sources and weights of indices change
no record in any engine.

"""


def write_engines() -> str:
    """Return the page as Markdown: the promise, and a row for each kind of thing in the language.

    Examples
    --------
    >>> "| `Patience` |" in write_engines()
    True
    """
    rows = [f"| kind | fields | {' | '.join(ENGINES)} |", "|---|---|" + "---|" * len(ENGINES)]
    named = language()
    for kind in specifications([Scenario]):
        own = [name for name in named if name.startswith(f"{kind.__name__}.")]
        had = " | ".join(_had({kind.__name__, *own}, engine) for engine in ENGINES)
        rows.append(f"| `{kind.__name__}` | {_fields(own)} | {had} |")
    common = [name for name in named if name.partition(".")[0] not in named]
    for base in dict.fromkeys(name.partition(".")[0] for name in common):
        own = [name for name in common if name.startswith(f"{base}.")]
        had = " | ".join(_had(set(own), engine) for engine in ENGINES)
        rows.append(f"| every `{base}` | {_fields(own)} | {had} |")
    return OPENING + "\n".join(rows) + "\n"


def _fields(names: list[str]) -> str:
    """List fields, each with its words."""
    words: dict[str, list[str]] = {}
    for name in names:
        field, _, word = name.partition(".")[2].partition("=")
        words.setdefault(field, []).extend([word] if word else [])
    return ", ".join(f"{field} ({', '.join(named)})" if named else field for field, named in words.items())


def _had(names: set[str], engine: str) -> str:
    """Say whether an engine has all of these."""
    lacking = sorted(names & LACKS[engine])
    return f"all but {', '.join(lacking)}" if lacking else "all"
