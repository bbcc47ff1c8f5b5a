"""A request for each interaction, with what it is asked of."""

from typing import Any

from service.alerts.alert import identity
from tests.build import panel
from tests.delivery.subscribing import topical

READING = {**panel(122, 78), "id": "o1"}
COLLECTION: dict[str, Any] = {"resourceType": "Bundle", "type": "collection"}
BATCH: dict[str, Any] = {"resourceType": "Bundle", "type": "batch"}
AMENDED = [{"op": "replace", "path": "/status", "value": "amended"}]
PATCHED = {"Content-Type": "application/json-patch+json"}
LENIENT = {"Prefer": "return=representation; handling=lenient"}
LOW = panel(84, 65, patient="p9", id="low")
TOLD = {**topical("https://engine.example.org/topic"), "id": "s1", "status": "off"}
ALERT = identity("hypotension", 1, "Patient/p9", "Observation/low").id

ASKED: dict[str, tuple[str, str, Any]] = {
    "create": ("POST", "/Observation", panel(122, 78)),
    "update": ("PUT", "/Observation/o1", READING),
    "patch": ("PATCH", "/Observation/o1", AMENDED),
    "delete": ("DELETE", "/Observation/o1", None),
    "transaction_or_batch": ("POST", "", BATCH),
    "submit": ("POST", "/Observation/$submit", panel(122, 78)),
    "acknowledge": ("POST", f"/Observation/{ALERT}/$acknowledge", {"resourceType": "Parameters"}),
    "meta": ("GET", "/Observation/o1/$meta", None),
    "meta_by_post": ("POST", "/Observation/o1/$meta", None),
    "read": ("GET", "/Observation/o1", None),
    "vread": ("GET", "/Observation/o1/_history/1", None),
    "read_published": ("GET", "/CodeSystem/clonidine-alert", None),
    "metadata": ("GET", "/metadata", None),
    "history": ("GET", "/Observation/o1/_history", None),
    "type_history": ("GET", "/Observation/_history", None),
    "system_history": ("GET", "/_history", None),
    "validate_new": ("POST", "/Observation/$validate", panel(122, 78)),
    "validate_bundle": ("POST", "/Bundle/$validate", BATCH),
    "validate_sent": ("POST", "/Observation/o1/$validate", READING),
    "validate_kept": ("GET", "/Observation/o1/$validate", None),
    "evaluate": ("POST", "/$evaluate", COLLECTION),
    "dose_check": ("GET", "/Patient/p1/$dose-check", None),
    "dose_check_by_post": ("POST", "/Patient/p1/$dose-check", None),
    "everything": ("GET", "/Patient/p1/$everything", None),
    "everything_by_post": ("POST", "/Patient/p1/$everything", None),
    "subscription_status": ("GET", "/Subscription/s1/$status", None),
    "subscription_status_by_post": ("POST", "/Subscription/s1/$status", None),
    "subscription_statuses": ("GET", "/Subscription/$status", None),
    "subscription_statuses_by_post": ("POST", "/Subscription/$status", None),
    "subscription_events": ("GET", "/Subscription/s1/$events", None),
    "subscription_events_by_post": ("POST", "/Subscription/s1/$events", None),
    "poll": ("POST", "/$poll?consumer=pager", None),
    "ack": ("POST", "/$ack?consumer=pager&cursor={cursor}", None),
    "consumers": ("GET", "/$consumers", None),
    "consumer_reset": ("POST", "/$consumer-reset?consumer=pager&from=now", None),
    "consumer_remove": ("POST", "/$consumer-remove?consumer=pager", None),
    "search": ("GET", "/Observation", None),
    "search_by_post": ("POST", "/Observation/_search", None),
    "search_compartment": ("GET", "/Patient/p1/Observation", None),
    "search_compartment_by_post": ("POST", "/Patient/p1/Observation/_search", None),
    "search_whole_compartment": ("GET", "/Patient/p1/*", None),
    "search_all": ("GET", "?_type=Observation", None),
    "search_all_by_post": ("POST", "/_search?_type=Observation", None),
    "search_published": ("GET", "/CodeSystem", None),
    "lastn": ("GET", "/Observation/$lastn?patient=p1", None),
    "lastn_by_post": ("POST", "/Observation/$lastn?patient=p1", None),
    "conditional_update": ("PUT", "/Observation?_id=o1", READING),
    "conditional_patch": ("PATCH", "/Observation?_id=o1", AMENDED),
    "conditional_delete": ("DELETE", "/Observation?_id=o1", None),
}
"""A request for each interaction, answered with success where o1, an alert, a Subscription and a consumer are kept."""
ELSEWHERE = {"smart_configuration", "token", "jwks", "read_audit", "search_audit", "search_audit_by_post"}
"""What is served under AUTH=smart or AUDIT=on alone: tests/auth, tests/audit."""
