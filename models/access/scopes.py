"""SMART's scopes read: `system/Type.cruds?query` (https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html).

`system` alone is understood, which is what backend services are given; what speaks of a patient in context or of a
user grants nothing here. The first version's `.read`, `.write` and `.*` are read as what the second says they mean.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import parse_qsl

from models.access.permissions import Permissions
from models.errors import BadRequest
from models.fhir.names import RESOURCE_TYPES
from models.patient import BY_IDENTIFIER
from models.resource_types import TYPES
from models.search.filters import Way, Ways
from models.search.narrowing import EVERYTHING
from models.search.query import RESULT, parse
from models.search.values import DateValue, PairValue, Value

_SCOPE = re.compile(r"system/(\*|[A-Z][A-Za-z]*)\.(c?r?u?d?s?|read|write|\*)(?:\?(.+))?")
_FIRST_VERSION = {"read": "rs", "write": "cud", "*": "cruds"}
AUDIT = "AuditEvent"
"""Read and searched under a scope of its own name alone: `*` is what a client works with, and no look at others."""
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
"""Nothing that a scope can ask depends on it."""
MOST_SCOPES = 100


class ScopeError(ValueError):
    """A scope that grants nothing here; the message says why."""


def permissions(client: str, scopes: Sequence[str], bases: Sequence[str]) -> Permissions:
    """What these scopes allow together; one that is not understood allows nothing."""
    return _permissions(client, tuple(scopes), tuple(bases))


@lru_cache(maxsize=1_000)
def _permissions(client: str, scopes: tuple[str, ...], bases: tuple[str, ...]) -> Permissions:
    ways: dict[tuple[str, str], Ways] = {}
    for scope in scopes[:MOST_SCOPES]:
        try:
            granted = _granted(scope, bases)
        except ScopeError:
            continue
        for key, way in granted:
            ways[key] = _both(ways.get(key, ()), way)
    return Permissions(client, scopes, ways)


def _both(ways: Ways, way: Way) -> Ways:
    """One way more; where one asks nothing, the others say nothing."""
    if not way or ways == EVERYTHING:
        return EVERYTHING
    return ways if way in ways else (*ways, way)


def check(scopes: Iterable[str]) -> None:
    """Raises ScopeError for the first scope that grants nothing here."""
    for scope in scopes:
        if not _granted(scope, ()):
            raise ScopeError(f"{scope!r} grants nothing: no type has all of its parameters.")


def _granted(scope: str, bases: Sequence[str]) -> list[tuple[tuple[str, str], Way]]:
    match = _SCOPE.fullmatch(scope)
    if not match or not match[2]:
        raise ScopeError(
            f"{scope!r} is no scope of this service: give system/Type.cruds, with as many of the letters as are meant "
            "and in their order, such as system/Observation.rs?category=vital-signs."
        )
    name, letters = match[1], _FIRST_VERSION.get(match[2], match[2])
    if name == AUDIT and (match[3] or not set(letters) <= set("rs")):
        raise ScopeError(f"{scope!r}: the audit is read and searched, as a whole: give system/{AUDIT}.rs.")
    if name not in ("*", AUDIT, *TYPES):
        told = "not served here" if name in RESOURCE_TYPES else "no type of FHIR"
        raise ScopeError(f"{scope!r}: {name} is {told}. Served are {', '.join(TYPES)}.")
    return [
        ((type, letter), way)
        for type in (TYPES if name == "*" else (name,))
        for way in _ways(type, match[3], scope, bases, every=name == "*")
        for letter in letters
    ]


def _ways(type: str, query: str | None, scope: str, bases: Sequence[str], every: bool) -> tuple[Way, ...]:
    """The one way that a query leaves open; none where one type of all has not its parameters."""
    if query is None:
        return EVERYTHING
    try:
        return (_way(type, query, bases),)
    except (BadRequest, ValueError) as error:
        if every and isinstance(error, BadRequest):
            return ()
        raise ScopeError(f"{scope!r}: {error}") from error


def _way(type: str, query: str, bases: Sequence[str]) -> Way:
    """The filters of a query, each of them one that a single resource can be held against."""
    pairs = parse_qsl(query, keep_blank_values=True)
    if shapes := [name for name, _ in pairs if name.partition(":")[0] in RESULT]:
        raise ValueError(f"{shapes[0]} shapes the answer of a search and narrows nothing.")
    found = parse(TYPES[type], pairs, bases, _ANY_TIME)
    if found.joins or not found.filters:
        raise ValueError("give search parameters of the type itself; chains and _has narrow nothing here.")
    for filter in found.filters:
        if any(_depends(value) for value in filter.values):
            raise ValueError(
                f"{filter.param.name} is asked in a way that changes by itself: name patients by Type/id, and dates "
                "without the prefix ap."
            )
    return found.filters


def _depends(value: Value) -> bool:
    """Whether other resources, or the time, decide what a value means."""
    if isinstance(value, PairValue):
        return _depends(value.key) or _depends(value.value)
    if isinstance(value, DateValue):
        return value.prefix == "ap"
    return str(value).startswith(BY_IDENTIFIER)


def granted(asked: Sequence[str], registered: Sequence[str]) -> tuple[str, ...]:
    """Those of the scopes asked for that the registered ones cover, in whole."""
    held = permissions("", registered, ())
    return tuple(scope for scope in dict.fromkeys(asked) if _covers(held, permissions("", (scope,), ())))


def _covers(held: Permissions, asked: Permissions) -> bool:
    """Whether whatever goes a way that is asked for goes one that is held."""
    return bool(asked.ways) and all(
        any(set(wide) <= set(way) for wide in held.of(*key))
        for key, ways in asked.ways.items()
        for way in ways
    )
