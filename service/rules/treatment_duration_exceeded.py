"""Treatment that lasts too long.

What: therapy that has gone on for more than 14 days since the first dose of the course, then daily; moderate after 21
days. It goes on while an order is in force, and until the last dose.
Why: the body gets used to clonidine; the longer it is given the harder it is to stop.
Evidence: up to 14 days for lofexidine in S13 [F]; 13 days in S4 [F]; 10 in S25 [F]; 15 on average in S3 [F], so 14 is
low. 21 days are our choice [E].
Limits: a site may move both.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import count

from service.record.record import Record
from service.record.regimen import Course
from service.rules.rule import Finding, Limits, Moment, Rule, View, limit, silent, span
from service.rules.sources import cite
from service.rules.wording import because, clock_time

DAY = timedelta(days=1)


def clock(view: View, limits: Limits, since: datetime) -> Iterator[Moment]:
    record = view.record
    spans = record.regimen.in_force
    for course in record.regimen.courses:
        if course.first_dose is None or course.until < since:
            continue
        after = course.first_dose + span(limits["days"])
        last = _last(course, record, spans)
        for number in count(max(0, -((after - since) // DAY))):
            at = after + number * DAY
            order = course.order(at) if at < last else None
            if order is None:
                break
            yield Moment(at + timedelta.resolution, order, partial(_finding, course.first_dose, at, limits))


def _last(course: Course, record: Record, spans: tuple[tuple[datetime, datetime], ...]) -> datetime:
    """Until when therapy goes on: the end of the last order, or the last dose."""
    ends = [end for start, end in spans if course.start <= start <= course.until]
    given = [
        dose.at for dose in record.regimen.doses if dose.given and course.start <= dose.at <= course.until
    ]
    return max(ends + given, default=course.start)


def _finding(first: datetime, at: datetime, limits: Limits) -> Finding:
    days, long = (at - first) // DAY, limits["days-moderate"]
    moderate = days >= long.value
    return Finding(
        severity="moderate" if moderate else "low",
        side="other",
        text=f"Therapy has gone on for more than {days} days, since {clock_time(first)}. Ask the prescriber whether it "
        f"is still needed, and plan the taper. {because((long if moderate else limits['days'],))}",
        at=at,
        cause=at.isoformat(),
    )


RULE = Rule(
    id="treatment-duration-exceeded",
    title="Treatment for too long",
    trigger="continuous therapy for more than 14 days",
    severity="low; moderate after 21 days",
    judges=(),
    judge=silent,
    clock=clock,
    limits=(
        limit("days", "14", "d", cite("S13", "S4", "S3"), "F", ("7", "28")),
        limit("days-moderate", "21", "d", cite("E"), "E", ("14", "60")),
    ),
    seed="Q8",
)
