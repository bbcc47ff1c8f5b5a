"""The resources of a document: a Bundle's entries or the document itself, each under an id of its own."""

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from models.errors import Malformed
from models.fhir.codec import dump
from models.problem import Problem
from service.intake import resolved

URN = "urn:uuid:"
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://clonidine-watch.org/fhir/load")
Document = Mapping[str, Any]


def resources(doc: Document) -> Iterator[Document]:
    """Every resource with an id, references among a Bundle's entries made `Type/id`. Raises Malformed.

    What has no id is known by the UUID of its fullUrl, else by a UUIDv5 of its content: the same file gives the
    same ids every time. An entry that holds no resource gives an empty document.
    """
    if doc.get("resourceType") != "Bundle":
        yield _identified(doc, "")
        return
    if doc.get("type") == "history":
        text = "A history Bundle tells what was, not what is: load a searchset or a collection."
        raise Malformed([Problem("not-supported", text, "Bundle.type", "load-history")])
    named = [_named(entry) for entry in _list(doc.get("entry"))]
    names = {url: f"{one.get('resourceType')}/{one.get('id')}" for url, one in named if url}
    for _, one in named:
        yield resolved(one, names)


def _named(entry: Any) -> tuple[str, Document]:
    """fullUrl and resource of an entry."""
    resource = entry.get("resource") if isinstance(entry, Mapping) else None
    if not isinstance(resource, Mapping):
        return "", {}
    url = str(entry.get("fullUrl", ""))
    return url, _identified(resource, url)


def _identified(resource: Document, url: str) -> Document:
    if resource.get("id"):
        return resource
    tail = url.removeprefix(URN)
    try:
        id = str(uuid.UUID(tail)) if url.startswith(URN) else ""
    except ValueError:
        id = ""
    return {**resource, "id": id or str(uuid.uuid5(NAMESPACE, dump(resource).decode()))}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
