"""Pairs: an order of a watched drug, and what stands beside it while both hold (decisions 20 and 21).

Conditions and allergies hold from onset to abatement, other medicines while in force. An alert about a pair is about
the order, and the condition, allergy or medicine is its cause. What has ended retracts nothing that was true before.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from service.record.codes import SNOMED, Quantity
from service.record.facts import Allergy, Condition, Dose, Kind, Medicine, Order, Reading, Symptom
from service.record.moments import BEGINNING
from service.record.record import Record
from service.rules.felt import sedated
from service.rules.rule import ALWAYS, Evidence, Finding, Limit, Reach, Severity, limit
from service.rules.sources import cite
from service.rules.threshold import Breach, below
from service.rules.wording import clock_time

Cause = Condition | Allergy | Medicine
DAY = timedelta(hours=24)
SLOW = limit("heart-rate", "56", "/min", cite("S9"), "F", ("56", "56"))
"""A heart rate below it makes a pair worse. No site may move it: section 4 allows no other limits here."""


Below = Mapping[Quantity, Limit]
"""Quantities that make a pair worse below these limits."""
SLOW_HEART: Below = {"heart_rate": SLOW}


class Pair(NamedTuple):
    """Both hold from `start` to `end`, exclusive; the cause `until` later, perhaps. `at` is when the alert becomes
    true: at once where an order is written before it begins."""

    cause: Cause
    at: datetime
    start: datetime
    end: datetime
    until: datetime


def pairs(
    order: Order, causes: Iterable[Cause], record: Record, until: Mapping[str, datetime] | None = None
) -> Iterator[Pair]:
    """The pairs that an order makes with those of the causes that hold while it is in force.

    `until` tells when each ceases to matter, where that is not when it ceases.
    """
    found = tuple(causes)
    if not found:
        return
    ceases, end = until or record.until(), record.regimen.until[order.source]
    for cause in found:
        start, over = max(order.at, cause.at), ceases[cause.source]
        if start < min(end, over):
            yield Pair(cause, max(known(order), known(cause)), start, min(end, over), over)


def known(fact: Order | Cause) -> datetime:
    """From when on one is warned of it: a prescription is known when it is written, before it begins."""
    written = fact.authored if isinstance(fact, Order | Medicine) else None
    return min(fact.at, written or fact.at)


def taking(record: Record, kind: Kind) -> list[Medicine]:
    """The medicines of a kind, whenever they were in force."""
    return [one for one in record.medicines if kind in one.kinds]


def diagnosed(record: Record, names: Mapping[str, str]) -> list[Condition]:
    """The conditions that bear one of these SNOMED CT codes, whenever they held."""
    return [one for one in record.conditions if one.coded(SNOMED, names)]


def called(condition: Condition, names: Mapping[str, str]) -> str:
    """What it is called in the table of a rule, by the first in the table where it has several codes."""
    return next(name for code, name in names.items() if condition.coded(SNOMED, (code,)))


def finding(
    pair: Pair, severity: Severity, text: str, *sources: str, evidence: Iterable[Evidence] = ()
) -> Finding:
    """A finding about a pair; `sources` are observations that it rests on beside."""
    return Finding(
        severity=severity,
        side="other",
        text=text,
        evidence=tuple(evidence),
        sources=sources,
        at=pair.at,
        cause=pair.cause.source,
    )


class Sign(NamedTuple):
    """The first observation of a kind while both of a pair held: its source, in words, and its value."""

    source: str
    words: str
    evidence: tuple[Evidence, ...] = ()


def first_reading(record: Record, pair: Pair, limits: Below) -> Sign | None:
    """The newest value of the 24 hours before both held, or the first one since, that is below its limit."""
    for quantity, bound in limits.items():
        known = (one for one in record.earlier((pair.start, ""), DAY) if getattr(one, quantity) is not None)
        newest = next(known, None)
        found = below(newest, quantity, bound) if newest else None
        if newest and found:
            return _sign(newest, found)
    for reading in record.readings.since((pair.start, "")):
        if reading.at >= pair.end:
            return None
        found = None if reading.day else _too_low(record.plausible.sound(reading), limits)
        if found:
            return _sign(reading, found)
    return None


def _too_low(reading: Reading, limits: Below) -> Breach | None:
    return next(filter(None, (below(reading, *one) for one in limits.items())), None)


def _sign(reading: Reading, found: Breach) -> Sign:
    return Sign(reading.source, f"{found.words()} at {clock_time(reading.at)}", (found.evidence(),))


def first_sedation(record: Record, pair: Pair) -> Sign | None:
    """The first sign of sedation of which the episode, of 24 hours, reaches into the time when both held."""
    since = max(pair.start, BEGINNING + DAY) - DAY
    for symptom in record.symptoms.since((since, "")):
        if symptom.at >= pair.end:
            return None
        if symptom.at > since and not symptom.day and sedated(symptom):
            return Sign(symptom.source, f"sedation at {clock_time(symptom.at)}")
    return None


@cache
def of_kind(kind: Kind) -> Callable[[Any, Record], bool]:
    """Whether a medicine is of a kind, or ends another that it follows."""
    return lambda medicine, _: kind in medicine.kinds or medicine.prior is not None


def coded(names: Mapping[str, str]) -> Callable[[Any, Record], bool]:
    """Whether a condition bears one of these SNOMED CT codes."""
    return lambda condition, _: condition.coded(SNOMED, names)


def low_beside(kind: Kind, limits: Below) -> Callable[[Any, Record], bool]:
    """Whether a reading can tell something of a pair with a medicine of the kind: it is too low, or is the newest
    before one."""

    def asks(reading: Reading, record: Record) -> bool:
        medicines = taking(record, kind)
        if not medicines or all(getattr(reading, quantity) is None for quantity in limits):
            return False
        begun = (one.at for one in (*record.regimen.orders, *medicines))
        return _too_low(reading, limits) is not None or any(
            reading.at < at < reading.at + DAY for at in begun
        )

    return asks


def sedated_beside(kind: Kind) -> Callable[[Any, Record], bool]:
    """Whether a symptom is one of sedation, of a patient who has had a medicine of the kind."""
    return lambda symptom, record: sedated(symptom) and bool(taking(record, kind))


def measured(of: type[Reading | Symptom], only: Callable[[Any, Record], bool]) -> Reach:
    """The reach of an observation that makes a pair worse: to every order that began up to 24 hours after it."""
    return Reach(of, Order, back=ALWAYS, ahead=DAY, only=only)


def reaches(of: type[Cause], only: Callable[[Any, Record], bool] | None = None) -> tuple[Reach, ...]:
    """The reaches of a rule of pairs: of the causes, and of what tells when prescriptions end."""
    return Reach(of, Order, ALWAYS, ALWAYS, only), *ENDINGS


def _follows(order: Order, record: Record) -> bool:
    return order.prior is not None


def ends_an_order(dose: Dose, record: Record) -> bool:
    """Whether there is an order of which only the doses tell when it ended."""
    return any(order.ends_with_doses for order in record.regimen.orders)


ENDINGS = (
    Reach(Order, Order, ALWAYS, ALWAYS, only=_follows),
    Reach(Dose, Order, ALWAYS, ALWAYS, only=ends_an_order),
)
