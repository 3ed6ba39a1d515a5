"""Files of work orders as clerks write them, and the program as a process."""

import csv
import io
import os
import subprocess
import sys

CHINESE = {
    "order_no": "委托单号",
    "line_no": "行号",
    "service_type": "服务类型",
    "mandatory": "是否强检",
    "client_name": "送检单位",
    "client_uscc": "统一社会信用代码",
    "device_name": "器具名称",
    "model": "型号规格",
    "accuracy": "准确度等级",
    "serial_no": "出厂编号",
    "maker": "制造单位",
    "received_date": "接收日期",
    "procedure_id": "依据",
}


def row(n=1, **changes):
    """The n-th unit of an order, as a clerk writes it."""
    return {
        "order_no": "WO-118",
        "line_no": str(n),
        "service_type": "检定",
        "mandatory": "是",
        "client_name": "喆堃镕水务有限公司",
        "client_uscc": "91330100799655058B",
        "device_name": "冷水水表",
        "model": "LXS-15E",
        "accuracy": "2级",
        "serial_no": f"W-{n:03}",
        "maker": "某仪表厂",
        "received_date": "2026年1月5日",
        "procedure_id": "JJG162-2019",
        **changes,
    }


def text_of(rows, headers=None, separator=","):
    """Rows as CSV, under the headers of `headers` by field, else under the fields' names."""
    names = list(dict.fromkeys(name for r in rows for name in r))
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerow([(headers or {}).get(name, name) for name in names])
    writer.writerows([[r.get(name, "") for name in names] for r in rows])
    return text.getvalue()


def call(*args, cwd, **env):
    return subprocess.run(
        [sys.executable, "-m", "benchctl", *map(str, args)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        cwd=cwd,
        env={**os.environ, "LC_ALL": "C.UTF-8", **env},
        timeout=100,
        check=False,
    )
