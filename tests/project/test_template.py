"""The copies that the other tests stand on are what a migrated database is."""

from pathlib import Path

from sqlalchemy import Engine, text

from models.store.engine import engine
from models.store.migrate import current, migrate
from tests.postgres import Postgres
from tests.template import settled


def life(made: Engine) -> tuple[str, int]:
    with made.connect() as connection:
        epoch, seq = connection.execute(text("SELECT epoch, seq FROM feed")).one()
    return str(epoch), int(seq)


def shown(made: Engine) -> list[str | None]:
    with made.connect() as connection:
        return [*connection.execute(text("SELECT sql FROM sqlite_master ORDER BY name")).scalars()]


def test_a_copy_has_the_shape_of_a_migrated_database_and_a_life_of_its_own(database_url: str) -> None:
    made = settled(database_url)
    assert current(made)
    before = life(made)
    if database_url.startswith("sqlite"):
        file = Path(made.url.database or "")
        assert file.stat().st_mode & 0o077 == 0
        other = engine(f"{database_url}.migrated")
        migrate(other)
        assert shown(other) == shown(made)
        assert life(other)[0] != before[0]
        other.dispose()
    made.dispose()
    again = settled(database_url)  # what is there is not copied over
    assert life(again) == before
    again.dispose()


def test_each_copy_has_another_life(postgres: Postgres, tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path / name}" for name in "ab"] + [postgres.fresh() for _ in "ab"]
    engines = [settled(url) for url in urls]
    assert len({life(made)[0] for made in engines}) == len(engines)
    for made in engines:
        made.dispose()
    for url in urls[2:]:
        postgres.release(url)
