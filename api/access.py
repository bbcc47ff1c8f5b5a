"""The one table of permissions: what each interaction needs, by its name. One that does not stand here is refused.

A row is about the caller; what is found is held against the same permissions where it is read (`api.permitted`) and
where it is written (`service.permitted`).
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from starlette.requests import Request

from api.permitted import PLACE
from api.service import bases, service
from api.throttle import CLIENT
from models.access.permissions import Permissions, refusal
from models.errors import Forbidden
from models.resource_types import TYPES


class Need(NamedTuple):
    """What an interaction needs: nothing (`open`), else a token, and of it these letters for each of `types`, where
    there are none for the type in the path; for `some` type at least; or for each of them `whole`."""

    letters: str = ""
    types: tuple[str, ...] = ()
    some: bool = False
    whole: bool = False
    open: bool = False


OPEN, TOKEN = Need(open=True), Need()
RECORD = (
    "Patient",
    "Observation",
    "MedicationRequest",
    "MedicationAdministration",
    "Medication",
    "Condition",
    "AllergyIntolerance",
    "Goal",
)
"""What a verdict on the next dose rests on."""
VERDICT = Need("rs", RECORD, whole=True)

NEEDS: Mapping[str, Need] = {
    # Instances and types
    "read": Need("r"),
    "vread": Need("r"),
    "history": Need("r"),
    "type_history": Need("s"),
    "system_history": Need("s", some=True),
    "search": Need("s"),
    "search_by_post": Need("s"),
    "search_all": Need("s", some=True),
    "search_all_by_post": Need("s", some=True),
    "search_compartment": Need("s"),
    "search_compartment_by_post": Need("s"),
    "search_whole_compartment": Need("s", some=True),
    "read_audit": Need("r", ("AuditEvent",), whole=True),
    "search_audit": Need("s", ("AuditEvent",), whole=True),
    "search_audit_by_post": Need("s", ("AuditEvent",), whole=True),
    "create": Need("c"),
    "update": Need("u"),
    "patch": Need("ru"),
    "delete": Need("d"),
    "conditional_update": Need("us"),
    "conditional_patch": Need("rus"),
    "conditional_delete": Need("ds"),
    # Each entry is a request of its own
    "transaction_or_batch": TOKEN,
    # Operations
    "submit": Need("c", ("Observation",)),
    "lastn": Need("s", ("Observation",)),
    "lastn_by_post": Need("s", ("Observation",)),
    "everything": Need("s", some=True),
    "everything_by_post": Need("s", some=True),
    "acknowledge": Need("ru", ("Task",), whole=True),
    # A consumer is its client's own, and is given what that may search
    "poll": Need("s", ("Observation",)),
    "ack": Need("s", ("Observation",)),
    "consumers": Need("s", ("Observation",)),
    "consumer_reset": Need("s", ("Observation",)),
    "consumer_remove": Need("s", ("Observation",)),
    "subscription_status": Need("r", ("Subscription",), whole=True),
    "subscription_status_by_post": Need("r", ("Subscription",), whole=True),
    "subscription_statuses": Need("s", ("Subscription",), whole=True),
    "subscription_statuses_by_post": Need("s", ("Subscription",), whole=True),
    "subscription_events": Need("r", ("Subscription",), whole=True),
    "subscription_events_by_post": Need("r", ("Subscription",), whole=True),
    "meta": Need("r"),
    "meta_by_post": Need("r"),
    "validate_kept": Need("r"),
    "validate_sent": Need("r"),
    "dose_check": VERDICT,
    "dose_check_by_post": VERDICT,
    # What is sent is judged, and nothing that is kept is looked at
    "validate_new": TOKEN,
    "validate_bundle": TOKEN,
    "evaluate": TOKEN,
    # CDS Hooks
    "cds_services": OPEN,
    "cds_service": VERDICT,
    # What this service publishes about itself, and what runs it
    "metadata": OPEN,
    "smart_configuration": OPEN,
    "jwks": OPEN,
    "token": OPEN,
    "read_published": OPEN,
    "search_published": OPEN,
    "live": OPEN,
    "ready": OPEN,
    "startup": OPEN,
    "health": OPEN,
    "metrics": OPEN,
    "start": OPEN,
    "docs": OPEN,
    "openapi": OPEN,
    "asset": OPEN,
}


async def authorize(request: Request, name: str) -> None:
    """Note what the sender may do. Raises NotAuthenticated, Forbidden, Unavailable."""
    authority = service(request).authority
    if authority is None:
        request.scope[PLACE] = None
        return
    need = NEEDS.get(name)
    if need is None:
        raise Forbidden(f"{name} is not in the table of permissions, so nobody may do it.")
    if need.open:
        request.scope[PLACE] = NOBODY
        return
    held = request.scope[PLACE] = await authority.permissions(request, bases(request))
    request.scope[CLIENT] = held.client
    check(need, held, request.path_params)


NOBODY = Permissions("", (), {})
"""An open interaction reads nothing that is kept of patients; it could not."""


def check(need: Need, held: Permissions, path: Mapping[str, Any]) -> None:
    """Hold a caller's permissions against what an interaction needs. Raises Forbidden."""
    types = need.types or tuple(filter(None, [path.get("type", "")]))
    if need.whole:
        held.check_whole(types, need.letters)
    elif need.some:
        for letter in need.letters:
            if not held.types(letter):
                raise refusal(letter, "[type]", "anything")
    else:
        for type in types:
            if type in TYPES:  # of another the interaction tells that it is not served
                held.check(type, need.letters)
