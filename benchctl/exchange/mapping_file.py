"""Reads a mapping file: its shape and its mistakes, each with its place."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from benchctl.core.messages import msg
from benchctl.core.suggest import closest, folded
from benchctl.exchange.fields import FIELDS
from benchctl.exchange.mapping import ColumnMapping
from benchctl.exchange.result_fields import RESULT_FIELDS
from benchctl.language import Diagnostics, FieldError, load_document, validate


class MappingPart(BaseModel):
    """A mapping file: which columns of another system's file are which fields."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    mapping: str = Field(description="Name of the mapping.")
    about: str | dict[str, str] = Field("", description="What the mapping is for.")
    columns: dict[str, str | list[str]] = Field(
        description="Field: the header of its column, or several that mean it."
    )
    constants: dict[str, str] = Field(
        default_factory=dict, description="Field: what holds where the file says nothing."
    )
    values: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="Field: our word: the word in the file."
    )
    skip: list[str] = Field(default_factory=list, description="Headers that are not kept.")

    @field_validator("columns", "constants", "values")
    @classmethod
    def _known(cls, found: dict[str, object]) -> dict[str, object]:
        _require_known(found)
        return found

    @model_validator(mode="after")
    def _unambiguous(self) -> MappingPart:
        taken: dict[str, str] = {}
        for name, headers in self.columns.items():
            for header in [headers] if isinstance(headers, str) else headers:
                if not header.strip():
                    raise FieldError(msg("exchange.mapping-blank", field=name))
                other = taken.setdefault(folded(header), name)
                if other != name:
                    raise FieldError(
                        msg("exchange.mapping-twice", header=header, one=other, other=name)
                    )
        return self


def _require_known(names: Iterable[str]) -> None:
    known = {*FIELDS, *RESULT_FIELDS}
    for name in names:
        if name not in known:
            near = closest(name, known)
            hint = msg("exchange.did-you-mean", word=near) if near else None
            raise FieldError(msg("exchange.no-field", name=name), hint=hint, code="E301")


def read_mapping(path: Path) -> ColumnMapping:
    """Return the mapping that a file holds.

    Raises:
        FileError: it has mistakes.
    """
    diagnostics = Diagnostics()
    document = load_document(path, diagnostics)
    part = None if document is None else validate(MappingPart, document, diagnostics)
    diagnostics.raise_if_failed()
    assert part is not None
    return ColumnMapping(
        part.mapping,
        {n: (h,) if isinstance(h, str) else tuple(h) for n, h in part.columns.items()},
        part.constants,
        part.values,
        tuple(part.skip),
    )
