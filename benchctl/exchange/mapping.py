"""Column mappings: what another system calls our fields, for files in and files out.

    mapping = mapping_named("e-cqs")             # one of ours, or a path
    mapping.field_of("器具项别")                  # "category"

A mapping is a YAML file; see `docs/exchange.md`. Those that are shipped lie in `mappings/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchctl.core.errors import UsageError
from benchctl.core.messages import msg
from benchctl.core.suggest import closest, folded

FOLDER = Path(__file__).parent / "mappings"


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """What a file calls our fields.

    `columns` has the headers of a field, the first of which is written; `constants` what a field
    says where the file says nothing; `values` what the file writes for our words, by field; `skip`
    headers of columns that are not kept.
    """

    name: str = ""
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    skip: tuple[str, ...] = ()

    def by_header(self) -> dict[str, str]:
        """Return the field that each header means, by the folded header."""
        return {folded(h): name for name, headers in self.columns.items() for h in headers}

    def read(self, field_name: str, text: str) -> str:
        """Return what a cell says in our words."""
        theirs = self.values.get(field_name)
        if not theirs:
            return text
        ours = {folded(word): own for own, word in theirs.items()}
        return ours.get(folded(text), text)

    def written(self, field_name: str, value: str) -> str:
        """Return what a cell says in the file's words."""
        value = value or self.constants.get(field_name, "")
        return self.values.get(field_name, {}).get(value, value)


NO_MAPPING = ColumnMapping()


def shipped() -> list[str]:
    """Return the names of the mappings that come with the program."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def mapping_named(text: str) -> ColumnMapping:
    """Return the mapping that a person named: a file, or one of `shipped`.

    Raises:
        UsageError: there is none of that name.
        FileError: the file has mistakes.
    """
    from benchctl.exchange.mapping_file import read_mapping

    path = Path(text)
    if path.suffix in (".yaml", ".yml") or path.is_file():
        return read_mapping(path)
    if text in shipped():
        return read_mapping(FOLDER / f"{text}.yaml")
    near = closest(text, shipped())
    hint = msg("exchange.did-you-mean", word=near) if near else None
    known = ", ".join(shipped())
    raise UsageError(msg("exchange.no-mapping", name=text, known=known), hint=hint)
