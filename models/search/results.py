"""Parameters that shape the answer (https://hl7.org/fhir/R4/search.html#return)."""

import re
from collections.abc import Callable, Mapping, Sequence

from models.parameters import pretty
from models.search.cursor import Cursor
from models.search.includes import includes
from models.search.question import MOST, Query
from models.search.sorting import keys

MOST_INCLUDES, MOST_KEYS, MOST_ELEMENTS = 40, 4, 100
SUMMARIES = ("true", "text", "data", "count", "false")
Change = Callable[[Query, str, str], Query]
_ELEMENT = re.compile(r"(?:[A-Z][A-Za-z]*\.)?([a-z][A-Za-z0-9]*)")


def _sort(query: Query, text: str, _: str) -> Query:
    return query._replace(sort=keys(query.searched, text))


def _count(query: Query, text: str, _: str) -> Query:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise ValueError(f"{text!r} is no number of entries; give 0 to {MOST}.")
    count = min(int(text), MOST)
    return query._replace(size=count, only_count=query.only_count or count == 0)


def _choice(text: str, *allowed: str) -> str:
    if text not in allowed:
        raise ValueError(f"{text!r} is none of {', '.join(allowed)}.")
    return text


def _summary(query: Query, text: str, _: str) -> Query:
    chosen = _choice(text, *SUMMARIES)
    if chosen == "count":
        return query._replace(only_count=True)
    return query._replace(summary=chosen)


def _total(query: Query, text: str, _: str) -> Query:
    return query._replace(total=_choice(text, "none", "estimate", "accurate") != "none")


def _total_method(query: Query, text: str, _: str) -> Query:
    return query._replace(total=_choice(text, "count") == "count")


def _elements(query: Query, text: str, _: str) -> Query:
    return query._replace(elements=(*query.elements, *elements(text)))


def elements(text: str) -> Sequence[str]:
    """Names of elements, separated by commas. Raises ValueError."""
    found = [_ELEMENT.fullmatch(part) for part in text.split(",")]
    if not all(found) or len(found) > MOST_ELEMENTS:
        raise ValueError(
            f"give up to {MOST_ELEMENTS} names of elements of the resource, such as status,code."
        )
    return [match[1] for match in found if match]


def _presented(name: str) -> Change:
    """It selects nothing and changes no entry, but has to be right."""

    def change(query: Query, text: str, _: str) -> Query:
        pretty([(name, text)])
        return query

    return change


def _including(reverse: bool) -> Change:
    def change(query: Query, text: str, modifier: str) -> Query:
        types = [served.name for served in query.searched]
        found = includes(text, reverse, modifier == "iterate", types)
        return query._replace(includes=(*query.includes, *found))

    return change


def _cursor(query: Query, text: str, _: str) -> Query:
    return query._replace(cursor=Cursor.read(text))


RESULT: Mapping[str, Change] = {
    "_sort": _sort,
    "_count": _count,
    "_total": _total,
    "_totalMethod": _total_method,
    "_summary": _summary,
    "_elements": _elements,
    "_include": _including(reverse=False),
    "_revinclude": _including(reverse=True),
    "_format": _presented("_format"),
    "_pretty": _presented("_pretty"),
    "_cursor": _cursor,
}
"""Parameters that shape the answer, each with how it changes the query."""
MODIFIED = {("_include", "iterate"), ("_revinclude", "iterate")}
"""Their modifiers."""
