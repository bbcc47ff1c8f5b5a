"""What a client wants written, understood and checked before anything is locked."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from models.errors import Invalid, Malformed
from models.fhir.validation import STRUCTURAL, validate
from models.patient import LONGEST, identifier_key
from models.problem import Problem
from models.resource_types import TYPES
from models.search.index import Indexed, index
from models.search.query import Query
from models.stored import prepare

ALERT_CATEGORY = "https://clonidine-watch.org/fhir/CodeSystem/observation-category"
IDENTIFIER = "Patient.identifier"
Method = Literal["POST", "PUT", "DELETE"]


class Entry(NamedTuple):
    """One resource to be written; `doc`, `content` and `indexed` are None for a deletion."""

    method: Method
    type: str
    id: str
    doc: Mapping[str, Any] | None = None
    content: str = ""
    indexed: Indexed | None = None
    if_match: str | None = None
    if_none_exist: Query | None = None

    @property
    def target(self) -> tuple[str, str]:
        """(type, id)."""
        return self.type, self.id

    def locks(self) -> Iterator[str]:
        """What must not be written by anybody else meanwhile."""
        if self.indexed and self.indexed.patient:
            yield self.indexed.patient
        if self.method != "POST" or self.type == "Medication":
            yield f"{self.type}/{self.id}"
        if self.if_none_exist:
            yield f"{self.type}?" + "&".join(sorted("=".join(pair) for pair in self.if_none_exist.pairs))
        if self.indexed and self.type == "Patient":
            yield from (
                identifier_key(t.system, t.code) for t in self.indexed.tokens if t.param == IDENTIFIER
            )
        if self.indexed:
            yield from (t.code for t in self.indexed.tokens if t.param.endswith(".medicationReference"))


class Write(NamedTuple):
    """One entry, or those of a transaction, kept together or not at all; `bases` are the URLs that the sender
    knows us by."""

    entries: tuple[Entry, ...]
    bases: tuple[str, ...] = ()
    transaction: bool = False


def check(doc: Mapping[str, Any], type: str, at: str = "") -> tuple[Problem, ...]:
    """Hold a document against FHIR; the warnings. Raises Malformed or Invalid with everything found."""
    claimed = doc.get("resourceType")
    if claimed != type:
        raise Malformed(
            [
                Problem(
                    "structure",
                    f"resourceType is {claimed!r}; {type} is expected here.",
                    type,
                    "resource-type",
                )
            ]
        )
    problems = validate(dict(doc))
    errors = [problem for problem in problems if problem.severity in ("error", "fatal")]
    if any(problem.code in STRUCTURAL for problem in errors):
        raise Malformed(problems)
    errors += _alert_claimed(doc)
    if errors:
        raise Invalid([*errors, *(problem for problem in problems if problem not in errors)])
    return tuple(problems)


def entry(
    method: Method,
    doc: Mapping[str, Any],
    id: str,
    bases: Sequence[str],
    if_match: str | None = None,
    if_none_exist: Query | None = None,
) -> Entry:
    """An Entry for a checked document that is to be stored under `id`."""
    type = doc["resourceType"]
    if method == "PUT" and doc.get("id") != id:
        text = f"The id in the body is {doc.get('id')!r}, the address says {id!r}; they must agree."
        raise Malformed([Problem("invalid", text, f"{type}.id", "id")])
    kept = {**doc, "id": id}
    indexed = index(TYPES[type], kept, bases)
    if len(indexed.patient.encode()) > LONGEST:
        raise Invalid(
            [Problem("too-long", f"A subject may be {LONGEST} octets long.", f"{type}.subject", "subject")]
        )
    return Entry(method, type, id, kept, prepare(kept, id), indexed, if_match, if_none_exist)


def referring(entry_: Entry, names: Mapping[str, str], bases: Sequence[str]) -> Entry:
    """The entry with every reference that is a key of `names` replaced by its value."""
    if entry_.doc is None:
        return entry_
    doc = resolved(entry_.doc, names)
    return entry(entry_.method, doc, entry_.id, bases, entry_.if_match, entry_.if_none_exist)


def resolved(node: Any, names: Mapping[str, str]) -> Any:
    """A tree with every reference that is a key of `names` replaced by its value."""
    if isinstance(node, Mapping):
        return {
            key: names.get(value, value)
            if key == "reference" and isinstance(value, str)
            else resolved(value, names)
            for key, value in node.items()
        }
    return [resolved(item, names) for item in node] if isinstance(node, list) else node


def _alert_claimed(doc: Mapping[str, Any]) -> Iterator[Problem]:
    """The refusal of a document that says to be an alert of ours; it is well formed."""
    if doc["resourceType"] != "Observation":
        return
    for at, category in enumerate(doc.get("category", ())):
        if any(coding.get("system") == ALERT_CATEGORY for coding in category.get("coding", ())):
            yield Problem(
                "business-rule",
                "Alert Observations are written by this service alone; post the reading, it raises the alert.",
                f"Observation.category[{at}]",
                "alert-read-only",
            )
