"""Where a search or a poll goes on: opaque to clients."""

import base64
import binascii
import json
from typing import NamedTuple

VERSION = 1
LONGEST = 200
"""Characters of a cursor; none that this service writes has as many."""


class Cursor(NamedTuple):
    """A position behind which everything was seen.

    `epoch` is the life of the database that the position belongs to: after a restore numbers can be given
    again, so a cursor of an earlier life is refused. `key` is the value of the sort key, `seq` the change
    number of the last entry seen.
    """

    epoch: str
    key: int
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
        except (ValueError, TypeError, binascii.Error) as error:
            raise ValueError("not a cursor of this service; use a link as it was given.") from error
        whole = version == VERSION and isinstance(epoch, str)
        if not whole or not all(type(part) is int and abs(part) < 2**63 for part in (key, seq)):
            raise ValueError("not a cursor of this service; use a link as it was given.")
        return cls(epoch, key, seq)
