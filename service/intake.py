"""What a client wants written, understood and checked before anything is locked."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from models.access.permissions import Permissions
from models.errors import Invalid, Malformed
from models.fhir.validation import STRUCTURAL, validate
from models.patch.patch import Patch
from models.patient import LONGEST, identifier_key
from models.problem import Problem
from models.resource_types import TYPES
from models.search.index import Indexed, index
from models.search.query import Query
from models.store.ledger import Turn
from models.stored import prepare
from service.audit.event import Event
from service.conditions import criteria
from service.record.codes import ALERT_CATEGORY
from service.record.facts import Watched
from service.record.lift import Lifted

IDENTIFIER = "Patient.identifier"
URIS = frozenset({"url", "valueUri", "valueUrl", "valueUuid", "valueOid"})
"""Properties beside `reference` in which an entry of a transaction can name another."""
Method = Literal["POST", "PUT", "PATCH", "DELETE"]

MOST_IDENTIFIERS = 1_000
"""Identifiers of one Patient: each costs others that write 0.1 ms, and beyond it PostgreSQL locks every record."""


class Entry(NamedTuple):
    """One resource to be written; `doc`, `content` and `indexed` are None for a deletion and a patch.

    `where` are the criteria of a conditional update, patch or deletion, which find the resource when it is written;
    `claimed` says that the sender gave the id of a conditional update. `references` are conditional references in
    the document, each with the search that it stands for. `place` is where it stands in its Bundle, `named` says that
    others can refer to it by a fullUrl. `own`: this service writes it itself.
    """

    method: Method
    type: str
    id: str
    doc: Mapping[str, Any] | None = None
    content: str = ""
    indexed: Indexed | None = None
    if_match: str | None = None
    if_none_exist: Query | None = None
    if_none_match: str | None = None
    where: Query | None = None
    claimed: bool = False
    patch: Patch | None = None
    references: tuple[tuple[str, Query], ...] = ()
    place: int = 0
    named: bool = False
    own: bool = False

    @property
    def target(self) -> tuple[str, str]:
        """(type, id)."""
        return self.type, self.id

    def locks(self) -> Iterator[str]:
        """What must not be written by anybody else meanwhile."""
        if self.indexed and self.indexed.patient:
            yield self.indexed.patient
        if self.id and (self.method != "POST" or self.type == "Medication"):
            yield f"{self.type}/{self.id}"
        for query in (self.if_none_exist, self.where, *(query for _, query in self.references)):
            if query:
                yield criteria(query)
        if self.indexed and self.type == "Patient":
            yield from (
                identifier_key(t.system, t.code) for t in self.indexed.tokens if t.param == IDENTIFIER
            )
        if self.indexed:
            yield from (t.code for t in self.indexed.tokens if t.param.endswith(".medicationReference"))


class Chore(NamedTuple):
    """Work beside the record, such as moving a position, done in the transaction of those who write, again if that is
    tried again; False: what it is about is not there, or another by now.

    Chores of a batch are done in the order of their keys, so that no two batches wait for each other.
    """

    key: str
    work: Callable[[Turn], bool]


class Acknowledgement(NamedTuple):
    """What somebody says is done about an alert.

    `alert` is its id, `who` a Reference, `action` one of ACTIONS, `reason` the CodeableConcept of a dismissal, `until`
    the end of a snooze. `if_match` names the version of the Task that it goes out from.
    """

    alert: str
    who: Mapping[str, Any] | None = None
    action: str = ""
    reason: Mapping[str, Any] | None = None
    note: str = ""
    until: datetime | None = None
    if_match: str | None = None


class Write(NamedTuple):
    """One entry, or those of a transaction, kept together or not at all; `bases` are the URLs that the sender
    knows us by, `permissions` what the sender may do (None: everything). One that writes nothing itself names patients
    for whom something has become `due`, is the `acknowledgement` of an alert, or has a `chore`.

    `events` are for the audit, kept with what they tell of: of entries one, which is completed for each of them. A
    write of nothing else keeps them alone."""

    entries: tuple[Entry, ...]
    bases: tuple[str, ...] = ()
    transaction: bool = False
    due: tuple[str, ...] = ()
    chore: Chore | None = None
    acknowledgement: Acknowledgement | None = None
    permissions: Permissions | None = None
    events: tuple[Event, ...] = ()


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
    errors: list[Problem] = []
    others: list[Problem] = []
    for problem in problems:
        (errors if problem.severity in ("error", "fatal") else others).append(problem)
    if any(problem.code in STRUCTURAL for problem in errors):
        raise Malformed(problems)
    errors += [*_alert_claimed(doc), *_too_many_identifiers(doc)]
    if errors:
        raise Invalid([*errors, *others])
    return tuple(problems)


def _too_many_identifiers(doc: Mapping[str, Any]) -> Iterator[Problem]:
    """Whoever else bears one is looked for inside the transaction, where every other write waits."""
    given = len(doc.get("identifier", ())) if doc["resourceType"] == "Patient" else 0
    if given > MOST_IDENTIFIERS:
        text = (
            f"{given} identifiers of one Patient; at most {MOST_IDENTIFIERS} are taken. Leave out old ones."
        )
        yield Problem("too-costly", text, "Patient.identifier", "most-identifiers")


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
        where = f"{type}.{TYPES[type].subject}"
        raise Invalid([Problem("too-long", f"A subject may be {LONGEST} octets long.", where, "subject")])
    return Entry(method, type, id, kept, prepare(kept, id), indexed, if_match, if_none_exist)


def referring(entry_: Entry, names: Mapping[str, str], bases: Sequence[str]) -> Entry:
    """The entry with every reference that is a key of `names` replaced by its value."""
    if entry_.patch:
        operations = resolved(entry_.patch.operations, names)
        return entry_._replace(patch=entry_.patch._replace(operations=operations))
    return under(entry_, resolved(entry_.doc, names), entry_.id, bases) if entry_.doc else entry_


def under(entry_: Entry, doc: Mapping[str, Any], id: str, bases: Sequence[str]) -> Entry:
    """The same request with another document, under another id."""
    made = entry(entry_.method, {**doc, "id": id}, id, bases)
    return entry_._replace(id=id, doc=made.doc, content=made.content, indexed=made.indexed)


def resolved(node: Any, names: Mapping[str, str]) -> Any:
    """A tree with every reference that is a key of `names` replaced by its value; so are URNs in elements of type uri
    (https://hl7.org/fhir/R4/http.html#trules)."""
    if isinstance(node, Mapping):
        return {
            key: names.get(value, value)
            if isinstance(value, str) and (key == "reference" or (key in URIS and value.startswith("urn:")))
            else resolved(value, names)
            for key, value in node.items()
        }
    return [resolved(item, names) for item in node] if isinstance(node, list) else node


def nobodys(lifted: Lifted, type: str) -> Lifted:
    """What is made of a resource that names no patient: one that the rules judge is refused, another merely kept."""
    if not isinstance(lifted.fact, Watched):
        return lifted._replace(fact=None)
    return lifted._replace(fact=None, refusals=(*lifted.refusals, _unwatched(type)))


def _unwatched(type: str) -> Problem:
    text = (
        f"{type}.subject names no patient that could be watched: nobody, or a contained resource that stands for none; "
        "refer to the patient by Type/id, by an absolute URL or by identifier."
    )
    return Problem("business-rule", text, f"{type}.subject", "watchable-subject")


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
