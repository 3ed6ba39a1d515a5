"""Reads the head of a procedure: parameters, roles, the line, the environment."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from benchctl.core.messages import msg
from benchctl.core.suggest import folded
from benchctl.core.units import Unit, misfit, same_dimension, unit
from benchctl.language import QuantityError, parse_quantity
from benchctl.procedure.by_hand import read_person
from benchctl.procedure.declared import Band, LineRule, Need, Parameter
from benchctl.procedure.dimensions import UNKNOWN
from benchctl.procedure.functions import FUNCTIONS
from benchctl.procedure.grammar import number_in
from benchctl.procedure.model import LinePart, NeedPart, ParameterPart
from benchctl.procedure.model_points import BandPart
from benchctl.procedure.names import Names, check_name, dim_of_parameter, find_role, role_dim
from benchctl.procedure.parameters import ParameterError, Value, value_of
from benchctl.procedure.reading import Path, Reader


def read_parameters(reader: Reader, names: Names) -> dict[str, Parameter]:
    """Return the parameters that are in order; every key becomes a name."""
    parameters = {}
    for name, value in reader.mapping(("parameters",)).items():
        path: Path = ("parameters", name)
        good = check_name(reader, name, path, FUNCTIONS, {})
        names.parameters[name] = UNKNOWN
        part = reader.part(ParameterPart, path, value)
        parameter = _parameter(reader, name, part, path) if part else None
        if parameter and good:
            parameters[name] = parameter
            names.parameters[name] = dim_of_parameter(parameter)
    _check_headers(reader, parameters)
    return parameters


def _check_headers(reader: Reader, parameters: Mapping[str, Parameter]) -> None:
    """Report a header that would name two parameters."""
    taken = {folded(name): name for name in parameters}
    for name, parameter in parameters.items():
        for n, header in enumerate(parameter.also):
            other = taken.setdefault(folded(header), name)
            if other != name or not header.strip():
                message = msg("procedure.header-taken", header=header, name=other)
                reader.wrong("E303", message, ("parameters", name, "also", n))


def _parameter(reader: Reader, name: str, part: ParameterPart, path: Path) -> Parameter | None:
    if reader.unit(part.unit, (*path, "unit")) is None:
        return None
    mistakes = len(reader.diagnostics)
    text = not part.unit and any(_is_word(c) for c in (*part.choices, part.default or "0"))
    plain = Parameter(name, part.unit, choices=("",) if text else ())
    choices = tuple(
        part.choices[i] if text else _value(reader, plain, given, (*path, "choices", i))
        for i, given in enumerate(part.choices)
    )
    low = _value(reader, plain, part.at_least, (*path, "at_least"))
    high = _value(reader, plain, part.at_most, (*path, "at_most"))
    if isinstance(low, float) and isinstance(high, float) and not low < high:
        message = msg("procedure.wrong-way-round", low=part.at_least, high=part.at_most)
        reader.wrong("E105", message, (*path, "at_most"))
    bounded = Parameter(
        name,
        part.unit,
        tuple(c for c in choices if c is not None),
        low if isinstance(low, float) else None,
        high if isinstance(high, float) else None,
        about=reader.texts(part.about, (*path, "about")),
    )
    for i, choice in enumerate(bounded.choices):
        if choice in bounded.choices[:i]:
            reader.wrong("E303", msg("procedure.choice-twice"), (*path, "choices", i))
    default: Value | None = None
    if part.default is not None:
        default = part.default if text and not bounded.choices else None
        if default is None:
            default = _value(reader, bounded, part.default, (*path, "default"))
    if len(reader.diagnostics) > mistakes:
        return None
    return replace(bounded, default=default, also=tuple(part.also), same=part.same)


def _is_word(text: str) -> bool:
    """Whether a value is a text and neither number nor quantity: "DN20", "B"."""
    return not text.lstrip().startswith(tuple("+-.0123456789")) or not text.strip()


def _value(reader: Reader, parameter: Parameter, given: str | None, path: Path) -> Value | None:
    if given is None:
        return None
    try:
        return value_of(parameter, given)
    except ParameterError as error:
        reader.wrong("E202", error.message, path, hint=error.hint)
        return None


def read_needs(reader: Reader, names: Names) -> dict[str, Need]:
    """Return the roles that are in order; every key becomes a name."""
    taken: dict[str, Path] = {name: ("parameters", name) for name in names.parameters}
    for role, value in reader.mapping(("needs",)).items():
        path: Path = ("needs", role)
        good = check_name(reader, role, path, FUNCTIONS, taken)
        names.roles[role] = UNKNOWN
        part = reader.part(NeedPart, path, value)
        need = _need(reader, role, part, path) if part else None
        if need and good and part and part.person is not None:
            given = reader.mapping(path)["person"]
            need = replace(need, person=read_person(reader, names, need, given, (*path, "person")))
        if need and good:
            names.needs[role] = need
            names.roles[role] = role_dim(need)
    return names.needs


def _need(reader: Reader, role: str, part: NeedPart, path: Path) -> Need | None:
    if part.switch and part.unit is not None:
        reader.wrong("E106", msg("procedure.switch-unit", role=role), (*path, "unit"))
        return None
    if not part.switch and part.unit is None:
        hint = msg("procedure.unit-or-one")
        reader.wrong("E101", msg("procedure.role-unit", role=role), path, key=True, hint=hint)
        return None
    if part.unit is not None and reader.unit(part.unit, (*path, "unit")) is None:
        return None
    if part.constant and (part.switch or part.settable or part.per == "uut"):
        reader.wrong("E106", msg("procedure.constant-only", role=role), (*path, "constant"))
        return None
    if part.shared == "reader" and part.per != "uut":
        hint = msg("procedure.reader-per-uut")
        reader.wrong(
            "E106", msg("procedure.reader-shared", role=role), (*path, "shared"), hint=hint
        )
    return Need(
        role=role,
        unit=part.unit or "",
        settable=part.settable,
        switch=part.switch,
        per_uut=part.per == "uut",
        shared=part.shared or "",
        optional=part.optional,
        constant=part.constant,
        usual=_usual(reader, part, (*path, "usual")),
        about=reader.texts(part.about, (*path, "about")),
    )


def _usual(reader: Reader, part: NeedPart, path: Path) -> float | None:
    """Return what a plan reckons with, in the role's unit."""
    if part.usual is None or part.unit is None:
        return None
    try:
        return number_in(part.usual, unit(part.unit))
    except QuantityError as error:
        reader.wrong("E202", error.message, path, hint=error.hint)
        return math.nan  # given, but wrong


