"""Consumers: readers of alerts whose position the service keeps."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
compatible = "0001"
branch_labels = None
depends_on = None
ORDERED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table, empty."""
    op.create_table(
        "consumer",
        sa.Column("name", ORDERED, primary_key=True),
        sa.Column("criteria", sa.Text, nullable=False),
        sa.Column("base", sa.Text, nullable=False),
        sa.Column("life", sa.BigInteger, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("handed", sa.BigInteger, nullable=False),
        sa.Column("fetched", sa.BigInteger, nullable=False),
        sa.Column("acknowledged", sa.BigInteger, nullable=False),
    )
