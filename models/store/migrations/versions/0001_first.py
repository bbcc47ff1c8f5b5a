"""The first tables: versions, tokens, extents, patients' heads, the feed, positions in files being loaded."""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None
ORDERED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create everything and open the feed under a new epoch."""
    version = op.create_table(
        "version",
        sa.Column("seq", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("patient", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("id", ORDERED, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("current", sa.Boolean, nullable=False),
        sa.Column("alert", sa.Boolean, nullable=False),
        sa.Column("low", sa.BigInteger),
        sa.Column("high", sa.BigInteger),
        sa.Column("kind", sa.SmallInteger, nullable=False),
        sa.Column("lifted", sa.Text),
        sa.Column("content", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", "patient"),
    )
    op.create_index("version_of", "version", ["type", "id", "number", "patient"], unique=True)
    op.create_index("version_feed", "version", ["type", "seq", "current"])
    for name, columns, where in (
        ("version_patient", ["patient", "type", "low"], "current"),
        ("version_alert", ["seq"], "current AND alert"),
        ("version_standing", ["patient"], "current AND kind = 4"),
    ):
        condition = sa.text(where)
        op.create_index(name, version.name, columns, sqlite_where=condition, postgresql_where=condition)
    op.create_table(
        "token",
        sa.Column("param", sa.Text, nullable=False),
        sa.Column("code", ORDERED, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("system", sa.Text, nullable=False),
        sa.Column("patient", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("param", "code", "seq", "system", "patient"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "extent",
        sa.Column("param", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("system", sa.Text, nullable=False),
        sa.Column("low", ORDERED, nullable=False),
        sa.Column("high", ORDERED, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("unit_system", sa.Text, nullable=False),
        sa.Column("patient", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint(
            "param", "seq", "code", "system", "low", "high", "unit", "unit_system", "patient"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "head",
        sa.Column("patient", sa.Text, primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("due", sa.BigInteger),
    )
    waiting = sa.text("due IS NOT NULL")
    op.create_index("head_due", "head", ["due"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "position",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("lines", sa.BigInteger, nullable=False),
        sa.Column("refused", sa.BigInteger, nullable=False),
    )
    feed = op.create_table(
        "feed",
        sa.Column("epoch", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("epoch"),
        sqlite_with_rowid=False,
    )
    op.bulk_insert(feed, [{"epoch": uuid.uuid4().hex, "seq": 0}])
