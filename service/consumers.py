"""Consumers: engines that read alerts and leave it to the service to remember how far they came.

A page is given behind the position; only an acknowledgement moves that, and never back. So whatever was not
acknowledged comes again: at least once, and of a resource that has changed meanwhile its newest version.
"""

import re
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from models.errors import BadRequest, Conflict, Gone
from models.parameters import Pairs
from models.problem import Problem
from models.resource_types import TYPES
from models.search.cursor import Cursor
from models.search.query import RESULT, Query, parse
from models.store.consumers import Consumer
from service.record.codes import ALERT_CATEGORY

NAME = re.compile(r"(?!.*[0-9]{4})[a-z][a-z0-9-]{0,39}")
"""Names stand in metrics and logs: a number as long as a patient's is none."""
CATEGORY = ("category", f"{ALERT_CATEGORY}|alert")
ALWAYS = (("category", "alert"), CATEGORY, ("_sort", "_lastUpdated"))
"""What holds for every consumer, and may stand in its address all the same, copied from that of a poll."""
AGAIN = "POST $poll without `ack` goes on from where it stands."


def named(text: str) -> str:
    """The name of a consumer. Raises BadRequest."""
    if not NAME.fullmatch(text):
        raise BadRequest(
            f"Parameter 'consumer': {text[:60]!r} is no name; give up to 40 lower-case letters, digits and hyphens, a "
            "letter first and no four digits in a row, such as pager-east: names stand in metrics and logs."
        )
    return text


OWNED = "~"
"""Stands between the client that a consumer is of, where clients are told apart, and its name."""


def owned(name: str, client: str) -> str:
    """The key of a consumer: clients that are told apart have names of their own, and cannot move each other's."""
    return f"{client}{OWNED}{name}" if client else name


def owner(key: str) -> str:
    """The client that a consumer is of; "" where clients were not told apart. Its own name may hold OWNED."""
    return key.rpartition(OWNED)[0]


def called(key: str) -> str:
    """What its client calls it."""
    return key.rpartition(OWNED)[2]


def criteria(pairs: Pairs) -> str:
    """What is asked of the alerts, as it is kept: in one order, without what always holds. Raises BadRequest."""
    shaping = [name for name, _ in pairs if name.partition(":")[0] in RESULT]
    chosen = sorted(pair for pair in pairs if pair not in ALWAYS)
    if problems := [_shaping(name) for name in shaping if name in {name for name, _ in chosen}]:
        raise BadRequest(problems)
    return urlencode(chosen, safe=":/,|$")


def _shaping(name: str) -> Problem:
    text = f"Parameter {name[:80]!r} shapes a search; a consumer takes what narrows it, and _count."
    return Problem("invalid", text, rule="search")


def query(criteria: str, base: str, now: datetime) -> Query:
    """The search that criteria ask, given under a FHIR base. Raises BadRequest."""
    pairs = [CATEGORY, *parse_qsl(criteria, keep_blank_values=True)]
    return parse(TYPES["Observation"], pairs, (base,), now)


def behind(of: Consumer, seq: int, now: datetime) -> Query:
    """The search of what a consumer is to have behind a change number."""
    return query(of.criteria, of.base, now)._replace(cursor=Cursor(of.epoch, (), seq))


def cursor(of: Consumer, seq: int) -> str:
    """What acknowledges everything up to a change number, in this life of the consumer."""
    return Cursor(of.epoch, (of.name, of.life), seq).text()


def acknowledged(of: Consumer, text: str) -> int:
    """The change number up to which a cursor acknowledges. Raises BadRequest, Conflict; Gone for one of an earlier life
    of the consumer or of the database, which holds no more."""
    try:
        read = Cursor.read(text)
    except ValueError as error:
        raise BadRequest(f"The cursor is {error}") from error
    name, *life = read.key or ("",)
    if name != of.name:
        other = f"of the consumer {name!r}" if NAME.fullmatch(str(name)) else "of a search"
        raise Conflict(
            f"This cursor is {other}; {called(of.name)} acknowledges those that its own $poll gives."
        )
    if read.epoch != of.epoch:
        raise Gone(f"This cursor is from before the database was restored; it acknowledges nothing. {AGAIN}")
    if life != [of.life]:
        raise Gone(
            f"This cursor is from before {called(of.name)} was reset; it acknowledges nothing. {AGAIN}"
        )
    if read.seq > of.handed:
        raise Conflict(
            f"{called(of.name)} was given nothing up to there, so it cannot acknowledge it. {AGAIN}"
        )
    return read.seq


def sound(of: Consumer) -> None:
    """Gone where the position is ahead of the feed: the consumer is not of the database that it is kept in."""
    name = called(of.name)
    if of.position > of.head:
        raise Gone(
            f"The position of {name} is ahead of this database, which was restored in part. Say where to begin: "
            f"POST $consumer-reset?consumer={name}&from= and a time before the restore."
        )


def same(of: Consumer, asked: str) -> None:
    """Conflict where other criteria are asked than the consumer began with; to ask none is to ask those."""
    name = called(of.name)
    if asked not in ("", of.criteria):
        began = f"the criteria {of.criteria[:300]!r}" if of.criteria else "no criteria"
        raise Conflict(
            f"{name} began with {began}, and its position holds for those alone. Leave them out, take another "
            f"name for others, or begin anew: POST $consumer-remove?consumer={name}, then $poll with the new "
            "ones and `from`."
        )
