"""The register of standards, certificates' files, and which run used which standard.

Revision 0011. It is history: it stays as it is when the tables change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0031"
branch_labels = None
depends_on = None

KEPT = ("assets", "asset_files", "standards_used", "points_judged")
TEXTS = (
    *("name", "what", "serial", "model", "certificate", "issuer", "issued", "due"),
    *("entered_by", "because", "utc", "text", "file_name", "file_sha256", "hash"),
)


def upgrade() -> None:
    """Make the tables, and note the standards of the runs that are there."""
    op.create_table(
        "assets",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in TEXTS),
        sqlite_autoincrement=True,
    )
    op.create_index("assets_of_name", "assets", ["name", "number"])
    op.create_table(
        "asset_files",
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "standards_used",
        sa.Column("run", sa.Text, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("role", "name", "serial", "certificate")
        ),
        sa.ForeignKeyConstraint(["run", "seq"], ["records.run", "records.seq"]),
    )
    op.create_index("standards_used_of_name", "standards_used", ["name", "run"])
    op.create_index("standards_used_of_serial", "standards_used", ["serial", "run"])
    op.create_table(
        "points_judged",
        sa.Column("run", sa.Text, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in POINT),
        sa.Column("error", sa.Double),
        sa.ForeignKeyConstraint(["run", "seq"], ["records.run", "records.seq"]),
    )
    op.create_index("points_judged_of_uut", "points_judged", ["uut", "run"])
    dialect = op.get_context().dialect.name
    for fill in FILL_SQLITE if dialect == "sqlite" else FILL_POSTGRESQL:
        op.execute(fill)
    for statement in SQLITE if dialect == "sqlite" else POSTGRESQL:
        op.execute(statement)


POINT = ("uut", "point", "occasion", "verdict")
FILL_SQLITE = (
    "INSERT INTO standards_used (run, seq, role, name, serial, certificate) SELECT run, seq, "
    "coalesce(json_extract(body, '$.role'), ''), "
    "coalesce(json_extract(body, '$.standard.name'), ''), "
    "coalesce(json_extract(body, '$.standard.serial'), ''), "
    "coalesce(json_extract(body, '$.standard.certificate'), '') "
    "FROM records WHERE kind = 'standard-bound'",
    "INSERT INTO points_judged (run, seq, uut, point, occasion, verdict, error) SELECT run, seq, "
    + "".join(f"coalesce(json_extract(body, '$.{name}'), ''), " for name in POINT)
    + "json_extract(body, '$.error') FROM records WHERE kind = 'point-judged'",
)
FILL_POSTGRESQL = (
    "INSERT INTO standards_used (run, seq, role, name, serial, certificate) SELECT run, seq, "
    "coalesce(body::json->>'role', ''), coalesce(body::json->'standard'->>'name', ''), "
    "coalesce(body::json->'standard'->>'serial', ''), "
    "coalesce(body::json->'standard'->>'certificate', '') "
    "FROM records WHERE kind = 'standard-bound'",
    "INSERT INTO points_judged (run, seq, uut, point, occasion, verdict, error) SELECT run, seq, "
    + "".join(f"coalesce(body::json->>'{name}', ''), " for name in POINT)
    + "(body::json->>'error')::double precision FROM records WHERE kind = 'point-judged'",
)

SQLITE = (
    *(
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table in KEPT
        for verb in ("update", "delete")
    ),
    *(
        f"CREATE TRIGGER {table}_new BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table, same in (
            ("assets", "number = NEW.number"),
            ("asset_files", "sha256 = NEW.sha256"),
            ("standards_used", "run = NEW.run AND seq = NEW.seq"),
            ("points_judged", "run = NEW.run AND seq = NEW.seq"),
        )
    ),
)

POSTGRESQL = tuple(
    f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION benchctl_append_only()"
    for table in KEPT
)
