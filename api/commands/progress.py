"""How far a long command has come: a bar on a terminal, now and then a line elsewhere."""

import sys
import time
from typing import Self

from tqdm import tqdm

EVERY = 10.0
"""Seconds between two plain lines."""


class Progress:
    """Octets, or another `unit`, done of `total`, and a count of what came of it, on stderr."""

    def __init__(self, total: int, unit: str = "B", counted: str = "resources") -> None:
        self._total, self._counted = total, counted
        self._bar = tqdm(total=total, unit=unit, unit_scale=True, file=sys.stderr, disable=None)
        self._said = time.monotonic()
        self._done = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def reached(self, done: int, count: int) -> None:
        """Show it."""
        if not self._bar.disable:
            self._bar.set_postfix_str(f"{count:,} {self._counted}", refresh=False)
            self._bar.update(done - self._bar.n)
        elif time.monotonic() - self._said >= EVERY:
            self._said = time.monotonic()
            share = done / max(self._total, 1)
            print(f"{share:.0%}, {count:,} {self._counted}", file=sys.stderr, flush=True)

    def more(self, count: int) -> None:
        """Show that so many more are done, where what is done is what is counted."""
        self._done += count
        self.reached(self._done, self._done)

    def say(self, line: str) -> None:
        """A line beside the bar."""
        tqdm.write(line, file=sys.stderr)
