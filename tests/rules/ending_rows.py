"""Rows of the acceptance tables for the end of a treatment: at once, and by a taper."""

from datetime import timedelta
from typing import Any

from tests.record.documents import Doc, at, dose, instruction, order
from tests.record.ward import doses
from tests.rules.clock_rows import SIX, course, unread
from tests.rules.rows import Row


def steps(*plan: tuple[str, float, float], **more: Any) -> Doc:
    """An order whose steps of (mg, hours between doses, days) follow each other."""
    made, start = [], at(1)
    for number, (mg, hours, days) in enumerate(plan, 1):
        end = start + timedelta(days=days)
        made.append(instruction(mg, hours, start=start, end=end, sequence=number))
        start = end
    return order("mr1", *made, **more)


def followed(second: Doc) -> list[Doc]:
    """0.6 mg a day, and from the fifth day on what follows it."""
    prior = {"priorPrescription": {"reference": "MedicationRequest/mr1"}}
    return [order("mr1", instruction("0.2", 8, start=at(1))), {**second, **prior}]


ABRUPT: tuple[Row, ...] = (
    Row("abrupt-discontinuation", "firing", course("0.1", 4), ["moderate"]),
    Row("abrupt-discontinuation", "firing", course("0.3", 5), ["high"]),
    Row("abrupt-discontinuation", "firing", course("0.5", 5), ["critical"]),
    Row("abrupt-discontinuation", "firing", course("0.3", 5)[:1], ["high"]),
    Row("abrupt-discontinuation", "firing", course("0.3", 5, status="completed"), ["high"]),
    Row(
        "abrupt-discontinuation",
        "firing",
        [order("mr1", instruction("0.1", 8, start=at(1)), status="on-hold"), *doses("0.1", 8, at(1), at(5))],
        ["moderate"],
    ),
    Row("abrupt-discontinuation", "firing", [steps(("0.2", 8, 4), ("0.1", 8, 1))], ["moderate"]),
    Row(
        "abrupt-discontinuation",
        "firing",
        [*course("0.1", 4), order("mr2", instruction("0.1", 8), authored=at(6))],
        ["moderate"],
    ),
    Row("abrupt-discontinuation", "silent", course("0.1", 2), []),
    Row("abrupt-discontinuation", "silent", course("0.1", 6, 24), []),
    Row("abrupt-discontinuation", "silent", [SIX, *doses("0.1", 6, at(1), at(6))], []),
    Row("abrupt-discontinuation", "silent", [*course("0.1", 5), order("mr2", instruction("0.1", 8))], []),
    Row("abrupt-discontinuation", "silent", followed(order("mr2", instruction("0.1", 8, start=at(5)))), []),
    Row("abrupt-discontinuation", "silent", [steps(("0.1", 8, 4), ("0.1", 12, 1), ("0.1", 24, 1))], []),
    Row("abrupt-discontinuation", "boundary", course("0.1", 3), ["moderate"]),
    Row("abrupt-discontinuation", "boundary", course("0.1", 2.9, 6), []),
    Row("abrupt-discontinuation", "boundary", course("0.1", 4, 12), ["moderate"]),
    Row("abrupt-discontinuation", "boundary", course("0.099", 4, 12), []),
    Row("abrupt-discontinuation", "boundary", course("0.35", 4, 12), ["high"]),
    Row("abrupt-discontinuation", "boundary", course("0.3", 4, 6), ["high"]),
    Row("abrupt-discontinuation", "boundary", [steps(("0.2", 8, 4), ("0.1", 8, 2))], []),
    Row("abrupt-discontinuation", "boundary", [steps(("0.2", 8, 4), ("0.1", 8, 1.9))], ["moderate"]),
    Row(
        "abrupt-discontinuation",
        "boundary",
        course("0.1", 4),
        [],
        limits="[limits.abrupt-discontinuation]\nexposure = 97",
    ),
    Row("abrupt-discontinuation", "unknown", [course("0.3", 5)[0], *map(unread, course("0.3", 5)[1:])], []),
)

STEEP: tuple[Row, ...] = (
    Row("taper-too-steep", "firing", [steps(("0.3", 8, 4), ("0.1", 8, 3))], ["high"]),
    Row("taper-too-steep", "firing", [steps(("0.2", 8, 4), ("0.1", 8, 1))], ["high"]),
    Row("taper-too-steep", "firing", followed(order("mr2", instruction("0.1", 12, start=at(5)))), ["high"]),
    Row(
        "taper-too-steep",
        "firing",
        [steps(("0.2", 8, 4), ("0.1", 8, 4)), *doses("0.2", 8, at(1), at(5)), dose("d", "0.1", at(5))],
        ["high"],
    ),
    Row("taper-too-steep", "silent", [steps(("0.1", 8, 1), ("0.1", 12, 1), ("0.1", 24, 1))], []),
    Row("taper-too-steep", "silent", course("0.3", 5), []),
    Row(
        "taper-too-steep",
        "silent",
        [
            steps(("0.3", 8, 3), ("0.15", 8, 3)),
            *doses("0.3", 8, at(1), at(4)),
            *doses("0.15", 8, at(4), at(7)),
        ],
        [],
    ),
    Row("taper-too-steep", "silent", followed(order("mr2", instruction("0.2", 12, start=at(5)))), []),
    Row("taper-too-steep", "boundary", [steps(("0.3", 8, 1), ("0.15", 8, 2))], []),
    Row("taper-too-steep", "boundary", [steps(("0.3", 8, 1), ("0.149", 8, 2))], ["high"]),
    Row("taper-too-steep", "boundary", [steps(("0.3", 8, 1), ("0.15", 8, 1.99))], ["high"]),
    Row("taper-too-steep", "boundary", [steps(("0.05", 12, 3), ("0.05", 24, 1))], []),
    Row("taper-too-steep", "boundary", [steps(("0.06", 12, 3), ("0.05", 24, 1))], ["high"]),
    Row(
        "taper-too-steep",
        "boundary",
        [steps(("0.3", 8, 1), ("0.12", 8, 3))],
        [],
        limits="[limits.taper-too-steep]\npercent = 60",
    ),
    Row("taper-too-steep", "unknown", [order("mr1", {"text": "less every day"}, {"text": "then none"})], []),
)

ENDING = (*ABRUPT, *STEEP)
