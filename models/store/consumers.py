"""The table `consumer`: statements that read it beside the writer, and changes that the writer makes in its turn.

Every change holds for one row alone and for one `life` of it, and none moves a number back: so polls and
acknowledgements of one name may come at once, from several processes, in any order.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from models.store.statement import Statement

MOST = 100
"""Consumers that can be kept: each is a label of the metrics and a query whenever those are asked for."""


MOST_OF_CLIENT = 20
"""Of these for one client, where clients are told apart."""


class Consumer(NamedTuple):
    """A row, and where the feed stood when it was read."""

    name: str
    criteria: str
    base: str
    life: int
    position: int
    handed: int
    fetched: int
    acknowledged: int
    epoch: str
    head: int


class Move(NamedTuple):
    """What a poll or an acknowledgement tells of a consumer; what is less than what is known already is passed over."""

    position: int = 0
    handed: int = 0
    fetched: int = 0
    acknowledged: int = 0


_SELECT = f"SELECT {', '.join(f'c.{name}' for name in Consumer._fields[:-2])}, f.epoch, f.seq FROM consumer c, feed f"
_FROM = "(SELECT CASE WHEN seq < :position THEN seq ELSE :position END AS position, seq FROM feed)"
"""Where a consumer goes on that is to do so behind a change number, nobody being ahead of the feed; and its head."""
_BEGIN = (
    "INSERT INTO consumer (name, criteria, base, life, position, handed, fetched, acknowledged) "
    f"SELECT :name, :criteria, :base, :now, f.position, f.seq, :now, 0 FROM {_FROM} AS f "
    "WHERE (SELECT count(*) FROM consumer) < :most ON CONFLICT (name) DO NOTHING"
)
_MOVE = (
    f"UPDATE consumer SET {', '.join(f'{n} = CASE WHEN {n} < :{n} THEN :{n} ELSE {n} END' for n in Move._fields)} "
    "WHERE name = :name AND life = :life"
)
_RESET = (
    "UPDATE consumer SET life = CASE WHEN life < :now THEN :now ELSE life + 1 END, position = f.position, "
    f"handed = CASE WHEN handed < f.position THEN f.position ELSE handed END FROM {_FROM} AS f WHERE name = :name"
)
_REMOVE = "DELETE FROM consumer WHERE name = :name"


def one(name: str) -> Statement:
    """The consumer of a name."""
    return Statement(f"{_SELECT} WHERE c.name = :name", {"name": name})


def every() -> Statement:
    """All consumers by name."""
    return Statement(f"{_SELECT} ORDER BY c.name", {})


def consumers(rows: Sequence[Sequence[Any]]) -> list[Consumer]:
    """The rows that `one` or `every` found."""
    return [Consumer(*row) for row in rows]


def begin(name: str, criteria: str, base: str, position: int, now: int) -> Statement:
    """Keep a new consumer behind `position`; no row is changed where there is one of the name, or MOST of them."""
    args = {"name": name, "criteria": criteria, "base": base, "position": position, "now": now, "most": MOST}
    return Statement(_BEGIN, args)


def move(of: Consumer, move: Move) -> Statement:
    """Take down what is told; no row is changed where the consumer was reset or removed since it was read."""
    return Statement(_MOVE, {"name": of.name, "life": of.life, **move._asdict()})


def reset(name: str, position: int, now: int) -> Statement:
    """Have it go on behind `position`; the cursors that it was given hold no more."""
    return Statement(_RESET, {"name": name, "position": position, "now": now})


def remove(name: str) -> Statement:
    """Forget it."""
    return Statement(_REMOVE, {"name": name})
