"""Sentences of the run sheet, in Chinese."""

TEXTS: dict[str, str] = {
    "which": "{path}：运行单只能写成 .html 或 .txt",
    "title": "检定运行单",
    "simulated": "仿真：本次运行背后没有真实仪器",
    "time": "时间（UTC）",
    "people": "操作人员",
    "environment": "环境条件",
    "standard": "{model}，编号 {serial}，证书 {certificate}，有效期至 {due}",
    "follows": "复测此次运行的不合格项",
    "reasons": "未合格的原因",
    "incidents": "运行过程",
    "operator": "检定员",
    "checked": "核验员",
    "date": "日期",
    "foot": "{software}；记录 {root}；本单不是检定证书",
    "set-aside": "越过的检查",
    "shown": "操作提示图",
    "scheme": "计量标准",
}
