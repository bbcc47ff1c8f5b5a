"""A database that can take no more refuses the write, keeps what it has, and takes writes again when it can."""

from datetime import UTC, datetime

from sqlalchemy import event

from models.errors import Unavailable
from models.store.engine import engine
from models.store.ledger import Ledger
from models.store.migrate import migrate
from service.commit import Intake
from service.intake import Write, entry
from service.ruleset import load
from tests.build import panel

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_a_write_that_does_not_fit_is_unavailable_and_the_next_one_is_kept(sqlite_url: str) -> None:
    made = engine(sqlite_url)
    migrate(made)
    made.dispose()
    limit = [0]
    event.listen(
        made, "checkout", lambda connection, *_: connection.execute(f"PRAGMA max_page_count = {limit[0]}")
    )
    intake = Intake(Ledger(made), load(), lambda: NOW)
    long = {"note": [{"text": "x" * 1_000_000}]}
    limit[0] = 60
    (refused,) = intake.commit(
        [Write((entry("PUT", panel(84, 50, "2026-03-02", id="r1", **long), "r1", ()),))]
    )
    assert isinstance(refused, Unavailable), refused
    limit[0] = 1_000_000
    (kept,) = intake.commit([Write((entry("PUT", panel(84, 50, "2026-03-02", id="r1", **long), "r1", ()),))])
    made.dispose()
    assert isinstance(kept, tuple), kept
    assert kept[0].stored.number == 1
    assert len(kept[0].raised) == 1
