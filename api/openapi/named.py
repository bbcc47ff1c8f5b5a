"""What the pages say about operations, what is published, and the addresses of those who run the service."""

from collections.abc import Mapping

from api.openapi.operation import (
    ASKED,
    POSTED,
    READ,
    RESOURCE,
    SENT,
    UNLESS,
    Answer,
    Operation,
)
from api.openapi.responses import VERSION
from models import errors

NAMED: Mapping[str, Operation] = {
    "lastn": Operation(
        "lastObservations",
        "The newest Observations of each code",
        "Of one patient: of each code (system and code) the newest `max`, by date, then by the order of commit; what "
        "has no date is older than all. Every parameter of the search narrows it; `patient` or `subject` is needed.",
        {200: Answer("A searchset Bundle, newest first.", ("Bundle",))},
        READ,
        ("lastn",),
        tag="Observation",
    ),
    "lastn_by_post": Operation(
        "lastObservationsByPost",
        "The newest Observations of each code, asked in a body",
        "The same; `max`, `patient` and what narrows the search stand in the address or in Parameters of plain values.",
        {200: Answer("A searchset Bundle, newest first.", ("Bundle",))},
        POSTED,
        (),
        (ASKED, "patient", "max"),
        "Observation",
    ),
    "everything": Operation(
        "everythingOfPatient",
        "The whole record of a patient",
        "The Patient, where one is kept, then all that is the patient's in the order of commit. A `next` link while "
        "there is more; what is written meanwhile comes at the end. Medications that a page refers to come with it "
        "as `include`.",
        {200: Answer("A searchset Bundle.", ("Bundle",))},
        (*READ, errors.NotFound, errors.Gone),
        ("id",),
        tag="Patient",
    ),
    "everything_by_post": Operation(
        "everythingOfPatientByPost",
        "The whole record of a patient, asked in a body",
        "The same; `_since`, `_type` and `_count` stand in the address or in Parameters. The `next` links are a GET's.",
        {200: Answer("A searchset Bundle.", ("Bundle",))},
        (*POSTED, errors.NotFound, errors.Gone),
        ("id",),
        (ASKED, "_type", "_count"),
        "Patient",
    ),
    "dose_check": Operation(
        "doseCheck",
        "May the next dose be given?",
        "`give`, `measure-first` or `hold` as of `at`, with reasons, the readings and alerts that they rest on, the "
        "limits and their sources. Judged from what is kept now; nothing is changed, and nobody is waited for.",
        {200: Answer("Parameters, the verdict first.", ("Parameters",), (), ("doseCheck",))},
        (*READ, errors.BadRequest, errors.NotFound),
        ("id",),
        tag="Patient",
    ),
    "dose_check_by_post": Operation(
        "doseCheckByPost",
        "May the next dose be given? Asked in a body",
        "The same; `at` stands in the address or in Parameters.",
        {200: Answer("Parameters, the verdict first.", ("Parameters",))},
        (*POSTED, errors.NotFound),
        ("id",),
        (ASKED, "at"),
        "Patient",
    ),
    "subscription_status": Operation(
        "subscriptionStatus",
        "How does a Subscription stand?",
        "Its state, its topic, and how many events it was told of, as the R5 Subscriptions Backport has it.",
        {200: Answer("A searchset Bundle of Parameters.", ("Bundle",))},
        (*READ, errors.NotFound, errors.Gone),
        ("id",),
        tag="Subscription",
    ),
    "subscription_status_by_post": Operation(
        "subscriptionStatusByPost",
        "How does a Subscription stand? By POST",
        "The same, for clients whose operations are POSTs. The body is empty.",
        {200: Answer("A searchset Bundle of Parameters.", ("Bundle",))},
        (*POSTED, errors.NotFound, errors.Gone),
        ("id",),
        tag="Subscription",
    ),
    "subscription_statuses": Operation(
        "subscriptionStatuses",
        "How do the Subscriptions stand?",
        "The same of all, or of those that `id` and `status` name.",
        {200: Answer("A searchset Bundle of Parameters.", ("Bundle",))},
        tag="Subscription",
    ),
    "subscription_statuses_by_post": Operation(
        "subscriptionStatusesByPost",
        "How do the Subscriptions stand? Asked in a body",
        "The same; `id` and `status` stand in the address or in Parameters.",
        {200: Answer("A searchset Bundle of Parameters.", ("Bundle",))},
        POSTED,
        (),
        (ASKED, "status"),
        "Subscription",
    ),
    "subscription_events": Operation(
        "subscriptionEvents",
        "Events of a topic, again",
        "What a Subscription to a topic was told of under the numbers from `eventsSinceNumber` to "
        "`eventsUntilNumber`, both included: for a receiver that sees by the numbers that one is missing.",
        {200: Answer("A notification Bundle.", ("Bundle",))},
        (*READ, errors.NotFound, errors.Gone, errors.Invalid),
        ("id",),
        tag="Subscription",
    ),
    "subscription_events_by_post": Operation(
        "subscriptionEventsByPost",
        "Events of a topic, again, asked in a body",
        "The same; the numbers and `content` stand in the address or in Parameters.",
        {200: Answer("A notification Bundle.", ("Bundle",))},
        (*POSTED, errors.NotFound, errors.Gone, errors.Invalid),
        ("id",),
        (ASKED, "eventsSinceNumber", "content"),
        "Subscription",
    ),
    "acknowledge": Operation(
        "acknowledge",
        "Say what is done about an alert",
        "Takes up the Task of the alert, which has the alert's id: `accepted` (with `snoozeUntil` until then), "
        "`completed` by an `action`, `rejected` by a `reason`. A Provenance tells who said so and when. The alert "
        "stays as it is; the same again changes nothing. `who` is needed for a critical alert. If-Match names a "
        "version of the Task.",
        {200: Answer("The Task.", ("Task",), (*VERSION, "Location"))},
        (*SENT, errors.BadRequest, errors.NotFound, errors.Gone, errors.PreconditionFailed),
        ("id", "IfMatch"),
        (ASKED, "who", "action", "note"),
        "Observation",
    ),
    "validate_new": Operation(
        "validateNew{type}",
        "Is this {type} acceptable?",
        "Everything that a create would refuse or warn of, and nothing is kept. The body is the resource, or "
        "Parameters with `resource`, `mode` and `profile`.",
        {200: Answer("What is wrong; `All OK` where nothing is.", ("OperationOutcome",))},
        (*READ, errors.Malformed, errors.TooLarge, errors.WrongMediaType),
        (),
        ("{type}",),
    ),
    "validate_bundle": Operation(
        "validateBundle",
        "Is this Bundle acceptable?",
        "Everything that is wrong with a Bundle and its parts, and nothing is kept. Of a batch or transaction: what "
        "the base would refuse or warn of, but for what depends on what is kept.",
        {200: Answer("What is wrong; `All OK` where nothing is.", ("OperationOutcome",))},
        POSTED,
        (),
        ("Bundle",),
        "Bundles",
    ),
    "validate_sent": Operation(
        "validate{type}",
        "Is this new version of {a} {type} acceptable?",
        "Everything that an update would refuse or warn of; with `mode=delete`, or Parameters without a resource, "
        "the one that is kept is looked at. Nothing is changed.",
        {200: Answer("What is wrong; `All OK` where nothing is.", ("OperationOutcome",))},
        (
            *READ,
            errors.Malformed,
            errors.NotFound,
            errors.Gone,
            errors.TooLarge,
            errors.WrongMediaType,
        ),
        ("id",),
        ("{type}",),
    ),
    "validate_kept": Operation(
        "validateKept{type}",
        "Does the {type} that is kept hold to FHIR, and to a profile?",
        "The current version, held to FHIR, to the profiles that it claims, and to `profile`.",
        {200: Answer("What is wrong; `All OK` where nothing is.", ("OperationOutcome",))},
        (*READ, errors.NotFound, errors.Gone),
        ("id",),
    ),
    "meta": Operation(
        "meta{type}",
        "The meta of {a} {type}",
        "Profiles, tags, version and time as Parameters, with one parameter `return`.",
        {200: Answer("Parameters.", ("Parameters",), VERSION)},
        (*READ, errors.NotFound, errors.Gone),
        ("id",),
    ),
    "meta_by_post": Operation(
        "meta{type}ByPost",
        "The meta of {a} {type}, by POST",
        "The same, for clients whose operations are POSTs. The body is empty.",
        {200: Answer("Parameters.", ("Parameters",), VERSION)},
        (*POSTED, errors.NotFound, errors.Gone),
        ("id",),
    ),
    "evaluate": Operation(
        "evaluate",
        "Judge a record without keeping it",
        "The rules over the resources of a collection Bundle, of one or more patients: every alert that they imply "
        "up to `at`. Each resource counts as recorded at its own time. Nothing is kept.",
        {200: Answer("A collection Bundle of alert Observations.", ("Bundle",), (), ("evaluated",))},
        SENT,
        (),
        ("Bundle", "collection"),
        "Rules",
    ),
    "search_published": Operation(
        "search{type}",
        "Search {type}",
        "What this service publishes about its own alerts and rules, by canonical address, id, version, name or "
        "status. Read-only.",
        {200: Answer("A searchset Bundle.", ("Bundle",))},
        READ,
        ("published",),
    ),
    "read_published": Operation(
        "read{type}",
        "Read {a} {type}",
        "Made from the tables of this service, and read-only.",
        {200: Answer("The resource.", RESOURCE)},
        (*READ, errors.NotFound),
        ("id",),
    ),
    "metadata": Operation(
        "capabilities",
        "What this server does",
        "The CapabilityStatement.",
        {
            200: Answer("The CapabilityStatement.", ("CapabilityStatement",), (*VERSION, "Cache-Control")),
            304: Answer("You have it already.", (), (*VERSION, "Cache-Control")),
        },
        parameters=UNLESS,
        tag="Service",
    ),
}

