"""Changes of consumers are made in the writer's turn: each answered for itself, none moves a number back."""

from datetime import UTC, datetime

from sqlalchemy import Engine, text

from models.store import consumers
from models.store.consumers import Consumer, Move
from models.store.ledger import Ledger
from models.store.statement import Statement
from models.times import EVER
from service.commit import Intake, Missed
from service.intake import Chore, Write, entry
from service.ruleset import load
from tests.build import panel

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def write(statement: Statement) -> Write:
    return Write((), chore=Chore(statement.args["name"], lambda turn: turn.change(statement)))


def begin(name: str, position: int = 0) -> Write:
    return write(consumers.begin(name, "", "", position, 1))


def read(database: Engine, name: str) -> Consumer:
    statement = consumers.one(name)
    with database.connect() as connection:
        (row,) = consumers.consumers(
            [tuple(r) for r in connection.execute(text(statement.sql), statement.args)]
        )
    return row


def intake(database: Engine) -> Intake:
    return Intake(Ledger(database), load(), lambda: NOW)


def test_one_that_misses_takes_no_other_with_it(database: Engine) -> None:
    low = Write((entry("PUT", panel(84, 50, NOW.isoformat(), id="r1"), "r1", ()),))
    gone = write(consumers.remove("nobody"))
    first, missed, (kept,), second = intake(database).commit([begin("b"), gone, low, begin("a")])
    assert (first, second, type(missed)) == ((), (), Missed)
    assert kept.raised
    assert (read(database, "a").name, read(database, "b").name) == ("a", "b")


def test_a_name_begins_once(database: Engine) -> None:
    first, second = intake(database).commit([begin("a"), begin("a", 5)])
    assert (first, type(second)) == ((), Missed)


def test_no_number_moves_back(database: Engine) -> None:
    made = intake(database)
    made.commit([begin("a")])
    consumer = read(database, "a")
    for move in (Move(7, 9, 20, 30), Move(5, 6, 10, 0), Move(0, 11, 0, 0)):
        assert made.commit([write(consumers.move(consumer, move))]) == [()]
    assert read(database, "a")[4:8] == (7, 11, 20, 30)


def test_what_was_told_of_an_earlier_life_changes_nothing(database: Engine) -> None:
    made = intake(database)
    made.commit([begin("a")])
    before = read(database, "a")
    made.commit([write(consumers.reset("a", EVER, 1))])
    after = read(database, "a")
    assert after.life > before.life, "even in the same microsecond"
    (answer,) = made.commit([write(consumers.move(before, Move(position=5)))])
    assert isinstance(answer, Missed)
    assert read(database, "a") == after


def test_nobody_begins_ahead_of_the_feed(database: Engine) -> None:
    made = intake(database)
    made.commit([Write((entry("PUT", panel(120, 80, NOW.isoformat(), id="r1"), "r1", ()),))])
    made.commit([begin("new", EVER), begin("old", 3)])
    new, old = read(database, "new"), read(database, "old")
    assert (new.position, new.handed) == (new.head, new.head)
    assert (old.position, old.handed) == (3, old.head)
