"""Rows of the acceptance tables for what becomes true of doses as time passes: missed, far apart, for too long."""

from datetime import datetime
from typing import Any

from tests.record.documents import RXNORM, Doc, at, concept, dose, instruction, order, quantity
from tests.record.ward import doses
from tests.rules.rows import Row

PATCH = concept(RXNORM, "998671")
"""0.1 mg a day for 168 hours."""
SIX = order("mr1", instruction("0.1", 6, start=at(1)))
EIGHT = order("mr1", instruction("0.1", 8, start=at(1)))
DAY = doses("0.1", 6, at(1), at(2))
"""At 0, 6, 12 and 18 o'clock of the first day."""
TWO = order("mr2", instruction("0.1", 8, start=at(1, "01:00")))
NEXT = [*DAY, dose("next", "0.1", at(2))]
BEDTIME = order(
    "mr1",
    {
        "timing": {"repeat": {"timeOfDay": ["08:00:00", "20:00:00"]}},
        "doseAndRate": [{"doseQuantity": quantity("0.1", "mg")}],
    },
)


def held(moment: datetime) -> Doc:
    return {
        **dose("held", "0.1", moment, "not-done"),
        "statusReason": [{"text": "pressure below 90/60"}],
    }


def unnamed(given: Doc) -> Doc:
    """A dose that does not say under which order it was given."""
    return {name: value for name, value in given.items() if name != "request"}


def under(given: Doc, id: str) -> Doc:
    return {**given, "request": {"reference": f"MedicationRequest/{id}"}}


def unread(given: Doc) -> Doc:
    """A dose whose amount cannot be told."""
    return {**given, "dosage": {"dose": quantity(3, "mL")}}


def as_needed(id: str, mg: str, hours: int, **more: Any) -> Doc:
    return order(id, instruction(mg, hours, start=at(1), asNeededBoolean=True), **more)


def course(mg: str, days: int, hours: int = 8, **more: Any) -> list[Doc]:
    """An order over whole days, with every dose."""
    end = at(1 + days)
    return [order("mr1", instruction(mg, hours, start=at(1), end=end), **more), *doses(mg, hours, at(1), end)]


MISSED: tuple[Row, ...] = (
    Row("missed-dose", "firing", [SIX, *DAY], ["moderate"], at(2, "04:00")),
    Row("missed-dose", "firing", [SIX, *DAY], ["moderate", "moderate"], at(2, "10:00")),
    Row(
        "missed-dose",
        "firing",
        [SIX, *DAY, dose("late", "0.1", at(2, "04:00"))],
        ["moderate"],
        at(2, "05:00"),
    ),
    Row(
        "missed-dose",
        "firing",
        [SIX, *DAY, dose("early", "0.1", at(1, "22:00"))],
        ["moderate"],
        at(2, "07:01"),
    ),
    Row(
        "missed-dose",
        "firing",
        [SIX, *DAY, dose("early", "0.1", at(1, "22:00")), dose("after", "0.1", at(2, "08:00"))],
        ["moderate"],
        at(2, "08:30"),
    ),
    Row("missed-dose", "firing", [SIX, TWO, *map(unnamed, DAY)], ["moderate"], at(2, "03:30")),
    Row("missed-dose", "firing", [BEDTIME, dose("d", "0.1", at(1, "08:00"))], ["moderate"], at(2, "02:01")),
    Row("missed-dose", "firing", [SIX, held(at(1, "00:00"))], ["moderate"], at(1, "09:01")),
    Row("missed-dose", "silent", [SIX, *NEXT], [], at(2, "06:00")),
    Row("missed-dose", "silent", [SIX], [], at(5)),
    Row("missed-dose", "silent", [SIX, *DAY, held(at(2, "00:10"))], [], at(2, "08:00")),
    Row("missed-dose", "silent", [as_needed("mr1", "0.1", 6), *DAY], [], at(5)),
    Row("missed-dose", "silent", [SIX, *map(unnamed, NEXT)], [], at(2, "08:59")),
    Row("missed-dose", "silent", [SIX, dose("first", "0.1", at(1, "08:00"))], [], at(1, "16:00")),
    Row(
        "missed-dose",
        "silent",
        [SIX, *DAY, *(dose(f"late{hour}", "0.1", at(2, f"{hour}:00")) for hour in ("02", "10"))],
        [],
        at(2, "14:00"),
    ),
    Row(
        "missed-dose",
        "silent",
        [order("mr1", instruction("0.1", 6, start=at(1), end=at(2))), *DAY],
        [],
        at(5),
    ),
    Row("missed-dose", "boundary", [SIX, *DAY], [], at(2, "03:00")),
    Row("missed-dose", "boundary", [SIX, *DAY], ["moderate"], at(2, "03:01")),
    Row("missed-dose", "boundary", [SIX, *DAY, dose("late", "0.1", at(2, "03:00"))], [], at(2, "05:00")),
    Row("missed-dose", "boundary", [EIGHT, dose("d", "0.1", at(1))], [], at(1, "12:00")),
    Row("missed-dose", "boundary", [EIGHT, dose("d", "0.1", at(1, "00:30"))], [], at(1, "12:30")),
    Row("missed-dose", "boundary", [EIGHT, dose("d", "0.1", at(1, "00:30"))], ["moderate"], at(1, "12:31")),
    Row(
        "missed-dose",
        "boundary",
        [SIX, *DAY],
        [],
        at(2, "06:00"),
        "[limits.missed-dose]\nintervals = 2",
    ),
    Row(
        "missed-dose",
        "boundary",
        [SIX, *DAY],
        ["moderate"],
        at(2, "06:01"),
        "[limits.missed-dose]\nintervals = 2",
    ),
    Row("missed-dose", "unknown", [order("mr1", {"text": "as told"}), *DAY], [], at(5)),
    Row("missed-dose", "unknown", [{**SIX, "status": "draft"}, *DAY], [], at(5)),
)

