"""Clients of the token endpoint, the assertions that they have used, and the keys that tokens are signed with."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError

from models.errors import Unavailable
from models.store.reader import SILENT

_LOCK = 0x636C6F6F
"""The advisory lock at which processes queue that make a signing key."""
_ADD = text(
    "INSERT INTO client (name, jwks, scopes, created, revoked) VALUES (:name, :jwks, :scopes, :created, NULL) "
    "ON CONFLICT (name) DO UPDATE SET jwks = excluded.jwks, scopes = excluded.scopes, created = excluded.created, "
    "revoked = NULL WHERE client.revoked IS NOT NULL RETURNING name"
)
_REVOKE = text("UPDATE client SET revoked = :now WHERE name = :name AND revoked IS NULL RETURNING name")
_FIND = text("SELECT name, jwks, scopes, created, revoked FROM client WHERE name = :name AND revoked IS NULL")
_ALL = text("SELECT name, jwks, scopes, created, revoked FROM client ORDER BY name")
_USE = text(
    "INSERT INTO assertion (client, jti, expires) VALUES (:client, :jti, :expires) "
    "ON CONFLICT (client, jti) DO NOTHING RETURNING jti"
)
_FORGET = text("DELETE FROM assertion WHERE expires < :now")
_KEYS = text("SELECT kid, content, created FROM signing_key ORDER BY created DESC, kid")
_KEEP = text("INSERT INTO signing_key (kid, content, created) VALUES (:kid, :content, :created)")
_RETIRE = text("DELETE FROM signing_key WHERE created < :before")


class Client(NamedTuple):
    """A client: its keys (the text of a JWKS, or a URL), its scopes, when it was added and revoked (seconds)."""

    name: str
    jwks: str
    scopes: tuple[str, ...]
    created: int
    revoked: int | None = None


class SigningKey(NamedTuple):
    """A private JWK, and when it was made (seconds)."""

    kid: str
    content: str
    created: int


class Clients:
    """The tables `client`, `assertion` and `signing_key`. Everything raises Unavailable."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def _turn(self) -> Iterator[Connection]:
        """A transaction. Raises Unavailable where the database does not answer."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except (OperationalError, InterfaceError, TimeoutError) as error:
            raise Unavailable(SILENT) from error

    def add(self, client: Client) -> bool:
        """Keep a client; False where one of its name is there already and not revoked."""
        row = {**client._asdict(), "scopes": " ".join(client.scopes)}
        with self._turn() as connection:
            return connection.execute(_ADD, row).first() is not None

    def revoke(self, name: str, now: int) -> bool:
        """Give it no token any more; False where there is none of that name."""
        with self._turn() as connection:
            return connection.execute(_REVOKE, {"name": name, "now": now}).first() is not None

    def find(self, name: str) -> Client | None:
        """The client of that name, unless it was revoked."""
        with self._turn() as connection:
            row = connection.execute(_FIND, {"name": name}).first()
        return _client(*row) if row else None

    def all(self) -> list[Client]:
        """Every client, those revoked among them."""
        with self._turn() as connection:
            return [_client(*row) for row in connection.execute(_ALL)]

    def use(self, client: str, jti: str, expires: int, now: int) -> bool:
        """Note that an assertion was used; False where it was used before, by whichever process."""
        with self._turn() as connection:
            connection.execute(_FORGET, {"now": now})
            row = {"client": client, "jti": jti, "expires": expires}
            return connection.execute(_USE, row).first() is not None

    def signing_keys(self) -> list[SigningKey]:
        """The keys, the one that signs first."""
        with self._turn() as connection:
            return [SigningKey(*row) for row in connection.execute(_KEYS)]

    def rotate(self, make: Callable[[int], SigningKey], now: int, life: int) -> None:
        """Make a key where the last one is older than `life`, whoever comes first; forget those of twice the age."""
        with self._turn() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            last = connection.execute(_KEYS).first()
            if last is None or now - last.created > life:
                connection.execute(_KEEP, make(now)._asdict())
                connection.execute(_RETIRE, {"before": now - 2 * life})


def _client(name: str, jwks: str, scopes: str, *times: int) -> Client:
    return Client(name, jwks, tuple(scopes.split()), *times)
