"""A course of clonidine, 0.1 mg every six hours, asked about 20 minutes before the dose of noon."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from service.alerts.chart import Chart, rejudged
from service.dosing.check import Check, check
from service.evaluate import charts
from service.ruleset import load
from tests.record.documents import Doc, at, dose, instruction, order, panel, pulse

NOW = at(1, "11:40")
ORDER = order("mr1", instruction("0.1", 6, start=at(1)))
GIVEN = [dose("d0", "0.1", at(1)), dose("d6", "0.1", at(1, "06:00"))]
TREATED = [ORDER, *GIVEN]


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def bp(systolic: Any, diastolic: Any, minutes: float = 10, **more: Any) -> Doc:
    return panel(f"bp{minutes}", systolic, diastolic, ago(minutes), **more)


def rate(value: Any, minutes: float = 10) -> Doc:
    return pulse(f"hr{minutes}", value, ago(minutes))


WELL = [bp(128, 82), rate(72)]


def chart(docs: Sequence[Doc], when: datetime = NOW, limits: str | None = None) -> Chart:
    """The chart of a record, with its alerts."""
    found = charts(docs, when)
    return rejudged(found[0] if found else Chart("Patient/p1"), when, load(limits)).chart


def asked(docs: Sequence[Doc], when: datetime = NOW, limits: str | None = None) -> Check:
    return check(chart(docs, when, limits), when, load(limits))


def codes(found: Check) -> list[str]:
    return [reason.code for reason in found.reasons]
