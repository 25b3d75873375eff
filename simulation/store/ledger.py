"""What a study has seen so far: every scenario ever tried in it, and the answers beside its results."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simulation.spec import InputError, Problem
from simulation.store.files import refuse_link, write_whole

__all__ = ["Ledger", "answers_in"]

TRIED = "tried.json"
ANSWER, PAGE = "answer.json", "page.html"
TOLD = ("name", "title", "question", "command", "written")


class Ledger:
    """The scenarios that were ever tried in a study, whatever became of them.

    Nothing is ever removed. Two processes may write to it.

    Parameters
    ----------
    folder
        The folder of the study's results, which may not be a link; made when something is added.

    Examples
    --------
    >>> import tempfile
    >>> ledger = Ledger(Path(tempfile.mkdtemp()) / "district")
    >>> _ = ledger.add([{"scenario": "more", "digest": "ab12", "command": "vetsim compare"}], "monday")
    >>> [entry] = ledger.add(ledger.entries(), "tuesday")
    >>> entry["first"], entry["last"], entry["times"]
    ('monday', 'tuesday', 2)
    """

    def __init__(self, folder: Path) -> None:
        refuse_link(folder, TRIED)
        self._file = folder / TRIED

    def entries(self) -> list[dict[str, Any]]:
        """Return what was tried, the earliest first.

        Raises
        ------
        InputError
            When the file is there and cannot be read: it is not begun anew, for it cannot be made again.
        """
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
            return [{**entry, "first": entry["first"], "times": int(entry["times"])} for entry in found]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            message = f"the list of scenarios tried cannot be read ({error}); mend it, or move it away"
            raise InputError([Problem("results", str(self._file), message)]) from None

    def add(self, tried: Iterable[Mapping[str, Any]], when: str) -> list[dict[str, Any]]:
        """Note what was tried; what was tried before in the same way is counted.

        Parameters
        ----------
        tried
            Each with ``scenario`` (its label), ``digest`` and ``command``, and what else is to be remembered.
        when
            The time.
        """
        with self._alone():
            found = {_key(entry): entry for entry in self.entries()}
            for one in tried:
                before = found.get(_key(one), {"first": when, "times": 0})
                now = {"first": before["first"], "last": when, "times": before["times"] + 1}
                found[_key(one)] = {**one, **now}
            entries = list(found.values())
            text = json.dumps(entries, indent=1, ensure_ascii=False) + "\n"

            def write(path: Path) -> None:
                path.write_text(text, encoding="utf-8")

            write_whole(self._file, write)
        return entries

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._file.parent, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)  # given back when the folder is closed
            yield
        finally:
            os.close(handle)


def _key(entry: Mapping[str, Any]) -> tuple[str, str, str]:
    return entry["scenario"], entry["digest"], entry["command"]


def answers_in(
    folder: Path, study: str, terms: str, scenarios: Mapping[str, str]
) -> tuple[dict[str, Any], ...]:
    """Return the answers that hold beside a design, from its folder and those of other settings of its study.

    An answer holds under the same terms, when all scenarios that it is about are among those of the design.
    The latest is given of several to one question about the same scenarios. Each has ``page``, as seen from
    the folder, and ``about``, the scenarios of an answer that is not about all.

    Parameters
    ----------
    folder
        The results of the design; those of other settings are beside it.
    study
        Id of the study.
    terms
        What the design and an answer must share: `simulation.study.Design.terms`.
    scenarios
        Digests of the scenarios of the design, by id. Files that cannot be read are left out.

    Examples
    --------
    >>> import tempfile
    >>> answers_in(Path(tempfile.mkdtemp()) / "quick", "quick", "ab12", {"baseline": "cd34"})
    ()
    """
    found: dict[tuple[str, frozenset[str]], dict[str, Any]] = {}
    for path in sorted([*folder.glob(f"*/{ANSWER}"), *folder.parent.glob(f"{study}*/*/{ANSWER}")]):
        ours = path.parents[1] == folder or path.parents[1].name.split("-")[0] == study
        try:
            answer = json.loads(path.read_text(encoding="utf-8"))
            on = dict(answer["scenarios"])
            if not ours or answer["terms"] != terms or not on.items() <= scenarios.items():
                continue
            told = {name: str(answer[name]) for name in TOLD}
            told["page"] = Path(os.path.relpath(path.with_name(PAGE), folder)).as_posix()
            about = [] if len(on) == len(scenarios) else list(on)
            said: dict[str, Any] = {
                **told,
                "about": about,
                "answer": [str(sentence) for sentence in answer["answer"]],
            }
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            continue
        if not said["answer"] or not on:
            continue
        key = told["name"], frozenset(on)
        if key not in found or found[key]["written"] <= said["written"]:
            found[key] = said
    return tuple(found.values())
