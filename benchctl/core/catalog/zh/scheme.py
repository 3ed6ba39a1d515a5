"""Sentences about the verification scheme of a lab, in Chinese."""

TEXTS: dict[str, str] = {
    "withdrawn": "{what}已于 {on} 撤销：{because}",
    "not-yet": "{what}自 {start} 起才有效",
    "ended": "{what}的有效期至 {until}",
    "no-procedure": "检定方案 {scheme} 未批准规程 {procedure}",
    "edition": "{procedure} 依据 {given}；批准的是 {approved}",
    "file": "{procedure} 的文件（sha256 {sha256}…）不是经批准的文件",
    "the-procedure": "规程 {procedure} 的批准",
    "no-person": "{person} 未被授权担任 {procedure} 的{role}",
    "the-person": "{person} 担任 {procedure} {role}的授权",
    "no-standard": "方案中没有计量标准覆盖装置 {bench} 上的 {procedure}",
    "the-standard": "计量标准考核证书 {certificate}",
    "role-operator": "检定员",
    "role-checker": "核验员",
    "role-approver": "批准人",
    "unknown-procedure": "方案未批准规程 {procedure}",
    "until-before-from": "结束日期早于开始日期",
    "withdrawn-before-from": "撤销日期早于开始日期",
    "outside": "超出检定方案：{what}",
}
