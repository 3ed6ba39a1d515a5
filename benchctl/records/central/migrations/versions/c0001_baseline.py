"""The first tables of a central database, and what the server itself checks.

Revision c0001. It is history: it stays as it is when the tables change.
"""

import sqlalchemy as sa
from alembic import op

revision = "c0001"
down_revision = None
branch_labels = None
depends_on = None

KEPT = ("runs", "records", "blobs", "heads")


def upgrade() -> None:
    """Make the tables, the checks, the roles and what each of them may see and add."""
    _tables()
    for statement in (*CHECKS, *APPEND_ONLY, *ROLES):
        op.execute(sa.text(statement.replace(":", "\\:")))


def _tables() -> None:
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
    op.create_table(
        "heads",
        sa.Column("lab", sa.Text, primary_key=True),
        sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("run", sa.Text),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
    )
    op.create_table(
        "bench_logins",
        sa.Column("login", sa.Text, primary_key=True),
        sa.Column("bench", sa.Text, primary_key=True),
    )
    op.create_table(
        "orders",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("procedure", sa.Text, nullable=False),
        sa.Column("bench", sa.Text),
        sa.Column("rows", sa.Text, nullable=False),
        sa.Column("utc", sa.Text, nullable=False),
        sa.Column("claimed_by", sa.Text),
        sa.Column("claimed_at", sa.Text),
        sa.Column("run", sa.Text),
    )
    op.create_index("orders_open", "orders", ["claimed_by", "number"])


CHECKS = (
    # SM3 needs the extension pgcrypto; a server without it refuses chains in SM3
    "DO $$ BEGIN CREATE EXTENSION IF NOT EXISTS pgcrypto; EXCEPTION WHEN OTHERS THEN NULL; END $$",
    """CREATE FUNCTION benchctl_digest(algorithm text, data bytea) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE AS $$
    DECLARE found bytea;
    BEGIN
      IF algorithm = 'sha256/json-1' THEN RETURN sha256(data); END IF;
      IF algorithm = 'sm3/json-1' THEN
        BEGIN
          EXECUTE 'SELECT digest($1, ''sm3'')' INTO found USING data;
          RETURN found;
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
      END IF;
      RAISE EXCEPTION 'cannot recompute %', algorithm USING ERRCODE = 'BC004';
    END $$""",
    """CREATE FUNCTION benchctl_number(t double precision) RETURNS text
    LANGUAGE sql IMMUTABLE AS $$
      SELECT CASE WHEN t::text ~ '[.e]' THEN t::text ELSE t::text || '.0' END
    $$""",
    """CREATE FUNCTION benchctl_json(word text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
      SELECT coalesce(to_json(word)::text, 'null')
    $$""",
    """CREATE FUNCTION benchctl_origin(of_run runs) RETURNS bytea LANGUAGE sql STABLE AS $$
      SELECT benchctl_digest(of_run.algorithm, convert_to(
        '[' || benchctl_json(of_run.run) || ',' || benchctl_json(of_run.bench)
        || ',' || benchctl_json(of_run.utc) || ',' || benchctl_json(of_run.algorithm)
        || ',' || benchctl_json(of_run.previous_run)
        || ',' || coalesce(of_run.previous_seq::text, 'null')
        || ',' || benchctl_json(of_run.previous_hash) || ']', 'UTF8'))
    $$""",
    """CREATE FUNCTION benchctl_run_follows() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER AS $$
    DECLARE last_run text; last_hash text;
    BEGIN
      PERFORM pg_advisory_xact_lock(hashtextextended(NEW.bench, 1));
      SELECT run INTO last_run FROM runs WHERE bench = NEW.bench ORDER BY number DESC LIMIT 1;
      IF NEW.previous_run IS DISTINCT FROM last_run THEN
        RAISE EXCEPTION 'run % of % follows %, here the last one is %',
          NEW.run, NEW.bench, NEW.previous_run, last_run USING ERRCODE = 'BC001';
      END IF;
      IF last_run IS NOT NULL THEN
        SELECT hash INTO last_hash FROM records
          WHERE run = NEW.previous_run AND seq = NEW.previous_seq;
        IF last_hash IS DISTINCT FROM NEW.previous_hash THEN
          RAISE EXCEPTION 'run % of % follows another end of %',
            NEW.run, NEW.bench, NEW.previous_run USING ERRCODE = 'BC001';
        END IF;
      END IF;
      RETURN NEW;
    END $$""",
    "CREATE TRIGGER runs_follow BEFORE INSERT ON runs "
    "FOR EACH ROW EXECUTE FUNCTION benchctl_run_follows()",
    """CREATE FUNCTION benchctl_record_follows() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER AS $$
    DECLARE of_run runs; before bytea; found text;
    BEGIN
      SELECT * INTO of_run FROM runs WHERE run = NEW.run;
      IF NEW.seq = 1 THEN
        before := benchctl_origin(of_run);
      ELSE
        SELECT decode(hash, 'hex') INTO before FROM records
          WHERE run = NEW.run AND seq = NEW.seq - 1;
      END IF;
      found := encode(benchctl_digest(of_run.algorithm, before || convert_to(
        '[' || benchctl_json(NEW.run) || ',' || NEW.seq || ',' || benchctl_json(NEW.kind)
        || ',' || NEW.version || ',' || benchctl_json(NEW.utc) || ',' || benchctl_number(NEW.t)
        || ']' || chr(10) || NEW.body, 'UTF8')), 'hex');
      IF found IS DISTINCT FROM NEW.hash THEN
        RAISE EXCEPTION 'record % of run % does not follow the one before', NEW.seq, NEW.run
          USING ERRCODE = 'BC002';
      END IF;
      RETURN NEW;
    END $$""",
    "CREATE TRIGGER records_follow BEFORE INSERT ON records "
    "FOR EACH ROW EXECUTE FUNCTION benchctl_record_follows()",
    """CREATE FUNCTION benchctl_blob_is_right() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER AS $$
    DECLARE stated text;
    BEGIN
      SELECT regexp_replace(body::json ->> 'sha256', '^sha256:', '') INTO stated
        FROM records WHERE run = NEW.run AND seq = NEW.seq;
      IF encode(sha256(NEW.data), 'hex') IS DISTINCT FROM stated THEN
        RAISE EXCEPTION 'the raw readings of record % of run % are not those of the record',
          NEW.seq, NEW.run USING ERRCODE = 'BC003';
      END IF;
      RETURN NEW;
    END $$""",
    "CREATE TRIGGER blobs_right BEFORE INSERT ON blobs "
    "FOR EACH ROW EXECUTE FUNCTION benchctl_blob_is_right()",
    """CREATE FUNCTION benchctl_head_follows() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER AS $$
    DECLARE last_n integer; last_text text;
    BEGIN
      PERFORM pg_advisory_xact_lock(hashtextextended(NEW.lab, 2));
      SELECT n, text INTO last_n, last_text FROM heads
        WHERE lab = NEW.lab ORDER BY n DESC LIMIT 1;
      IF NEW.n <> coalesce(last_n, 0) + 1 OR NEW.text::json ->> 'lab' IS DISTINCT FROM NEW.lab
        OR (NEW.text::json ->> 'n')::integer IS DISTINCT FROM NEW.n
      THEN
        RAISE EXCEPTION 'statement % of % does not follow statement %', NEW.n, NEW.lab, last_n
          USING ERRCODE = 'BC001';
      END IF;
      RETURN NEW;
    END $$""",
    "CREATE TRIGGER heads_follow BEFORE INSERT ON heads "
    "FOR EACH ROW EXECUTE FUNCTION benchctl_head_follows()",
)
"""The server recomputes. BC001: a fork, BC002: a wrong hash, BC003: wrong bytes, BC004: unknown."""

