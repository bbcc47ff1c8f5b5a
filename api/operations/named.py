"""The operations that are served, by name, with what defines each (https://hl7.org/fhir/R4/operations.html)."""

from collections.abc import Iterator
from typing import NamedTuple

HL7 = "http://hl7.org/fhir/OperationDefinition/"
BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/"
OURS = "https://clonidine-watch.org/fhir/OperationDefinition/"
EVERY = "*"
SYSTEM = ""


class Named(NamedTuple):
    """An operation: `type` is the resource type that it is served at, EVERY for all, SYSTEM for none.

    `address` is where it is asked for, as a reader needs it.
    """

    name: str
    type: str
    definition: str
    address: str


NAMED = (
    Named("evaluate", SYSTEM, f"{OURS}evaluate", "$evaluate"),
    Named("poll", SYSTEM, f"{OURS}poll", "$poll"),
    Named("ack", SYSTEM, f"{OURS}ack", "$ack"),
    Named("consumers", SYSTEM, f"{OURS}consumers", "$consumers"),
    Named("consumer-reset", SYSTEM, f"{OURS}consumer-reset", "$consumer-reset"),
    Named("consumer-remove", SYSTEM, f"{OURS}consumer-remove", "$consumer-remove"),
    Named("submit", "Observation", f"{OURS}submit", "Observation/$submit"),
    Named("acknowledge", "Observation", f"{OURS}acknowledge", "Observation/{id}/$acknowledge"),
    Named("lastn", "Observation", f"{HL7}Observation-lastn", "Observation/$lastn"),
    Named("everything", "Patient", f"{HL7}Patient-everything", "Patient/{id}/$everything"),
    Named("dose-check", "Patient", f"{OURS}dose-check", "Patient/{id}/$dose-check"),
    Named(
        "status",
        "Subscription",
        f"{BACKPORT}backport-subscription-status",
        "Subscription/$status, Subscription/{id}/$status",
    ),
    Named("events", "Subscription", f"{BACKPORT}backport-subscription-events", "Subscription/{id}/$events"),
    Named("validate", EVERY, f"{HL7}Resource-validate", "{type}/$validate, {type}/{id}/$validate"),
    Named("validate", "Bundle", f"{HL7}Resource-validate", "Bundle/$validate"),
    Named("meta", EVERY, f"{HL7}Resource-meta", "{type}/{id}/$meta"),
)


def at(*types: str) -> Iterator[dict[str, str]]:
    """The operations served at these types, as a CapabilityStatement lists them."""
    for operation in NAMED:
        if operation.type in types:
            yield {"name": operation.name, "definition": operation.definition}
