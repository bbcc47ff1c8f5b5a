"""What kind of event each interaction leaves, by its name: the one table of what is audited.

https://profiles.ihe.net/ITI/BALP/content.html, https://hl7.org/fhir/R4/auditevent.html. One that does not stand here
touches nothing that is kept.
"""

from collections.abc import Mapping
from typing import NamedTuple

REST = ("http://terminology.hl7.org/CodeSystem/audit-event-type", "rest", "RESTful Operation")
INTERACTION = "http://hl7.org/fhir/restful-interaction"
DCM = "http://dicom.nema.org/resources/ontology/DCM"
Code = tuple[str, str, str]
"""System, code, display."""
SOURCE: Code = (DCM, "110153", "Source Role ID")
DESTINATION: Code = (DCM, "110152", "Destination Role ID")
APPLICATION: Code = (DCM, "110150", "Application")
CUSTODIAN: Code = (
    "http://terminology.hl7.org/CodeSystem/provenance-participant-type",
    "custodian",
    "Custodian",
)
SENT, FETCHED, REMOVED = (SOURCE, DESTINATION), (DESTINATION, SOURCE), (APPLICATION, CUSTODIAN)
"""What the client is and what this service is, by where the data goes."""


class Kind(NamedTuple):
    """An event's action and subtype, who is what in it, the BALP profile that a success follows ("" for none)."""

    action: str
    subtype: Code
    roles: tuple[Code, Code] = SENT
    profile: str = ""
    type: Code = REST


def _rest(action: str, code: str, roles: tuple[Code, Code] = SENT, profile: str = "") -> Kind:
    return Kind(action, (INTERACTION, code, code), roles, profile)


CREATE = _rest("C", "create", SENT, "Create")
UPDATE = _rest("U", "update", SENT, "Update")
PATCH = _rest("U", "patch")
DELETE = _rest("D", "delete", REMOVED, "Delete")
SEARCH = _rest("E", "search-type", SENT, "Query")
SEARCH_ALL = _rest("E", "search-system", SENT, "Query")
OPERATION = _rest("E", "operation")
BUNDLE = _rest("E", "transaction")
UNROUTED = _rest("E", "operation")
"""What no address serves: a method, a path."""
LOGIN = Kind("E", (DCM, "110122", "Login"), SENT, "", (DCM, "110114", "User Authentication"))
DISCLOSURE = Kind(
    "R",
    (
        "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle",
        "disclose",
        "Disclose Record Lifecycle Event",
    ),
    SENT,
    "",
    (DCM, "110106", "Export"),
)
"""A resource that this service sends to the endpoint of a Subscription."""

OF_METHOD: Mapping[str, Kind] = {"POST": CREATE, "PUT": UPDATE, "PATCH": PATCH, "DELETE": DELETE}
"""Of an entry that is written, in a Bundle or by itself."""

KINDS: Mapping[str, Kind] = {
    "read": _rest("R", "read", FETCHED, "Read"),
    "vread": _rest("R", "vread", FETCHED, "Read"),
    "history": _rest("R", "history-instance", FETCHED),
    "type_history": _rest("R", "history-type", FETCHED),
    "system_history": _rest("R", "history-system", FETCHED),
    "create": CREATE,
    "update": UPDATE,
    "conditional_update": UPDATE,
    "patch": PATCH,
    "conditional_patch": PATCH,
    "delete": DELETE,
    "conditional_delete": DELETE,
    "submit": CREATE,
    "read_audit": _rest("R", "read", FETCHED, "Read"),
    "transaction_or_batch": BUNDLE,
    "token": LOGIN,
    **dict.fromkeys(
        (
            "search",
            "search_by_post",
            "search_compartment",
            "search_compartment_by_post",
            "search_audit",
            "search_audit_by_post",
        ),
        SEARCH,
    ),
    **dict.fromkeys(("search_all", "search_all_by_post", "search_whole_compartment"), SEARCH_ALL),
    **dict.fromkeys(
        (
            "lastn",
            "lastn_by_post",
            "everything",
            "everything_by_post",
            "acknowledge",
            "poll",
            "ack",
            "consumers",
            "consumer_reset",
            "consumer_remove",
            "subscription_status",
            "subscription_status_by_post",
            "subscription_statuses",
            "subscription_statuses_by_post",
            "subscription_events",
            "subscription_events_by_post",
            "meta",
            "meta_by_post",
            "validate_kept",
            "validate_sent",
            "validate_new",
            "validate_bundle",
            "dose_check",
            "dose_check_by_post",
            "evaluate",
            "cds_service",
        ),
        OPERATION,
    ),
}
