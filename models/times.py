"""FHIR's partial dates as spans of time, in microseconds since 1970-01-01T00:00:00Z."""

import calendar
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
EVER = 2**62
_PARTIAL = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?"
)


class Span(NamedTuple):
    """First and last microsecond of what a date, dateTime, instant or Period covers."""

    low: int
    high: int


def micros(moment: datetime) -> int:
    """An aware datetime as microseconds since the epoch."""
    return (moment - EPOCH) // MICROSECOND


def moment(value: int) -> datetime:
    """The way back from `micros`."""
    return EPOCH + value * MICROSECOND


def instant(value: int) -> str:
    """A FHIR instant with all six digits, as `meta.lastUpdated` carries it."""
    seconds, fraction = divmod(value, 1_000_000)
    return f"{_second(seconds)}.{fraction:06}Z"


@lru_cache(maxsize=1_000)
def _second(seconds: int) -> str:
    return (EPOCH + timedelta(seconds=seconds)).isoformat()[:19]


def span(text: str) -> Span:
    """What a FHIR date, dateTime or instant covers; without a zone it is UTC. Raises ValueError.

    With a fraction of a second it is one instant: a poller gets back exactly what it sent.
    """
    match = _PARTIAL.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no FHIR date or dateTime")
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    if second and zone and second < "60":
        low = micros(datetime.fromisoformat(text))
        return Span(low, low if fraction else low + 999_999)
    start = datetime(int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), tzinfo=UTC)
    low = micros(start) + min(int(second or 0), 59) * 1_000_000 + int((fraction or "0")[:6].ljust(6, "0"))
    if zone and zone != "Z":
        offset = (int(zone[1:3]) * 60 + int(zone[4:])) * 60_000_000
        low += -offset if zone[0] == "+" else offset
    return Span(low, low + _length(start, month, day, hour, second, fraction) - 1)


def _length(
    start: datetime,
    month: str | None,
    day: str | None,
    hour: str | None,
    second: str | None,
    fraction: str | None,
) -> int:
    if fraction:
        return 1
    if second:
        return 1_000_000
    if hour:
        return 60_000_000
    if day:
        return 86_400_000_000
    if month:
        return calendar.monthrange(start.year, start.month)[1] * 86_400_000_000
    return (366 if calendar.isleap(start.year) else 365) * 86_400_000_000


def span_of(value: Any) -> Span | None:
    """The span of a dateTime, instant, Period or Timing element; None where it names no time."""
    try:
        if isinstance(value, str):
            return span(value)
        if isinstance(value, Mapping):
            if "event" in value:
                events = [span(event) for event in value["event"] if isinstance(event, str)]
                return Span(min(e.low for e in events), max(e.high for e in events)) if events else None
            start, end = value.get("start"), value.get("end")
            if start or end:
                return Span(span(start).low if start else -EVER, span(end).high if end else EVER)
    except (ValueError, TypeError, OverflowError):
        return None
    return None
