"""Treatments on which everything is done in time unless they say otherwise: what the worked cases start from."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.record.documents import Doc, at, dose, instruction, order, panel
from tests.record.ward import doses, measured

NOW = at(2, "20:00")
MR1 = order("mr1", instruction("0.1", 6, start=at(1)))
DOSES = doses("0.1", 6, at(1), NOW)
ON_THERAPY = [MR1, *DOSES, *measured(at(1), NOW)]
NO_BASELINE = [
    MR1,
    *DOSES,
    panel("standing", 140, 90, at(1) - timedelta(minutes=30), "standing", rate=84),
    *measured(at(1), NOW)[2:],
]
"""Before the first dose there is a standing pressure alone, with which no sitting one is compared."""
TAPERED = [
    order(
        "mr1",
        instruction("0.1", 8, start=at(1), end=at(2), sequence=1),
        instruction("0.1", 12, start=at(2), end=at(3), sequence=2),
        instruction("0.1", 24, start=at(3), end=at(4), sequence=3),
        status="completed",
    ),
    *doses("0.1", 8, at(1), at(2)),
    *doses("0.1", 12, at(2), at(3)),
    *doses("0.1", 24, at(3), at(4)),
    *measured(at(1), at(4), 130, 80),
]
"""0.3, 0.2, 0.1 and no mg on consecutive days; the last dose is that of day 3 at midnight."""


def planned(*steps: tuple[str, float, int, int], status: str = "completed") -> list[Doc]:
    """An order of these steps (mg, hours, first day, day after the last) with its doses and readings."""
    made = [
        instruction(mg, hours, start=at(first), end=at(last), sequence=number)
        for number, (mg, hours, first, last) in enumerate(steps)
    ]
    given = [one for mg, hours, first, last in steps for one in doses(mg, hours, at(first), at(last))]
    return [order("mr1", *made, status=status), *given, *measured(at(1), at(steps[-1][-1]))]


def ended(mg: str, hours: float, start: datetime, last: datetime) -> list[Doc]:
    """An order that was stopped with its last dose."""
    made = doses(mg, hours, start, last + timedelta(minutes=1))
    stopped = order("mr1", instruction(mg, hours, start=start), status="stopped")
    return [stopped, *made, *measured(start, last)]


def due_at_noon() -> list[Doc]:
    """The course until half past nine of the second day; the next dose is due at noon."""
    return [MR1, *doses("0.1", 6, at(1), at(2, "11:00")), *measured(at(1), at(2, "10:00"))]


def up_to(last: datetime, moment: datetime) -> list[Doc]:
    """A daily dose at eight, until `moment`, and readings until `last`."""
    daily = order("mr1", instruction("0.1", 24, start=at(1, "08:00")))
    return [daily, *doses("0.1", 24, at(1, "08:00"), moment), *measured(at(1, "08:00"), last)]


def unordered(mg: Sequence[str], **more: Any) -> list[Doc]:
    """Doses without an order, an hour apart from midnight on, each with its readings."""
    return [*given_day(mg, **more), *measured(at(2), at(2, "08:00"))]


def given_day(mg: Sequence[str], **more: Any) -> list[Doc]:
    """Doses spread over 24 hours that end with the last one."""
    return [
        dose(f"x{number}", amount, at(2, "00:00") + timedelta(hours=number), **more)
        for number, amount in enumerate(mg)
    ]


WATCHED = [MR1, *DOSES, *measured(at(1), at(3, "03:00"))]
MEASURED = measured(at(1), NOW)
MONTH = [*planned(("0.1", 24, 1, 31), status="active")]
LOW_AT_ELEVEN = panel("x", 88, 62, at(2, "11:20"), rate=70)
FIRST = [
    order("mr1", instruction("0.1", 6, start=at(1, "08:00"))),
    dose("first", "0.1", at(1, "08:00")),
    panel("base", 140, 90, at(1, "07:40"), rate=84),
]
DAILY = up_to(at(2, "10:00"), at(3))
"""The last reading is that of 9:30."""
