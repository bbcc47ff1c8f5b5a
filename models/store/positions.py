"""How far a load has come, kept beside what it has loaded: a restored backup brings its own position back."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import Engine, bindparam, text

_READ = text("SELECT source, lines, refused FROM position WHERE source IN :sources").bindparams(
    bindparam("sources", expanding=True)
)
_KEEP = text(
    "INSERT INTO position (source, lines, refused) VALUES (:source, :lines, :refused) "
    "ON CONFLICT (source) DO UPDATE SET lines = excluded.lines, refused = excluded.refused"
)
_CLEAR = text("DELETE FROM position WHERE source IN :sources").bindparams(
    bindparam("sources", expanding=True)
)
CHUNK = 400
"""Sources a statement, well below SQLite's limit on bound variables."""


class Reached(NamedTuple):
    """Lines of a file that are done, and how many of their resources were refused."""

    lines: int = 0
    refused: int = 0


class Positions:
    """The table `position`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def read(self, sources: Collection[str]) -> dict[str, Reached]:
        """What is known of these sources."""
        found: dict[str, Reached] = {}
        with self._engine.connect() as connection:
            for part in _chunks(sources):
                rows = connection.execute(_READ, {"sources": part})
                found |= {row.source: Reached(row.lines, row.refused) for row in rows}
        return found

    def keep(self, reached: Mapping[str, Reached]) -> None:
        """Replace what is known of these sources."""
        rows = [{"source": source, **place._asdict()} for source, place in reached.items()]
        with self._engine.begin() as connection:
            connection.execute(_KEEP, rows)

    def clear(self, sources: Collection[str]) -> None:
        """Forget these sources."""
        with self._engine.begin() as connection:
            for part in _chunks(sources):
                connection.execute(_CLEAR, {"sources": part})


def _chunks(sources: Collection[str]) -> list[list[str]]:
    listed = list(sources)
    return [listed[start : start + CHUNK] for start in range(0, len(listed), CHUNK)]
