"""How long ten thousand units of work orders take from a file into a lab: CSV, JSON, XLSX.

    python benchmarks/exchange.py [ROWS]

Each is a whole call of `benchctl orders import` with all 33 fields; wall time and CPU time of it.
A first call leaves compiled modules, as an installation has them, in a folder of its own.
"""

import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from openpyxl import Workbook

from benchctl.exchange import FIELDS

LINE = {
    "service_type": "检定",
    "mandatory": "是",
    "client_name": "某某水务有限公司",
    "client_uscc": "91330100799655058B",
    "client_address": "计量路 1 号",
    "region_code": "330106",
    "contact": "张三",
    "phone": "0571-88886666",
    "category": "流量",
    "kind": "水表",
    "device_name": "冷水水表",
    "model": "LXS-15E",
    "range": "(0.025~3.125) m³/h",
    "accuracy": "2级",
    "maker": "某仪表厂",
    "origin": "中国",
    "location": "1 幢 2 单元",
    "usage": "贸易结算",
    "delivery": "送检",
    "quantity": "1",
    "received_date": "2026/1/5",
    "due_date": "2026-01-20",
    "procedure_id": "JJG 162-2019",
    "points": "Q3, Q2, Q1",
    "verification_kind": "首次",
}


def rows_of(count):
    for n in range(count):
        own = {
            "order_no": f"WO-{n // 500}",
            "line_no": str(n % 500 + 1),
            "serial_no": f"{n:08}",
            "asset_no": f"A{n}",
            "ecqs_reservation_no": f"Y{n}",
            "ecqs_device_id": f"T{n}",
        }
        line = LINE | own
        yield {name: line.get(name, "") for name in FIELDS}


def write(folder, rows):
    with (folder / "orders.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(FIELDS))
        writer.writeheader()
        writer.writerows(rows)
    (folder / "orders.json").write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(list(FIELDS))
    for row in rows:
        sheet.append(list(row.values()))
    book.save(folder / "orders.xlsx")


def call(folder, name, lab):
    command = [sys.executable, "-m", "benchctl", "orders", "import", name, "--lab", lab]
    env = os.environ | {"PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run(
        command, cwd=folder, env=env, check=True, stdin=subprocess.DEVNULL, capture_output=True
    )


def measured(folder, name):
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    call(folder, name, f"lab-{name}")
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, list(rows_of(count)))
        call(folder, "orders.csv", "lab-first")
        for ending in ("csv", "json", "xlsx"):
            wall, cpu = measured(folder, f"orders.{ending}")
            print(f"{ending:5}{count} rows  {wall:6.2f} s  {cpu:6.2f} s CPU")


if __name__ == "__main__":
    main()
