"""Reads the items: what a unit must pass, each with a definition under a key of its own.

An item that asks, holds, vents, reads or has points is told by the key that says so; the item that
bears the measurand's name is the measurand at all points of the file and needs no definition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchctl.core.messages import msg
from benchctl.core.suggest import closest
from benchctl.core.units import unit
from benchctl.language import Expression
from benchctl.procedure.across import Results, read_across_item
from benchctl.procedure.declared import Need, Texts
from benchctl.procedure.declared_items import (
    AskItem,
    HoldItem,
    Item,
    PointsItem,
    ReadItem,
    VentItem,
)
from benchctl.procedure.each_point import read_set, read_settle
from benchctl.procedure.grammar import Hold, parse_hold, parse_seconds
from benchctl.procedure.model import ProcedureFile
from benchctl.procedure.model_items import (
    AskPart,
    HoldPart,
    PlainItemPart,
    ReadPart,
    VentingPart,
    VentPart,
    WatchPart,
)
from benchctl.procedure.model_measuring import MeasurandPart
from benchctl.procedure.names import Names, find_role
from benchctl.procedure.reading import Path, Reader

_KINDS = ("ask", "hold", "vent", "read", "during", "across", "points")
_WATCH_KEYS = frozenset(WatchPart.model_fields)


def item_names(data: dict[str, Any]) -> list[str]:
    """Return what stands under `items`, as far as it is text."""
    items = data.get("items")
    return [i for i in items if isinstance(i, str)] if isinstance(items, list) else []


def is_definition(key: str, value: object, data: dict[str, Any]) -> bool:
    """Whether a top-level key is meant to define an item, rather than a misspelt part."""
    if key in ProcedureFile.model_fields:
        return False
    if key in item_names(data):
        return True
    if key == _measurand_of(data):
        return True
    looks = isinstance(value, dict) and any(kind in value for kind in _KINDS)
    return looks and not closest(key, set(ProcedureFile.model_fields) - data.keys())


def _measurand_of(data: dict[str, Any]) -> str:
    """Return the name of the measurand, as far as it can be told."""
    measurand = data.get("measurand")
    keys = measurand.keys() if isinstance(measurand, dict) else ()
    return next((str(key) for key in keys if key not in MeasurandPart.model_fields), "")


def read_items(
    reader: Reader, names: Names, measurand: str, measured: Mapping[str, Results]
) -> tuple[Item, ...]:
    """Return the items in their order.

    Args:
        reader: Of the file.
        names: What is declared outside of the items that are measured.
        measurand: The name of the file's own measurand, "" where only items have one.
        measured: What has results, by item.
    """
    items: list[Item] = []
    seen: dict[str, int] = {}
    for i, name in enumerate(reader.sequence(("items",))):
        path: Path = ("items", i)
        if not isinstance(name, str):
            reader.wrong("E104", msg("procedure.want-item-name"), path)
        elif name in ProcedureFile.model_fields:
            reader.wrong("E303", msg("procedure.reserved-name", name=name), path)
        elif name in seen:
            also = (("items", seen[name]), msg("procedure.first-here"))
            reader.wrong("E303", msg("procedure.item-twice", item=name), path, also=also)
        else:
            seen[name] = i
            item = _item(reader, names, name, path, measurand, measured)
            if item is not None:
                items.append(item)
                _check_stages(reader, item, names.stages)
    _report_orphans(reader)
    if measurand and "items" in reader.data and measurand not in seen:
        hint = msg("procedure.add-to-items", item=measurand)
        message = msg("procedure.measurand-no-item", item=measurand)
        reader.wrong("E302", message, ("items",), key=True, hint=hint)
    return tuple(items)


def _report_orphans(reader: Reader) -> None:
    """Report definitions of what is not among the items.

    One that is probably a misspelt item is a mistake; one that was only taken out of the list has
    no effect, and is said to have none.
    """
    items = [*item_names(reader.data), *_items_of_variants(reader.data)]
    undefined = [name for name in items if name not in reader.data]
    for key, value in reader.data.items():
        if key == _measurand_of(reader.data):
            continue  # that it is no item is told where the items stand
        if key not in items and is_definition(key, value, reader.data):
            near = closest(key, undefined)
            message = msg("procedure.no-such-item", item=key)
            if near:
                hint = msg("procedure.did-you-mean", name=near)
                reader.wrong("E302", message, (key,), key=True, hint=hint)
                continue
            hint = msg("procedure.add-to-items", item=key)
            reader.wrong("E302", message, (key,), key=True, hint=hint, warning=True)


def _items_of_variants(data: dict[str, Any]) -> list[str]:
    """Return the items that variants list, as far as they are texts: another one may have them."""
    axes = data.get("variants")
    found: list[str] = []
    for overlays in axes.values() if isinstance(axes, dict) else ():
        for overlay in overlays.values() if isinstance(overlays, dict) else ():
            found += item_names(overlay) if isinstance(overlay, dict) else []
    return found


def _item(
    reader: Reader,
    names: Names,
    name: str,
    path: Path,
    measurand: str,
    measured: Mapping[str, Results],
) -> Item | None:
    if name not in reader.data:
        if name == measurand:
            return PointsItem(name)
        definitions = [
            key
            for key, value in reader.data.items()
            if is_definition(key, value, reader.data) and key not in item_names(reader.data)
        ]
        if measurand and measurand not in item_names(reader.data):
            definitions.append(measurand)
        near = closest(name, definitions)
        hint = msg("procedure.did-you-mean", name=near) if near else msg("procedure.define-item")
        reader.wrong("E302", msg("procedure.item-undefined", item=name), path, hint=hint)
        return None
    value = reader.data[name]
    if name == measurand:
        plain = reader.part(PlainItemPart, (name,), value)
        if plain is None:
            return None
        title = reader.texts(plain.title, (name, "title"))
        return PointsItem(name, tuple(plain.stages), plain.note, title)
    keys = value.keys() if isinstance(value, dict) else ()
    if "points" in keys:
        return _measured_item(reader, name, value)
    if "hold" in keys:
        return _hold_item(reader, names, name)
    if "vent" in keys:
        return _vent_item(reader, names, name)
    if "read" in keys or "during" in keys:
        return _read_item(reader, names, name, value)
    if "across" in keys:
        return read_across_item(reader, names, name, value, measured)
    if "ask" in keys or not keys:
        return _ask_item(reader, names, name, value)
    message = msg("procedure.item-kind", item=name)
    reader.wrong("E106", message, (name,), key=True, hint=msg("procedure.item-kinds"))
    return None


def _measured_item(reader: Reader, name: str, value: dict[str, Any]) -> PointsItem | None:
    """Return an item with points; what is measured there is read by `measured`."""
    own = {key: value[key] for key in PlainItemPart.model_fields if key in value}
    plain = reader.part(PlainItemPart, (name,), own)
    if plain is None:
        return None
    title = reader.texts(plain.title, (name, "title"))
    return PointsItem(name, tuple(plain.stages), plain.note, title)


def _ask_item(reader: Reader, names: Names, name: str, value: object) -> AskItem | None:
    part = reader.part(AskPart, (name,), value)
    if part is None:
        return None
    for i, shown in enumerate(part.show):
        if shown not in names.parameters:
            message = msg("procedure.unknown-parameter", name=shown)
            reader.unknown_name(shown, names.parameters, message, (name, "show", i))
    return AskItem(
        name=name,
        question=reader.texts(part.ask, (name, "ask")),
        per=part.per,
        stages=tuple(part.stages),
        note=part.note,
        title=reader.texts(part.title, (name, "title")),
        show=tuple(part.show),
        reasons={
            code: reader.texts(text, (name, "reasons", code)) for code, text in part.reasons.items()
        },
    )


def _vent_item(reader: Reader, names: Names, name: str) -> VentItem | None:
    data = reader.mapping((name,))
    part = reader.part(VentPart, (name,), data)
    inner = reader.mapping((name, "vent"))
    sets = {}
    if "set" in inner:
        sets = read_set(reader, names, inner["set"], (name, "vent", "set"), {})
    if part is None:
        return None
    how: VentingPart = part.vent
    seconds = reader.sentence(parse_seconds, how.for_, (name, "vent", "for"))
    if seconds is None:
        return None
    if not seconds > 0:
        message = msg("procedure.not-positive", value=f"{seconds:g} s")
        reader.wrong("E306", message, (name, "vent", "for"))
    return VentItem(
        name=name,
        set=sets,
        seconds=seconds,
        times=how.times,
        ask=_ask(reader, part.ask, name),
        stages=tuple(part.stages),
        note=part.note,
        title=reader.texts(part.title, (name, "title")),
    )


def _ask(reader: Reader, given: Texts | None, name: str) -> Texts | None:
    return reader.texts(given, (name, "ask")) or None


def _hold_item(reader: Reader, names: Names, name: str) -> HoldItem | None:
    data = reader.mapping((name,))
    reader.keys(HoldPart, (name,), data)
    sets, settle = {}, None
    if "set" in data:
        sets = read_set(reader, names, data["set"], (name, "set"), {})
    if "settle" in data:
        settle = read_settle(reader, names, data["settle"], (name, "settle"))
    watch = {k: v for k, v in data.items() if k in _WATCH_KEYS}
    part = reader.part(WatchPart, (name,), watch) if "hold" in data else None
    if part is None:
        return None
    _check_isolate(reader, names, part.isolate, (name, "isolate"))
    hold, need = _hold(reader, names, part.hold, (name, "hold"))
    if part.drop is None and part.ask is None:
        message = msg("procedure.hold-without-verdict", item=name)
        reader.wrong("E101", message, (name,), key=True)
    if hold is None or need is None or settle is None:
        return None
    return HoldItem(
        name=name,
        set=sets,
        settle=settle,
        isolate=part.isolate,
        hold=hold.role,
        seconds=hold.seconds,
        drop=_drop(reader, names, part.drop, (name, "drop"), need),
        ask=_ask(reader, part.ask, name),
        per=part.per,
        stages=tuple(part.stages),
        note=part.note,
        title=reader.texts(part.title, (name, "title")),
    )


def _hold(reader: Reader, names: Names, text: str, path: Path) -> tuple[Hold | None, Need | None]:
    """Return what is watched for how long, and the need of its role."""
    hold = reader.sentence(parse_hold, text, path)
    if hold is None:
        return None, None
    start = text.index(hold.role)
    within = (start, start + len(hold.role))
    need = find_role(reader, names, hold.role, path, within=within)
    if need is not None and (need.switch or need.per_uut):
        message = msg("procedure.cannot-settle", role=need.role)
        reader.wrong("E305", message, path, within=within)
    if not hold.seconds > 0:
        message = msg("procedure.not-positive", value=f"{hold.seconds:g} s")
        reader.wrong("E306", message, path)
    return hold, need


def _drop(
    reader: Reader, names: Names, text: str | None, path: Path, need: Need
) -> Expression | None:
    if text is None or need.switch:
        return None
    return reader.quantity_or_expression(text, path, names.everywhere(), unit(need.unit))


def _check_isolate(reader: Reader, names: Names, role: str | None, path: Path) -> None:
    if role is None:
        return
    need = find_role(reader, names, role, path, settable=True)
    if need is not None and not need.switch:
        hint = msg("procedure.make-switch", role=role)
        reader.wrong("E305", msg("procedure.no-switch", role=role), path, hint=hint)


def _read_item(reader: Reader, names: Names, name: str, value: object) -> ReadItem | None:
    part = reader.part(ReadPart, (name,), value)
    if part is None:
        return None
    if part.during not in names.points:
        message = msg("procedure.unknown-point", point=part.during)
        reader.unknown_name(part.during, names.points, message, (name, "during"))
    need = find_role(reader, names, part.read, (name, "read"))
    scope = names.everywhere().with_names(names.roles)
    passes = reader.expression(part.pass_, (name, "pass"), scope, condition=True)
    if passes is None or need is None:
        return None
    if part.read not in passes.names:
        message = msg("procedure.read-unused", role=part.read)
        reader.wrong("E305", message, (name, "pass"))
    return ReadItem(
        name=name,
        during=part.during,
        read=part.read,
        passes=passes,
        per=part.per,
        stages=tuple(part.stages),
        note=part.note,
        title=reader.texts(part.title, (name, "title")),
    )


def _check_stages(reader: Reader, item: Item, stages: Sequence[str]) -> None:
    for i, stage in enumerate(item.stages):
        if stage not in stages:
            message = msg("procedure.no-such-stage", stage=stage)
            reader.unknown_name(stage, stages, message, (item.name, "stages", i))
