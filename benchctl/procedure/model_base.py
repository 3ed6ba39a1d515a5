"""What the parts of a procedure file have in common: strictness, and kinds of texts."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema


class Part(BaseModel):
    """A part of a procedure file; keys that it does not know are mistakes."""

    model_config = ConfigDict(extra="forbid")


_SCALAR: dict[str, Any] = {"type": ["number", "string"]}

Formula = Annotated[str, WithJsonSchema(_SCALAR | {"examples": ["1.6 * Q1"]})]
"""A number, or an expression of parameters, `where` and, at a point, `point.<field>`."""
Given = Annotated[str, WithJsonSchema(_SCALAR | {"examples": ["2.5", "2500 L/h"]})]
"""A number in the declared unit, or a quantity with a unit of its own."""
Duration = Annotated[str, WithJsonSchema({"type": "string", "examples": ["60 s", "2 min"]})]
Bounds = Annotated[
    list[str] | str,
    WithJsonSchema({"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR}]}),
]


class RestPart(Part):
    """When something is at rest: `{tank_mass_now: within 0.002 kg for 8 s, timeout: 120 s}`."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"minProperties": 2})
    __pydantic_extra__: dict[str, str]
    timeout: Duration = Field(description="Give up after this long.")


def _by_language(value: object) -> object:
    """Return a sentence that is given once as a mapping with the empty language."""
    return value if isinstance(value, dict) else {"": value}


Sentence = Annotated[
    dict[str, str],
    BeforeValidator(_by_language),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "properties": {"en": {"type": "string"}, "zh": {"type": "string"}},
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
"""A sentence, or `{en: ..., zh: ...}`."""
