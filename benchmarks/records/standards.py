"""How long "all runs of this standard" takes over a million runs, on both databases.

    python benchmarks/records/standards.py [--runs 1000000] [--postgres URL] [--json FILE]

Each run binds one of 1,000 standards; a hundredth of all runs binds MM-014 besides. Hashes are left
out (nothing is verified here); the tables, indexes and the question are those of the program. The
URL is of a database of its own that may be filled, with a login that may make its tables.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from benchctl.records import Lab, reliance
from benchctl.records.central import Central, runs_of_standard

WITHIN = 0.2
STANDARDS = 1000
QUESTIONS = ("S-0007", "SN-0011", "CERT-0013", "MM-014")
REPEATS = 5


def rows(runs: int) -> Iterator[tuple[str, int, str]]:
    """Give run, number of the record and what it says."""
    for n in range(runs):
        k = f"{n % STANDARDS:04d}"
        yield f"R{n:08d}", 1, body("reference_volume", f"S-{k}", f"SN-{k}", f"CERT-{k}")
        if n % 100 == 0:
            yield f"R{n:08d}", 2, body("reference_flow", "MM-014", "1407", "C-1")


def body(role: str, name: str, serial: str, certificate: str) -> str:
    """Return the body of a record that binds a standard."""
    standard = {"name": name, "serial": serial, "certificate": certificate, "due": "2027-01-01"}
    return json.dumps({"role": role, "standard": standard}, separators=(",", ":"))


def asked(question: Callable[[str], int]) -> dict[str, dict[str, float]]:
    """Ask each question some times; return its runs and its median and longest time."""
    found = {}
    for word in QUESTIONS:
        took = []
        for _ in range(REPEATS):
            began = time.perf_counter()
            runs = question(word)
            took.append(time.perf_counter() - began)
        found[word] = {"runs": runs, "median": statistics.median(took), "longest": max(took)}
    return found


def on_sqlite(folder: Path, runs: int) -> dict[str, dict[str, float]]:
    """Fill a lab's database and ask it."""
    with Lab.open(folder) as lab:
        database = sqlite3.connect(lab.path, isolation_level=None)
        database.execute("PRAGMA synchronous = OFF")
        database.execute("BEGIN")
        database.executemany(
            "INSERT INTO runs (run, bench, utc, algorithm) VALUES (?, 'Line 2', ?, 'none')",
            ((f"R{n:08d}", "2026-11-21T09:00:00.000Z") for n in range(runs)),
        )
        database.executemany(
            "INSERT INTO records VALUES (?,?,'standard-bound',1,'2026-11-21',0.0,?,'')", rows(runs)
        )
        database.execute(
            "INSERT INTO standards_used SELECT run, seq, json_extract(body, '$.role'), "
            + ", ".join(f"json_extract(body, '$.standard.{n}')" for n in NAMED)
            + " FROM records"
        )
        database.execute("COMMIT")
        database.close()
        return asked(lambda word: len(reliance(lab, standard=word)))


NAMED = ("name", "serial", "certificate")


def on_postgres(url: str, runs: int) -> dict[str, dict[str, float]]:
    """Fill a central database and ask it."""
    migration = import_module("benchctl.records.central.migrations.versions.c0002_standards")
    with Central.open(url) as central:
        central.init()
        with central.transaction() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            connection.exec_driver_sql(
                "INSERT INTO runs (run, bench, utc, algorithm) SELECT 'R' || lpad(n::text, 8, '0'),"
                f" 'Line 2', '2026-11-21T09:00:00.000Z', 'none' FROM generate_series(0, {runs - 1})"
                " AS n"
            )
            driver = connection.connection.cursor()
            with driver.copy("COPY records FROM STDIN") as copy:  # type: ignore[attr-defined]
                for run, seq, text in rows(runs):
                    copy.write_row((run, seq, "standard-bound", 1, "2026-11-21", 0.0, text, ""))
            connection.exec_driver_sql(migration.FILL)
            connection.exec_driver_sql("ANALYZE")
        return asked(lambda word: len(runs_of_standard(central, word)))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--postgres", metavar="URL")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as name:
        found["SQLite"] = on_sqlite(Path(name), options.runs)
    if options.postgres:
        found["PostgreSQL"] = on_postgres(options.postgres, options.runs)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2))
    for database, answers in found.items():
        for word, answer in answers.items():
            took = f"{answer['median']:.3f} s, longest {answer['longest']:.3f} s"
            print(f"{database}: {word}: {answer['runs']} of {options.runs} runs in {took}")
    slowest = max(a["median"] for answers in found.values() for a in answers.values())
    return int(slowest > WITHIN)


if __name__ == "__main__":
    sys.exit(main())
