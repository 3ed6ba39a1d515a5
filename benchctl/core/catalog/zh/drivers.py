"""Sentences about the shelf of drivers, in Chinese."""

TEXTS: dict[str, str] = {
    "unknown": "没有驱动“{name}”",
    "did-you-mean": "是否想写“{word}”？",
    "hint-unknown": "已在 {folders} 中查找；用 `benchctl drivers list` 可列出全部",
    "broken": "驱动“{name}”有错误：{place}：{what}",
    "hint-broken": "请修正该文件；用 `benchctl drivers list` 查看是否正常",
    "wrong": "驱动“{name}”的声明有误：{path}：{what}",
    "not-one": "驱动“{name}”须声明一台仪器：{path} 声明了 {found}",
    "hint-not-one": "请写 DRIVER = 类名，或让其他类名以下划线开头",
    "no-driver": "驱动“{name}”不是 Instrument：{path}",
}