PLAIN: Mapping[str, Operation] = {
    "live": Operation(
        "live", "Does the process answer?", "For a liveness probe.", {200: Answer("It does.")}, ()
    ),
    "ready": Operation(
        "ready",
        "Can readings be kept?",
        "For a readiness probe: the database answers, the writer runs, and the process has not been told to end.",
        {200: Answer("They can."), 503: Answer("They cannot; `reason` says why.")},
        (),
    ),
    "health": Operation(
        "health",
        "How is the service doing?",
        "For people and monitoring: as ready, and whether a consumer of alerts is late. An orchestrator asks the "
        "other two.",
        {
            200: Answer(
                "`well`, or `degraded` with those who are `late`: alerts that wait, seconds waiting and silent."
            ),
            503: Answer("Readings cannot be kept; `reason` says why."),
        },
        (),
    ),
    "startup": Operation(
        "startup",
        "Has it started?",
        "For a startup probe: the rules are loaded and the writer runs. Nothing answers before.",
        {200: Answer("It has."), 503: Answer("The writer has ended.")},
        (),
    ),
    "metrics": Operation(
        "metrics",
        "Counts and durations",
        "Prometheus' text format; no identifiers.",
        {200: Answer("Metrics.")},
        (),
    ),
}
"""Those outside /fhir, which answer no FHIR."""
