"""Rows of the acceptance tables for measurements and assessments that are missing."""

from datetime import datetime, timedelta
from typing import Any

from tests.record.documents import (
    SNOMED,
    Doc,
    at,
    concept,
    dose,
    instruction,
    observation,
    order,
    panel,
    pulse,
)
from tests.record.ward import doses, measured
from tests.rules.clock_rows import SIX, as_needed, held, unnamed
from tests.rules.rows import Row

NOON = at(2, "12:00")
"""A dose of SIX is due."""
OUTPATIENT = 'setting = "outpatient"'
CATEGORY = "http://terminology.hl7.org/CodeSystem/medicationrequest-category"
DAILY = order("mr1", instruction("0.1", 24, start=at(1)))
FIRST = [SIX, dose("first", "0.1", at(1))]


def well(clock: str, rate: Any = 70) -> Doc:
    return panel(f"well{clock}", 120, 80, at(2, clock), rate=rate)


def noon(minutes: float, id: str = "noon", mg: str = "0.1") -> Doc:
    """A dose so many minutes after noon."""
    return dose(id, mg, NOON + timedelta(minutes=minutes))


def outpatient(made: Doc, *codes: str) -> Doc:
    return {**made, "category": [concept(CATEGORY, *codes)]}


def taken(minutes: float, systolic: Any = 120, diastolic: Any = 80) -> Doc:
    """A pressure so many minutes after the first midnight."""
    return panel(f"t{minutes}", systolic, diastolic, at(1) + timedelta(minutes=minutes))


def cows(moment: datetime, total: int = 4) -> Doc:
    return observation(f"cows-{moment:%d-%H%M}", concept(SNOMED, "763699005"), moment, valueInteger=total)


BEFORE: tuple[Row, ...] = (
    Row("pre-dose-bp-missing", "firing", [DAILY, dose("d", "0.1", at(1))], ["moderate"], at(1, "12:00")),
    Row("pre-dose-bp-missing", "firing", [*FIRST, taken(-30)], ["moderate"], at(1, "05:00")),
    Row(
        "pre-dose-bp-missing",
        "firing",
        [DAILY, dose("d", "0.1", at(1)), pulse("x", 70, at(1))],
        ["moderate"],
        at(1, "12:00"),
    ),
    Row("pre-dose-bp-missing", "firing", [unnamed(noon(5))], ["moderate"]),
    Row("pre-dose-bp-missing", "firing", [as_needed("mr1", "0.1", 6), noon(5)], ["moderate"]),
    Row(
        "pre-dose-bp-missing",
        "firing",
        [DAILY, dose("late", "0.1", at(1, "00:40"))],
        ["moderate"],
        at(1, "12:00"),
    ),
    Row(
        "pre-dose-bp-missing",
        "silent",
        [DAILY, dose("d", "0.1", at(1)), *measured(at(1), at(1))],
        [],
        at(1, "12:00"),
    ),
    Row("pre-dose-bp-missing", "silent", [SIX], [], at(5)),
    Row("pre-dose-bp-missing", "silent", [as_needed("mr1", "0.1", 6), held(NOON)], [], at(5)),
    Row("pre-dose-bp-missing", "silent", [DAILY, held(at(1))], [], at(1, "12:00")),
    Row("pre-dose-bp-missing", "boundary", [unnamed(noon(60)), well("12:00")], ["moderate"]),
    Row("pre-dose-bp-missing", "boundary", [unnamed(noon(59)), well("12:00")], []),
    Row("pre-dose-bp-missing", "boundary", [unnamed(noon(0)), well("12:00")], []),
    Row(
        "pre-dose-bp-missing",
        "boundary",
        [DAILY, unnamed(noon(0)), well("11:30")],
        ["moderate"] * 2,
        at(2, "12:00"),
    ),
    Row(
        "pre-dose-bp-missing",
        "boundary",
        [unnamed(noon(119)), well("12:00")],
        [],
        limits="[limits.pre-dose-bp-missing]\nbefore = 120",
    ),
    Row("pre-dose-bp-missing", "unknown", [{**unnamed(noon(5)), "effectiveDateTime": "2026-03-03"}], []),
    Row(
        "pre-dose-bp-missing",
        "unknown",
        [unnamed(noon(5)), panel("day", 120, 80, "2026-03-03", rate=70)],
        ["moderate"],
    ),
)

AFTER: tuple[Row, ...] = (
    Row("post-dose-bp-missing", "firing", FIRST, ["high"], at(1, "02:00")),
    Row("post-dose-bp-missing", "firing", [unnamed(noon(0))], ["high"]),
    Row(
        "post-dose-bp-missing",
        "firing",
        [*FIRST, taken(60), dose("more", "0.2", at(1, "06:00"))],
        ["moderate"],
    ),
    Row("post-dose-bp-missing", "firing", [FIRST[1], taken(60), dose("again", "0.1", at(8))], ["high"]),
    Row("post-dose-bp-missing", "firing", [*FIRST, taken(120)], ["high"]),
    Row("post-dose-bp-missing", "firing", [*FIRST, pulse("x", 70, at(1, "01:00"))], ["high"]),
    Row("post-dose-bp-missing", "silent", [*FIRST, taken(60)], []),
    Row("post-dose-bp-missing", "silent", [SIX], []),
    Row("post-dose-bp-missing", "silent", [SIX, held(at(1))], []),
    Row("post-dose-bp-missing", "silent", [*FIRST, taken(60), dose("same", "0.1", at(1, "06:00"))], []),
    Row("post-dose-bp-missing", "boundary", FIRST, [], at(1, "01:30")),
    Row("post-dose-bp-missing", "boundary", FIRST, ["high"], at(1, "01:31")),
    Row("post-dose-bp-missing", "boundary", [*FIRST, taken(30)], []),
    Row("post-dose-bp-missing", "boundary", [*FIRST, taken(90)], []),
    Row("post-dose-bp-missing", "boundary", [*FIRST, taken(29.9), taken(90.1)], ["high"]),
    Row(
        "post-dose-bp-missing",
        "boundary",
        [*FIRST, taken(20)],
        [],
        limits="[limits.post-dose-bp-missing]\nfrom = 15",
    ),
    Row("post-dose-bp-missing", "unknown", [*FIRST, taken(60, 80, 90)], ["high"]),
    Row("post-dose-bp-missing", "unknown", [{**FIRST[1], "effectiveDateTime": "2026-03-02"}], []),
)

