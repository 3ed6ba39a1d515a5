"""What the order says of a unit: its columns by the names that laboratories give them."""

from __future__ import annotations

from collections.abc import Mapping

NAMES: dict[str, tuple[str, ...]] = {
    "client": ("client_name", "client", "customer", "送检单位", "委托单位", "委托方", "客户"),
    "client_address": (
        "client_address",
        "customer_address",
        "委托方地址",
        "送检单位地址",
        "单位地址",
    ),
    "device": ("device_name", "device", "instrument", "器具名称", "计量器具名称", "名称"),
    "model": ("model", "type", "型号规格", "型号", "规格型号", "型号/规格"),
    "maker": ("maker", "manufacturer", "制造单位", "生产厂家", "制造厂", "厂家"),
    "asset": ("asset_no", "asset", "管理编号", "资产编号"),
    "received": ("received_date", "received", "接收日期", "收样日期"),
    "place": ("location", "place", "检定地点", "校准地点", "使用地点"),
    "grade": ("accuracy", "accuracy_class", "准确度等级", "准确度"),
    "order": ("order_no", "order", "委托单号", "受理单号"),
    "batch": ("batch", "lot", "批次", "批号", "到货批次", "生产批次"),
    "installed": ("installed", "installed_on", "installation_date", "安装日期", "投运日期"),
}
"""The column names of an order that mean a fact of the cover, case not regarded."""


def ordered(uut: Mapping[str, object], fact: str) -> str:
    """Return what the order says of a fact, "" where it says nothing."""
    if fact == "order" and uut.get("order"):
        return str(uut["order"])
    for part in ("extra", "parameters"):
        columns = uut.get(part)
        if not isinstance(columns, Mapping):
            continue
        lowered = {str(k).strip().lower(): str(v).strip() for k, v in columns.items()}
        for name in NAMES[fact]:
            if lowered.get(name.lower()):
                return lowered[name.lower()]
    return ""
