"""The audit as it stands in the database."""

import base64
import json
from typing import Any

from sqlalchemy import text

from models.store import walk
from models.store.engine import engine

AUDITED = {"audit": "on"}


def events(database_url: str) -> list[dict[str, Any]]:
    """Every event, the first one first."""
    with walk.opened(database_url) as chain:
        return [json.loads(row.text()) for part in walk.rows(chain) for row in part]


def last(database_url: str) -> dict[str, Any]:
    return events(database_url)[-1]


def sound(database_url: str, expected: str = "", start: str = "") -> walk.Told:
    """What a walk finds; raises BrokenChain."""
    with walk.opened(database_url) as chain:
        return [walk.Told(0, "", False), *walk.walk(chain, expected, start)][-1]


def about(event: dict[str, Any]) -> list[str]:
    """The resources and patients that an event names."""
    return [one["what"]["reference"] for one in event.get("entity", ()) if "reference" in one.get("what", {})]


def query(event: dict[str, Any]) -> str:
    (found,) = [one["query"] for one in event["entity"] if "query" in one]
    return base64.b64decode(found).decode()


def short(event: dict[str, Any]) -> tuple[str, str, str]:
    """Action, interaction, outcome."""
    return event["action"], event["subtype"][0]["code"], event["outcome"]


def by_hand(database_url: str, *statements: str) -> None:
    """What somebody does who may do everything in the database, triggers or not."""
    made = engine(database_url)
    with made.begin() as connection:
        if made.dialect.name == "postgresql":
            for table in ("audit", "audit_entity"):
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        else:
            for name in (
                connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
                .scalars()
                .all()
            ):
                connection.execute(text(f"DROP TRIGGER {name}"))
        for statement in statements:
            connection.execute(text(statement))
    made.dispose()
