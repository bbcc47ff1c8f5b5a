"""Rows as the write path makes them, without the write path."""

from collections.abc import Iterable
from typing import Any

from models.resource_types import TYPES
from models.search.index import Indexed, index
from models.store.ledger import Ledger
from models.stored import prepare

BASES = ("http://test/fhir",)
NOW = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z."""


def put(ledger: Ledger, docs: Iterable[dict[str, Any]]) -> dict[int, tuple[str, Indexed]]:
    """Store documents as first versions; (id, indexed) by change number."""
    indexed = [(doc, index(TYPES[doc["resourceType"]], doc, BASES)) for doc in docs]
    with ledger.turn() as turn:
        first = turn.number(len(indexed), NOW)
        versions, tokens = [], []
        for seq, (doc, found) in enumerate(indexed, first):
            span = found.span
            versions.append(
                {
                    "seq": seq,
                    "patient": found.patient,
                    "type": doc["resourceType"],
                    "id": doc["id"],
                    "number": 1,
                    "method": "PUT",
                    "current": True,
                    "alert": found.alert,
                    "low": span.low if span else None,
                    "high": span.high if span else None,
                    "kind": 0,
                    "lifted": None,
                    "content": prepare(doc, doc["id"]),
                }
            )
            tokens += [{**token._asdict(), "seq": seq, "patient": found.patient} for token in found.tokens]
        turn.write(versions, tokens, (), {})
    return {first + at: (doc["id"], found) for at, (doc, found) in enumerate(indexed)}
