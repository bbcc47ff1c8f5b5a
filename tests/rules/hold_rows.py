"""Rows of the acceptance tables for doses that have to be held, and doses given all the same."""

from datetime import timedelta
from typing import Any

from tests.record.documents import (
    Doc,
    at,
    component,
    dose,
    instruction,
    observation,
    order,
    panel,
    pulse,
    symptom,
)
from tests.record.ward import doses
from tests.rules.clock_rows import BEDTIME, PATCH, SIX, as_needed, held, unnamed
from tests.rules.monitoring_rows import NOON, noon, well
from tests.rules.rows import SYNCOPE, Row

UNTIL_SIX = [SIX, *doses("0.1", 6, at(1), NOON)]
ETSU, TRIAL = 'preset = "etsu-inpatient"', 'preset = "lofexidine-trial"'
DROWSY = "271782001"


def low(clock: str, systolic: Any = 88, diastolic: Any = 62, **more: Any) -> Doc:
    return panel(f"low{clock}", systolic, diastolic, at(2, clock), **more)


HYPERTENSIVE = panel("base", 180, 110, at(1) - timedelta(hours=1))
"""From here 110/75 is a fall of more than 30 %: high, and no reason to hold."""


def mean(value: int, clock: str) -> Doc:
    """A mean pressure alone."""
    part = component("8478-0", value)
    return observation(f"mean{clock}", part["code"], at(2, clock), valueQuantity=part["valueQuantity"])


def day(*readings: Doc) -> list[Doc]:
    """Doses until six o'clock of the second day, and what was measured then."""
    return [*UNTIL_SIX, *readings]


HELD: tuple[Row, ...] = (
    Row("hold-dose-advised", "firing", day(low("11:20")), ["high"], NOON),
    Row("hold-dose-advised", "firing", day(low("11:20", 100, 59)), ["high"], NOON),
    Row("hold-dose-advised", "firing", day(pulse("x", 49, at(2, "11:20"))), ["high"], NOON),
    Row("hold-dose-advised", "firing", day(low("09:00")), ["high"], NOON),
    Row("hold-dose-advised", "firing", day(low("09:00"), low("11:30", 92, 65)), ["high"], NOON),
    Row("hold-dose-advised", "firing", day(low("11:20"), well("11:40")), ["high"], NOON),
    Row("hold-dose-advised", "firing", [SIX, low("11:20")], ["high"], NOON),
    Row("hold-dose-advised", "firing", day(symptom("z", SYNCOPE, at(2, "08:00"))), ["high"], NOON),
    Row("hold-dose-advised", "firing", day(symptom("z", DROWSY, at(2, "11:30"), "severe")), ["high"], NOON),
    Row("hold-dose-advised", "firing", [BEDTIME, low("19:30")], ["high"], at(2, "20:00")),
    Row("hold-dose-advised", "firing", day(mean(60, "09:00"), mean(69, "10:00")), ["high"], NOON),
    Row("hold-dose-advised", "firing", day(low("11:20")), ["high", "high"], at(2, "18:00")),
    Row(
        "hold-dose-advised",
        "firing",
        [*day(low("11:15")), order("mr2", instruction("0.1", 8, start=at(2, "12:10")))],
        ["high", "high"],
        at(2, "11:20"),
    ),
    Row("hold-dose-advised", "silent", day(well("11:20")), [], NOON),
    Row("hold-dose-advised", "silent", day(mean(60, "09:00"), mean(70, "10:00")), [], NOON),
    Row("hold-dose-advised", "silent", [HYPERTENSIVE, *day(low("11:20", 110, 75))], [], NOON),
    Row("hold-dose-advised", "silent", day(low("09:00"), well("10:30")), [], NOON),
    Row("hold-dose-advised", "silent", day(low("11:20"), noon(-50)), [], NOON),
    Row("hold-dose-advised", "silent", [as_needed("mr1", "0.1", 6), low("11:20")], [], NOON),
    Row(
        "hold-dose-advised",
        "silent",
        [order("mr1", instruction("0.1", 6, start=at(1), end=NOON)), low("11:20")],
        [],
        at(3),
    ),
    Row("hold-dose-advised", "silent", day(low("11:20", 80, 85)), [], NOON),
    Row("hold-dose-advised", "silent", day(symptom("z", DROWSY, at(2, "11:30"), "moderate")), [], NOON),
    Row("hold-dose-advised", "silent", day(pulse("x", 55, at(2, "11:20"))), [], NOON),
    Row("hold-dose-advised", "boundary", day(low("11:20", 90, 60, rate=50)), [], NOON),
    Row("hold-dose-advised", "boundary", day(low("11:20", "89.9", 60)), ["high"], NOON),
    Row("hold-dose-advised", "boundary", day(pulse("x", 59, at(2, "11:30"))), ["high"], NOON, ETSU),
    Row("hold-dose-advised", "boundary", day(pulse("x", 60, at(2, "11:30"))), [], NOON, ETSU),
    Row("hold-dose-advised", "boundary", day(low("11:20", 100, 55)), [], NOON, TRIAL),
    Row("hold-dose-advised", "boundary", day(low("11:20", 100, 49)), ["high"], NOON, TRIAL),
    Row("hold-dose-advised", "boundary", day(low("10:00", 100, 59)), ["high"], NOON),
    Row("hold-dose-advised", "boundary", day(low("09:59", 100, 59)), [], NOON),
    Row("hold-dose-advised", "boundary", day(low("10:30")), [], at(2, "10:59")),
    Row("hold-dose-advised", "boundary", day(low("10:30")), ["high"], at(2, "11:00")),
    Row(
        "hold-dose-advised",
        "boundary",
        day(low("11:20", 94, 70)),
        ["high"],
        NOON,
        "[limits.hold-dose-advised]\nsystolic = 95",
    ),
    Row("hold-dose-advised", "unknown", day(), [], NOON),
    Row("hold-dose-advised", "unknown", day(panel("day", 80, 50, "2026-03-03")), [], NOON),
)