def read_line(reader: Reader, names: Names) -> LineRule | None:
    """Return what the units of one line share."""
    if reader.data.get("line") is None:
        return None
    part = reader.part(LinePart, ("line",), reader.data["line"])
    if part is None:
        return None
    if part.shares is None and part.at_once is None:
        hint = msg("procedure.one-of", names="shares, at_once")
        reader.wrong("E101", msg("procedure.line-says-nothing"), ("line",), key=True, hint=hint)
        return None
    need = None
    if part.shares is not None:
        need = find_role(reader, names, part.shares, ("line", "shares"), settable=True)
    elif part.at_most is not None:
        reader.wrong("E101", msg("procedure.shares-what"), ("line", "at_most"), key=True)
        return None
    to = unit(need.unit) if need and not need.switch else None
    at_most = None
    if part.at_most is not None:
        at_most = reader.expression(part.at_most, ("line", "at_most"), names.everywhere(), to=to)
    return LineRule(part.shares or "", at_most, part.at_once)


def read_environment(reader: Reader, names: Names) -> tuple[Band, ...]:
    """Return the limits of the environment."""
    bands = []
    for role, value in reader.mapping(("environment",)).items():
        path: Path = ("environment", role)
        part = reader.part(BandPart, path, value)
        need = find_role(reader, names, role, path, key=True)
        if part is None or need is None:
            continue
        if need.switch or need.per_uut or need.constant:
            reader.wrong("E305", msg("procedure.no-environment", role=role), path, key=True)
            continue
        bands.append(_band(reader, need, part, path))
    return tuple(bands)


def _band(reader: Reader, need: Need, part: BandPart, path: Path) -> Band:
    wanted = unit(need.unit)
    low = _quantity(reader, part.from_, wanted, (*path, "from"))
    high = _quantity(reader, part.to, wanted, (*path, "to"))
    drift = _quantity(reader, part.drift, wanted, (*path, "drift"), difference=True)
    if low is None and high is None and drift is None and not (part.from_ or part.to or part.drift):
        reader.wrong("E106", msg("procedure.empty-band", role=need.role), path)
    if low is not None and high is not None and not low < high:
        message = msg("procedure.wrong-way-round", low=part.from_, high=part.to)
        reader.wrong("E105", message, (*path, "to"))
    if drift is not None and drift <= 0:
        reader.wrong("E105", msg("procedure.not-positive", value=part.drift), (*path, "drift"))
    return Band(need.role, need.unit, low, high, drift)


def _quantity(
    reader: Reader, text: str | None, wanted: Unit, path: Path, *, difference: bool = False
) -> float | None:
    """Return a quantity in the unit of its role; a difference of temperatures has no zero."""
    if text is None:
        return None
    try:
        quantity = parse_quantity(text)
    except QuantityError as error:
        reader.wrong("E202", error.message, path, hint=error.hint)
        return None
    if not same_dimension(quantity.unit, wanted):
        wrong = misfit(quantity.unit, wanted)
        reader.wrong("E204", wrong.message, path, hint=wrong.hint)
        return None
    return quantity.to(wanted, difference=difference)
