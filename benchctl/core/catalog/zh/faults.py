"""故障注入的语句."""

TEXTS: dict[str, str] = {
    "not-simulated": "只能对与运行同处一个进程的仿真台架注入故障",
    "cannot-run": "未受干扰的运行也无法完成：{said}",
}
