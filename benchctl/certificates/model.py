"""What stands on a certificate, worded, before anything is drawn.

Every text is a tuple with one wording per language of the certificate; a name or a number that is
the same in all of them stands there once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Text = tuple[str, ...]
Kind = Literal["verification", "notice", "calibration"]
KINDS: tuple[Kind, ...] = ("verification", "notice", "calibration")
JSON = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled value."""

    label: Text
    value: Text


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its heading row; `bad` are the numbers of the rows that did not pass.

    `plot` is a drawing as SVG that belongs below it, `notes` what is said of it.
    """

    title: Text
    head: tuple[Text, ...]
    rows: tuple[tuple[Text, ...], ...]
    bad: tuple[int, ...] = ()
    plot: str | None = None
    plot_title: Text = ()
    notes: tuple[Text, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who signed, as what, and when; the name is empty where nobody did."""

    role: Text
    name: str
    date: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """All that a template prints.

    `specimen` is what marks every page of a simulated run, () for a real one. `page` holds the
    patterns of the page line with {page} and {total}. `logo` is a file name in the lab's folder.
    """

    kind: Kind
    languages: Text
    title: Text
    number: str
    number_label: Text
    specimen: Text
    specimen_line: Text
    lab: Text
    lab_facts: tuple[Fact, ...]
    logo: str
    cover: tuple[Fact, ...]
    conclusion: Fact | None
    passed: bool
    signatories: tuple[Signatory, ...]
    facts: tuple[Fact, ...]
    standards: Table | None
    tables: tuple[Table, ...]
    statements: tuple[Text, ...]
    page: Text
    end: Text
    date: tuple[int, int, int]
    code: str
    """What the QR code says."""
    duplicate: Text = ()
    """What marks every page of a duplicate, () on the original."""

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data for the template."""
        return asdict(self)
