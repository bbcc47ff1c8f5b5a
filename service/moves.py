"""How the facts of a record change when a version follows another."""

from collections.abc import Iterator
from typing import NamedTuple

from models.stored import NOTHING, READING, REGIMEN, Stored
from service.pending import Pending
from service.record.facts import Fact, Reading, Score, Symptom, decode

Held = Pending | Stored
"""A version, kept already or about to be."""


class Move(NamedTuple):
    """What a patient's record holds of a resource: what it was, what it becomes."""

    patient: str
    source: str
    old: Fact | None
    fact: Fact | None


def moves(row: Pending, fact: Fact | None, previous: Held | None) -> Iterator[Move]:
    """How the facts change: twice where a resource has moved from one patient to another."""
    source, old = f"{row.type}/{row.id}", fact_of(previous)
    if old and previous and previous.patient != row.patient:
        yield Move(previous.patient, source, old, None)
        old = None
    if old or fact:
        yield Move(row.patient, source, old, fact)


def fact_of(held: Held | None) -> Fact | None:
    """What the rules know of a version."""
    return decode(held.lifted) if held and held.lifted and held.kind in (READING, REGIMEN) else None


def kind_of(fact: Fact | None) -> int:
    """What a version with this fact is to the rules."""
    return NOTHING if fact is None else READING if isinstance(fact, Reading | Symptom | Score) else REGIMEN
