"""Sentences about wires, in Chinese."""

TEXTS: dict[str, str] = {
    # 地址
    "bad-scheme": "“{address}”不是仪器地址",
    "hint-schemes": (
        "可写成 modbus+tcp://主机、modbus+rtu:///dev/ttyUSB0、modbus+rtu+tcp://主机:端口、"
        "serial:///dev/ttyUSB0、serial+tcp://主机:端口、VISA 资源名，或 manual:"
    ),
    "hint-visa": "请写资源名，例如 TCPIP::192.168.1.21::INSTR",
    "did-you-mean": "是否想写“{word}”？",
    "no-location": "“{address}”没有说明仪器在哪里",
    "no-serial-line": "“{address}”：{key} 是串行线路的参数，而这里不是串行线路",
    "bad-host": "“{address}”：“{location}”不是“主机:端口”的形式",
    "no-port": "“{address}”没有写端口",
    "hint-port": "请写成 {location}:端口",
    "bad-port": "“{address}”：{port} 不是端口号，端口号为 1 至 65535",
    "bad-option": "“{address}”：“{option}”不是“名称=值”的形式",
    "option-twice": "“{address}”：{option} 写了两次",
    "bad-number": "“{address}”：{key}={value} 不是 {low} 至 {high} 之间的数",
    "bad-choice": "“{address}”：{key}={value} 不在可选项 {choices} 之中",
    "not-whole": "“{address}”：波特率和数据位应为整数，而不是 {value}",
    "line-differs": (
        "“{address}”要求线路参数为 {line}，而同一线路上的另一台仪器为 {other}；"
        "一条线路只能有一种参数"
    ),
    "not-simulated": "“{address}”：{location} 是仿真台架上的位置，而仿真台架没有运行",
    "hint-not-simulated": "请用 --simulate 运行，或写实际地址",
    # 打开
    "unknown-host": "找不到主机 {host}（{reason}）",
    "hint-unknown-host": "请检查名称，或直接写 IP 地址",
    "refused": "{host} 拒绝了端口 {port} 上的连接",
    "hint-refused": "请检查端口，以及仪器是否还允许再建立一个连接",
    "unreachable": "无法连到 {host}:{port}（{reason}）",
    "hint-unreachable": "请检查仪器的电源、电缆和网络",
    "no-device": "没有串口 {path}",
    "hint-no-device": "转换器插好了吗？用 `ls /dev/serial/by-id` 可查看现有串口",
    "no-permission": "没有打开 {path} 的权限",
    "hint-no-permission": "请将用户加入该设备所属的组（多数系统为 dialout）",
    "in-use": "{path} 正被另一个程序占用",
    "hint-in-use": "请关闭那个程序：两个程序共用一条线路会互相读走应答",
    "cannot-open": "无法以 {settings} 打开 {path}（{reason}）",
    "hint-cannot-open": "请核对线路参数是否为转换器所支持",
    "no-such-baud": "{path} 不能以 {baud} 波特运行",
    "visa-cannot-open": "无法打开 {resource}（{reason}）",
    "hint-visa-cannot-open": "请检查资源名，以及仪器是否已开机",
    # 通信
    "no-reply": "{address}：{timeout:g} s 内没有应答",
    "hint-no-reply": "请检查电源、电缆、线路参数和仪器地址",
    "broke-off": "{address}：应答在 {n} 个字节后中断",
    "hint-broke-off": "请检查电缆、终端电阻和线路参数",
    "not-taken": "{address} 不再接收数据",
    "endless": "{address}：已收到 {n} 个字节，仍没有行结束符",
    "babbling": "{address} 未经询问而不断发送",
    "unplugged": "{address} 已断开（{reason}）",
    "hung-up": "{address} 关闭了连接（{reason}）",
    "closed": "{address} 已关闭",
    "hint-unplugged": "请检查电源和电缆；下次尝试时会重新打开",
    "no-wire": "{address} 由人员读数，没有通信线路",
}
