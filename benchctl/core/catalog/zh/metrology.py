"""Wordings of metrology."""

TEXTS: dict[str, str] = {
    "no-rule": "没有判定规则“{rule}”；可用：{known}",
    "no-value": "测量模型对这些读数无法给出数值：{reason}",
}
