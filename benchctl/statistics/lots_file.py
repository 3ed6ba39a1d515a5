"""Reads a file of lots for in-service sampling: its shape and its mistakes, each with its place.

sampling: {plan: iso-2859-1, level: II, aql: 1.0}
lots:
  - {lot: 2018-A, size: 1200, model: LXS-15E, batch: 2018-A, stage: in_service}
  - {lot: 2019-B, size: 800, batch: 2019-B, point: Q3, sampling: {aql: 1.0, kind: variables}}
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from benchctl.core.messages import msg
from benchctl.language import Diagnostics, FieldError, load_document, validate
from benchctl.statistics.lots import Lot
from benchctl.statistics.plans import Sampling

Share = Annotated[float, Field(gt=0, lt=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class SamplingPart(_Part):
    """How lots are sampled; qualities are shares, the AQL is in percent."""

    plan: str = Field("iso-2859-1", description="Tables, or `two-points`.")
    level: str = Field("II", description="Inspection level.")
    aql: Annotated[float, Field(gt=0)] = 1.0
    severity: Literal["normal", "tightened", "reduced"] = "normal"
    kind: Literal["single", "double", "variables"] = "single"
    good: Share = 0.01
    alpha: Share = 0.05
    bad: Share = 0.08
    beta: Share = 0.05


class OwnSampling(_Part):
    """What of the sampling differs for a lot."""

    plan: str | None = None
    level: str | None = None
    aql: Annotated[float, Field(gt=0)] | None = None
    severity: Literal["normal", "tightened", "reduced"] | None = None
    kind: Literal["single", "double", "variables"] | None = None
    good: Share | None = None
    alpha: Share | None = None
    bad: Share | None = None
    beta: Share | None = None


class LotPart(_Part):
    """A lot; what is given of model, batch, stage and procedure must be that of its units."""

    lot: str = Field(min_length=1, description="Its name.")
    size: Annotated[int, Field(ge=2)] = Field(description="How many units are installed.")
    model: str | None = None
    batch: str | None = None
    stage: str | None = None
    procedure: str | None = None
    point: str = Field("", description="The point that is judged by variables.")
    sample: list[str] = Field(default_factory=list, description="Serial numbers that were drawn.")
    sampling: OwnSampling = Field(
        default_factory=OwnSampling, description="What differs from the file's own."
    )


class LotsPart(_Part):
    """A file of lots."""

    sampling: SamplingPart = SamplingPart.model_validate({})
    lots: list[LotPart] = Field(min_length=1)

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        names = [lot.lot for lot in self.lots]
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            raise FieldError(msg("statistics.lot-twice", lot=twice[0]))
        return self


def read_lots(path: Path) -> list[Lot]:
    """Return the lots of a file.

    Raises:
        FileError: it has mistakes.
    """
    diagnostics = Diagnostics()
    document = load_document(path, diagnostics)
    part = None if document is None else validate(LotsPart, document, diagnostics)
    diagnostics.raise_if_failed()
    assert part is not None
    return [_lot(lot, part.sampling) for lot in part.lots]


def _lot(part: LotPart, usual: SamplingPart) -> Lot:
    own = usual.model_dump() | part.sampling.model_dump(exclude_none=True)
    facts = {n: getattr(part, n) for n in ("model", "batch", "stage", "procedure")}
    return Lot(
        name=part.lot,
        size=part.size,
        where={n: v for n, v in facts.items() if v is not None},
        sampling=Sampling(**own),
        sample=tuple(part.sample),
        point=part.point,
    )
