"""The clock, ids and chance: what nobody below the edge makes."""

import random
import time
import uuid
from datetime import UTC, datetime

_chance = random.Random()  # nosec B311  # noqa: S311 - an id is no secret; asking the system each time gives the interpreter's lock away


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def chance() -> float:
    """A number from 0 to 1."""
    return _chance.random()


def new_id() -> str:
    """A UUID that grows with time (version 7, RFC 9562), so that new rows lie together in the indexes."""
    value = (time.time_ns() // 1_000_000) << 80 | _chance.getrandbits(80)
    value = value & ~(0xF << 76) | 7 << 76
    value = value & ~(0x3 << 62) | 2 << 62
    return str(uuid.UUID(int=value))


def new_trace() -> str:
    """An id for a request: 32 hexadecimal digits, as those of traces are."""
    return f"{_chance.getrandbits(128):032x}"


def new_epoch() -> str:
    """A name for a database's new life."""
    return uuid.uuid4().hex
