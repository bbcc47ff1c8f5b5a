"""The patients whose alerts would change most: those that a report shows in detail."""

from collections.abc import Iterator
from heapq import heappush, heappushpop

from service.comparison import Compared

SHOWN = 20
"""Patients shown in detail: a page of more is neither read nor printed."""


class Most:
    """Keeps the `SHOWN` patients with the most changes of all that are taken; the others are let go."""

    def __init__(self) -> None:
        self._held: list[tuple[int, int, Compared]] = []
        self._taken = 0

    def take(self, one: Compared) -> None:
        """Keep the patient, if so many changes are among the most so far."""
        self._taken += 1
        if not one.changes:
            return
        item = (one.changes, -self._taken, one)
        if len(self._held) < SHOWN:
            heappush(self._held, item)
        else:
            heappushpop(self._held, item)

    def __iter__(self) -> Iterator[Compared]:
        """The most changes first; of as many, who came first."""
        return (one for _, _, one in sorted(self._held, key=lambda item: item[:2], reverse=True))

    def __len__(self) -> int:
        return len(self._held)
