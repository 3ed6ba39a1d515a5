"""Which keys a pydantic model allows at a place; for "did you mean" and for listing them."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Sequence
from inspect import get_annotations
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo


class Step(NamedTuple):
    """A step of pydantic's `loc`: a key or index of the data, or (not real) a union's branch."""

    name: str | int
    real: bool


def known_keys(model: type[BaseModel], steps: Sequence[Step]) -> list[str]:
    """Return the keys that the model has at the place, as a file spells them."""
    types_here = list(_members(model))
    for step in steps:
        inner = _inside(types_here, step.name) if step.real else _tagged(types_here, step.name)
        types_here = list(inner)
    keys = [_spelling(n, f) for m in types_here if _is_model(m) for n, f in m.model_fields.items()]
    return list(dict.fromkeys(keys))


def _members(annotation: Any) -> Iterator[Any]:
    """Yield the types that an annotation stands for: members of unions, without Annotated."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _members(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for member in get_args(annotation):
            yield from _members(member)
    elif hasattr(annotation, "__value__"):  # type X = ...
        yield from _members(annotation.__value__)
    elif _is_model(annotation) and annotation.__pydantic_root_model__:
        yield from _members(annotation.model_fields["root"].annotation)
    else:
        yield annotation


def _inside(types_here: Iterable[Any], name: str | int) -> Iterator[Any]:
    """Yield the types of the value that has this key or index."""
    for here in types_here:
        arguments = get_args(here)
        if _is_model(here):
            fields = here.model_fields.items()
            own = [info for f, info in fields if name in (f, _spelling(f, info))]
            for info in own:
                yield from _members(info.annotation)
            if not own:
                yield from _of_extra_keys(here)
        elif arguments and isinstance(name, int):
            yield from _members(arguments[0])
        elif len(arguments) == 2:
            yield from _members(arguments[1])


def _of_extra_keys(model: type[BaseModel]) -> Iterator[Any]:
    """Yield the types of the values whose keys are left to the author."""
    declared = get_annotations(model, eval_str=True).get("__pydantic_extra__")
    if declared is not None:
        yield from _members(get_args(declared)[1])


def _tagged(types_here: list[Any], tag: str | int) -> list[Any]:
    """Return the branch that pydantic calls `tag`; all where that cannot be told."""
    named = [t for t in types_here if getattr(t, "__name__", "") == tag]
    if not named:
        named = [t for t in types_here if _is_model(t) and tag in _constants(t)]
    return named or types_here


def _constants(model: type[BaseModel]) -> set[Any]:
    """Return the values of the model's Literal fields; one is the discriminator's."""
    annotations = (info.annotation for info in model.model_fields.values())
    return {v for a in annotations if get_origin(a) is Literal for v in get_args(a)}


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and hasattr(annotation, "__pydantic_root_model__")


def _spelling(name: str, info: FieldInfo) -> str:
    return info.validation_alias if isinstance(info.validation_alias, str) else info.alias or name
