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
    # 读数次数
    "many-count": "按规程读数 {n} 次",
    "many-time": "按规程在 {time} 内读数 {n} 次",
    "many-first": "首批 {least} 次读数中的 {n} 次",
    "many-precise": "{n} 次读数后 u_A = {u}，不大于 {target}",
    "many-not-precise": "{n} 次读数后 u_A = {u}，仍大于 {target}",
    "many-stages": "首批 {first} 次读数得 s = {s}；在 {confidence} 下达到 ±{half} 需要 {needed} 次",
    "many-stages-most": "首批 {first} 次读数得 s = {s}；在 {confidence} 下达到 ±{half} 需要 {needed} 次，只允许 {n} 次",
    "many-wald-pass": "{n} 次读数后筛查合格：对数似然比低于 {pass_below}（σ = {sigma}，无差别区 ±{zone}）",
    "many-wald-fail": "{n} 次读数后筛查不合格：对数似然比高于 {fail_above}（σ = {sigma}，无差别区 ±{zone}）",
    "many-wald-open": "{n} 次读数后筛查未决：对数似然比在 {pass_below} 至 {fail_above} 之间（σ = {sigma}，无差别区 ±{zone}）",
    "many-early": "在计划的 {planned} 次读数中，{n} 次后提前结束：其余读数改变结论的概率为 {chance}，总共允许 {risk}",
    "many-planned": "{planned} 次读数中的 {n} 次",
    "many-all": "已完成全部 {n} 次读数",
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
    "no-reference-pulses": "被检表发出脉冲期间标准表没有脉冲",
    "rate-changed": "标准表的脉冲频率从前半段到后半段变化 {change}",
}