OVERDUE: tuple[Row, ...] = (
    Row("bp-monitoring-overdue", "firing", [SIX, taken(60)], ["moderate"], at(1, "06:00")),
    Row("bp-monitoring-overdue", "firing", [SIX, taken(60)], ["moderate", "high", "high"], at(1, "14:00")),
    Row("bp-monitoring-overdue", "firing", [SIX], ["moderate"], at(1, "07:00")),
    Row("bp-monitoring-overdue", "firing", [SIX, taken(60), taken(400)], ["moderate"], at(1, "10:00")),
    Row("bp-monitoring-overdue", "firing", [as_needed("mr1", "0.1", 6)], ["moderate"], at(1, "07:00")),
    Row("bp-monitoring-overdue", "firing", [outpatient(SIX, "outpatient")], ["moderate"], at(2, "01:00")),
    Row(
        "bp-monitoring-overdue",
        "firing",
        [outpatient(SIX, "inpatient")],
        ["moderate"],
        at(1, "07:00"),
        OUTPATIENT,
    ),
    Row("bp-monitoring-overdue", "firing", [SIX], ["moderate"], at(2, "01:00"), OUTPATIENT),
    Row(
        "bp-monitoring-overdue", "firing", [SIX, pulse("x", 70, at(1, "02:00"))], ["moderate"], at(1, "05:00")
    ),
    Row("bp-monitoring-overdue", "silent", [SIX, taken(60), taken(250), taken(480)], [], at(1, "11:00")),
    Row("bp-monitoring-overdue", "silent", [SIX], [], at(1, "23:00"), OUTPATIENT),
    Row(
        "bp-monitoring-overdue",
        "silent",
        [order("mr1", instruction("0.1", 6, start=at(1), end=at(1, "04:00")))],
        [],
    ),
    Row("bp-monitoring-overdue", "silent", doses("0.1", 6, at(1), at(2)), []),
    Row("bp-monitoring-overdue", "boundary", [SIX, taken(60)], [], at(1, "05:00")),
    Row("bp-monitoring-overdue", "boundary", [SIX, taken(60)], ["moderate"], at(1, "05:01")),
    Row("bp-monitoring-overdue", "boundary", [SIX, taken(60)], ["moderate"], at(1, "09:00")),
    Row("bp-monitoring-overdue", "boundary", [SIX, taken(60)], ["moderate", "high"], at(1, "09:01")),
    Row("bp-monitoring-overdue", "boundary", [SIX, taken(60), taken(300)], [], at(1, "09:00")),
    Row(
        "bp-monitoring-overdue",
        "boundary",
        [SIX],
        ["moderate", "high"],
        at(1, "05:00"),
        "[limits.bp-monitoring-overdue]\ninpatient = 2",
    ),
    Row(
        "bp-monitoring-overdue", "unknown", [SIX, taken(60), taken(240, 80, 90)], ["moderate"], at(1, "06:00")
    ),
    Row(
        "bp-monitoring-overdue",
        "unknown",
        [outpatient(SIX, "outpatient", "inpatient")],
        ["moderate"],
        at(1, "07:00"),
    ),
)

ASSESSED: tuple[Row, ...] = (
    Row("withdrawal-assessment-overdue", "firing", [SIX], ["low"], at(1, "09:00")),
    Row("withdrawal-assessment-overdue", "firing", [SIX], ["low"] * 5, at(20)),
    Row("withdrawal-assessment-overdue", "firing", [SIX, cows(at(1))], ["low", "low"], at(2, "09:00")),
    Row("withdrawal-assessment-overdue", "firing", [outpatient(SIX, "outpatient")], ["low"], at(2, "01:00")),
    Row("withdrawal-assessment-overdue", "silent", [SIX, cows(at(1, "01:00"))], [], at(1, "08:30")),
    Row("withdrawal-assessment-overdue", "silent", [SIX], [], at(2), OUTPATIENT),
    Row("withdrawal-assessment-overdue", "silent", doses("0.1", 6, at(1), at(2)), []),
    Row("withdrawal-assessment-overdue", "boundary", [SIX], [], at(1, "08:00")),
    Row("withdrawal-assessment-overdue", "boundary", [SIX], ["low"], at(1, "08:01")),
    Row(
        "withdrawal-assessment-overdue",
        "boundary",
        [SIX, cows(at(1)), cows(at(1, "08:00"))],
        [],
        at(1, "16:00"),
    ),
    Row(
        "withdrawal-assessment-overdue",
        "boundary",
        [SIX, *(cows(at(day)) for day in range(1, 7))],
        ["low"] * 5,
        at(9),
    ),
    Row(
        "withdrawal-assessment-overdue",
        "boundary",
        [SIX],
        ["low"],
        at(1, "04:01"),
        "[limits.withdrawal-assessment-overdue]\ninpatient = 4",
    ),
    Row("withdrawal-assessment-overdue", "unknown", [SIX, cows(at(1, "04:00"), 49)], ["low"], at(1, "09:00")),
)

MONITORING = (*BEFORE, *AFTER, *OVERDUE, *ASSESSED)
