"""What the pages say about the interactions of FHIR's REST API."""

from collections.abc import Mapping

from api.exchange import FORM
from api.openapi.operation import (
    NOT_MODIFIED,
    OUTCOME,
    PATCH,
    PATCHED,
    POSTED,
    READ,
    RESOURCE,
    SENT,
    UNLESS,
    Answer,
    Operation,
)
from api.openapi.responses import VERSION, WRITTEN
from models import errors

INTERACTIONS: Mapping[str, Operation] = {
    "create": Operation(
        "create{type}",
        "Create {a} {type}",
        "The service gives the id. The 2xx leaves only when the resource and every alert that it raises are durable. "
        "With `If-None-Exist`, or with the same criteria behind a question mark, a request can be sent again without "
        "making a second one.",
        {
            201: Answer("Created.", OUTCOME, WRITTEN, ("created", "createdOutcome")),
            200: Answer("The criteria found this one; nothing was created.", OUTCOME, WRITTEN),
        },
        (*SENT, errors.PreconditionFailed),
        ("Prefer", "IfNoneExist"),
        ("{type}",),
    ),
    "search": Operation(
        "search{type}",
        "Search and poll {type}",
        "Parameters are joined by and, values separated by commas by or; a parameter may be repeated. Unknown "
        "parameters are refused. Pages follow a keyset: writes meanwhile neither repeat nor drop an entry. The last "
        "page in the order of `_lastUpdated` carries a link `monitor`: fetched later, it gives what came since.",
        {200: Answer("A searchset Bundle.", ("Bundle",), (), ("polled",))},
        (*READ, errors.Gone),
        ("search",),
    ),
    "search_by_post": Operation(
        "search{type}ByPost",
        "Search {type}, parameters in a form",
        "The same as the GET; what is asked stands in the body, and so in no log. Parameters of the address count too.",
        {200: Answer("A searchset Bundle.", ("Bundle",))},
        (*POSTED, errors.Gone),
        ("Handling",),
        (FORM,),
    ),
    "search_compartment": Operation(
        "search{type}OfPatient",
        "Search {type} of a patient",
        "Those of the patient's compartment: that are about the patient, or in which the patient took part.",
        {200: Answer("A searchset Bundle.", ("Bundle",))},
        (*READ, errors.NotFound, errors.Gone),
        ("id", "search"),
    ),
    "search_compartment_by_post": Operation(
        "search{type}OfPatientByPost",
        "Search {type} of a patient, parameters in a form",
        "The same with the parameters in the body.",
        {200: Answer("A searchset Bundle.", ("Bundle",))},
        (*POSTED, errors.NotFound, errors.Gone),
        ("id", "Handling"),
        (FORM,),
    ),
    "search_whole_compartment": Operation(
        "searchCompartment",
        "Search all that belongs to a patient",
        "One feed of all types of the patient's compartment, in the order of commit; `_type` chooses among them.",
        {200: Answer("A searchset Bundle.", ("Bundle",))},
        (*READ, errors.NotFound, errors.Gone),
        ("id", "search_all"),
        tag="Patient",
    ),
    "search_all": Operation(
        "searchAll",
        "Search several types",
        "One feed of several types, in the order of commit.",
        {200: Answer("A searchset Bundle.", ("Bundle",))},
        (*READ, errors.Gone),
        ("search_all",),
        tag="Service",
    ),
    "search_all_by_post": Operation(
        "searchAllByPost",
        "Search several types, parameters in a form",
        "The same with the parameters in the body.",
        {200: Answer("A searchset Bundle.", ("Bundle",))},
        (*POSTED, errors.Gone),
        ("Handling",),
        (FORM,),
        "Service",
    ),
    "submit": Operation(
        "submitObservation",
        "Post a reading, get its alerts",
        "The round trip for simple clients: the reading as it is kept, then every alert that it raised.",
        {200: Answer("A collection Bundle.", ("Bundle",), (), ("submitted",))},
        SENT,
        (),
        ("Observation",),
        "Observation",
    ),
    "read": Operation(
        "read{type}",
        "Read {a} {type}",
        "The current version. HEAD answers the same without the body.",
        {200: Answer("The current version.", RESOURCE, VERSION, ("alert",)), 304: NOT_MODIFIED},
        (*READ, errors.NotFound, errors.Gone),
        ("id", *UNLESS),
    ),
    "update": Operation(
        "update{type}",
        "Update {a} {type}, or create it under your id",
        "The id in the body must be that of the address. The same content again is no change: the version stays, "
        "so a request can be sent again. A correction takes back the alerts that no longer follow.",
        {
            200: Answer("Updated, or the same as before.", OUTCOME, WRITTEN),
            201: Answer("Created under this id.", OUTCOME, WRITTEN),
        },
        (*SENT, errors.PreconditionFailed),
        ("id", "Prefer", "IfMatch", "OnlyCreate"),
        ("{type}",),
    ),
    "conditional_update": Operation(
        "update{type}ByCriteria",
        "Update the {type} that a search finds, or create one",
        "The parameters of the search stand behind the question mark. Where it finds one, that one is updated; an id "
        "in the body has to be its own. Where it finds none, one is created, under the id in the body if there is "
        "one. Where it finds several: 412. Such requests with the same criteria wait for each other.",
        {
            200: Answer("Updated, or the same as before.", OUTCOME, WRITTEN),
            201: Answer("The search found none; created.", OUTCOME, WRITTEN),
        },
        (*SENT, errors.Conflict, errors.PreconditionFailed),
        ("criteria", "Prefer", "IfMatch", "OnlyCreate"),
        ("{type}",),
    ),
    "patch": Operation(
        "patch{type}",
        "Change parts of {a} {type}",
        "By [JSON Patch](https://www.rfc-editor.org/rfc/rfc6902), or by "
        "[FHIRPath Patch](https://hl7.org/fhir/R4/fhirpatch.html) with paths of element names, `[0]`, "
        "`where(name = 'literal')`, `first()`, `last()`, `ofType(Type)` and `extension('url')`. The patch is worked on "
        "the version that is current when it is written: patches at once all count. A test that fails, and a place "
        "that is not there, are answered 409; a result that is no acceptable resource 422.",
        {200: Answer("Patched, or the same as before.", OUTCOME, WRITTEN)},
        (*PATCHED, errors.NotFound, errors.Gone),
        ("id", "Prefer", "IfMatch"),
        (PATCH,),
    ),
    "conditional_patch": Operation(
        "patch{type}ByCriteria",
        "Change parts of the {type} that a search finds",
        "As the patch of one that is named; 404 where the search finds none, 412 where it finds several.",
        {200: Answer("Patched, or the same as before.", OUTCOME, WRITTEN)},
        (*PATCHED, errors.NotFound),
        ("criteria", "Prefer", "IfMatch"),
        (PATCH,),
    ),
    "delete": Operation(
        "delete{type}",
        "Delete {a} {type}",
        "Alerts that it raised become `entered-in-error`. Deleting what is not there answers the same.",
        {204: Answer("It is not there any more.", (), (*VERSION, "Link", "Warning"))},
        (*READ, errors.NotFound, errors.Invalid, errors.PreconditionFailed),
        ("id", "IfMatch"),
    ),
    "conditional_delete": Operation(
        "delete{type}ByCriteria",
        "Delete the {type} that a search finds",
        "Where it finds none there is nothing to do; where it finds several none is deleted, and the refusal tells "
        "how many there are.",
        {204: Answer("It is not there any more.", (), (*VERSION, "Link", "Warning"))},
        (*READ, errors.Invalid, errors.PreconditionFailed),
        ("criteria", "IfMatch"),
    ),
    "history": Operation(
        "history{type}",
        "All versions of {a} {type}",
        "Newest first, deletions among them.",
        {200: Answer("A history Bundle.", ("Bundle",))},
        (*READ, errors.NotFound),
        ("id",),
    ),
    "type_history": Operation(
        "historyOfAll{type}",
        "All versions of every {type}",
        "Newest first, deletions among them. Pages follow the order of commit: writes meanwhile neither repeat nor "
        "drop an entry.",
        {200: Answer("A history Bundle.", ("Bundle",))},
        READ,
    ),
    "system_history": Operation(
        "historyOfEverything",
        "All versions of everything",
        "Newest first, of every type, deletions among them.",
        {200: Answer("A history Bundle.", ("Bundle",))},
        READ,
        tag="Bundles",
    ),
    "vread": Operation(
        "vread{type}",
        "Read a version of {a} {type}",
        "Every version is kept.",
        {200: Answer("That version.", RESOURCE, VERSION), 304: NOT_MODIFIED},
        (*READ, errors.NotFound, errors.Gone),
        ("id", "version", *UNLESS),
    ),
    "transaction_or_batch": Operation(
        "transaction",
        "Transaction or batch",
        "A `transaction` is kept whole or not at all; the entries of a `batch` each stand for themselves. Entries are "
        "GET, HEAD, POST, PUT, PATCH or DELETE, conditional ones too; those of a transaction that read come last and "
        "see what it wrote. Conditional references (`Patient?identifier=system|value`) of a transaction have to lead "
        "to one resource. Alerts raised stand in `entry.response.outcome`. The address with a slash behind it is "
        "the same.",
        {
            200: Answer(
                "A Bundle with one entry for each that was sent.", ("Bundle",), (), ("transaction", "batch")
            )
        },
        (*SENT, errors.NotFound, errors.Conflict, errors.Gone, errors.PreconditionFailed),
        ("Prefer",),
        ("Bundle", "transaction", "batch"),
        "Bundles",
    ),
}
