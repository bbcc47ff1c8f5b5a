"""What a batch has written, by identifier."""

from collections.abc import Iterable, Iterator

from models.search.index import Token
from service.pending import Pending
from service.state import State


class Identified:
    """Versions of a batch at work, those that were taken back among them."""

    def __init__(self) -> None:
        self._ids: dict[str, dict[str, dict[str, None]]] = {}
        self._rows: dict[tuple[str, ...], list[Pending]] = {}

    def add(self, row: Pending) -> None:
        """Remember a version."""
        for token in row.indexed.tokens if row.indexed else ():
            if token.param.endswith(".identifier"):
                self._ids.setdefault(row.type, {}).setdefault(token.code, {})[row.id] = None
                self._rows.setdefault(token[:3], []).append(row)

    def ids(self, type: str, value: str) -> Iterable[str]:
        """Of resources of which some version bears a value of any system."""
        return self._ids.get(type, {}).get(value, ())

    def newest(self, token: Token, state: State) -> Iterator[str]:
        """Ids of those whose newest version bears an identifier."""
        for row in self._rows.get(token[:3], ()):
            if state.latest.get((row.type, row.id)) is row:
                yield row.id
