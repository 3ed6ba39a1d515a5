"""The tables of the central database of a lab with many benches (PostgreSQL).

`runs`, `records` and `blobs` are those of a bench's own database, column for column. The server
recomputes what it is given: every hash from the one before, every block of raw readings against its
sha256, every run against the run of its bench before (see the migrations).
"""

from __future__ import annotations

import sqlalchemy as sa

from benchctl.records import tables

HEAD = "c0002"
"""The revision that these tables are at: the newest of `migrations/versions`."""

metadata = sa.MetaData()

runs = tables.runs.to_metadata(metadata)
records = tables.records.to_metadata(metadata)
blobs = tables.blobs.to_metadata(metadata)

heads = sa.Table(
    "heads",
    metadata,
    sa.Column("lab", sa.Text, primary_key=True),
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("run", sa.Text),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("signature", sa.Text, nullable=False),
)
"""What each bench's database states of its records; `lab` is the id of that database."""

standards_used = tables.standards_used.to_metadata(metadata)
"""Which record binds which standard; the server fills it from the records that it is given."""

logins = sa.Table(
    "bench_logins",
    metadata,
    sa.Column("login", sa.Text, primary_key=True),
    sa.Column("bench", sa.Text, primary_key=True),
)
"""Which bench a login may write for."""

orders = sa.Table(
    "orders",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("procedure", sa.Text, nullable=False),
    sa.Column("bench", sa.Text),
    sa.Column("rows", sa.Text, nullable=False),
    sa.Column("utc", sa.Text, nullable=False),
    sa.Column("claimed_by", sa.Text),
    sa.Column("claimed_at", sa.Text),
    sa.Column("run", sa.Text),
    sa.Index("orders_open", "claimed_by", "number"),
)
"""Work orders; `bench` is the only one that may take it, `rows` the units as JSON."""

version = sa.Table(
    "alembic_version",
    metadata,
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
