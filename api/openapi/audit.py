"""What the pages say about the audit."""

from collections.abc import Mapping

from api.exchange import FORM
from api.openapi.operation import POSTED, READ, Answer, Operation
from models import errors

AUDIT: Mapping[str, Operation] = {
    "search_audit": Operation(
        "searchAuditEvent",
        "Search the audit",
        "Who has seen or changed what, and who was refused: newest first, page by page. To look is itself an event. "
        "The events are in one chain of hashes, which `clonidine-watch audit verify` walks.",
        {200: Answer("A searchset Bundle.", ("Bundle",))},
        READ,
        ("audit",),
        tag="AuditEvent",
    ),
    "search_audit_by_post": Operation(
        "searchAuditEventByPost",
        "Search the audit, parameters in a form",
        "The same with the parameters in the body.",
        {200: Answer("A searchset Bundle.", ("Bundle",))},
        POSTED,
        ("Handling",),
        (FORM,),
        "AuditEvent",
    ),
    "read_audit": Operation(
        "readAuditEvent",
        "Read an AuditEvent",
        "Written by this service alone, and never changed.",
        {200: Answer("The event.", ("AuditEvent",))},
        (*READ, errors.NotFound),
        ("id",),
        tag="AuditEvent",
    ),
}
