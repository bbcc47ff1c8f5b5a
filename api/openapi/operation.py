"""What is told of an interaction on the pages, and which errors go with reading and with writing."""

from collections.abc import Mapping
from typing import NamedTuple

from api.exchange import FHIR_JSON
from api.openapi.responses import VERSION
from models import errors

READ = (errors.NotAcceptable, errors.Unavailable)
SENT = (*READ, errors.Malformed, errors.Invalid, errors.TooLarge, errors.WrongMediaType)
POSTED = (*READ, errors.Malformed, errors.TooLarge, errors.WrongMediaType)
PATCHED = (*SENT, errors.Conflict, errors.PreconditionFailed)
ASKED = "Parameters"
"""Stands in front of the names of an operation's parameters, which may be sent in the body."""
PATCH = "Patch"
"""Stands for the two media types of a patch in the place of a body's type."""

CALL = "Call"
"""Stands for a call of CDS Hooks in the place of a body's type."""


class Answer(NamedTuple):
    """A response of success; `schemas` "" stands for the type's own."""

    about: str
    schemas: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    recorded: tuple[str, ...] = ()
    media: str = FHIR_JSON


class Operation(NamedTuple):
    """What is said about an interaction; `{type}` is filled in for each type that is served."""

    id: str
    summary: str
    about: str
    answers: Mapping[int, Answer]
    refusals: tuple[type[errors.Refused], ...] = READ
    parameters: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    tag: str = ""


NOT_MODIFIED = Answer("You have it already.", (), VERSION)
UNLESS = ("IfNoneMatch", "IfModifiedSince")
RESOURCE, OUTCOME = ("",), ("", "OperationOutcome")
