from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from record_samples import clock, opened, python

from benchctl.records import Lab, migrate, tables

POSTGRESQL = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"))), Path("/nowhere"))


def schema(path: Path) -> dict[str, str]:
    with sqlite3.connect(path) as database:
        rows = dict(database.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    database.close()
    return {name: re.sub(r"\s+", " ", sql) for name, sql in rows.items()}


def test_a_new_database_is_what_the_migrations_make(tmp_path: Path) -> None:
    Lab.open(tmp_path).close()
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'migrated'}")
    with engine.begin() as connection:
        migrate.upgrade(connection)
        assert connection.execute(sa.select(tables.version)).scalar() == tables.HEAD
    engine.dispose()
    made, migrated = schema(tmp_path / "lab.sqlite"), schema(tmp_path / "migrated")
    assert made == migrated
    assert {"runs", "records", "blobs", "records_no_update"} <= set(made)


def test_the_program_knows_its_newest_revision() -> None:
    assert migrate.head() == tables.HEAD


def test_a_database_of_an_older_program_is_led_to_the_present(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripts, lab_folder = tmp_path / "migrations", tmp_path / "lab"
    with Lab.open(lab_folder) as lab:
        lab.begin_run("Line 2", "R1", clock=clock()).emit(opened())
    shutil.copytree(migrate.SCRIPTS, scripts)
    (scripts / "versions" / "r9999_more.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision, down_revision = '9999', '{tables.HEAD}'\nbranch_labels = depends_on = None\n"
        "def upgrade(): op.add_column('runs', sa.Column('more', sa.Text))\n"
    )
    monkeypatch.setattr(migrate, "SCRIPTS", scripts)
    monkeypatch.setattr(tables, "HEAD", "9999")
    with Lab.open(lab_folder) as lab:
        assert lab.find_run() == "R1"
    assert "more TEXT" in schema(lab_folder / "lab.sqlite")["runs"]


def test_a_database_at_head_is_opened_without_alembic(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
import benchctl.records
heavy = {"sqlalchemy", "alembic", "numpy", "pydantic", "yaml", "rich"}
print(sorted(heavy & set(sys.modules)))
for _ in range(2):
    benchctl.records.Lab.open(Path(sys.argv[1])).close()
    print("alembic" in sys.modules)
"""
    out, err = python(program, tmp_path).communicate()
    assert out.split("\n")[:3] == ["[]", "False", "False"], err


def statements(text: str) -> list[str]:
    text = re.sub(r"--[^\n]*", "", text)
    return sorted(re.sub(r"\s+", " ", s).strip() for s in text.split(";\n") if s.strip())


def test_the_tables_for_postgresql_are_what_the_migrations_make() -> None:
    made: list[str] = []

    def note(statement: sa.DDLElement, *_: object, **__: object) -> None:
        made.append(str(statement.compile(dialect=engine.dialect)))

    engine = sa.create_mock_engine("postgresql://", note)
    tables.metadata.create_all(engine, checkfirst=False)
    migrated = statements(migrate.script("postgresql"))
    of_alembic = ("BEGIN", "COMMIT", "INSERT", "UPDATE alembic_version")
    own = [s for s in migrated if not s.startswith(of_alembic)]
    assert statements(";\n".join(made)) == own


@pytest.fixture(scope="module")
def postgresql() -> Iterator[list[str]]:
    """A PostgreSQL server of our own; gives the command that runs SQL in it."""
    if not (POSTGRESQL / "initdb").exists():
        pytest.skip("PostgreSQL is not installed")
    user = "postgres" if Path.home() == Path("/root") else None
    with tempfile.TemporaryDirectory() as name:
        if user:
            shutil.chown(name, user)
        data = f"{name}/data"

        def run(*command: str) -> None:
            subprocess.run(command, user=user, check=True, capture_output=True, cwd=name)

        run(f"{POSTGRESQL}/initdb", "-D", data, "-A", "trust", "--no-sync", "-E", "UTF8")
        options = f"-c listen_addresses='' -k {name} -c fsync=off"
        run(f"{POSTGRESQL}/pg_ctl", "-D", data, "-w", "-l", f"{name}/log", "-o", options, "start")
        try:
            psql = [f"{POSTGRESQL}/psql", "-h", name, "-d", "postgres", "-XAtq"]
            yield [*psql, "-v", "ON_ERROR_STOP=1", *(["-U", user] if user else [])]
        finally:
            run(f"{POSTGRESQL}/pg_ctl", "-D", data, "-m", "immediate", "stop")


def test_postgresql_takes_the_tables_and_refuses_changes_too(postgresql: list[str]) -> None:
    def sql(text: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(postgresql, input=text, text=True, capture_output=True, check=False)

    made = sql(migrate.script("postgresql"))
    assert made.returncode == 0, made.stderr
    record = "('R1', {}, 'settled', 1, '2026', 0.5, '{{}}', 'ff')"
    added = sql(
        "INSERT INTO runs (run, bench, utc, algorithm) VALUES ('R1', 'B', '2026', 'x');"
        f"INSERT INTO records VALUES {record.format(1)}, {record.format(2)};"
        "INSERT INTO blobs VALUES ('R1', 2, '\\x00');"
        "SELECT count(*) FROM records"
    )
    assert (added.returncode, added.stdout) == (0, "2\n"), added.stderr
    for change in (
        "UPDATE records SET body = ''",
        "DELETE FROM blobs",
        "TRUNCATE runs CASCADE",
        "INSERT INTO runs (run, bench, utc, algorithm) VALUES ('R1', 'B', '2026', 'x') "
        "ON CONFLICT (run) DO UPDATE SET bench = 'y'",
    ):
        refused = sql(change)
        assert refused.returncode != 0
        assert "append-only" in refused.stderr, change
    assert "follow one another" in sql(f"INSERT INTO records VALUES {record.format(9)}").stderr
