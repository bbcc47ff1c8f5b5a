"""The operations of our own as OperationDefinitions (https://hl7.org/fhir/R4/operationdefinition.html)."""

from typing import Any

from service.conformance.consumer_operations import CONSUMER_OPERATIONS
from service.conformance.defined import Defined, Parameter, out
from service.conformance.heading import heading
from service.dosing.check import VERDICTS
from service.tasks.acknowledging import ACT_CODE, ACTIONS

_LIMIT = (
    out("value", "Quantity", "The number, in UCUM.", 1),
    out("source", "string", "Where it comes from.", 1),
    out("mark", "code", "How it is known: F, F2, R or E.", 1),
)
DOSE_CHECK = Defined(
    "dose-check",
    "May the next dose be given?",
    "Whether the next dose of clonidine may be given at an instant, why not, and what that rests on.",
    "Patient",
    False,
    (
        Parameter(
            "at", "in", "dateTime", "Judge as of this instant, at most a day ahead; now where not given.", 0
        ),
        out("verdict", "code", " ".join(f"{code}: {about}" for code, about in VERDICTS.items()), 1),
        out("at", "dateTime", "The instant that was judged.", 1),
        out("patient", "Reference", "The patient.", 1),
        out(
            "reason",
            "",
            "Why; the most careful of them rules.",
            0,
            "*",
            out("code", "Coding", "Of the code system dose-check-reason.", 1),
            out("text", "string", "A sentence for the ward.", 1),
            out("rule", "code", "The rule that it comes from."),
            out("limit", "", "A limit that was used.", 0, "*", *_LIMIT),
            out("reference", "Reference", "The reading, alert, dose or order that it rests on.", 0, "*"),
        ),
        out(
            "reading",
            "",
            "A reading with the newest pressure or heart rate of the 24 hours before.",
            0,
            "*",
            out("reference", "Reference", "The reading.", 1),
            out("taken", "dateTime", "When it was taken.", 1),
            out("age", "Quantity", "Whole minutes since then.", 1),
            out("systolic", "Quantity", "In mm[Hg], where no newer one is known."),
            out("diastolic", "Quantity", "In mm[Hg], where no newer one is known."),
            out("heart-rate", "Quantity", "In /min, where no newer one is known."),
        ),
        out("order", "Reference", "An order in force.", 0, "*"),
        out(
            "next-dose",
            "",
            "The dose that is asked about.",
            0,
            "1",
            out("order", "Reference", "Its order.", 1),
            out("drug", "code", "clonidine or lofexidine.", 1),
            out("as-needed", "boolean", "Whether it is given as needed.", 1),
            out("due", "dateTime", "When it is due; not of one as needed."),
            out("dose", "Quantity", "In mg; of a patch what it gives in a day."),
            out("given-in-24-hours", "Quantity", "What was given of the drug in the 24 hours before."),
        ),
        out(
            "limits",
            "",
            "All limits that were looked at.",
            1,
            "1",
            out(
                "limit",
                "",
                "One of them.",
                1,
                "*",
                out("rule", "code", "The rule that it belongs to.", 1),
                out("key", "code", "Which of its limits.", 1),
                *_LIMIT,
            ),
        ),
        out("ruleset-version", "string", "The version of the rules.", 1),
    ),
    instance=True,
)

ACKNOWLEDGE = Defined(
    "acknowledge",
    "Say what is done about an alert",
    "Takes up the Task of an alert: `accepted`, until a snooze ends where one is given; `completed` by an action; "
    "`rejected`, which dismisses, by a reason. The Task and a Provenance are kept in one transaction; the alert stays "
    "as it is. The same again changes nothing. If-Match names a version of the Task.",
    "Observation",
    True,
    (
        Parameter("who", "in", "Reference", "Who says so; needed for a critical alert.", 0),
        Parameter(
            "action",
            "in",
            "code",
            f"What was done, of {ACT_CODE}: "
            + ", ".join(f"{code} {words}" for code, words in ACTIONS.items())
            + ".",
            0,
        ),
        Parameter(
            "reason",
            "in",
            "CodeableConcept",
            "Why it is dismissed; a contraindication or interaction for its order's life. valueString gives its text.",
            0,
        ),
        Parameter("note", "in", "string", "Words for whoever reads the Task.", 0),
        Parameter(
            "snoozeUntil",
            "in",
            "dateTime",
            "Ask again then: at most an hour from now for a critical alert, 4 for a high, 16 for a moderate, else 96.",
            0,
        ),
        Parameter("return", "out", "Task", "The Task as it is now; it is the body itself."),
    ),
    instance=True,
)

OPERATIONS = (
    Defined(
        "submit",
        "Post a reading, get its alerts",
        "Keeps a reading and answers with it and the alerts that it raised.",
        "Observation",
        True,
        (
            Parameter("resource", "in", "Observation", "The reading; it is the body itself."),
            Parameter("return", "out", "Bundle", "A collection: the reading as it is kept, then its alerts."),
        ),
    ),
    Defined(
        "evaluate",
        "Judge a record without keeping it",
        "The alerts that the rules raise over the resources of a Bundle.",
        "",
        False,
        (
            Parameter("resource", "in", "Bundle", "A collection; it is the body itself."),
            Parameter("at", "in", "dateTime", "Judge as of this instant; now where it is not given.", 0),
            Parameter("return", "out", "Bundle", "A collection of alert Observations."),
        ),
    ),
    DOSE_CHECK,
    *CONSUMER_OPERATIONS,
    ACKNOWLEDGE,
)


def operation_definition(made: Defined) -> dict[str, Any]:
    """The OperationDefinition resource."""
    return {
        **heading("OperationDefinition", made.code, made.title, made.about),
        "kind": "operation",
        "affectsState": made.keeps,
        "code": made.code,
        **({"resource": [made.resource]} if made.resource else {}),
        "system": not made.resource,
        "type": bool(made.resource) and not made.instance,
        "instance": made.instance,
        "parameter": [_parameter(one) for one in made.parameters],
    }


def _parameter(one: Parameter) -> dict[str, Any]:
    return {
        "name": one.name,
        "use": one.use,
        "min": one.minimum,
        "max": one.maximum,
        "documentation": one.about,
        **({"type": one.type} if one.type else {}),
        **({"part": [_parameter(part) for part in one.parts]} if one.parts else {}),
    }