APPEND_ONLY = (
    "CREATE FUNCTION benchctl_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'append-only' USING ERRCODE = 'BC005'; END $$",
    *(
        f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION benchctl_append_only()"
        for table in KEPT
    ),
)

ROLES = (
    *(
        f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN; "
        "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        for role in ("benchctl_bench", "benchctl_reader", "benchctl_clerk")
    ),
    """CREATE FUNCTION benchctl_may_write(of_bench text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER AS $$
      SELECT EXISTS (SELECT 1 FROM bench_logins WHERE login = session_user AND bench = of_bench)
    $$""",
    """CREATE FUNCTION benchctl_bench_of(of_run text) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER AS $$ SELECT bench FROM runs WHERE run = of_run $$""",
    *(
        f"GRANT SELECT ON {table} TO benchctl_bench, benchctl_reader, benchctl_clerk"
        for table in (*KEPT, "orders", "alembic_version")
    ),
    *(f"GRANT INSERT ON {table} TO benchctl_bench" for table in KEPT),
    "GRANT USAGE ON SEQUENCE runs_number_seq TO benchctl_bench",
    "GRANT INSERT ON orders TO benchctl_clerk",
    "GRANT USAGE ON SEQUENCE orders_number_seq TO benchctl_clerk",
    "GRANT UPDATE (claimed_by, claimed_at, run) ON orders TO benchctl_bench",
    *(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY" for table in (*KEPT, "orders")),
    *(
        f"CREATE POLICY {table}_read ON {table} FOR SELECT TO benchctl_reader, benchctl_clerk "
        "USING (true)"
        for table in (*KEPT, "orders")
    ),
    "CREATE POLICY runs_own ON runs FOR SELECT TO benchctl_bench USING (benchctl_may_write(bench))",
    "CREATE POLICY runs_add ON runs FOR INSERT TO benchctl_bench "
    "WITH CHECK (benchctl_may_write(bench))",
    *(
        f"CREATE POLICY {table}_own ON {table} FOR SELECT TO benchctl_bench "
        "USING (benchctl_may_write(benchctl_bench_of(run)))"
        for table in ("records", "blobs")
    ),
    *(
        f"CREATE POLICY {table}_add ON {table} FOR INSERT TO benchctl_bench "
        "WITH CHECK (benchctl_may_write(benchctl_bench_of(run)))"
        for table in ("records", "blobs")
    ),
    "CREATE POLICY heads_own ON heads FOR SELECT TO benchctl_bench USING (true)",
    "CREATE POLICY heads_add ON heads FOR INSERT TO benchctl_bench WITH CHECK "
    "(run IS NULL OR run = '' OR benchctl_bench_of(run) IS NULL "
    "OR benchctl_may_write(benchctl_bench_of(run)))",
    "CREATE POLICY orders_see ON orders FOR SELECT TO benchctl_bench "
    "USING (bench IS NULL OR benchctl_may_write(bench))",
    "CREATE POLICY orders_add ON orders FOR INSERT TO benchctl_clerk WITH CHECK (true)",
    "CREATE POLICY orders_claim ON orders FOR UPDATE TO benchctl_bench "
    "USING ((bench IS NULL OR benchctl_may_write(bench)) "
    "AND (claimed_by IS NULL OR benchctl_may_write(claimed_by))) "
    "WITH CHECK (benchctl_may_write(claimed_by))",
)
"""A bench adds to its own runs and takes orders, a reader sees all, a clerk adds orders."""
