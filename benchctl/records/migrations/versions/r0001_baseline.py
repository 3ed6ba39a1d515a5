"""The first tables: runs, records, blobs, all append-only.

Revision 0001. It is history: it stays as it is when the tables change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEPT = ("runs", "records", "blobs")


def upgrade() -> None:
    """Make the tables and their triggers in an empty database."""
    op.create_table(
        "runs",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("run", sa.Text, nullable=False, unique=True),
        sa.Column("bench", sa.Text, nullable=False),
        sa.Column("utc", sa.Text, nullable=False),
        sa.Column("algorithm", sa.Text, nullable=False),
        sa.Column("previous_run", sa.Text),
        sa.Column("previous_seq", sa.Integer),
        sa.Column("previous_hash", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index("runs_of_bench", "runs", ["bench", "number"])
    op.create_table(
        "records",
        sa.Column("run", sa.Text, sa.ForeignKey("runs.run"), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("utc", sa.Text, nullable=False),
        sa.Column("t", sa.Double, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.create_index("records_of_kind", "records", ["run", "kind"])
    op.create_table(
        "blobs",
        sa.Column("run", sa.Text, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["run", "seq"], ["records.run", "records.seq"]),
    )
    dialect = op.get_context().dialect.name
    for statement in SQLITE if dialect == "sqlite" else POSTGRESQL:
        op.execute(statement)


SQLITE = (
    *(
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table in KEPT
        for verb in ("update", "delete")
    ),
    "CREATE TRIGGER runs_new BEFORE INSERT ON runs "
    "WHEN EXISTS (SELECT 1 FROM runs WHERE run = NEW.run OR number = NEW.number) "
    "BEGIN SELECT RAISE(ABORT, 'runs is append-only'); END",
    "CREATE TRIGGER records_next BEFORE INSERT ON records "
    "WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM records WHERE run = NEW.run) "
    "BEGIN SELECT RAISE(ABORT, 'records follow one another'); END",
    "CREATE TRIGGER blobs_new BEFORE INSERT ON blobs "
    "WHEN EXISTS (SELECT 1 FROM blobs WHERE run = NEW.run AND seq = NEW.seq) "
    "BEGIN SELECT RAISE(ABORT, 'blobs is append-only'); END",
)

POSTGRESQL = (
    "CREATE FUNCTION benchctl_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'append-only'; END $$",
    "CREATE FUNCTION benchctl_records_next() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN IF NEW.seq IS DISTINCT FROM "
    "(SELECT coalesce(max(seq), 0) + 1 FROM records WHERE run = NEW.run) "
    "THEN RAISE EXCEPTION 'records follow one another'; END IF; RETURN NEW; END $$",
    *(
        f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION benchctl_append_only()"
        for table in KEPT
    ),
    "CREATE TRIGGER records_next BEFORE INSERT ON records "
    "FOR EACH ROW EXECUTE FUNCTION benchctl_records_next()",
)
