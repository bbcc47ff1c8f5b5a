"""How far Subscriptions have been told: who tells them, up to which change, what went wrong."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, text

from models.search.question import Query
from models.store.conditions import conditions, selective
from models.store.statement import COLUMNS, Statement

HEADS = (
    "SELECT f.seq, coalesce((SELECT max(v.seq) FROM version v WHERE v.current AND v.alert), 0) FROM feed f"
)
"""The last change of all, and the last that is an alert."""
LISTED = (
    f"SELECT {COLUMNS}, d.seq, d.number, d.failures, d.since, d.owner, p.beat, "
    "c.revoked IS NOT NULL OR c.created <> s.added FROM version v "
    "LEFT JOIN delivery d ON d.subscription = v.id LEFT JOIN process p ON p.id = d.owner "
    "LEFT JOIN subscriber s ON s.subscription = v.id LEFT JOIN client c ON c.name = s.client "
    "WHERE v.type = 'Subscription' AND v.current"
)
"""Every Subscription, how far it has been told, the beat of whoever tells it, and whether its client was revoked, since
added anew or not: its token may have been given for other scopes."""
OWNER = "SELECT owner FROM delivery WHERE subscription = :id"
NUMBER = "SELECT number FROM delivery WHERE subscription = :id"
_BEGIN = text(
    "INSERT INTO delivery (subscription, seq, number, failures) VALUES (:id, :seq, 0, 0) "
    "ON CONFLICT (subscription) DO NOTHING"
)
_ASKED = text(
    "INSERT INTO subscriber (subscription, client, added) VALUES (:id, :client, :added) "
    "ON CONFLICT (subscription) DO UPDATE SET client = excluded.client, added = excluded.added"
)
_BEAT = text(
    "INSERT INTO process (id, beat) VALUES (:id, 1) ON CONFLICT (id) DO UPDATE SET beat = process.beat + 1"
)
_BURY = text("DELETE FROM process WHERE id = :id AND beat = :beat")
_TAKE = text(
    "UPDATE delivery SET owner = :me WHERE subscription = :id AND (owner IS NULL OR owner = :me OR "
    "NOT EXISTS (SELECT 1 FROM process p WHERE p.id = delivery.owner))"
)
_LEAVE = (
    text("UPDATE delivery SET owner = NULL WHERE owner = :me"),
    text("DELETE FROM process WHERE id = :me"),
)
_PLACE = text(
    "UPDATE delivery SET seq = :seq, number = :number, failures = :failures, since = :since "
    "WHERE subscription = :id AND owner = :me AND EXISTS (SELECT 1 FROM version v "
    "WHERE v.type = 'Subscription' AND v.id = :id AND v.number = :version AND v.current)"
)
"""What an endpoint took that its client has given up meanwhile does not count: the new one is told of it."""
_RECORD = text(
    "INSERT INTO event (subscription, number, seq) VALUES (:id, :number, :seq) "
    "ON CONFLICT (subscription, number) DO UPDATE SET seq = excluded.seq"
)
_FORGET = text(
    "DELETE FROM delivery WHERE subscription = :id AND EXISTS (SELECT 1 FROM version v "
    "WHERE v.type = 'Subscription' AND v.id = :id AND v.number = :version AND v.current)"
)
"""As long as it says what it did: whoever asks for it again may be quicker, and another process have begun it."""
_TIDY = text(
    "DELETE FROM delivery WHERE NOT EXISTS (SELECT 1 FROM version v WHERE v.type = 'Subscription' "
    "AND v.id = delivery.subscription AND v.current) RETURNING subscription"
)
_FORGET_EVENTS = text("DELETE FROM event WHERE subscription IN :ids").bindparams(
    bindparam("ids", expanding=True)
)
_EVENTS = (
    f"SELECT e.number, {COLUMNS} FROM event e JOIN version v ON v.seq = e.seq "
    "WHERE e.subscription = :id AND e.number >= :low AND e.number <= :high ORDER BY e.number LIMIT :limit"
)


class Place(NamedTuple):
    """How far a Subscription has been told: the last change acknowledged, how many notifications that makes, the
    attempts in vain since, and since when (microseconds)."""

    seq: int
    number: int = 0
    failures: int = 0
    since: int | None = None


class Told(NamedTuple):
    """Where a Subscription stands now, as its `version` asks; `events` are the changes (number, seq) that it was told
    of."""

    subscription: str
    version: int
    place: Place
    events: Sequence[tuple[int, int]] = ()


class Deliveries:
    """What a process does about Subscriptions inside a transaction; `me` is the process."""

    def __init__(self, connection: Connection, me: str) -> None:
        self._connection, self._me = connection, me

    def beat(self, dead: Collection[tuple[str, int]]) -> None:
        """Show that this process lives; forget those that have stood still at a beat."""
        self._connection.execute(_BEAT, {"id": self._me})
        for id, beat in dead:
            self._connection.execute(_BURY, {"id": id, "beat": beat})

    def asked(self, id: str, client: str, added: int | None) -> None:
        """Note the client that asks for a Subscription from now on, and when it was added itself."""
        self._connection.execute(_ASKED, {"id": id, "client": client, "added": added})

    def take(self, free: Iterable[tuple[str, int]]) -> None:
        """Tell these Subscriptions from now on, unless another living process does; each with where one that was
        never told begins."""
        for id, seq in free:
            self._connection.execute(_BEGIN, {"id": id, "seq": seq})
            self._connection.execute(_TAKE, {"id": id, "me": self._me})

    def leave(self) -> bool:
        """Tell nobody any more: others can take over at once."""
        for statement in _LEAVE:
            self._connection.execute(statement, {"me": self._me})
        return True

    def place(self, one: Told) -> bool:
        """Keep where one stands, as long as this process tells it and it asks what it did; whether that is so."""
        given = {"id": one.subscription, "version": one.version, "me": self._me, **one.place._asdict()}
        if not self._connection.execute(_PLACE, given).rowcount:
            return False
        for number, seq in one.events:
            self._connection.execute(_RECORD, {"id": one.subscription, "number": number, "seq": seq})
        return True

    def forget(self, off: Iterable[tuple[str, int]]) -> None:
        """What was deleted, and what was turned off by these versions, is told no more: asked for again it begins
        anew."""
        gone = {*self._connection.execute(_TIDY).scalars()}
        gone |= {
            id
            for id, version in off
            if self._connection.execute(_FORGET, {"id": id, "version": version}).rowcount
        }
        if gone:
            self._connection.execute(_FORGET_EVENTS, {"ids": sorted(gone)})


def page(query: Query, after: int, limit: int) -> Statement:
    """Up to `limit` versions behind a change, in the order of commit."""
    args: dict[str, object] = {"limit": limit}
    where = conditions(query, args, after)
    order = "v.seq + 0" if selective(query) else "v.seq"
    return Statement(
        f"SELECT {COLUMNS} FROM version v WHERE {' AND '.join(where)} ORDER BY {order} LIMIT :limit", args
    )


def behind(query: Query, after: int, most: int) -> Statement:
    """How many changes wait behind one, counted up to `most`, and the first of them (null: none)."""
    waiting = page(query, after, most)
    return Statement(f"SELECT count(*), min(w.seq) FROM ({waiting.sql}) w", waiting.args)


def events(subscription: str, low: int, high: int, limit: int) -> Statement:
    """What a Subscription was told of under these numbers: number and version each."""
    return Statement(_EVENTS, {"id": subscription, "low": low, "high": high, "limit": limit})
