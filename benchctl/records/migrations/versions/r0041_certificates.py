"""Runs are found by the certificate of a standard too.

Revision 0041. It is history: it stays as it is when the tables change.
"""

from alembic import op

revision = "0041"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index beside those of name and serial number."""
    op.create_index("standards_used_of_certificate", "standards_used", ["certificate", "run"])
