"""Reads the tables of sampling plans: their shape and their mistakes, each with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from benchctl.core.messages import msg
from benchctl.language import Diagnostics, FieldError, load_document, validate
from benchctl.statistics.plans import Cell, Line, PlanTables, Table
from benchctl.statistics.variables import VariablesPlan

Count = Annotated[int, Field(ge=0)]
Arrow = Literal["v", "^"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class LotLine(_Part):
    """The code letters of lots up to a size."""

    to: Annotated[int, Field(ge=2)] | None = Field(description="Largest lot; null: no end.")
    letters: list[str] = Field(description="One for each level.")


class LettersPart(_Part):
    """Code letters by lot size and level."""

    source: str = Field(description="Where the numbers are from.")
    levels: list[str]
    lots: list[LotLine] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        sizes = [line.to for line in self.lots]
        known = [s for s in sizes[:-1] if s is not None]
        rising = len(known) == len(sizes) - 1 and known == sorted(set(known))
        if not rising or any(len(line.letters) != len(self.levels) for line in self.lots):
            raise FieldError(msg("statistics.letters"))
        return self


class SingleLine(_Part):
    """Acceptance numbers of a letter, one for each AQL."""

    n: Annotated[int, Field(ge=1)]
    ac: list[Count | Arrow]


class DoubleLine(_Part):
    """Ac1, Re1, Ac2, Re2 of a letter, for each AQL; both samples have `n` units."""

    n: Annotated[int, Field(ge=1)]
    ac: list[tuple[Count, Count, Count, Count] | Arrow | Literal["*"]]

    @model_validator(mode="after")
    def _decides(self) -> Self:
        for cell in self.ac:
            if isinstance(cell, tuple) and not (
                cell[0] < cell[1] <= cell[3] and cell[0] <= cell[2] and cell[3] == cell[2] + 1
            ):
                raise FieldError(msg("statistics.double-cell", cell=str(list(cell))))
        return self


class SingleTable(_Part):
    """A master table of single plans."""

    source: str
    rows: dict[str, SingleLine]


class DoubleTable(_Part):
    """A master table of double plans."""

    source: str
    rows: dict[str, DoubleLine]


class VariablesCell(_Part):
    """A plan by variables as it is printed."""

    n: Annotated[int, Field(ge=3)]
    k: float


class VariablesTable(_Part):
    """Plans by variables, by letter and AQL: what a lab enters from its copy of ISO 3951-1."""

    source: str
    rows: dict[str, dict[str, VariablesCell]]


class PlansPart(_Part):
    """A file of sampling plans."""

    plan: str
    title: dict[Literal["en", "zh"], str]
    source: str
    code_letters: LettersPart
    aql: list[Annotated[float, Field(gt=0)]] = Field(min_length=1)
    single: dict[str, SingleTable]
    double: dict[str, DoubleTable] = Field(default_factory=dict)
    variables: dict[str, VariablesTable] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _full(self) -> Self:
        tables: list[SingleTable | DoubleTable] = [*self.single.values(), *self.double.values()]
        for table in tables:
            for letter, line in table.rows.items():
                if len(line.ac) != len(self.aql):
                    raise FieldError(
                        msg(
                            "statistics.row-length",
                            letter=letter,
                            found=len(line.ac),
                            wanted=len(self.aql),
                        )
                    )
        return self


def read_plans(path: Path) -> PlanTables:
    """Return the tables of a file.

    Raises:
        FileError: it has mistakes.
    """
    diagnostics = Diagnostics()
    document = load_document(path, diagnostics)
    part = None if document is None else validate(PlansPart, document, diagnostics)
    diagnostics.raise_if_failed()
    assert part is not None
    return PlanTables(
        name=part.plan,
        title={str(k): v for k, v in part.title.items()},
        source=part.source,
        letters_source=part.code_letters.source,
        levels=tuple(part.code_letters.levels),
        lots=tuple((line.to, tuple(line.letters)) for line in part.code_letters.lots),
        aql=tuple(part.aql),
        single={name: _table(table) for name, table in part.single.items()},
        double={name: _table(table) for name, table in part.double.items()},
        variables={
            name: {
                letter: {float(aql): VariablesPlan(c.n, c.k) for aql, c in cells.items()}
                for letter, cells in table.rows.items()
            }
            for name, table in part.variables.items()
        },
        variables_source="; ".join(t.source for t in part.variables.values()),
    )


def _table(table: SingleTable | DoubleTable) -> Table:
    lines = {}
    for letter, line in table.rows.items():
        cells: tuple[Cell, ...] = tuple(line.ac)
        lines[letter] = Line(line.n, cells)
    return Table(table.source, lines)
