"""Chinese wordings of the simulation."""

TEXTS: dict[str, str] = {
    "no-bench": "没有名为 {name!r} 的仿真台架；已知的有：{known}",
    "bad-bench": "仿真台架 {path} 无法加载：{problem}",
    "not-one-bench": "{path} 必须恰好定义一个 SimulatedBench 的子类，现有 {count} 个",
    "no-simulator": "{path} 没有返回 SimulatedInstrument 的函数 `simulator`",
    "no-fault": "该台架没有名为 {name!r} 的故障；已知的有：{known}",
    "bad-fault": "故障 {name!r} 不能这样设置：{problem}",
    "no-bus": "该台架没有名为 {name!r} 的总线；已知的有：{known}",
    "no-answer": "{bench} 的仿真操作员无法回答：{question}",
    "bad-command": "无法理解命令 {line!r}",
    "command-hint": (
        "可用命令：state | fault 名称 on|off [键=值 ...] | unplug 总线 | plug 总线"
        " | mount 表位 ... | gate 核查项 on|off | quit"
    ),
    "did-you-mean": "是否指 {word!r}？",
    "no-hands": "仿真台架 {address} 处无人操作：{problem}",
    "bad-question": "无法理解该问题：{problem}",
}
