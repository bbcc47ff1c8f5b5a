"""The tables. Every row of a patient carries the patient's key, so that they can be spread by patient."""

from sqlalchemy import BigInteger, Boolean, Column, Index, SmallInteger, Text, text
from sqlmodel import Field, SQLModel

ORDERED = Text().with_variant(Text(collation="C"), "postgresql")
"""Text in the order of its octets, which SQLite keeps of itself."""

CURRENT = text("current")
OPEN_ALERT = text("current AND alert")
STANDING = text("current AND kind = 4")
WAITING = text("due IS NOT NULL")
ASKED = text("current AND due IS NOT NULL")


class Version(SQLModel, table=True):
    """One version of one resource: the text as it was received beside the columns it is found by.

    `seq` is the change number and at once the instant of commit, in microseconds: strictly increasing, given
    under the feed's lock, so that whoever has seen N has seen all below. `low` and `high` span the clinical
    time. `current` is false for superseded versions and for deletions. `kind` and `lifted` hold what the
    rules know of the resource. `due` is when the service has something to do about it by itself, in microseconds:
    to remind of an alert whose Task nobody has taken up, to ask again after a snooze.
    """

    __tablename__ = "version"
    __table_args__ = (
        Index("version_of", "type", "id", "number", "patient", unique=True),
        Index("version_patient", "patient", "type", "low", sqlite_where=CURRENT, postgresql_where=CURRENT),
        Index("version_feed", "type", "seq", "current"),
        Index("version_alert", "seq", sqlite_where=OPEN_ALERT, postgresql_where=OPEN_ALERT),
        Index("version_standing", "patient", sqlite_where=STANDING, postgresql_where=STANDING),
        Index("version_due", "due", "patient", sqlite_where=ASKED, postgresql_where=ASKED),
    )
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    patient: str = Field(sa_column=Column(Text, primary_key=True))
    type: str = Field(sa_column=Column(Text, nullable=False))
    id: str = Field(sa_column=Column(ORDERED, nullable=False))
    number: int = Field(sa_column=Column(BigInteger, nullable=False))
    method: str = Field(sa_column=Column(Text, nullable=False))
    current: bool = Field(sa_column=Column(Boolean, nullable=False))
    alert: bool = Field(sa_column=Column(Boolean, nullable=False))
    low: int | None = Field(sa_column=Column(BigInteger))
    high: int | None = Field(sa_column=Column(BigInteger))
    kind: int = Field(sa_column=Column(SmallInteger, nullable=False))
    lifted: str | None = Field(sa_column=Column(Text))
    content: str = Field(sa_column=Column(Text, nullable=False))
    due: int | None = Field(sa_column=Column(BigInteger))


class Token(SQLModel, table=True):
    """One coded value, reference or string that a version is found by; `param` is such as `Observation.code`."""

    __tablename__ = "token"
    __table_args__ = {"sqlite_with_rowid": False}
    param: str = Field(sa_column=Column(Text, primary_key=True))
    code: str = Field(sa_column=Column(ORDERED, primary_key=True))
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    system: str = Field(sa_column=Column(Text, primary_key=True))
    patient: str = Field(sa_column=Column(Text, primary_key=True))
    text: str = Field(sa_column=Column(Text, nullable=False))


class Extent(SQLModel, table=True):
    """One quantity or time that a version is found by, from `low` to `high` in the order of their text.

    `code` and `system` are those of the element that it is the value of; a coded value stands as `unit`.
    """

    __tablename__ = "extent"
    __table_args__ = {"sqlite_with_rowid": False}
    param: str = Field(sa_column=Column(Text, primary_key=True))
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    code: str = Field(sa_column=Column(Text, primary_key=True))
    system: str = Field(sa_column=Column(Text, primary_key=True))
    low: str = Field(sa_column=Column(ORDERED, primary_key=True))
    high: str = Field(sa_column=Column(ORDERED, primary_key=True))
    unit: str = Field(sa_column=Column(Text, primary_key=True))
    unit_system: str = Field(sa_column=Column(Text, primary_key=True))
    patient: str = Field(sa_column=Column(Text, primary_key=True))


class Head(SQLModel, table=True):
    """The last change of a patient's record: what a chart kept in memory is held against; and when the clock rules
    are next to be asked about it, in microseconds (null: never, if nothing changes)."""

    __tablename__ = "head"
    __table_args__ = (Index("head_due", "due", sqlite_where=WAITING, postgresql_where=WAITING),)
    patient: str = Field(sa_column=Column(Text, primary_key=True))
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    due: int | None = Field(sa_column=Column(BigInteger))


class Feed(SQLModel, table=True):
    """One row: the last change number given, and the life of the database that numbers belong to."""

    __tablename__ = "feed"
    __table_args__ = {"sqlite_with_rowid": False}
    epoch: str = Field(sa_column=Column(Text, primary_key=True))
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))


class Position(SQLModel, table=True):
    """How far an interrupted `load` has come in one file; gone once the load has ended.

    `source` is a digest of the file's path, size and time, so that no name is kept and a changed file is new.
    """

    __tablename__ = "position"
    source: str = Field(sa_column=Column(Text, primary_key=True))
    lines: int = Field(sa_column=Column(BigInteger, nullable=False))
    refused: int = Field(sa_column=Column(BigInteger, nullable=False))


