"""Where a search or a poll goes on: opaque to clients."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from models.search.sorting import Sort

VERSION = 1
LONGEST = 1_000
"""Characters of a cursor; none that this service writes has as many."""
_TYPES = {"id": str, "low": int, "extent": str}


class Cursor(NamedTuple):
    """A position behind which everything was seen.

    `epoch` is the life of the database that the position belongs to: after a restore numbers can be given
    again, so a cursor of an earlier life is refused. `key` are the values of the sort keys, `seq` the change
    number of the last entry seen.
    """

    epoch: str
    key: tuple[int | str, ...]
    seq: int

    def text(self) -> str:
        """As it stands in a link; URL-safe."""
        packed = json.dumps([VERSION, *self], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """The way back from `text`; ValueError for anything that this service did not write."""
        try:
            if len(text) > LONGEST:
                raise ValueError("too long")
            packed = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            version, epoch, key, seq = packed
            whole = version == VERSION and isinstance(epoch, str) and isinstance(key, list)
            if not whole or not _number(seq) or not all(_number(part) or _word(part) for part in key):
                raise ValueError("of another shape")
        except (ValueError, TypeError, RecursionError, binascii.Error) as error:
            raise ValueError("not a cursor of this service; use a link as it was given.") from error
        return cls(epoch, tuple(key), seq)

    def fits(self, keys: Sequence[Sort]) -> bool:
        """Whether it can stand in an order by these keys."""
        return [type(part) for part in self.key] == [_TYPES[key.by] for key in keys]


def _number(part: Any) -> bool:
    return type(part) is int and abs(part) < 2**63


def _word(part: Any) -> bool:
    return isinstance(part, str) and "\x00" not in part and bool(part.encode() or not part)
