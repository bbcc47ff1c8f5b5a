"""How far Subscriptions have been told, of what, and by which process."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
compatible = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; there is nothing to carry over."""
    op.create_table(
        "delivery",
        sa.Column("subscription", sa.Text, primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.BigInteger, nullable=False),
        sa.Column("since", sa.BigInteger),
        sa.Column("owner", sa.Text),
    )
    op.create_table(
        "event",
        sa.Column("subscription", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("subscription", "number"),
    )
    op.create_table(
        "process",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("beat", sa.BigInteger, nullable=False),
    )
