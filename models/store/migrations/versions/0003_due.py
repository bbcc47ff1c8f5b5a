"""When a version has something done about it by the service itself: reminders of alerts, ends of snoozes."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
compatible = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, which is null for nearly everything, and an index of the few where it is not."""
    op.add_column("version", sa.Column("due", sa.BigInteger))
    waiting = sa.text("current AND due IS NOT NULL")
    op.create_index(
        "version_due", "version", ["due", "patient"], sqlite_where=waiting, postgresql_where=waiting
    )
