"""How far a long command has come: a bar on a terminal, now and then a line elsewhere."""

import sys
import time
from typing import Self

from tqdm import tqdm

EVERY = 10.0
"""Seconds between two plain lines."""


class Progress:
    """Octets done of `total`, and resources done, on stderr."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._bar = tqdm(total=total, unit="B", unit_scale=True, file=sys.stderr, disable=None)
        self._said = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def reached(self, octets: int, resources: int) -> None:
        """Show it."""
        if not self._bar.disable:
            self._bar.set_postfix_str(f"{resources:,} resources", refresh=False)
            self._bar.update(octets - self._bar.n)
        elif time.monotonic() - self._said >= EVERY:
            self._said = time.monotonic()
            print(f"{octets / max(self._total, 1):.0%}, {resources:,} resources", file=sys.stderr, flush=True)

    def say(self, line: str) -> None:
        """A line beside the bar."""
        tqdm.write(line, file=sys.stderr)
