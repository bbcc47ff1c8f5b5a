"""FHIR dates and times as instants or spans in UTC.

https://hl7.org/fhir/R4/datatypes.html#dateTime: a value may be a year, a month, a day or an instant. What is
no instant is a span, half open, and starts at its first instant; a missing zone is read as UTC. Values beyond
the range in which intervals can be added are moved to its edge, so that arithmetic on them never fails.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

BEGINNING = datetime(1000, 1, 1, tzinfo=UTC)
END = datetime(9000, 1, 1, tzinfo=UTC)
_DATE_LENGTH = 10


class Moment(NamedTuple):
    """`at`, and for a span (a year, a month, a day) the instant `until` that no longer belongs to it."""

    at: datetime
    until: datetime | None = None


def parse(text: Any) -> Moment | None:
    """A FHIR date, dateTime or instant; None where `text` is none (it passed no validation then)."""
    if not isinstance(text, str):
        return None
    try:
        return _span(text) if len(text) <= _DATE_LENGTH else Moment(_instant(text))
    except ValueError:
        return None


def instant(text: Any) -> datetime | None:
    """The first instant of a FHIR date, dateTime or instant."""
    moment = parse(text)
    return moment.at if moment else None


def text(at: datetime, until: datetime | None) -> str:
    """The FHIR text of an instant, or of a span in the precision that it had."""
    if until is None:
        return at.isoformat().replace("+00:00", "Z")
    days = (until - at).days
    return at.date().isoformat()[: 10 if days <= 1 else 7 if days <= 31 else 4]


def _instant(text: str) -> datetime:
    second = timedelta()
    if text[17:19] == "60":  # a leap second, which datetime does not know
        text, second = text[:17] + "59" + text[19:], timedelta(seconds=1)
    at = datetime.fromisoformat(text)
    year = at.year
    if not BEGINNING.year < year < END.year:
        return BEGINNING if year <= BEGINNING.year else END
    return (at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)) + second


def _span(text: str) -> Moment:
    parts = [int(part) for part in text.split("-")]
    year, month, day = (*parts, 1, 1)[:3]
    if not BEGINNING.year <= year < END.year:
        edge = BEGINNING if year < BEGINNING.year else END
        return Moment(edge, edge + timedelta(days=1))
    at = datetime(year, month, day, tzinfo=UTC)
    if len(parts) == 1:
        return Moment(at, at.replace(year=year + 1))
    if len(parts) == 2:
        return Moment(at, at.replace(year=year + month // 12, month=month % 12 + 1))
    return Moment(at, at + timedelta(days=1))
