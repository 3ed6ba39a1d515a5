"""Sentences for a person at the bench: scanning, and what is typed while a run goes on, in Chinese."""

TEXTS: dict[str, str] = {
    # the words of orders; those of both languages are understood
    "order-pause": "暂停",
    "order-pause-now": "立即暂停",
    "order-leak": "漏水",
    "order-drop": "撤下",
    "order-operator": "操作员",
    "order-stop": "停止",
    "order-help": "帮助",
    "scan-done": "完成",
    "scan-undo": "撤销",
    # what is said of an order
    "no-order": "“{text}”不是命令；未执行任何操作",
    "did-you-mean": "是否为“{order}”？",
    "help-hint": "输入“帮助”可列出命令",
    "needs-position": "“{order}”需要表位号，例如“{order} 5”；未执行任何操作",
    "needs-name": "“{order}”需要姓名，例如“{order} 李伟”；未执行任何操作",
    "too-much": "“{order}”后面不能有“{text}”；未执行任何操作",
    "with-slash": "  有问题待回答时，命令以“/”开头：/{line}",
    "not-now": "当前没有可接受此命令的运行；未执行任何操作",
    "will-pause": "暂停：待当前动作结束（“立即暂停”则作废当前动作并马上暂停）",
    "pauses": "暂停：立即；当前测量将重做",
    "leak-taken": "{position} 号表位漏水：台架正在停下",
    "drop-taken": "{position} 号表位不再参与",
    "operator-taken": "此后由 {name} 负责",
    "stop-taken": "停止：台架正在转入安全状态",
    "help": (
        "暂停              当前动作结束后暂停\n"
        "立即暂停          马上暂停；当前测量将重做\n"
        "漏水 5            5 号表位的水表漏水\n"
        "撤下 5 [原因]     撤下 5 号表位的水表\n"
        "操作员 姓名       此后由另一人负责\n"
        "停止              停止运行，与 Ctrl-C 相同\n"
        "有问题待回答时，命令以“/”开头，例如 /暂停"
    ),
    # scanning
    "scan-begin": "请逐个表位扫描被检表：“-”为短管，“撤销”，“完成”",
    "scan-order": "委托单共 {count} 只表。",
    "scan-position": "{position} 号表位：",
    "scan-refused": "  未接受：{problem}",
    "scan-undone": "  已撤销",
    "scan-full": "  表位已满",
    "scan-units": "管线中：{places}",
    "scan-spools": "装短管的表位：{positions}",
    "scan-left-out": "未扫描，本次不检：{serials}",
    "scan-more": "{serials} 等，另有 {count} 只",
    "scan-start": "[回车 = 按此装表，撤销 = 取消最后一只]",
    "scan-nothing": "未扫描任何编号",
    # what befell the run
    "paused": "{by} 暂停了运行；台架已静止",
    "continued": "{by} 让运行继续",
    "adjusted": "{unit} 由 {by} 调整，随后重新测量",
    "consensus": "{why}",
    "suspended": "中止测量：{why}；环境恢复稳定前台架处于静止状态",
    "resumed": "环境已恢复，继续运行",
    "relieved": "此后由 {name} 负责，此前为 {before}",
    "leaked": "{unit} 漏水（{by} 报告）",
    "gate-passed": "开机核查：{check} 合格：{why}",
    "gate-failed": "开机核查：{check} 不合格：{why}",
    "gate-open": "开机核查：全部合格，台架可以使用",
    "gate-shut": "开机核查：有不合格项，台架不得使用",
    # choices
    "ways-choice": "[输入序号或代码]",
    "answer-a-choice": "  “{given}”不在可选项中",
}
