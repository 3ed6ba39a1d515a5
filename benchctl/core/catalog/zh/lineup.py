"""Sentences about which unit stands where in the line, in Chinese."""

TEXTS: dict[str, str] = {
    "full": "表位已满：管线只有 {positions} 个表位",
    "nothing-to-undo": "尚未扫描任何编号",
    "twice": "{serial} 已在 {position} 号表位",
    "not-ordered": "委托单中没有 {serial}",
    "did-you-mean": "是否为 {serial}？",
    "is-at": "{serial} 在 {position} 号表位",
}
