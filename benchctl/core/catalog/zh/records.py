"""Sentences of `records`."""

from benchctl.verifier.words import ZH

TEXTS: dict[str, str] = {
    # 打开与写入
    "not-a-folder": "{path} 不是文件夹",
    "other-folder-hint": "请用 --lab 或 BENCHCTL_LAB 指定其他文件夹。",
    "no-lab": "{path} 中没有记录",
    "no-home": "当前用户没有主目录：请用 --lab 或 BENCHCTL_LAB 指定实验室文件夹",
    "read-only": "{path} 不可写",
    "rights-hint": (
        "请授予当前用户对该文件及其所在文件夹的写权限，或用 --lab 指定其他实验室文件夹。"
    ),
    "cannot-open": "无法打开记录 {path}",
    "damaged": "记录 {path} 已损坏，或不是数据库文件",
    "damaged-hint": "请勿再写入。请将它连同 -wal、-shm 文件一并移开保存，并恢复最近的备份。",
    "locked": "记录 {path} 被其他进程锁定超过 5 s",
    "locked-hint": "请找出占用它的程序（备份、数据库工具等），结束后重试。",
    "disk-full": "磁盘空间不足，无法写入记录 {path}",
    "space-hint": "请在下次运行前清理并检查该磁盘。",
    "io": "无法读写记录 {path}：{reason}",
    "database": "数据库拒绝处理记录 {path}：{reason}",
    "foreign": "{path} 是数据库，但不是 benchctl 的数据库",
    "newer": "记录 {path} 由更新版本的 benchctl 生成（修订 {revision}）",
    "newer-hint": "请安装该版本或更新的版本。",
    "stopped": "运行 {run} 的记录因写入失败已停止接收：{reason}",
    "closed": "运行 {run} 已结束，不能再追加内容",
    "not-data": "事件 {kind} 无法保存：{place} 的类型 {type} 不是普通数据",
    "block-differs": "{series} 的一段原始读数与其所附 sha256 不一致",
    "run-exists": "运行 {run} 已存在",
    # 每台台架一个进程
    "bench-in-use": "台架 {bench} 自 {since} 起正由进程 {pid} 使用",
    "bench-in-use-hint": "请等待该次运行结束，或在那里停止它。",
    "bench-taken": "台架 {bench} 刚被其他进程占用",
    # 读取
    "no-run": "没有运行 {run}",
    "no-runs": "{path} 中尚无运行",
    "ambiguous-run": "以 {run} 开头的运行不止一个：{found}",
    "no-series": "运行 {run} 没有原始读数 {series}",
    "no-events": "该运行没有任何事件",
    "unknown-event": "运行 {run} 第 {seq} 条记录：本程序不认识事件 {kind}/{v}",
    "unreadable": "运行 {run} 第 {seq} 条记录无法读取",
    "block-damaged": "运行 {run} 第 {seq} 条记录：原始读数缺失或不完整",
    # 核验
    **ZH,
    "heads-damaged": "链首清单 {path} 已损坏",
    "damage": "数据库 {path} 已损坏：{seen}",
    "note": "{text}",
    # 结果文件
    "cut-off": "运行中断：记录没有结尾",
    "not-reached": "尚未测量，运行即已结束",
    "skipped": "应要求未列入本次运行",
    "recovered": "运行之后，{by} 于 {at} 使台架恢复安全状态",
    "paused": "{by} 暂停，历时 {lasted}",
    "paused-open": "{by} 暂停，之后未再继续",
    "leaked": "{by} 发现 {position} 号表位渗漏；作废的在测结果：{void} 个",
    "relieved": "{name} 接替 {before}",
    "retested": "{point} 已复测",
    # 签名
    "signer-failed": "签名密钥无法使用：{reason}",
    "signer-wrong": "签名程序返回的不是密钥 {key} 的签名",
    "key-unreadable": "{path} 中没有可用的密钥（Ed25519，或硬件中的 ECDSA）",
    "key-open": "签名密钥 {path} 可被他人读取（权限 {mode}）",
    "key-open-hint": "请先查明谁读取过，再执行 chmod 600 {path}；或换新密钥：benchctl records key rotate",
    "no-pkcs11": "使用硬件密钥需要安装 python-pkcs11",
    "rotate-elsewhere": "本实验室的签名密钥不是文件：请在其保管处更换",
    "no-hash": "本机的 OpenSSL 没有 {name}：请在 records.yaml 中另选 `hash`",
    "two-signers": "签名者只能有一个：command 或 pkcs11",
    "signer-without-public": "签名程序需要 `public`，即其公钥文件",
    "bad-number-form": "{form} 不是编号格式：文本中可用 {{year}} 及 {{n}} 或 {{n:05}}，至少要有 {{n}}",
}
