"""The fields of an exported result: one record for each certificate, with lists below it.

The names are those of the JSON; `zh` is the header of a Chinese table. Fields of the order come
first, by their names in `fields`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchctl.exchange.fields import FIELDS


@dataclass(frozen=True, slots=True)
class ResultField:
    """A field of a result: its name, its Chinese header, what it says."""

    name: str
    zh: str
    about: str = ""


_CERTIFICATE = (
    ResultField("specimen", "样张", "yes where the run was simulated: nothing was measured"),
    ResultField("cert_no", "证书编号", "number of the certificate"),
    ResultField("cert_type", "证书类型", "检定证书, 检定结果通知书 or 校准证书"),
    ResultField("revision", "修订号", "how often the record was amended"),
    ResultField("replaces_cert_no", "替代证书编号", "the certificate that this one replaces"),
    ResultField("conclusion", "结论", "合格, 不合格, or empty on a calibration certificate"),
    ResultField("grade", "评定等级", "accuracy class that the conclusion is about"),
    ResultField("fail_items", "不合格项目", "what did not pass, separated by ；"),
    ResultField("verified_on", "检定/校准日期", "the lab's day, ISO 8601"),
    ResultField("valid_until", "有效期至", "of a verification certificate"),
    ResultField("interval_months", "检定周期（月）", "months of validity"),
    ResultField("basis", "检定/校准依据", "number and title of the regulation"),
    ResultField("record_no", "原始记录号", "run and serial number"),
    ResultField("institute_name", "机构名称", "name of the lab"),
    ResultField("institute_auth_no", "机构授权证书号", "its authorisation"),
    ResultField("standard_name", "计量标准名称", "the measurement standard of the lab's scheme"),
    ResultField("standard_cert_no", "计量标准考核证书号", "its certificate"),
    ResultField("standard_valid_until", "计量标准有效期至", "its validity"),
    ResultField("place", "检定地点", "where it was measured"),
    ResultField("temp", "环境温度", "lowest and highest, with the unit"),
    ResultField("humidity", "环境湿度", "likewise"),
    ResultField("pressure", "大气压力", "likewise"),
    ResultField("operator", "检定/校准员", "who measured"),
    ResultField("checker", "核验员", "who checked"),
    ResultField("approver", "批准人", "who approved"),
    ResultField("issued_on", "签发日期", "the lab's day on which the number was given"),
    ResultField("adjusted", "是否调修", "yes where values before and after are given"),
    ResultField("software_name", "软件名称", "the program"),
    ResultField("software_version", "软件版本", "its version"),
    ResultField("software_id", "软件标识", "SHA-256 over its files"),
    ResultField("run_id", "运行标识", "the run"),
    ResultField("log_root", "记录根哈希", "what fixes the record"),
    ResultField("dcc_sha256", "DCC 哈希", "SHA-256 of the issued DCC, empty where not given"),
    ResultField("pdf_sha256", "PDF 哈希", "SHA-256 of the issued PDF, likewise"),
    ResultField("signature_alg", "签名算法", "algorithms of the signatures in the issued files"),
    ResultField("verify_url", "验证网址", "where the certificate can be checked"),
)
ORDERED_AS: Mapping[str, str] = {"points": "points_ordered"}
"""Fields of an order that are called otherwise in a result, where the name means another thing."""
RESULT_FIELDS: Mapping[str, ResultField] = {
    **{
        ORDERED_AS.get(name, name): ResultField(ORDERED_AS.get(name, name), field.zh)
        for name, field in FIELDS.items()
    },
    **{field.name: field for field in _CERTIFICATE},
}
"""The fields of a certificate's record."""

EQUIPMENT_FIELDS = (
    ResultField("role", "用途"),
    ResultField("name", "标准器名称"),
    ResultField("model", "型号"),
    ResultField("serial", "编号"),
    ResultField("cert_no", "证书编号"),
    ResultField("valid_until", "有效期至"),
    ResultField("U", "不确定度"),
    ResultField("unit", "单位"),
    ResultField("k", "包含因子"),
)
ITEM_FIELDS = (
    ResultField("code", "项目代码"),
    ResultField("name", "检定项目"),
    ResultField("occasion", "调修前后"),
    ResultField("required", "技术要求"),
    ResultField("measured", "实测值"),
    ResultField("unit", "单位"),
    ResultField("mpe", "最大允许误差"),
    ResultField("U", "扩展不确定度"),
    ResultField("k", "包含因子"),
    ResultField("verdict", "单项结论"),
)
POINT_FIELDS = (
    ResultField("no", "序号"),
    ResultField("point", "检定点"),
    ResultField("item", "检定项目"),
    ResultField("occasion", "调修前后"),
    ResultField("nominal", "标称值"),
    ResultField("nominal_unit", "标称值单位"),
    ResultField("reference", "标准值"),
    ResultField("reference_unit", "标准值单位"),
    ResultField("indication", "示值"),
    ResultField("indication_unit", "示值单位"),
    ResultField("error", "示值误差"),
    ResultField("unit", "单位"),
    ResultField("mpe", "最大允许误差"),
    ResultField("mpe_low", "误差下限"),
    ResultField("mpe_high", "误差上限"),
    ResultField("U", "扩展不确定度"),
    ResultField("k", "包含因子"),
    ResultField("verdict", "结论"),
)
CHILDREN: Mapping[str, tuple[ResultField, ...]] = {
    "equipment": EQUIPMENT_FIELDS,
    "items": ITEM_FIELDS,
    "points": POINT_FIELDS,
}
"""The lists below a certificate, by the name of their table."""
SHEETS: Mapping[str, str] = {
    "certificates": "证书",
    "equipment": "标准器",
    "items": "项目",
    "points": "检定点",
}
"""The tables, and what a Chinese workbook calls them."""
