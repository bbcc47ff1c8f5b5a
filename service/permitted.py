"""Whether the sender of a write may do it: asked before anything is locked, and again of what is found then.

What a sender may not reach is as if it were not there: an update of it finds nothing, a deletion has nothing to do.
"""

from collections.abc import Mapping
from typing import Any

from models.access.permissions import Permissions
from models.errors import Forbidden, NotFound
from models.fhir.codec import parse
from models.patient import identifier_keys
from models.times import micros
from service.delivery.endpoints import ANYWHERE
from service.delivery.subscription import read
from service.intake import Entry, Method
from service.matching import indexed
from service.moves import Held
from service.unit import Unit

LETTERS: dict[Method, str] = {"POST": "c", "PUT": "u", "PATCH": "ru", "DELETE": "d"}
"""Method -> what it needs. A patch reads what it changes: its tests tell what stands there."""


def allowed(entry: Entry, permissions: Permissions | None) -> Entry:
    """The entry, its criteria narrowed to what its sender may search. Raises Forbidden."""
    if permissions is None:
        return entry
    permissions.check(entry.type, LETTERS[entry.method])
    exist, where = entry.if_none_exist, entry.where
    return entry._replace(
        if_none_exist=exist and permissions.narrowed(exist),
        where=where and permissions.narrowed(where),
        references=tuple((text, permissions.narrowed(query)) for text, query in entry.references),
    )


def known(unit: Unit, entry: Entry, held: Held | None, permissions: Permissions | None) -> Held | None:
    """The version before, None where the sender may not know of it."""
    return None if held is None else seen(unit, held, LETTERS[entry.method], permissions)


def seen(unit: Unit, held: Held, letters: str, permissions: Permissions | None) -> Held | None:
    """A version, None where one of the letters does not reach it."""
    if permissions is None or all(permissions.whole(held.type, letter) for letter in letters):
        return held
    if held.method == "DELETE":
        return None
    rows = indexed(unit, held)
    reached = (permissions.reach(letter, held.type, held.id, held.seq, rows) for letter in letters)
    return held if all(reached) else None


def check(
    unit: Unit, method: Method, new: Entry, held: Held | None, before: Held | None, permissions: Permissions
) -> None:
    """Hold a new version against what its sender may write. Raises NotFound, Forbidden.

    An update brings up an id that is new (https://hl7.org/fhir/R4/http.html#upsert), but for a sender whose updates
    are narrowed: such a one needs to be allowed to create, and learns of no id otherwise whether it is taken.
    """
    letter = "c" if method == "POST" else "u"
    if before is None and method == "PUT" and not permissions.whole(new.type, "u"):
        letter = "c"
        if not permissions.of(new.type, "c"):
            raise NotFound(
                f"{new.type}/{new.id} is not kept here as far as this token reaches, so it cannot be updated; POST "
                "creates, where the token allows it."
            )
        if held and held.method != "DELETE":
            raise Forbidden(f"{new.type}/{new.id} is beyond the reach of this token; take another id.")
    if new.type == "Subscription" and new.doc:
        _check_told(unit, new.doc, permissions)
    if new.type == "Patient" and new.doc and not permissions.whole("Patient", letter):
        _check_names(new.doc, before, permissions)
    assert new.indexed
    rows = new.indexed
    if permissions.whole("Patient", "s"):  # to others it would tell who bears an identifier
        rows = rows._replace(patient=unit.known_as(rows.patient))
    if not permissions.reach(letter, new.type, new.id, micros(unit.now), rows):
        raise Forbidden(
            f"This {new.type} is beyond the reach of this token: its scopes are narrowed to others. It holds "
            f"{' '.join(permissions.scopes)}."
        )


def _check_names(doc: Mapping[str, Any], before: Held | None, permissions: Permissions) -> None:
    """Hold the identifiers of a Patient against what its sender may search. Raises Forbidden.

    What others have sent under one that is new would be this Patient's, and so within reach of a sender who is narrowed
    to it; or of two Patients, and so nobody's.
    """
    borne = identifier_keys(parse(before.content.encode())) if before and before.content else set()
    if not (permissions.whole("Patient", "s") or identifier_keys(doc) <= borne):
        text = (
            "This token does not allow to give a Patient another identifier: the scope system/Patient.s is missing, or "
            "one that writes Patients and is not narrowed."
        )
        raise Forbidden(text, "system/Patient.s")


def _check_told(unit: Unit, doc: Mapping[str, Any], permissions: Permissions) -> None:
    """Hold what a Subscription is told of against what its sender may search and read. Raises Forbidden.

    Its criteria have to name what narrows the sender, so that nothing needs to be looked up when it is told.
    """
    asked, _ = read(doc, unit.bases, ANYWHERE, unit.now)
    if asked is None:
        return
    type = asked.query.served.name
    permissions.check(type, "rs")
    permissions.narrowed(asked.query)  # what no search of the sender may ask, no Subscription may either
    for letter in "rs":
        if not any(set(way) <= set(asked.query.filters) for way in permissions.of(type, letter)):
            raise Forbidden(
                "This Subscription would be told of more than its sender may read: its criteria have to hold every "
                f"parameter of the scope, as it is given. The token holds {' '.join(permissions.scopes)}."
            )
