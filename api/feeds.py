"""When an alert first leaves by a plain poll: what a client that keeps its own position has told of itself."""

from collections.abc import Sequence

from models.search.query import Query
from models.stored import Stored

MOST = 200
"""Feeds that are remembered; one more, and all are forgotten and begin anew."""
MOVING = ("_lastUpdated", "_count")
"""Parameters that differ from poll to poll of one feed."""
Feed = tuple[tuple[str, ...], tuple[tuple[str, str], ...]]


class Feeds:
    """How far each feed (types and criteria) has been fetched from this process.

    A feed counts from where it stood when it was first seen: what was committed before is history, however late
    somebody reads it.
    """

    def __init__(self) -> None:
        self._reached: dict[Feed, int] = {}

    def new(self, query: Query, head: int, page: Sequence[Stored]) -> list[int]:
        """The change numbers of the alerts on a page that leave for the first time; `head` is where the feed stands."""
        if not page or not _polls(query):
            return []
        pairs = tuple(pair for pair in query.pairs if pair[0] not in MOVING)
        feed = tuple(served.name for served in query.searched), pairs
        if feed not in self._reached and len(self._reached) >= MOST:
            self._reached.clear()
        reached = self._reached.setdefault(feed, head)
        self._reached[feed] = max(reached, page[-1].seq)
        return [stored.seq for stored in page if stored.seq > reached and stored.is_alert]


def _polls(query: Query) -> bool:
    """Whether it goes on from somewhere, in the order of commit."""
    return query.feed and (query.cursor is not None or any(name == "_lastUpdated" for name, _ in query.pairs))
