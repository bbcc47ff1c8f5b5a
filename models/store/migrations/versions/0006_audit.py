"""Who has seen or changed what: AuditEvents in one chain, which triggers keep from being changed."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
compatible = "0001"
branch_labels = None
depends_on = None
APPENDED = ("audit", "audit_entity")


def upgrade() -> None:
    """Create the three tables, the head of an empty chain and the triggers."""
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("subtype", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
    )
    op.create_index("audit_agent", "audit", ["agent", "number"])
    op.create_index("audit_at", "audit", ["at"])
    op.create_table(
        "audit_entity",
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("reference", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "audit_head",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.execute("INSERT INTO audit_head (number, at, hash) VALUES (0, 0, '')")
    for statement in TRIGGERS[op.get_bind().dialect.name]():
        op.execute(statement)


def _sqlite() -> Iterator[str]:
    for table in APPENDED:
        for event in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
            )


def _postgresql() -> Iterator[str]:
    yield (
        "CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$"
    )
    for table in APPENDED:
        for name, event in (("rows", "UPDATE OR DELETE"), ("whole", "TRUNCATE")):
            each = "ROW" if name == "rows" else "STATEMENT"
            yield (
                f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} "
                f"FOR EACH {each} EXECUTE FUNCTION audit_is_append_only()"
            )


TRIGGERS = {"sqlite": _sqlite, "postgresql": _postgresql}
