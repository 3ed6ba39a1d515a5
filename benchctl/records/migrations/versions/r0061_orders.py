"""Units of work orders as they were imported, append-only.

Revision 0061. It is history: it stays as it is when the tables change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and its triggers."""
    op.create_table(
        "order_lines",
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
        sqlite_autoincrement=True,
    )
    op.create_index("order_lines_of_order", "order_lines", ["order_no", "number"])
    dialect = op.get_context().dialect.name
    for statement in SQLITE if dialect == "sqlite" else POSTGRESQL:
        op.execute(statement)


SQLITE = (
    *(
        f"CREATE TRIGGER order_lines_no_{verb} BEFORE {verb.upper()} ON order_lines "
        "BEGIN SELECT RAISE(ABORT, 'order_lines is append-only'); END"
        for verb in ("update", "delete")
    ),
    "CREATE TRIGGER order_lines_new BEFORE INSERT ON order_lines "
    "WHEN EXISTS (SELECT 1 FROM order_lines WHERE number = NEW.number) "
    "BEGIN SELECT RAISE(ABORT, 'order_lines is append-only'); END",
)

POSTGRESQL = (
    "CREATE TRIGGER order_lines_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON order_lines "
    "FOR EACH STATEMENT EXECUTE FUNCTION benchctl_append_only()",
)
