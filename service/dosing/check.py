"""The verdict on the next dose: give, measure first, or hold, with what it rests on. A pure function of the chart."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple

from service.alerts.chart import Chart
from service.dosing.dose import Due, due, orders_in_force
from service.dosing.reasons import Reason, Sight, reasons
from service.record import monitoring
from service.record.codes import Quantity
from service.record.facts import Reading
from service.record.totals import DAY, given
from service.rules.hold import MEASURED
from service.rules.rule import Limit
from service.ruleset import Ruleset

Verdict = Literal["give", "measure-first", "hold"]
VERDICTS: Mapping[Verdict, str] = {
    "give": "Nothing that is known holds the dose, and pressure and heart rate are from the last 60 minutes.",
    "measure-first": "Nothing that is known holds the dose, and something is missing that has to be known first.",
    "hold": "Do not give the dose: call the prescriber.",
}
"""From the least to the most careful: of several reasons the most careful one rules."""


class Measured(NamedTuple):
    """A reading, and which of its quantities are the newest ones."""

    reading: Reading
    quantities: tuple[Quantity, ...]


class Check(NamedTuple):
    """The answer at an instant. `orders` are those in force, `dose` the one asked about (None: there is none).

    `given` is what was given of its drug in the 24 hours before, None where that is not known; `limits` by the rule
    that they belong to and their key.
    """

    patient: str
    at: datetime
    verdict: Verdict
    reasons: tuple[Reason, ...]
    readings: tuple[Measured, ...]
    orders: tuple[str, ...]
    dose: Due | None
    given: Decimal | None
    limits: Mapping[tuple[str, str], Limit]


def check(chart: Chart, at: datetime, rules: Ruleset) -> Check:
    """May the next dose be given at `at`? The chart must be complete from `REACH` before it on."""
    record = chart.record.judged_by(rules.plausible)
    dose = due(record, at)
    sight = Sight(record, chart.ledger, rules, at, dose)
    found = tuple(reasons(sight))
    known = dose is not None and bool(record.regimen.doses)
    return Check(
        patient=chart.patient,
        at=at,
        verdict=_verdict(found),
        reasons=found,
        readings=tuple(_measured(sight)),
        orders=tuple(order.source for order in orders_in_force(record.regimen, at)),
        dose=dose,
        given=given(record.regimen, dose.order.drug, at)[0] if dose and known else None,
        limits=sight.used(),
    )


def treated(chart: Chart, at: datetime) -> bool:
    """Whether an instant lies in the therapy window (decision 9)."""
    return any(course.start <= at <= course.until for course in chart.record.regimen.courses)


def _verdict(found: tuple[Reason, ...]) -> Verdict:
    order = list(VERDICTS)
    return max((reason.verdict for reason in found), key=order.index, default="give")


def _measured(sight: Sight) -> Iterator[Measured]:
    """The readings with the newest of each quantity of the last 24 hours, newest first."""
    newest: dict[str, Measured] = {}
    for quantity, has in MEASURED.items():
        reading = monitoring.latest(sight.record, has, sight.at)
        if reading and sight.at - reading.at < DAY:
            held = newest.get(reading.source, Measured(reading, ()))
            newest[reading.source] = Measured(reading, (*held.quantities, quantity))
    return iter(sorted(newest.values(), key=lambda one: one.reading.key, reverse=True))


REACH = DAY + timedelta(hours=1)
"""How old what it rests on can be: an episode ends a day after its last breach."""