DESPITE: tuple[Row, ...] = (
    Row("dose-given-despite-hold", "firing", day(low("11:20"), noon(5)), ["high"], at(2, "13:00")),
    Row(
        "dose-given-despite-hold",
        "firing",
        day(pulse("x", 49, at(2, "11:50")), noon(5)),
        ["high"],
        at(2, "13:00"),
    ),
    Row("dose-given-despite-hold", "firing", [low("11:20"), unnamed(noon(5))], ["high"], at(2, "13:00")),
    Row("dose-given-despite-hold", "firing", [as_needed("mr1", "0.1", 6), low("11:20"), noon(5)], ["high"]),
    Row("dose-given-despite-hold", "firing", day(low("11:20"), noon(1), noon(9, "b")), ["high", "high"]),
    Row(
        "dose-given-despite-hold", "firing", day(low("11:20"), dose("on", "0.1", NOON, drug=PATCH)), ["high"]
    ),
    Row("dose-given-despite-hold", "silent", day(low("11:20"), well("11:50"), noon(5)), []),
    Row("dose-given-despite-hold", "silent", day(low("11:20"), held(NOON)), []),
    Row("dose-given-despite-hold", "silent", day(low("12:10"), noon(5)), []),
    Row("dose-given-despite-hold", "silent", [SIX, low("11:20")], []),
    Row("dose-given-despite-hold", "boundary", day(low("11:20"), noon(20)), ["high"]),
    Row("dose-given-despite-hold", "boundary", day(low("11:20"), noon(21)), []),
    Row(
        "dose-given-despite-hold",
        "boundary",
        day(pulse("x", 59, at(2, "11:50")), noon(5)),
        ["high"],
        limits=ETSU,
    ),
    Row("dose-given-despite-hold", "boundary", day(pulse("x", 59, at(2, "11:50")), noon(5)), []),
    Row("dose-given-despite-hold", "unknown", day(noon(5)), []),
    Row("dose-given-despite-hold", "unknown", day(low("11:20", None, 62), noon(5)), []),
)

HOLD = (*HELD, *DESPITE)
