"""How long nothing was measured: what the rules of overdue readings and assessments share."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain
from typing import NamedTuple

from service.rules.rule import Limits, View, span


class Overdue(NamedTuple):
    """The instant `at` which nothing was measured since `last` for longer than allowed, said for the `times`th time."""

    at: datetime
    times: int
    last: datetime


def overdue(
    spans: Iterable[tuple[datetime, datetime]],
    before: Callable[[datetime], datetime | None],
    after: Callable[[datetime], Iterator[datetime]],
    most: Callable[[datetime], timedelta],
    since: datetime,
    again: timedelta | None = None,
) -> Iterator[Overdue]:
    """Once the span allowed is over, and then `again` and again, by default at its every multiple, from `since` on.

    `spans` are those in which measurements are asked for; `before` gives the last measurement up to an instant,
    `after` those after it, `most` the span allowed at an instant.
    """
    for start, end in spans:
        if end <= since:
            continue
        last = max(start, before(max(start, since)) or start)
        for following in chain(after(last), (end,)):
            allowed = most(last)
            repeat = again or allowed
            times = max(0, -((last + allowed - since) // repeat))
            while (at := last + allowed + times * repeat) < min(following, end):
                times += 1
                yield Overdue(at, times, last)
            last = following
            if last >= end:
                break


def in_force(view: View, limits: Limits) -> Callable[[datetime], timedelta]:
    """The span that the care setting of the orders in force allows (decision 18)."""

    def most(at: datetime) -> timedelta:
        setting = "outpatient" if view.record.regimen.outpatient(at, view.outpatient) else "inpatient"
        return span(limits[setting])

    return most
