"""Bringing a database to the present tables by Alembic; imported only when there is a need."""

from __future__ import annotations

import io
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

SCRIPTS = Path(__file__).parent / "migrations"


def head() -> str:
    """Return the newest revision among the migration scripts."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def known(revision: str) -> bool:
    """Return whether a revision is among the migration scripts."""
    scripts = ScriptDirectory.from_config(_config())
    return revision in {script.revision for script in scripts.walk_revisions()}


def upgrade(connection: sa.Connection) -> None:
    """Bring the database behind a connection to the newest revision, in its transaction."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def script(dialect: str) -> str:
    """Return the SQL that makes the tables in an empty database of a dialect.

    For a database that another hand administers: `script("postgresql")`.
    """
    text = io.StringIO()
    config = _config(text)
    config.attributes["dialect"] = dialect
    command.upgrade(config, "head", sql=True)
    return text.getvalue()


def _config(output: io.StringIO | None = None) -> Config:
    config = Config(output_buffer=output) if output is not None else Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    return config
