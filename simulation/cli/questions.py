"""What the commands that ask a question share: where an answer goes, and how it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from simulation.cli.printing import emit
from simulation.cli.work import in_words, now, own_folder

if TYPE_CHECKING:
    from simulation.publication import Inquiry
    from simulation.study import Design

__all__ = ["tell", "written"]


def written(options: Mapping[str, Sequence[str]]) -> list[str]:
    """Write the options that decide an answer as they would be typed; those that are empty were not."""
    return [part for name, given in options.items() for one in given if one for part in (name, one)]


def tell(
    inquiry: Inquiry,
    design: Design,
    asked: Design,
    settings: Sequence[str],
    options: Sequence[str],
    results: Path,
    config_dir: Path | None,
    *,
    as_json: bool,
) -> None:
    """Write an answer into the folder of a design, and print it.

    What was asked about is the design, or some of its policies. Options are those of the command that decide
    the answer, as they would be typed.
    """
    from simulation.publication import publish_inquiry, tried_now
    from simulation.store import Ledger

    folder = own_folder(design, settings, results) / inquiry.folder
    command = in_words(inquiry.name, [*settings, *options], config_dir)
    written = now()
    Ledger(results / design.study.id).add(tried_now(asked, command), written)
    published = publish_inquiry(folder, inquiry, asked, command, written)
    if as_json:
        emit(published)
        return
    print(*inquiry.answer, sep="\n")
    print(f"\nMore: {folder / 'page.html'}")
