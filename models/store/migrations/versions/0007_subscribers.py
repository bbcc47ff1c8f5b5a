"""Who asked for a Subscription, so that it ends with a client that is revoked."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
compatible = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, empty."""
    op.create_table(
        "subscriber",
        sa.Column("subscription", sa.Text, primary_key=True),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("added", sa.BigInteger),
    )
