"""Who asks for a Subscription, which ends with the client that was the last to write it."""

from collections.abc import Sequence
from typing import Protocol

from models.store.ledger import Turn
from service.audit import witness
from service.intake import Write


class Worked(witness.Worked, Protocol):
    """What became of an entry."""

    @property
    def outcome(self) -> str:
        """One of `service.commit.Outcome`."""


def note(turn: Turn, writes: Sequence[Write], worked: Sequence[Sequence[Worked] | Exception]) -> None:
    """Keep the client of each Subscription that was written, where clients are told apart."""
    for write, parts in zip(writes, worked, strict=True):
        held = write.permissions
        if held and not isinstance(parts, Exception):
            for part in parts:
                if part.row.type == "Subscription" and part.outcome in ("created", "updated"):
                    turn.deliveries("").asked(part.row.id, held.client, held.added)
