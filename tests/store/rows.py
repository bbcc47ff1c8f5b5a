"""Rows as the write path makes them, without the write path."""

from collections.abc import Iterable
from typing import Any

from models.resource_types import TYPES
from models.search.index import Indexed, index
from models.store.keeping import Kept
from models.store.ledger import Ledger
from models.stored import NOTHING, prepare
from service.pending import Pending

BASES = ("http://test/fhir",)
NOW = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z."""


def put(ledger: Ledger, docs: Iterable[dict[str, Any]]) -> dict[int, tuple[str, Indexed]]:
    """Store documents as first versions; (id, indexed) by change number."""
    indexed = [(doc, index(TYPES[doc["resourceType"]], doc, BASES)) for doc in docs]
    rows = [
        Pending(
            type=doc["resourceType"],
            id=doc["id"],
            number=1,
            method="PUT",
            patient=found.patient,
            content=prepare(doc, doc["id"]),
            indexed=found,
            kind=NOTHING,
            lifted=None,
        )
        for doc, found in indexed
    ]
    versions = [row.columns(at, current=True) for at, row in enumerate(rows, 1)]
    tokens = [token for at, row in enumerate(rows, 1) for token in row.tokens(at)]
    extents = [extent for at, row in enumerate(rows, 1) for extent in row.extents(at)]
    with ledger.turn() as turn:
        last = turn.keep(Kept(versions, tokens, extents, (), ()), NOW)
    first = last - len(rows) + 1
    return {first + at: (doc["id"], found) for at, (doc, found) in enumerate(indexed)}
