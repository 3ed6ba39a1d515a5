"""The shape of files that come in and go out, for other programs: JSON Schema of both.

The models are made of the tables of fields, so that no field is told twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from benchctl.exchange.fields import FIELDS
from benchctl.exchange.result_fields import CHILDREN, RESULT_FIELDS, ResultField
from benchctl.exchange.result_points import OCCASIONS, VERDICTS
from benchctl.exchange.results import SCHEMA, TYPES
from benchctl.exchange.values import CHOICES

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_CONFIG = ConfigDict(extra="forbid", strict=True)
_DECIMAL = r"^(-?[0-9]+(\.[0-9]+)?)?$"
_DAY = r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$"
_HASH = r"^([0-9a-f]{64})?$"
_SPECIAL: dict[str, Any] = {
    "specimen": bool,
    "adjusted": bool,
    "revision": int,
    "no": int,
    "cert_type": Literal[*TYPES.values()],
    "conclusion": Literal["合格", "不合格", ""],
    "verdict": Literal["", *VERDICTS.values()],
    "occasion": Literal["", *OCCASIONS.values()],
}
_PATTERNS = {
    **dict.fromkeys(("verified_on", "valid_until", "issued_on"), _DAY),
    **dict.fromkeys(("dcc_sha256", "pdf_sha256"), _HASH),
    **dict.fromkeys(
        ("nominal", "reference", "indication", "error", "mpe_low", "mpe_high", "U", "k"), _DECIMAL
    ),
}


def _model(name: str, fields: Iterable[ResultField], **more: Any) -> type[BaseModel]:
    described: dict[str, Any] = {
        f.name: (
            _SPECIAL.get(f.name, str),
            Field(pattern=_PATTERNS.get(f.name), description=f"{f.zh}. {f.about}".strip(". ")),
        )
        for f in fields
    }
    return create_model(name, __config__=_CONFIG, **described, **more)


_children: dict[str, Any] = {
    name: (list[_model(name.capitalize(), fields)], ...)  # type: ignore[misc]
    for name, fields in CHILDREN.items()
}
_certificate: Any = _model("Certificate", RESULT_FIELDS.values(), **_children)
_document: dict[str, Any] = {
    "schema_": (Literal[SCHEMA], Field(alias="schema")),
    "certificates": (list[_certificate], Field(description="One for each certificate.")),
}
ResultsDocument = create_model("ResultsDocument", __config__=_CONFIG, **_document)
"""The JSON that `benchctl records results` writes."""


def results_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of exported results."""
    return {"$schema": DIALECT, "$id": SCHEMA, **ResultsDocument.model_json_schema(by_alias=True)}


def order_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a work order in JSON, a list with one object per unit."""
    properties = {}
    for name, field in FIELDS.items():
        about: dict[str, Any] = {"type": "string", "description": ", ".join(field.headers[1:])}
        if field.kind in CHOICES:
            words = [w for own, also in CHOICES[field.kind].items() for w in (own, *also)]
            about |= {"examples": words}
        properties[name] = about
    return {
        "$schema": DIALECT,
        "$id": "benchctl.order/1",
        "title": "benchctl order",
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "properties": properties,
            "required": [name for name, field in FIELDS.items() if field.required],
            "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
        },
    }
