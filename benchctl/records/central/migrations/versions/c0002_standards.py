"""Which record binds which standard, so that all runs of a standard are found at once.

Revision c0002. It is history: it stays as it is when the tables change.
"""

import sqlalchemy as sa
from alembic import op

revision = "c0002"
down_revision = "c0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, fill it from the records that are there, and keep it from then on."""
    op.create_table(
        "standards_used",
        sa.Column("run", sa.Text, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("serial", sa.Text, nullable=False),
        sa.Column("certificate", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["run", "seq"], ["records.run", "records.seq"]),
    )
    for column in ("name", "serial", "certificate"):
        op.create_index(f"standards_used_of_{column}", "standards_used", [column, "run"])
    for statement in (FILL, *KEEP):
        op.execute(sa.text(statement.replace(":", "\\:")))


_SAID = """coalesce(said ->> 'role', ''), coalesce(said #>> '{standard,name}', ''),
      coalesce(said #>> '{standard,serial}', ''), coalesce(said #>> '{standard,certificate}', '')"""

FILL = f"""INSERT INTO standards_used (run, seq, role, name, serial, certificate)
    SELECT run, seq, {_SAID}
    FROM (SELECT run, seq, body::json AS said FROM records WHERE kind = 'standard-bound') AS bound
"""

KEEP = (
    f"""CREATE FUNCTION benchctl_standard_bound() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
      INSERT INTO standards_used (run, seq, role, name, serial, certificate)
      SELECT NEW.run, NEW.seq, {_SAID} FROM (SELECT NEW.body::json AS said) AS bound;
      RETURN NULL;
    END $$""",
    "CREATE TRIGGER records_standard AFTER INSERT ON records FOR EACH ROW "
    "WHEN (NEW.kind = 'standard-bound') EXECUTE FUNCTION benchctl_standard_bound()",
    "CREATE TRIGGER standards_used_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON standards_used "
    "FOR EACH STATEMENT EXECUTE FUNCTION benchctl_append_only()",
    "GRANT SELECT ON standards_used TO benchctl_bench, benchctl_reader, benchctl_clerk",
    "ALTER TABLE standards_used ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY standards_used_read ON standards_used FOR SELECT "
    "TO benchctl_reader, benchctl_clerk USING (true)",
    "CREATE POLICY standards_used_own ON standards_used FOR SELECT TO benchctl_bench "
    "USING (benchctl_may_write(benchctl_bench_of(run)))",
)
"""Nobody writes the table but the server itself, from records whose hash it has recomputed."""
