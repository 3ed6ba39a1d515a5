"""Wordings of the acquisition loop."""

TEXTS: dict[str, str] = {
    "not-finite": "{series}：读数不是有限数值：{values}",
    # settling
    "settled": "已稳定 {dwell}：平均值 {mean}，变化不超过 {bound}",
    "settle-short": "仅有 {have} 的读数，需要 {dwell}",
    "settle-gaps": "最近 {dwell} 无法分成 {blocks} 个均有读数的时段",
    "settle-off": "{mean} 超出 {low} 至 {high} 的范围",
    "settle-drifts": "{dwell} 内变化可达 {change}，允许 {limit}",
    "settle-nothing": "{timeout} 内没有有效读数",
    "settle-timeout": "{timeout} 后仍未稳定：{why}",
    # flying totals
    "readings-missing": "测量开始或结束时未读到被检表（有效读数 {good} 次，失败 {lost} 次）",
    "readings-lost": "被检表读数失败并已剔除的次数：{lost}",
    "register-backwards": "示值由 {before} 退至 {after}：计数器倒转或已翻转归零",
    "register-stuck": "示值始终停在 {register}",
    "register-steps": "示值以 {interval} 为一步跳变，按此作为检定分度值",
    "reference-missing": "标准器的读数未能覆盖被检表首次至末次读数的全过程",
    "reference-backwards": "测量期间标准器累积量回退 {fall}",
    "no-flow": "标准器未测到流量（体积 {volume}）",
    "flow-changed": "开始与结束时的流量相差 {change}",
    "digitiser-lost": "{series}：约缺失 {lost} 个读数；仪器存储器溢出，或其采样率不是 {rate} Hz",
}
