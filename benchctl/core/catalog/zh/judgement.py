"""Sentences that explain a verdict; their ids have no room in front."""

TEXTS: dict[str, str] = {
    # an error against its limits
    "inside": "{error} 未超出 {mpe}{reference}",
    "outside": "{error} 超出 {mpe}{reference}",
    "inside-after-retest": (
        "复测后 {of} 次测量（{values}）中有 {inside} 次未超出 {mpe}，要求至少 {needed} 次；{mean}"
    ),
    "outside-after-retest": (
        "复测后 {of} 次测量（{values}）中有 {inside} 次未超出 {mpe}，要求至少 {needed} 次；{mean}"
    ),
    "retest-incomplete": (
        "复测未完成：{of} 次测量中已有 {runs} 次（{values}），其中 {inside} 次未超出 {mpe}"
    ),
    "mean-inside": "平均值 {mean} 亦未超出",
    "mean-outside": "平均值 {mean} 超出",
    "not-measured": "没有有效的测量：{problem}",
    "no-value": "没有有效的测量",
    # an error and its uncertainty against acceptance limits
    "accepted": "{error} 在接受限 {accept} 之内（{mpe}，保护带 {w}）{reference}",
    "rejected": "{error} 超出接受限 {accept}（{mpe}，保护带 {w}）{reference}",
    "clearly-outside": "{error} 超出 {mpe}，且超出量大于保护带 {w}{reference}",
    "conditional-pass": "{error} 未超出 {mpe}，但超出接受限 {accept}（保护带 {w}）：有条件合格{reference}",
    "conditional-fail": "{error} 超出 {mpe}，但超出量不大于保护带 {w}：有条件不合格{reference}",
    "undetermined": "{error} 与 {mpe} 某一界限的距离小于保护带 {w}：待定{reference}",
    "uncertainty-too-large": "扩展不确定度 U = {U} 对 {mpe} 而言过大：{need}{reference}",
    "none-accepted": "没有任何示值能被接受",
    "u-adequate": "扩展不确定度 U = {U} 未超过最大允许误差绝对值的{share}（{most}）",
    "most": "至多为最大允许误差绝对值的{share}（{most}）",
    "conforms": "符合的概率为 {p}，不符合的概率为 {outside}",
    # the reference
    "clause": "；{clause}",
    "reference-adequate": (
        "标准器的扩展不确定度 U = {U}，不大于最大允许误差绝对值 {limit} 的{share}（{most}）"
    ),
    "reference-inadequate": (
        "标准器的扩展不确定度 U = {U}，大于最大允许误差绝对值 {limit} 的{share}（{most}）"
    ),
    "share": " {ratio} 倍",
    "share-2": "二分之一",
    "share-3": "三分之一",
    "share-4": "四分之一",
    "share-5": "五分之一",
    "share-10": "十分之一",
    # items that are answered or observed
    "answered-yes": "{by} 确认：是",
    "answered-no": "{by} 确认：否",
    "held": "下降 {drop}，允许 {limit}",
    "line-not-tight": (
        "管路下降 {drop}（允许 {limit}）或有渗漏，但本表未见渗漏：请拆下渗漏的水表后重做"
    ),
    "leaks": "{by} 发现本表渗漏（管路下降 {drop}，允许 {limit}）",
    "read-inside": "{value} 符合 {rule}",
    "read-outside": "{value} 不符合 {rule}",
    "no-signal": "有水流通过，但 {role} 在 {waited} s 内没有信号：该表停走或无脉冲输出",
    "no-signal-unclear": "{role} 在 {waited} s 内没有信号，时间过短，不能判断：正常的表也可能没有脉冲",
    "no-answer": "读取 {role} 的仪器没有应答，与被检表无关",
    "stated": "{n} 次测量的平均值；校准只给出量值及其不确定度",
    "answered-no-for": "{by} 回答：否，原因：{reason}",
    "leak-seen": "{by} 发现本表（{position} 号表位）渗漏",
    "vented": "已排气 {times} 次，每次 {seconds} s",
    "air-left": "{by} 仍发现管路中有空气",
    "screened-inside": "{screening}；按规则 {rule}，全部读数的平均值在允许范围内",
    "screened-outside": "{screening}；按规则 {rule}，全部读数的平均值超出允许范围",
    "screened-open": "{screening}；按规则 {rule} 也无法判定",
}
