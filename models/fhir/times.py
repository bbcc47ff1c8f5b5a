"""Dates and times of FHIR R4 as text: their form, whether the calendar has them, and their order.

https://hl7.org/fhir/R4/datatypes.html#dateTime
"""

import re
from calendar import monthrange
from datetime import date
from decimal import Decimal

YEAR = r"(?:[0-9](?:[0-9](?:[0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)"
MONTH = r"(?:0[1-9]|1[0-2])"
DAY = r"(?:0[1-9]|[1-2][0-9]|3[0-1])"
CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"

DATE = re.compile(f"{YEAR}(?:-{MONTH}(?:-{DAY})?)?")
DATE_TIME = re.compile(f"{YEAR}(?:-{MONTH}(?:-{DAY}(?:T{CLOCK}{ZONE})?)?)?")
INSTANT = re.compile(f"{YEAR}-{MONTH}-{DAY}T{CLOCK}{ZONE}")
TIME = re.compile(CLOCK)


def exists(text: str) -> bool:
    """Whether the calendar has the day that a text of one of these forms names."""
    return len(text) < 10 or int(text[8:10]) <= monthrange(int(text[:4]), int(text[5:7]))[1]


def later(first: str, second: str) -> bool:
    """Whether one dateTime is certainly later than another, as far as their precision tells.

    Two with a time are compared as instants; otherwise the dates as written, as far as both go.
    """
    if "T" in first and "T" in second:
        return _seconds(first) > _seconds(second)
    common = min(len(first), len(second), 10)
    return first[:common] > second[:common]


def _seconds(text: str) -> Decimal:
    """Seconds since the year 1 in UTC, not by `datetime`: it has no leap second and nothing before year 1."""
    clock = text[11:].removesuffix("Z")
    shift = 0
    if not text.endswith("Z"):
        clock, zone = clock[:-6], clock[-6:]
        shift = int(zone[1:3]) * 3600 + int(zone[4:]) * 60
        shift = -shift if zone[0] == "-" else shift
    hours, minutes, seconds = clock.split(":")
    whole = date.fromisoformat(text[:10]).toordinal() * 86400 + int(hours) * 3600 + int(minutes) * 60
    return whole - shift + Decimal(seconds)
