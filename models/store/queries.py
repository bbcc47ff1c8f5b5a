"""Statements that read: one resource, its versions, the state of the feed."""

from models.store.conditions import COLUMNS, Statement

READY = "SELECT epoch FROM feed"
_LATEST = (
    f"SELECT {COLUMNS} FROM version v WHERE v.type = :type AND v.id = :id ORDER BY v.number DESC LIMIT 1"
)
_VERSION = f"SELECT {COLUMNS} FROM version v WHERE v.type = :type AND v.id = :id AND v.number = :number"
_HISTORY = (
    f"SELECT {COLUMNS} FROM version v WHERE v.type = :type AND v.id = :id AND v.number < :below "
    "ORDER BY v.number DESC LIMIT :limit"
)
_VERSIONS = "SELECT count(*) FROM version v WHERE v.type = :type AND v.id = :id"


def latest(type: str, id: str) -> Statement:
    """The newest version, a deletion included."""
    return Statement(_LATEST, {"type": type, "id": id})


def version(type: str, id: str, number: int) -> Statement:
    """One version."""
    return Statement(_VERSION, {"type": type, "id": id, "number": number})


def history(type: str, id: str, below: int, limit: int) -> Statement:
    """Versions below a number, newest first."""
    return Statement(_HISTORY, {"type": type, "id": id, "below": below, "limit": limit})


def versions(type: str, id: str) -> Statement:
    """How many versions there are."""
    return Statement(_VERSIONS, {"type": type, "id": id})
