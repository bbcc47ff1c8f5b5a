"""The values by which a resource is found."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from models.patient import patient_key
from models.resource_types import ResourceType
from models.search.elements import codes, identifier, literal, quantities, typed
from models.search.numbers import folded, number_key
from models.search.plan import Node, Step, plan
from models.times import Span, span_of

LONGEST = 200
"""Octets of an indexed value; a B-tree entry has room for little more (PostgreSQL: 2,704 octets a row)."""
LONGEST_TEXT = 300
"""Characters of a string by which it is found when neither its beginning nor the whole is asked for."""
ALERT_CATEGORY = "alert"


class Token(NamedTuple):
    """One row of the index: a coded value, a reference or a string under a path such as `Observation.code`.

    `text` are the words that a coded value bears. A string stands as `code` without case and accents, and as it
    is under `system`.
    """

    param: str
    code: str
    system: str
    text: str = ""


class Extent(NamedTuple):
    """One row of the index: what reaches from `low` to `high` (`number_key`), a quantity or a time.

    `code` and `system` are those of the element that the value belongs to; a coded value stands as `unit`.
    """

    param: str
    code: str = ""
    system: str = ""
    low: str = ""
    high: str = ""
    unit: str = ""
    unit_system: str = ""


class Indexed(NamedTuple):
    """All that a resource is found by."""

    patient: str
    span: Span | None
    tokens: tuple[Token, ...]
    alert: bool
    extents: tuple[Extent, ...] = ()


def fit(value: str) -> str:
    """`value`, or for a longer one its beginning and a digest: equal values stay equal."""
    if len(value) * 4 <= LONGEST:
        return value
    octets = value.encode()
    if len(octets) <= LONGEST:
        return value
    return octets[:100].decode(errors="ignore") + "#" + sha256(octets).hexdigest()


def whose(served: ResourceType, doc: Mapping[str, Any], bases: Sequence[str]) -> str:
    """The key of the patient that a resource belongs to, "" where it belongs to none."""
    if served.name == "Patient":
        return f"Patient/{doc.get('id')}"
    return patient_key(doc.get(served.subject), bases) if served.subject else ""


def index(served: ResourceType, doc: Mapping[str, Any], bases: Sequence[str]) -> Indexed:
    """What `doc` is found by; `bases` are the URLs under which this service is known."""
    plan_ = plan(served)
    rows = _Rows(bases)
    rows.below(plan_.root, doc)
    for absent in plan_.absent:
        if not any(token.param in absent.rows for token in rows.tokens):
            rows.tokens[Token(absent.rows[-1], absent.code, "")] = None
    return Indexed(whose(served, doc, bases), rows.when, rows.distinct(), rows.alert, tuple(rows.extents))


class _Rows:
    """The rows of one resource as they are gathered on one walk."""

    def __init__(self, bases: Sequence[str]) -> None:
        self.bases = bases
        self.tokens: dict[Token, None] = {}
        self.extents: dict[Extent, None] = {}
        self.when: Span | None = None
        self.alert = False

    def below(self, node: Node, element: Mapping[str, Any]) -> None:
        """Take in what the paths find below an element."""
        for name, value in element.items():
            if child := node.below.get(name):
                for one in value if isinstance(value, list) else (value,):
                    self._take(child, one, element)

    def _take(self, node: Node, value: Any, parent: Mapping[str, Any]) -> None:
        for step in node.steps:
            _ADD[step.kind](self, step, value, parent)
        if isinstance(value, dict):
            if node.below:
                self.below(node, value)
            for name, code, only in node.only:
                if value.get(name) == code:
                    self.below(only, value)

    def distinct(self) -> tuple[Token, ...]:
        """Each token once, whichever words it bears."""
        return tuple({token[:3]: token for token in self.tokens}.values())

    def coded(self, step: Step, value: Any, parent: Mapping[str, Any]) -> None:
        for system, code, text in codes(True if step.exists else value):
            self.tokens[Token(step.row, fit(code), fit(system), text)] = None
            if code == ALERT_CATEGORY and step.row == "Observation.category":
                self.alert = True
            if step.keyed:
                for of, key, _ in _keys(step, parent):
                    self.extents[Extent(step.row, fit(key), fit(of), "", "", fit(code), fit(system))] = None
        if isinstance(value, dict) and "type" in value:
            for type, code in typed(value):
                self.tokens[Token(f"{step.row}:of-type", fit(code), fit(type))] = None

    def refers(self, step: Step, value: Any, _: object) -> None:
        if reference := literal(value, self.bases):
            self.tokens[Token(step.row, fit(reference), "")] = None
        if named := identifier(value):
            self.tokens[Token(f"{step.row}:identifier", fit(named[1]), fit(named[0]))] = None

    def words(self, step: Step, value: Any, _: object) -> None:
        if isinstance(value, str):
            self.tokens[Token(step.row, folded(value)[:LONGEST_TEXT], fit(value))] = None

    def address(self, step: Step, value: Any, _: object) -> None:
        if isinstance(value, str):
            for uri in dict.fromkeys((value, value.partition("|")[0])):
                self.tokens[Token(step.row, fit(uri), "")] = None

    def time(self, step: Step, value: Any, _: object) -> None:
        span = span_of(value)
        if span and step.clinical:
            self.when = self.when or span
        elif span:
            low, high = number_key(span.low), number_key(span.high)
            self.extents[Extent(step.row, low=low, high=high)] = None

    def amount(self, step: Step, value: Any, parent: Mapping[str, Any]) -> None:
        for low, high, unit, unit_system in quantities(value):
            for system, code, _ in _keys(step, parent):
                row = Extent(step.row, fit(code), fit(system), low, high, fit(unit), fit(unit_system))
                self.extents[row] = None


_NO_KEY = [("", "", "")]


def _keys(step: Step, parent: Mapping[str, Any]) -> Sequence[tuple[str, str, str]]:
    """The codes of the element that a value belongs to."""
    return (codes(parent.get(step.keyed)) or _NO_KEY) if step.keyed else _NO_KEY


_ADD = {
    "token": _Rows.coded,
    "reference": _Rows.refers,
    "string": _Rows.words,
    "uri": _Rows.address,
    "date": _Rows.time,
    "quantity": _Rows.amount,
}
"""Kind of a parameter -> how its rows are made."""
