"""Criteria of conditional requests (https://hl7.org/fhir/R4/http.html#cond-update) and conditional references."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from models.errors import BadRequest
from models.fhir.references import CONDITIONAL
from models.parameters import EVERYWHERE, pretty
from models.problem import Problem
from models.resource_types import TYPES
from models.search.query import RESULT, Query, parse

MOST_REFERENCES = 500
"""Different conditional references of one transaction; each is a search while others wait."""


def read(type: str, text: str, told: str, bases: Sequence[str], now: datetime) -> Query:
    """The search that criteria ask; `told` is where they stand. BadRequest for none, and for what shapes an answer.

    Those that every request takes are no part of it. Nothing is passed over, whatever the client prefers: with a
    criterion less another resource would be written.
    """
    given = parse_qsl(text, keep_blank_values=True)
    pretty(given)
    pairs = [pair for pair in given if pair[0] not in EVERYWHERE]
    if shapes := [name for name, _ in pairs if name.partition(":")[0] in RESULT]:
        raise BadRequest(
            f"{told}: {shapes[0]} shapes the answer of a search and selects nothing; leave it out."
        )
    query = parse(TYPES[type], pairs, bases, now)
    if query.joins:
        raise BadRequest(f"{told}: Chains and _has select nothing here; name what the resource itself has.")
    if not query.filters:
        raise BadRequest(f"{told}: search parameters are needed, such as identifier=system|value.")
    return query


def criteria(query: Query) -> str:
    """The same text for the same criteria, in whichever order and from whichever request: what is locked."""
    return f"{query.served.name}?" + "&".join(sorted("=".join(pair) for pair in query.pairs))


def references(node: Any, bases: Sequence[str], now: datetime) -> Iterator[tuple[str, Query]]:
    """The conditional references of a tree to types that are served here, each with its search."""
    if isinstance(node, list):
        for item in node:
            yield from references(item, bases, now)
    elif isinstance(node, Mapping):
        text = node.get("reference")
        if isinstance(text, str) and (match := CONDITIONAL.fullmatch(text)) and match[1] in TYPES:
            yield text, _read(match[1], text, bases, now)
        for value in node.values():
            yield from references(value, bases, now)


def unresolved(node: Any, at: str) -> Iterator[Problem]:
    """A warning of each conditional reference to a type that is not served here: nothing could be searched."""
    if isinstance(node, list):
        for number, item in enumerate(node):
            yield from unresolved(item, f"{at}[{number}]")
    elif isinstance(node, Mapping):
        text = node.get("reference")
        match = CONDITIONAL.fullmatch(text) if isinstance(text, str) else None
        if match and match[1] not in TYPES:
            told = (
                f"The conditional reference {text!r:.200} is kept as it was sent: {match[1]} is not served here, so it "
                f"cannot be resolved. Send {match[1]}/id or an identifier instead."
            )
            yield Problem("not-supported", told, f"{at}.reference", "conditional-reference", "warning")
        for name, value in node.items():
            yield from unresolved(value, f"{at}.{name}")


def _read(type: str, text: str, bases: Sequence[str], now: datetime) -> Query:
    told = f"The conditional reference {text[:200]!r}"
    try:
        return read(type, text.partition("?")[2], told, bases, now)
    except BadRequest as error:
        raise BadRequest(
            [Problem("invalid", f"{told}: {problem.text}") for problem in error.problems]
        ) from error
