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
    "plant-one-kind": "一个量只能是 {known} 之一，此处为：{found}",
    "plant-not-for": "{key!r} 不属于 {kind!r}",
    "plant-missing": "{kind!r} 缺少 {key!r}",
    "plant-no-quantity": "模型中没有量 {name!r}",
    "plant-no-channel": "台架文件中没有仪器具有通道 {name!r}",
    "plant-no-simulator": "仪器 {name!r} 的驱动为 {driver!r}，没有与之对应的模拟仪器",
    "plant-not-fed": "模型无法给定通道 {name!r} 的示值",
    "plant-how-many": "台架文件未给出 `positions`：请用 `count` 说明被检件数量",
    "plant-no-kind": "没有类别为 {kind!r} 的被检件",
    "plant-kind-missing": "此处缺少类别 {kind!r} 的内容；`usual` 用于未单独列出的类别",
    "plant-smooth-or-straight": "曲线须为 `smooth` 或 `straight` 之一",
    "plant-twice": "台架已有同名的量 {name!r}",
    "plant-cycle": "该量依赖其自身：{way}",
    "plant-wants": "此处 {name!r} 必须是 `{kind}`",
    "plant-position": "仅当显示各被检件的量时，通道名（{name}）中才写 `{{position}}`",
    "plant-no-select": "台架文件中的角色 {role!r} 没有 `select`",
    "plant-no-value": "{name!r} 无值：{problem}",
    "plant-not-integrable": "{name!r} 所需的量没有解析式：累积量只能取自各量乘以常数之和，增益和目标值须有终值",
    "plant-sums-only": "累积量取自各量乘以常数之和；其余比例因子写入 `gain`",
}
