"""The fields of a work order: what each is called in files, and what may stand in it.

    field_named("出厂编号").name                 # "serial_no"
    FIELDS["client_uscc"].kind                   # "uscc"

A field's name is also the header of its column in a batch, in the record of a run and in exports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from benchctl.core.suggest import folded

Kind = Literal[
    "text",
    "code",
    "serial",
    "line",
    "one",
    "date",
    "service",
    "yes-no",
    "uscc",
    "region",
    "phone",
    "usage",
    "delivery",
    "stage",
    "method",
]


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its name, what it is called in Chinese, other headers that mean it."""

    name: str
    zh: str
    also: tuple[str, ...] = ()
    kind: Kind = "text"
    required: bool = False
    shared: bool = False
    """Whether all lines of an order say the same."""

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header that means it."""
        return (self.name, self.zh, *self.also)


_ALL = (
    Field(
        "order_no",
        "委托单号",
        (
            *("受理单号", "委托编号", "委托单", "委托单编号", "送检单号", "委托/受理单号"),
            *("order", "order number", "work order"),
        ),
        "code",
        required=True,
    ),
    Field("line_no", "行号", ("序号", "line", "line number"), "line"),
    Field("service_type", "服务类型", ("检校类型", "service"), "service", required=True),
    Field("mandatory", "是否强检", ("强检", "强制检定", "compulsory"), "yes-no", True),
    Field(
        "client_name",
        "送检单位",
        ("委托单位", "委托方", "客户", "客户名称", "client", "customer"),
        required=True,
        shared=True,
    ),
    Field(
        "client_uscc",
        "统一社会信用代码",
        ("社会信用代码", "信用代码", "uscc", "credit code"),
        "uscc",
        shared=True,
    ),
    Field(
        "client_address",
        "送检单位地址",
        ("单位地址", "委托方地址", "customer address"),
        shared=True,
    ),
    Field(
        "region_code",
        "行政区划",
        ("行政区划代码", "使用地点行政区划", "区划代码", "region"),
        "region",
    ),
    Field("contact", "联系人", ("contact person",)),
    Field("phone", "联系电话", ("电话", "手机", "telephone"), "phone"),
    Field("ecqs_reservation_no", "预约单号", ("预约送检单号", "检定预约单号"), "code"),
    Field("ecqs_device_id", "台账编号", ("器具台账编号", "备案编号"), "code"),
    Field("category", "器具项别", ("项别",)),
    Field("kind", "器具种别", ("种别",)),
    Field(
        "device_name",
        "器具名称",
        ("计量器具名称", "仪器名称", "device", "instrument"),
        required=True,
    ),
    Field(
        "model",
        "型号规格",
        ("型号", "规格型号", "型号/规格", "type"),
        required=True,
    ),
    Field("range", "测量范围", ("measuring range", "measurement range")),
    Field("accuracy", "准确度等级", ("准确度", "准确度等级/MPE", "最大允许误差", "accuracy class")),
    Field(
        "serial_no",
        "出厂编号",
        ("器具编号", "表号", "序列号", "器号", "serial", "serial number", "sn", "s/n"),
        "serial",
        required=True,
    ),
    Field("asset_no", "管理编号", ("资产编号", "asset", "asset number"), "code"),
    Field(
        "maker",
        "制造单位",
        ("生产厂家", "制造厂", "制造商", "厂家", "manufacturer"),
        required=True,
    ),
    Field("origin", "产地", ("器具产地", "country of origin")),
    Field("location", "使用地点", ("安装地点", "安装/使用地点", "place")),
    Field("usage", "用途", ("器具用途", "使用用途", "purpose"), "usage"),
    Field("delivery", "送检方式", ("检定方式", "delivery mode"), "delivery"),
    Field("quantity", "数量", ("器具数量", "台件数", "qty"), "one"),
    Field("received_date", "接收日期", ("收样日期", "收样时间", "received"), "date"),
    Field("due_date", "要求完成日期", ("应完成日期", "完成期限", "due"), "date"),
    Field("procedure_id", "依据", ("检定依据", "依据规程", "规程编号", "basis"), "method"),
    Field("points", "检定点", ("校准点", "检校点", "test points")),
    Field("options", "检定要求", ("检测要求", "特殊要求")),
    Field(
        "verification_kind",
        "检定类别",
        ("检定种类", "检定性质", "kind of verification", "stage"),
        "stage",
    ),
    Field("previous_cert_no", "上次证书编号", ("原证书编号", "上一证书编号"), "code"),
    Field("remarks", "备注", ("说明", "remark", "notes")),
)

FIELDS: Mapping[str, Field] = {field.name: field for field in _ALL}
"""All fields of a work order by name, in the order in which they are written."""


def field_named(header: str) -> Field | None:
    """Return the field that a header means, None where it means none of ours."""
    return _by_header().get(folded(header))


@lru_cache(maxsize=1)
def _by_header() -> Mapping[str, Field]:
    return {folded(header): field for field in _ALL for header in field.headers}
