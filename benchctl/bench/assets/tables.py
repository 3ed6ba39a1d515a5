"""A register as a table: CSV or XLSX, a line per channel, or per place of a certificate's table.

    asset,model,serial,certificate,issuer,issued,due,channel,range,U,k,at,correction
    MM-014,CMFS025,14077123,C-147,NIM,2026-01-05,2027-01-04,volume_total,,0.15 %,2,0.01 m³/h,-0.10 %
    MM-014,,,,,,,volume_total,,0.10 %,,1 m³/h,-0.30 %

What a line leaves empty is as in the line before of the same asset and certificate. A line with
another certificate of the same asset is an asset's file of its own. Chinese headers are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchctl.bench.assets.drafts import Draft, Given
from benchctl.core.messages import msg
from benchctl.core.suggest import closest, folded
from benchctl.language import Diagnostics, Source, Span
from benchctl.language.files import read_bytes
from benchctl.language.tables import RawCell, Table, read_csv, read_xlsx

LARGEST = 10_000_000
"""Bytes of a file."""
MOST_ROWS = 20_000

_HEAD = ("kind", "title", "model", "serial", "location", "note")
_CERTIFICATE = ("issuer", "issued", "due")
_CHANNEL = ("range", "k", "dof", "drift")
_ROW = ("at", "correction", "error")
COLUMNS = ("asset", *_HEAD, "certificate", *_CERTIFICATE, "channel", *_CHANNEL, "U", *_ROW)
"""The columns that are known."""
_CHINESE: Mapping[str, str] = {
    **dict.fromkeys(("编号", "资产编号", "设备编号", "名称代号", "管理编号"), "asset"),
    **dict.fromkeys(("名称", "设备名称", "标准器名称"), "title"),
    **dict.fromkeys(("型号", "规格型号", "型号规格"), "model"),
    **dict.fromkeys(("出厂编号", "序列号", "器号"), "serial"),
    **dict.fromkeys(("存放地点", "地点", "位置"), "location"),
    **dict.fromkeys(("备注", "说明"), "note"),
    **dict.fromkeys(("证书编号", "证书号"), "certificate"),
    **dict.fromkeys(("发证机构", "溯源机构", "检定机构"), "issuer"),
    **dict.fromkeys(("发证日期", "检定日期", "校准日期"), "issued"),
    **dict.fromkeys(("有效期至", "有效期", "到期日期"), "due"),
    **dict.fromkeys(("通道", "参数"), "channel"),
    **dict.fromkeys(("测量范围", "范围"), "range"),
    **dict.fromkeys(("扩展不确定度", "不确定度"), "U"),
    **dict.fromkeys(("包含因子",), "k"),
    **dict.fromkeys(("自由度",), "dof"),
    **dict.fromkeys(("校准点", "示值"), "at"),
    **dict.fromkeys(("修正值",), "correction"),
    **dict.fromkeys(("示值误差", "误差"), "error"),
    **dict.fromkeys(("漂移",), "drift"),
}

Row = dict[str, Given]


def read_table(path: Path, diagnostics: Diagnostics) -> tuple[list[Draft], Source] | None:
    """Return the assets of a table as drafts; None where it cannot be used at all."""
    data = read_bytes(path, LARGEST, diagnostics)
    if data is None:
        return None
    read = read_xlsx if path.suffix.lower() == ".xlsx" else read_csv
    table = read(data, str(path), diagnostics, most_rows=MOST_ROWS)
    if table is None:
        return None
    if not table.rows:
        diagnostics.error("E401", msg("assets.table-empty"), table.source, Span.at(1, 1))
        return None
    names = _names(table, diagnostics)
    if "asset" not in names.values():
        span = Span.at(table.rows[0][0].row, 1)
        diagnostics.error("E401", msg("assets.no-asset-column"), table.source, span)
        return None
    return list(_drafts(_rows(table, names, diagnostics), table.source, diagnostics)), table.source


def _names(table: Table, diagnostics: Diagnostics) -> dict[int, str]:
    """Return the known name of each column."""
    known = {**{folded(name): name for name in COLUMNS}, **_CHINESE}
    names: dict[int, str] = {}
    for n, cell in enumerate(table.rows[0]):
        name = known.get(cell.text) or known.get(folded(cell.text))
        span = _span(cell)
        if name is None and cell.text:
            near = closest(cell.text, [*COLUMNS, *_CHINESE])
            hint = msg("bench.did-you-mean", name=near) if near else None
            what = msg("assets.unknown-column", name=cell.text[:40])
            diagnostics.error("E401", what, table.source, span, hint=hint)
        elif name in names.values():
            twice = msg("assets.column-twice", name=cell.text[:40])
            diagnostics.error("E401", twice, table.source, span)
        elif name is not None:
            names[n] = name
    return names


def _rows(table: Table, names: Mapping[int, str], diagnostics: Diagnostics) -> Iterator[Row]:
    for cells in table.rows[1:]:
        row: Row = {}
        for n, cell in enumerate(cells):
            if cell.problem is not None:
                diagnostics.error("E405", cell.problem, table.source, _span(cell), hint=cell.hint)
            elif cell.text and n in names:
                row[names[n]] = Given(cell.text, _span(cell))
        if row:
            yield row


def _span(cell: RawCell) -> Span:
    return Span.at(cell.row, cell.column, max(1, cell.width))


def _drafts(rows: Iterator[Row], source: Source, diagnostics: Diagnostics) -> Iterator[Draft]:
    """Give a draft per asset and certificate, in the order in which they begin."""
    found: dict[tuple[str, str], Draft] = {}
    last: dict[str, str] = {}
    name = ""
    for row in rows:
        first = next(iter(row.values()))
        name = str(row["asset"].value) if "asset" in row else name
        if not name:
            diagnostics.error("E402", msg("assets.row-without-asset"), source, first.span)
            continue
        number = str(row["certificate"].value) if "certificate" in row else last.get(name, "")
        last[name] = number
        key = (name, number)
        if key not in found:
            before = next((d for (n, _), d in found.items() if n == name), None)
            found[key] = _begun(name, row, before, first.span)
        _take(found[key], row, source, diagnostics)
    yield from found.values()


def _begun(name: str, row: Row, before: Draft | None, span: Span) -> Draft:
    data: dict[str, Any] = {"asset": row.get("asset", Given(name, span))}
    if before is not None:  # another certificate of an asset that the table knows
        data |= {key: before.data[key] for key in _HEAD if key in before.data}
    return Draft(data, data["asset"].span)


def _take(draft: Draft, row: Row, source: Source, diagnostics: Diagnostics) -> None:
    """Take a line of the table into its asset."""

    def put(part: dict[str, Any], key: str, given: Given) -> None:
        before = part.setdefault(key, given)
        if before.value != given.value:
            other = msg("assets.row-differs", key=key, before=str(before.value)[:40])
            diagnostics.error("E405", other, source, given.span)

    for key in _HEAD:
        if key in row:
            put(draft.data, key, row[key])
    certificate = {"number": row["certificate"]} if "certificate" in row else {}
    certificate |= {key: row[key] for key in _CERTIFICATE if key in row}
    for key, given in certificate.items():
        put(draft.data.setdefault("certificate", {}), key, given)
    stated = {key: row[key] for key in (*_CHANNEL, "U", *_ROW) if key in row}
    if "channel" not in row:
        if stated:
            alone = next(iter(stated.values()))
            diagnostics.error("E402", msg("assets.row-without-channel"), source, alone.span)
        return
    channels = draft.data.setdefault("channels", {})
    channel = channels.setdefault(str(row["channel"].value), {})
    if "at" not in row:
        for key, given in stated.items():
            put(channel, key, given)
        return
    for key in _CHANNEL:
        if key in row:
            put(channel, key, row[key])
    line = {key: row[key] for key in ("U", *_ROW) if key in row}
    channel.setdefault("table", []).append(line)
