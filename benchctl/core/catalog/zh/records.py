"""Sentences of `records`."""

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
    "chain-broken": "第 {seq} 条记录与当初写入的不符：哈希值不一致",
    "gap": "第 {first} 至 {last} 条记录缺失",
    "no-records": "该运行没有记录",
    "blob-changed": "第 {seq} 条记录的原始读数被改动",
    "blob-missing": "第 {seq} 条记录的原始读数缺失",
    "blob-stray": "第 {seq} 条记录本无原始读数，却存有原始读数",
    "run-missing": "存在运行 {run} 的记录，但该运行本身缺失",
    "previous-missing": "它所接续的运行 {previous} 并非该台架的前一次运行",
    "link-broken": "它所接续的运行 {previous} 第 {seq} 条记录缺失或被改动",
    "unknown-algorithm": "本程序不认识哈希算法 {algorithm}",
    # 结果文件
    "cut-off": "运行中断：记录没有结尾",
    "not-reached": "尚未测量，运行即已结束",
    "skipped": "应要求未列入本次运行",
    "recovered": "运行曾中断；{by} 于 {at} 使台架恢复安全状态",
}
