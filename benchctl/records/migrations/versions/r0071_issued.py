"""The register of issued certificates: append-only.

Revision 0071. It is history: it stays as it is when the tables change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0061"
branch_labels = None
depends_on = None

TABLE = "certificates"


def upgrade() -> None:
    """Make the table and its triggers."""
    op.create_table(
        TABLE,
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
        sqlite_autoincrement=True,
    )
    op.create_index("certificates_of_uut", TABLE, ["uut", "id"])
    op.create_index("certificates_of_run", TABLE, ["run", "id"])
    dialect = op.get_context().dialect.name
    for statement in SQLITE if dialect == "sqlite" else POSTGRESQL:
        op.execute(statement)


SQLITE = (
    *(
        f"CREATE TRIGGER {TABLE}_no_{verb} BEFORE {verb.upper()} ON {TABLE} "
        f"BEGIN SELECT RAISE(ABORT, '{TABLE} is append-only'); END"
        for verb in ("update", "delete")
    ),
    f"CREATE TRIGGER {TABLE}_new BEFORE INSERT ON {TABLE} "
    f"WHEN EXISTS (SELECT 1 FROM {TABLE} "
    "WHERE id = NEW.id OR number = NEW.number AND copy = NEW.copy) "
    f"BEGIN SELECT RAISE(ABORT, '{TABLE} is append-only'); END",
)

POSTGRESQL = (
    f"CREATE TRIGGER {TABLE}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {TABLE} "
    "FOR EACH STATEMENT EXECUTE FUNCTION benchctl_append_only()",
)