GAP: tuple[Row, ...] = (
    Row("dose-gap-rebound-risk", "firing", [SIX, *DAY], ["high"], at(3)),
    Row(
        "dose-gap-rebound-risk", "firing", [SIX, *DAY, dose("after", "0.1", at(2, "13:00"))], ["high"], at(3)
    ),
    Row("dose-gap-rebound-risk", "firing", [SIX, *map(unnamed, DAY)], ["high"], at(9)),
    Row("dose-gap-rebound-risk", "firing", [SIX, *DAY, held(at(2))], ["high"], at(3)),
    Row(
        "dose-gap-rebound-risk",
        "firing",
        [
            order("mr1", instruction("0.1", 6, start=at(1), end=at(2))),
            order("mr2", instruction("0.1", 6, start=at(2, "20:00"))),
            *DAY,
        ],
        ["high"],
        at(2, "20:00"),
    ),
    Row("dose-gap-rebound-risk", "silent", [SIX, *DAY, *doses("0.1", 12, at(2), at(5))], [], at(5, "05:00")),
    Row("dose-gap-rebound-risk", "silent", [SIX], [], at(3)),
    Row("dose-gap-rebound-risk", "silent", [as_needed("mr1", "0.1", 6), *DAY], [], at(3)),
    Row(
        "dose-gap-rebound-risk",
        "silent",
        [order("mr1", instruction("0.3", 24)), dose("d", "0.3", at(1))],
        [],
        at(3),
    ),
    Row(
        "dose-gap-rebound-risk",
        "silent",
        [SIX, *DAY, dose("on", "0.1", at(1, "20:00"), drug=PATCH)],
        [],
        at(4),
    ),
    Row(
        "dose-gap-rebound-risk",
        "silent",
        [order("mr1", instruction("0.1", 6, start=at(1), end=at(2))), *DAY],
        [],
        at(3),
    ),
    Row("dose-gap-rebound-risk", "boundary", [SIX, *DAY], [], at(2, "11:59")),
    Row("dose-gap-rebound-risk", "boundary", [SIX, *DAY], ["high"], at(2, "12:00")),
    Row("dose-gap-rebound-risk", "boundary", [SIX, *DAY, dose("after", "0.1", at(2, "12:00"))], [], at(3)),
    Row("dose-gap-rebound-risk", "boundary", [SIX, dose("d", "0.1", at(1))], [], at(2)),
    Row("dose-gap-rebound-risk", "boundary", [SIX, dose("d", "0.2", at(1))], ["high"], at(2)),
    Row(
        "dose-gap-rebound-risk",
        "boundary",
        [SIX, *DAY],
        ["high"],
        at(2, "06:00"),
        "[limits.dose-gap-rebound-risk]\ngap = 12",
    ),
    Row("dose-gap-rebound-risk", "unknown", [SIX, *map(unread, DAY)], [], at(3)),
)

DURATION: tuple[Row, ...] = (
    Row("treatment-duration-exceeded", "firing", [SIX], ["low"], at(15, "12:00")),
    Row("treatment-duration-exceeded", "firing", [SIX], ["low"] * 7 + ["moderate"], at(22, "12:00")),
    Row("treatment-duration-exceeded", "silent", [SIX], [], at(14)),
    Row("treatment-duration-exceeded", "silent", [SIX, *doses("0.1", 6, at(3), at(4))], [], at(16)),
    Row(
        "treatment-duration-exceeded",
        "silent",
        [*course("0.1", 8), order("mr2", instruction("0.1", 8, start=at(13, "01:00")))],
        [],
        at(20),
    ),
    Row("treatment-duration-exceeded", "silent", course("0.1", 14), [], at(30)),
    Row("treatment-duration-exceeded", "boundary", [SIX], [], at(15)),
    Row("treatment-duration-exceeded", "boundary", [SIX], ["low"], at(15, "00:01")),
    Row(
        "treatment-duration-exceeded",
        "boundary",
        [SIX],
        ["low"],
        at(11, "00:01"),
        "[limits.treatment-duration-exceeded]\ndays = 10",
    ),
    Row("treatment-duration-exceeded", "unknown", [as_needed("mr1", "0.1", 6)], []),
    Row("treatment-duration-exceeded", "unknown", doses("0.1", 24, at(1), at(16)), []),
)

CLOCK = (*MISSED, *GAP, *DURATION)
