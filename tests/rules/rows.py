"""Rows of the acceptance tables, and what is sent in them, in a clinician's words."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from tests.record.documents import (
    LOINC,
    Doc,
    at,
    concept,
    dose,
    instruction,
    observation,
    order,
    panel,
    pulse,
    symptom,
)

NOW = at(2, "20:00")
DIZZINESS, SYNCOPE, CHEST_PAIN, HEADACHE = "404640003", "271594007", "29857009", "25064002"


class Row(NamedTuple):
    """`kind` is firing, silent, boundary or unknown; `said` the severities of the rule's alerts, in order of time.

    `now` is the instant of asking, `limits` what the site has set.
    """

    rule: str
    kind: str
    sent: Sequence[Doc]
    said: Sequence[str]
    now: datetime = at(30)
    limits: str = ""


def before(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def bp(
    systolic: Any, diastolic: Any, minutes: float = 0, position: str | None = "sitting", **more: Any
) -> Doc:
    return panel(f"bp{minutes}{position}", systolic, diastolic, before(minutes), position, **more)


def rate(value: Any, minutes: float = 0, **more: Any) -> Doc:
    return pulse(f"hr{minutes}", value, before(minutes), **more)


def felt(code: str, minutes: float, grade: str | None = None, **more: Any) -> Doc:
    return symptom(f"s{minutes}", code, before(minutes), grade, **more)


def given(mg: Any, hours: float = 0, **more: Any) -> Doc:
    return dose(f"d{hours}", mg, before(60 * hours), **more)


def on_therapy(systolic: Any = 140, diastolic: Any = 90, position: str | None = "sitting") -> list[Doc]:
    """A baseline an hour before the first dose, which was at midnight of the first day."""
    return [
        order("mr1", instruction("0.1", 6, start=at(1))),
        dose("first", "0.1", at(1)),
        panel("base", systolic, diastolic, at(1) - timedelta(hours=1), position),
    ]


def unit(code: str) -> Doc:
    return observation(
        "u", concept(LOINC, "8480-6"), NOW, valueQuantity={"value": 70, "unit": code, "code": code}
    )


def bare(loinc: str, **more: Any) -> Doc:
    return observation("u", concept(LOINC, loinc), NOW, **more)


def standing(
    systolic: Any, diastolic: Any, lying: tuple[Any, Any] = (130, 80), gap: float = 2, first: str = "lying"
) -> list[Doc]:
    return [bp(*lying, gap, first), bp(systolic, diastolic, 0, "standing")]
