"""An item of a reporting checklist."""

from typing import NamedTuple

__all__ = ["Item"]


class Item(NamedTuple):
    """What a reader must be told, and where it comes from.

    Examples
    --------
    >>> Item("1.1", "Purpose of the study", "", "", "study.account.purpose").text
    ''
    """

    number: str
    title: str
    text: str
    """Empty when only a person can fill it, and nobody has."""
    where: str
    """A section of the report (``#...``) or a page of the documentation."""
    field: str = ""
    """The field of the study file in which a person writes it."""
