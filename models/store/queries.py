"""Statements that read: one resource, its versions, the state of the feed."""

from typing import NamedTuple

from models.store.statement import COLUMNS, Statement

_DUE = (
    "SELECT patient, due FROM head WHERE due IS NOT NULL AND due <= :now AND (due > :due OR (due = :due AND "
    "patient > :patient)) ORDER BY due, patient LIMIT :limit"
)
_WAITING = (
    "SELECT patient, due FROM version WHERE current AND due IS NOT NULL AND due <= :now AND (due > :due OR "
    "(due = :due AND patient > :patient)) ORDER BY due, patient LIMIT :limit"
)
READY = "SELECT epoch FROM feed"
NEXT_DUE = "SELECT min(due) FROM head WHERE due IS NOT NULL"
HEAD = "SELECT seq FROM feed"
SAME = Statement("UPDATE feed SET seq = seq", {})
"""Writes, and changes nothing."""
_LATEST = (
    f"SELECT {COLUMNS} FROM version v WHERE v.type = :type AND v.id = :id ORDER BY v.number DESC LIMIT 1"
)
_VERSION = f"SELECT {COLUMNS} FROM version v WHERE v.type = :type AND v.id = :id AND v.number = :number"


def latest(type: str, id: str) -> Statement:
    """The newest version, a deletion included."""
    return Statement(_LATEST, {"type": type, "id": id})


def version(type: str, id: str, number: int) -> Statement:
    """One version."""
    return Statement(_VERSION, {"type": type, "id": id, "number": number})


def due(now: int, after: tuple[int, str], limit: int) -> Statement:
    """Patients about whom the clock rules are to be asked by now, each with since when, longest waiting first."""
    return Statement(_DUE, {"now": now, "due": after[0], "patient": after[1], "limit": limit})


def waiting(now: int, after: tuple[int, str], limit: int) -> Statement:
    """Patients of whom a version has something done about it by now, each with since when, likewise."""
    return Statement(_WAITING, {"now": now, "due": after[0], "patient": after[1], "limit": limit})


class Versions(NamedTuple):
    """Which versions a history tells of: those of one resource, of a type (`id` ""), or all (`type` "" too);
    none committed before `since`."""

    type: str = ""
    id: str = ""
    since: int = 0


def history(versions: Versions, before: int, limit: int) -> Statement:
    """Up to `limit` versions with a change number below `before`, newest first.

    Of a single resource the few are walked by number: `+ 0` keeps SQLite from walking the type's feed for them.
    """
    key, order = ("v.seq + 0", "v.number") if versions.id else ("v.seq", "v.seq")
    tests = [*_tests(versions), f"{key} < :before"]
    return Statement(
        f"SELECT {COLUMNS} FROM version v WHERE {' AND '.join(tests)} ORDER BY {order} DESC LIMIT :limit",
        {**versions._asdict(), "before": before, "limit": limit},
    )


def how_many(versions: Versions) -> Statement:
    """How many versions there are."""
    where = f"WHERE {' AND '.join(tests)}" if (tests := _tests(versions)) else ""
    return Statement(f"SELECT count(*) FROM version v {where}", versions._asdict())


def _tests(versions: Versions) -> list[str]:
    since = "v.seq + 0 >= :since" if versions.id else "v.seq >= :since"
    tests = {"type": "v.type = :type", "id": "v.id = :id", "since": since}
    return [test for name, test in tests.items() if getattr(versions, name)]