class Delivery(SQLModel, table=True):
    """How far one Subscription has been told.

    `seq` is the last change that its endpoint has acknowledged, `number` how many notifications that makes; `failures`
    are the attempts in vain since, the first of them at `since` (microseconds). `owner` is the process that tells it.
    """

    __tablename__ = "delivery"
    subscription: str = Field(sa_column=Column(Text, primary_key=True))
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    number: int = Field(sa_column=Column(BigInteger, nullable=False))
    failures: int = Field(sa_column=Column(BigInteger, nullable=False))
    since: int | None = Field(sa_column=Column(BigInteger))
    owner: str | None = Field(sa_column=Column(Text))


class Subscriber(SQLModel, table=True):
    """The client that last wrote a Subscription; without a row nobody was told apart.

    `added` is when the client was that its token was given to (seconds; null: it is not registered here)."""

    __tablename__ = "subscriber"
    subscription: str = Field(sa_column=Column(Text, primary_key=True))
    client: str = Field(sa_column=Column(Text, nullable=False))
    added: int | None = Field(sa_column=Column(BigInteger))


class Event(SQLModel, table=True):
    """The change that a Subscription to a topic was told of under a number, so that it can be told again."""

    __tablename__ = "event"
    subscription: str = Field(sa_column=Column(Text, primary_key=True))
    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))


class Process(SQLModel, table=True):
    """A process that tells Subscriptions; one whose `beat` stands still is taken for dead.

    No clock is compared with another's: each process watches the beats of the others by its own.
    """

    __tablename__ = "process"
    id: str = Field(sa_column=Column(Text, primary_key=True))
    beat: int = Field(sa_column=Column(BigInteger, nullable=False))


class Consumer(SQLModel, table=True):
    """A reader of alerts whose position is kept here; `criteria` as given, understood under the FHIR base `base`.

    `life` is when it began or was last reset, and stands in its cursors. Everything up to the change number `position`
    is acknowledged, up to `handed` was given out or was there before it began. `fetched` and `acknowledged` are when it
    last did so, in microseconds (0: never).
    """

    __tablename__ = "consumer"
    name: str = Field(sa_column=Column(ORDERED, primary_key=True))
    criteria: str = Field(sa_column=Column(Text, nullable=False))
    base: str = Field(sa_column=Column(Text, nullable=False))
    life: int = Field(sa_column=Column(BigInteger, nullable=False))
    position: int = Field(sa_column=Column(BigInteger, nullable=False))
    handed: int = Field(sa_column=Column(BigInteger, nullable=False))
    fetched: int = Field(sa_column=Column(BigInteger, nullable=False))
    acknowledged: int = Field(sa_column=Column(BigInteger, nullable=False))


class Client(SQLModel, table=True):
    """A client of the token endpoint: its keys (a JWKS, or the URL of one), its scopes, when it was added and revoked
    (seconds)."""

    __tablename__ = "client"
    name: str = Field(sa_column=Column(Text, primary_key=True))
    jwks: str = Field(sa_column=Column(Text, nullable=False))
    scopes: str = Field(sa_column=Column(Text, nullable=False))
    created: int = Field(sa_column=Column(BigInteger, nullable=False))
    revoked: int | None = Field(sa_column=Column(BigInteger))


class Assertion(SQLModel, table=True):
    """An assertion that was used, by a digest of its name; gone once it has expired."""

    __tablename__ = "assertion"
    __table_args__ = (Index("assertion_expires", "expires"),)
    client: str = Field(sa_column=Column(Text, primary_key=True))
    jti: str = Field(sa_column=Column(Text, primary_key=True))
    expires: int = Field(sa_column=Column(BigInteger, nullable=False))


class SigningKey(SQLModel, table=True):
    """A private key that tokens are signed with, shared by all processes."""

    __tablename__ = "signing_key"
    kid: str = Field(sa_column=Column(Text, primary_key=True))
    content: str = Field(sa_column=Column(Text, nullable=False))
    created: int = Field(sa_column=Column(BigInteger, nullable=False))


class Audit(SQLModel, table=True):
    """One access or refusal, as an AuditEvent: its text, and the columns that it is found by.

    Rows are only ever added (triggers refuse the rest). `number` counts from 1 without a gap, `at` is when
    (microseconds), `hash` chains the row to the one before.
    """

    __tablename__ = "audit"
    __table_args__ = (Index("audit_agent", "agent", "number"), Index("audit_at", "at"))
    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: int = Field(sa_column=Column(BigInteger, nullable=False))
    hash: str = Field(sa_column=Column(Text, nullable=False))
    agent: str = Field(sa_column=Column(Text, nullable=False))
    action: str = Field(sa_column=Column(Text, nullable=False))
    outcome: str = Field(sa_column=Column(Text, nullable=False))
    subtype: str = Field(sa_column=Column(Text, nullable=False))
    content: str = Field(sa_column=Column(Text, nullable=False))


class AuditEntity(SQLModel, table=True):
    """What an AuditEvent is about: a resource as `Type/id`, or the key of a patient."""

    __tablename__ = "audit_entity"
    __table_args__ = {"sqlite_with_rowid": False}
    reference: str = Field(sa_column=Column(Text, primary_key=True))
    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))


class AuditHead(SQLModel, table=True):
    """One row, the end of the chain: who adds to it holds the row until the commit, so there is one chain."""

    __tablename__ = "audit_head"
    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: int = Field(sa_column=Column(BigInteger, nullable=False))
    hash: str = Field(sa_column=Column(Text, nullable=False))
