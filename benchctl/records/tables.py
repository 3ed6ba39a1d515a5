"""The tables of a lab's database as they are now, with the triggers that keep them append-only.

The migrations lead here from any earlier state; a test holds the two together. Every statement
suits SQLite and PostgreSQL.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

HEAD = "0071"
"""The revision that these tables are at: the newest of `migrations/versions`."""

metadata = sa.MetaData()

version = sa.Table(
    "alembic_version",
    metadata,
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("run", sa.Text, nullable=False, unique=True),
    sa.Column("bench", sa.Text, nullable=False),
    sa.Column("utc", sa.Text, nullable=False),
    sa.Column("algorithm", sa.Text, nullable=False),
    sa.Column("previous_run", sa.Text),
    sa.Column("previous_seq", sa.Integer),
    sa.Column("previous_hash", sa.Text),
    sa.Index("runs_of_bench", "bench", "number"),
    sqlite_autoincrement=True,
)

records = sa.Table(
    "records",
    metadata,
    sa.Column("run", sa.Text, sa.ForeignKey("runs.run"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("utc", sa.Text, nullable=False),
    sa.Column("t", sa.Double, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Index("records_of_kind", "run", "kind"),
)

blobs = sa.Table(
    "blobs",
    metadata,
    sa.Column("run", sa.Text, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
    sa.ForeignKeyConstraint(["run", "seq"], ["records.run", "records.seq"]),
)

assets = sa.Table(
    "assets",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("serial", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("certificate", sa.Text, nullable=False),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("issued", sa.Text, nullable=False),
    sa.Column("due", sa.Text, nullable=False),
    sa.Column("entered_by", sa.Text, nullable=False),
    sa.Column("because", sa.Text, nullable=False),
    sa.Column("utc", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("file_sha256", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Index("assets_of_name", "name", "number"),
    sqlite_autoincrement=True,
)

asset_files = sa.Table(
    "asset_files",
    metadata,
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("data", sa.LargeBinary, nullable=False),
)

standards_used = sa.Table(
    "standards_used",
    metadata,
    sa.Column("run", sa.Text, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("serial", sa.Text, nullable=False),
    sa.Column("certificate", sa.Text, nullable=False),
    sa.ForeignKeyConstraint(["run", "seq"], ["records.run", "records.seq"]),
    sa.Index("standards_used_of_name", "name", "run"),
    sa.Index("standards_used_of_serial", "serial", "run"),
    sa.Index("standards_used_of_certificate", "certificate", "run"),
)
"""Which record binds which standard: what the record says, so that it is found at once."""

points_judged = sa.Table(
    "points_judged",
    metadata,
    sa.Column("run", sa.Text, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("uut", sa.Text, nullable=False),
    sa.Column("point", sa.Text, nullable=False),
    sa.Column("occasion", sa.Text, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("error", sa.Double),
    sa.ForeignKeyConstraint(["run", "seq"], ["records.run", "records.seq"]),
    sa.Index("points_judged_of_uut", "uut", "run"),
)
"""What the record says of points, in short: the last word on a point of a run counts."""

heads = sa.Table(
    "heads",
    metadata,
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("run", sa.Text),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("signature", sa.Text, nullable=False),
    sa.Column("peaks", sa.Text, nullable=False),
    sa.Index("heads_of_run", "run", "n"),
    sa.Index("heads_of_what", "what", "n"),
)

numbers = sa.Table(
    "numbers",
    metadata,
    sa.Column("number", sa.Text, primary_key=True),
    sa.Column("series", sa.Text, nullable=False),
    sa.Column("counter", sa.Integer, nullable=False),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("uut", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("utc", sa.Text, nullable=False),
    sa.UniqueConstraint("series", "counter", name="numbers_once"),
    sa.UniqueConstraint("run", "uut", "revision", name="numbers_of_uut"),
)

order_lines = sa.Table(
    "order_lines",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("order_no", sa.Text, nullable=False),
    sa.Column("serial", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("file_sha256", sa.Text, nullable=False),
    sa.Column("row", sa.Integer, nullable=False),
    sa.Column("utc", sa.Text, nullable=False),
    sa.Column("entered_by", sa.Text, nullable=False),
    sa.Column("because", sa.Text, nullable=False),
    sa.Index("order_lines_of_order", "order_no", "number"),
    sqlite_autoincrement=True,
)
"""Units of work orders as they were imported; the newest row of order and serial number counts."""

stamps = sa.Table(
    "stamps",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("utc", sa.Text, nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
    sa.Index("stamps_of_head", "n"),
    sqlite_autoincrement=True,
)

certificates = sa.Table(
    "certificates",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("copy", sa.Integer, nullable=False),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("uut", sa.Text, nullable=False),
    sa.Column("utc", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("dcc", sa.LargeBinary, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.UniqueConstraint("number", "copy", name="certificates_once"),
    sa.Index("certificates_of_uut", "uut", "id"),
    sa.Index("certificates_of_run", "run", "id"),
    sqlite_autoincrement=True,
)
"""What was issued: `text` is what the register says of it, `content` what stands on it."""

_KEPT = (
    *("runs", "records", "blobs", "heads", "numbers", "stamps"),
    *("assets", "asset_files", "standards_used", "points_judged", "order_lines"),
    "certificates",
)

_SQLITE = (
    *(
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table in _KEPT
        for verb in ("update", "delete")
    ),
    # INSERT OR REPLACE deletes without asking the triggers above
    "CREATE TRIGGER runs_new BEFORE INSERT ON runs "
    "WHEN EXISTS (SELECT 1 FROM runs WHERE run = NEW.run OR number = NEW.number) "
    "BEGIN SELECT RAISE(ABORT, 'runs is append-only'); END",
    "CREATE TRIGGER records_next BEFORE INSERT ON records "
    "WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM records WHERE run = NEW.run) "
    "BEGIN SELECT RAISE(ABORT, 'records follow one another'); END",
    "CREATE TRIGGER blobs_new BEFORE INSERT ON blobs "
    "WHEN EXISTS (SELECT 1 FROM blobs WHERE run = NEW.run AND seq = NEW.seq) "
    "BEGIN SELECT RAISE(ABORT, 'blobs is append-only'); END",
    *(
        f"CREATE TRIGGER {table}_new BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table, same in (
            ("assets", "number = NEW.number"),
            ("order_lines", "number = NEW.number"),
            ("asset_files", "sha256 = NEW.sha256"),
            ("standards_used", "run = NEW.run AND seq = NEW.seq"),
            ("points_judged", "run = NEW.run AND seq = NEW.seq"),
            ("certificates", "id = NEW.id OR number = NEW.number AND copy = NEW.copy"),
        )
    ),
    "CREATE TRIGGER heads_next BEFORE INSERT ON heads "
    "WHEN NEW.n IS NOT (SELECT coalesce(max(n), 0) + 1 FROM heads) "
    "BEGIN SELECT RAISE(ABORT, 'heads follow one another'); END",
    "CREATE TRIGGER numbers_new BEFORE INSERT ON numbers "
    "WHEN EXISTS (SELECT 1 FROM numbers WHERE number = NEW.number "
    "OR series = NEW.series AND counter = NEW.counter "
    "OR run = NEW.run AND uut = NEW.uut AND revision = NEW.revision) "
    "BEGIN SELECT RAISE(ABORT, 'numbers is append-only'); END",
    "CREATE TRIGGER stamps_new BEFORE INSERT ON stamps "
    "WHEN EXISTS (SELECT 1 FROM stamps WHERE id = NEW.id) "
    "BEGIN SELECT RAISE(ABORT, 'stamps is append-only'); END",
)

_POSTGRESQL = (
    "CREATE FUNCTION benchctl_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'append-only'; END $$",
    "CREATE FUNCTION benchctl_records_next() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN IF NEW.seq IS DISTINCT FROM "
    "(SELECT coalesce(max(seq), 0) + 1 FROM records WHERE run = NEW.run) "
    "THEN RAISE EXCEPTION 'records follow one another'; END IF; RETURN NEW; END $$",
    *(
        f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION benchctl_append_only()"
        for table in _KEPT
    ),
    "CREATE TRIGGER records_next BEFORE INSERT ON records "
    "FOR EACH ROW EXECUTE FUNCTION benchctl_records_next()",
    "CREATE FUNCTION benchctl_heads_next() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN IF NEW.n IS DISTINCT FROM (SELECT coalesce(max(n), 0) + 1 FROM heads) "
    "THEN RAISE EXCEPTION 'heads follow one another'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER heads_next BEFORE INSERT ON heads "
    "FOR EACH ROW EXECUTE FUNCTION benchctl_heads_next()",
)


TRIGGERS: dict[str, tuple[str, ...]] = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}
"""The statements that keep the tables append-only, by dialect."""


@sa.event.listens_for(metadata, "after_create")
def _keep(_: sa.MetaData, connection: sa.Connection, **__: Any) -> None:
    for statement in TRIGGERS[connection.dialect.name]:
        connection.execute(sa.text(statement))
