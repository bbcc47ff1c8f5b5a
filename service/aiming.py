"""Which resource a conditional request is about, and what a patch makes of it: known only when it is written."""

from models.access.permissions import Permissions
from models.errors import BadRequest, Conflict, Gone, Invalid, Malformed, NotFound, PreconditionFailed
from models.etags import names
from models.fhir.codec import dump, parse
from models.problem import Problem
from models.times import instant
from service.conditions import criteria
from service.intake import Entry, check, entry, under
from service.matching import held, told
from service.moves import Held
from service.permitted import known
from service.unit import Unit

FIXED = (("resourceType",), ("id",), ("meta", "versionId"), ("meta", "lastUpdated"))
"""What no patch can change."""


def aimed(unit: Unit, asked: Entry, permissions: Permissions | None) -> Entry:
    """The entry under the id of the one resource that its criteria find, under its own where they find none."""
    if asked.where is None:
        return asked
    found, text = held(unit, asked.where), criteria(asked.where)
    if len(found) > 1:
        raise PreconditionFailed(
            f"{text[:500]} matches {told(len(found))} resources; give criteria that match one."
        )
    if not found:
        return _unmatched(unit, asked, text, permissions)
    id = found[0].id
    if asked.claimed and asked.id != id:
        text = f"{text[:500]} matches another id than the body has, {asked.id!r}; leave it out or correct it."
        raise BadRequest([Problem("invalid", text, f"{asked.type}.id", "id")])
    return under(asked, asked.doc, id, unit.bases) if asked.doc else asked._replace(id=id)


def _unmatched(unit: Unit, asked: Entry, text: str, permissions: Permissions | None) -> Entry:
    if asked.method == "PATCH":
        raise NotFound(f"{text[:500]} matches nothing that could be patched.")
    there = known(unit, asked, unit.latest(asked.target), permissions)
    if asked.claimed and there and there.method != "DELETE":
        raise Conflict(
            f"{text[:500]} matches nothing, and there is a {asked.type}/{asked.id} already; "
            "leave the id out of the body, or update that resource by its address."
        )
    return asked


def check_match(asked: Entry, previous: Held | None) -> None:
    """Hold the current version against If-Match and If-None-Match. Raises PreconditionFailed."""
    current = previous.number if previous and previous.method != "DELETE" else None
    wanted, unwanted = asked.if_match, asked.if_none_match
    if wanted is not None and (current is None or not names(wanted, current)):
        raise PreconditionFailed(
            f"If-Match asks for version {wanted[:40]!r}, the current version is {current or 'none'}; "
            "read it and try again."
        )
    if unwanted is not None and current is not None and names(unwanted, current):
        raise PreconditionFailed(
            f"If-None-Match: {unwanted[:40]!r}, and there is version {current} of {asked.type}/{asked.id} already."
        )


def patched(unit: Unit, asked: Entry, previous: Held) -> tuple[Entry, tuple[Problem, ...]]:
    """The update that a patch makes of the version that is current, and the warnings of its validation.

    Raises Conflict where the patch does not fit, Invalid where it leaves no acceptable resource.
    """
    assert asked.patch
    doc = parse(previous.content.encode())
    doc["meta"] |= {"versionId": str(previous.number)}
    doc["meta"] |= {"lastUpdated": instant(previous.seq)} if previous.seq else {}
    before = [_at(doc, path) for path in FIXED]
    new = asked.patch.apply(doc)
    if not isinstance(new, dict):
        raise Invalid("The patch leaves no resource; an object has to be there in the end.")
    for path, value in zip(FIXED, before, strict=True):
        if _at(new, path) != value:
            where = ".".join((asked.type, *path)) if path != ("resourceType",) else asked.type
            text = f"{'.'.join(path)} cannot be changed by a patch; patch the elements that are yours."
            raise Invalid([Problem("business-rule", text, where, "patch")])
    try:
        new = parse(dump(new))
        warnings = check(new, asked.type)
    except Malformed as error:
        raise Invalid(error.problems) from error
    made = entry("PUT", new, asked.id, unit.bases)
    unit.turn.lock(set(made.locks()))
    return made, warnings


def exists(asked: Entry, previous: Held | None) -> Held:
    """What is to be patched. Raises NotFound and Gone."""
    if previous is None:
        raise NotFound(f"{asked.type}/{asked.id} is not kept here, so it cannot be patched; PUT creates it.")
    if previous.method == "DELETE":
        raise Gone(f"{asked.type}/{asked.id} was deleted, so it cannot be patched; PUT brings it back.")
    return previous


def _at(doc: object, path: tuple[str, ...]) -> object:
    for name in path:
        doc = doc.get(name) if isinstance(doc, dict) else None
    return doc
