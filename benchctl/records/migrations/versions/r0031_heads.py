"""Signed statements about the records, certificate numbers, timestamps: all append-only.

Revision 0031. It is history: it stays as it is when the tables change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0001"
branch_labels = None
depends_on = None

KEPT = ("heads", "numbers", "stamps")


def upgrade() -> None:
    """Make the tables and their triggers."""
    op.create_table(
        "heads",
        sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("run", sa.Text),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
        sa.Column("peaks", sa.Text, nullable=False),
    )
    op.create_index("heads_of_run", "heads", ["run", "n"])
    op.create_index("heads_of_what", "heads", ["what", "n"])
    op.create_table(
        "numbers",
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
    op.create_table(
        "stamps",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("utc", sa.Text, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("stamps_of_head", "stamps", ["n"])
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

POSTGRESQL = (
    *(
        f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION benchctl_append_only()"
        for table in KEPT
    ),
    "CREATE FUNCTION benchctl_heads_next() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN IF NEW.n IS DISTINCT FROM (SELECT coalesce(max(n), 0) + 1 FROM heads) "
    "THEN RAISE EXCEPTION 'heads follow one another'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER heads_next BEFORE INSERT ON heads "
    "FOR EACH ROW EXECUTE FUNCTION benchctl_heads_next()",
)
