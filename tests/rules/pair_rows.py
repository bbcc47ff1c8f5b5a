"""Rows of the acceptance tables for orders and what stands beside them: diagnoses, allergies, other medicines."""

from datetime import datetime
from typing import Any

from tests.record.documents import (
    ATC,
    RXNORM,
    SNOMED,
    VERIFIED,
    Doc,
    allergy,
    at,
    concept,
    condition,
    dose,
    instruction,
    order,
    panel,
    pulse,
    symptom,
    when,
)
from tests.rules.rows import Row

DROWSY = "271782001"
SINUS, NODE, THIRD, FIRST, UNTOLD = "36083008", "60423000", "27885002", "270492004", "233917008"
PACEMAKER, INFARCTION, FAILURE = "441509002", "22298006", "84114007"
KIDNEY_4, KIDNEY_END, PREGNANT = "431857002", "46177005", "77386006"
LOFEXIDINE = concept(ATC, "N07BC04")
CLONIDINE = order("mr1", instruction("0.1", 6, start=at(2)), authored=at(2))
TAPERED = order(
    "mr1", instruction("0.1", 6, start=at(2), end=at(5)), instruction("0.1", 12, start=at(5)), authored=at(2)
)


def ill(code: str, since: int | None = 1, until: int | None = None, **more: Any) -> Doc:
    """A condition since the first day, until the first instant of another."""
    days = (("onsetDateTime", since), ("abatementDateTime", until))
    dated = {name: when(at(day)) for name, day in days if day is not None}
    return {**condition(code, **dated, **more), "id": f"c{code}"}


def taken(name: str, since: int = 1, until: int | None = None, drug: Doc | None = None) -> Doc:
    """Another medicine by mouth, by its name or by a code, from midnight of a day on."""
    end = at(until) if until else None
    given = instruction("5", 12, start=at(since), end=end)
    return order("other", given, authored=at(since), drug=drug or {"text": name})


def patient(born: str | None) -> Doc:
    return {"resourceType": "Patient", "id": "p1", **({"birthDate": born} if born else {})}


def low(systolic: Any, diastolic: Any, moment: datetime, rate: Any = 70) -> Doc:
    return panel("bp", systolic, diastolic, moment, rate=rate)


def pairs(rule: str, kind: str, said: str, *others: Doc) -> tuple[Row, ...]:
    """What holds for every interaction: while both are in force, to the last instant, and of what cannot be told."""
    named = taken(kind)
    return (
        Row(rule, "firing", [CLONIDINE, named, *others], [said]),
        Row(rule, "firing", [CLONIDINE, taken(kind, 4), *others], [said]),
        Row(rule, "silent", [CLONIDINE], []),
        Row(rule, "silent", [CLONIDINE, taken("paracetamol"), *others], []),
        Row(rule, "silent", [named, *others], []),
        Row(rule, "boundary", [CLONIDINE, taken(kind, 1, 2), *others], []),
        Row(
            rule,
            "boundary",
            [order("mr1", instruction("0.1", 6, start=at(2), end=at(4))), taken(kind, 4)],
            [],
        ),
        Row(rule, "unknown", [CLONIDINE, taken("a new tablet"), *others], []),
    )


def cautions(rule: str, code: str, said: str) -> tuple[Row, ...]:
    """What holds for every diagnosis: while it is active, and of one that says nothing."""
    return (
        Row(rule, "firing", [CLONIDINE, ill(code)], [said]),
        Row(rule, "firing", [CLONIDINE, ill(code, 9)], [said]),
        Row(rule, "firing", [CLONIDINE, ill(code, verified="provisional")], [said]),
        Row(rule, "silent", [CLONIDINE, ill("38341003")], []),
        Row(rule, "silent", [CLONIDINE, ill(code, verified="refuted")], []),
        Row(rule, "silent", [ill(code)], []),
        Row(rule, "unknown", [CLONIDINE, {**ill(code), "code": {"text": "a bad heart"}}], []),
    )


def abated(rule: str, code: str, said: str) -> tuple[Row, ...]:
    """At the edges of a condition: over before the order begins, and not yet."""
    return (
        Row(rule, "boundary", [CLONIDINE, ill(code, 1, 2)], []),
        Row(rule, "boundary", [CLONIDINE, {**ill(code), "abatementDateTime": "2026-03-03"}], [said]),
    )


_RULE = "contraindication-conduction"
CONDUCTION = (
    *cautions(_RULE, SINUS, "critical"),
    *abated(_RULE, SINUS, "critical"),
    Row(_RULE, "firing", [CLONIDINE, ill(NODE)], ["critical"]),
    Row(_RULE, "firing", [CLONIDINE, ill(THIRD), ill(FIRST)], ["moderate", "critical"]),
    Row(_RULE, "firing", [CLONIDINE, {**ill(FIRST), "code": concept(SNOMED, FIRST, THIRD)}], ["critical"]),
    Row(_RULE, "firing", [CLONIDINE, ill(SINUS), ill(PACEMAKER, 1, 2)], ["critical"]),
    Row(_RULE, "firing", [CLONIDINE, ill(SINUS), ill(PACEMAKER, 3)], ["critical"]),
    Row(_RULE, "firing", [CLONIDINE, ill(SINUS), ill(PACEMAKER, 1, 6)], ["critical"]),
    Row(_RULE, "silent", [CLONIDINE, ill(SINUS), ill(FIRST), ill(PACEMAKER)], []),
    Row(_RULE, "boundary", [CLONIDINE, ill(SINUS), ill(PACEMAKER, 2)], []),
    Row(_RULE, "unknown", [CLONIDINE, ill(UNTOLD)], ["critical"]),
    Row(_RULE, "unknown", [CLONIDINE, ill(SINUS), ill(PACEMAKER, None, recordedDate=when(at(5)))], []),
)  # fmt: skip

_RULE = "contraindication-low-bp-or-hr-at-start"
START = (
    Row(_RULE, "firing", [CLONIDINE, low(85, 65, at(1, "20:00"))], ["critical"]),
    Row(_RULE, "firing", [CLONIDINE, low(120, 55, at(1, "20:00"))], ["critical"]),
    Row(_RULE, "firing", [CLONIDINE, pulse("hr", 49, at(1, "20:00"))], ["critical"]),
    Row(_RULE, "firing", [CLONIDINE, low(95, 65, at(1, "20:00"))], ["moderate"]),
    Row(_RULE, "firing", [dose("d", "0.1", at(2)), low(85, 65, at(1, "20:00"))], ["critical"]),
    Row(
        _RULE,
        "firing",
        [{**CLONIDINE, "id": "mr0", "status": "stopped"}, CLONIDINE, low(85, 65, at(1, "20:00"))],
        ["critical"],
    ),
    Row(_RULE, "firing", [order("old", instruction("0.1", 6, start=at(-9), end=at(-7)), authored=at(-9)),
                          CLONIDINE, low(85, 65, at(1, "20:00"))], ["critical"]),
    Row(_RULE, "silent", [CLONIDINE, low(120, 80, at(1, "20:00"))], []),
    Row(_RULE, "silent", [CLONIDINE, low(85, 65, at(1, "20:00")), panel("b", 120, 80, at(1, "21:00"))], []),
    Row(_RULE, "silent", [CLONIDINE, dose("d", "0.1", at(3)), low(85, 65, at(2, "20:00"))], []),
    Row(_RULE, "silent", [dose("d", "0.1", at(2), "not-done"), low(85, 65, at(1, "20:00"))], []),
    Row(_RULE, "boundary", [CLONIDINE, low(100, 60, at(1, "20:00"), 56)], []),
    Row(_RULE, "boundary", [CLONIDINE, low(90, 60, at(1, "20:00"), 50)], ["moderate"]),
    Row(_RULE, "boundary", [CLONIDINE, low("99.9", 60, at(1, "20:00"), "55.9")], ["moderate"]),
    Row(_RULE, "boundary", [CLONIDINE, low(85, 65, at(2))], ["critical"]),
    Row(_RULE, "boundary", [CLONIDINE, low(85, 65, at(1))], []),
    Row(_RULE, "boundary", [CLONIDINE, low(85, 65, at(1, "00:01"))], ["critical"]),
    Row(_RULE, "unknown", [CLONIDINE], []),
    Row(_RULE, "unknown", [CLONIDINE, low(85, 95, at(1, "20:00"))], []),
    Row(_RULE, "unknown", [CLONIDINE, panel("day", 85, 65, "2026-03-02")], []),
)  # fmt: skip

_RULE, ALLERGY = "hypersensitivity", allergy(concept(RXNORM, "2599"), onsetDateTime="2020")
REFUTED = concept(VERIFIED, "refuted")
HYPERSENSITIVE = (
    Row(_RULE, "firing", [CLONIDINE, ALLERGY], ["critical"]),
    Row(_RULE, "firing", [order("o", drug=LOFEXIDINE), allergy(LOFEXIDINE)], ["critical"]),
    Row(_RULE, "silent", [CLONIDINE, allergy(LOFEXIDINE)], []),
    Row(_RULE, "silent", [CLONIDINE, {**ALLERGY, "verificationStatus": REFUTED}], []),
    Row(_RULE, "boundary", [order("mr1", instruction("0.1", 6, start=at(2), end=at(4))),
                            allergy(concept(RXNORM, "2599"), onsetDateTime=when(at(4)))], []),
    Row(_RULE, "boundary", [order("mr1", instruction("0.1", 6, start=at(2), end=at(4))),
                            allergy(concept(RXNORM, "2599"), onsetDateTime=when(at(3, "23:59")))], ["critical"]),
    Row(_RULE, "unknown", [CLONIDINE, allergy({"text": "a tablet"})], []),
)  # fmt: skip

_RULE = "caution-child"
CHILD = (
    Row(_RULE, "firing", [CLONIDINE, patient("2012-05-05")], ["moderate"]),
    Row(_RULE, "silent", [CLONIDINE, patient("1980-05-05")], []),
    Row(_RULE, "boundary", [CLONIDINE, patient("2008-03-03")], []),
    Row(_RULE, "boundary", [CLONIDINE, patient("2008-03-04")], ["moderate"]),
    Row(_RULE, "unknown", [CLONIDINE, patient(None)], []),
    Row(_RULE, "unknown", [CLONIDINE, patient("2008")], ["moderate"]),
)
CAUTIONS = (
    *cautions("caution-cardiovascular", FAILURE, "moderate"),
    *abated("caution-cardiovascular", FAILURE, "moderate"),
    Row("caution-cardiovascular", "firing", [CLONIDINE, ill("4557003")], ["high"]),
    Row("caution-cardiovascular", "boundary", [CLONIDINE, ill(INFARCTION, -27)], ["high"]),
    Row("caution-cardiovascular", "boundary", [CLONIDINE, ill(INFARCTION, -28)], []),
    Row("caution-cardiovascular", "firing", [CLONIDINE, ill(INFARCTION, -20, -10)], ["high"]),
    *cautions("caution-renal", KIDNEY_4, "moderate"),
    *abated("caution-renal", KIDNEY_END, "moderate"),
    *cautions("caution-pregnancy", PREGNANT, "moderate"),
    *abated("caution-pregnancy", PREGNANT, "moderate"),
    *CHILD,
)

_RULE = "interaction-beta-blocker"
BLOCKED = (
    *pairs(_RULE, "propranolol", "moderate"),
    Row(_RULE, "firing", [CLONIDINE, taken("", drug=concept(RXNORM, "8787"))], ["moderate"]),
    Row(_RULE, "firing", [TAPERED, taken("metoprolol")], ["high"]),
    Row(_RULE, "firing", [order("mr1", instruction("0.1", 6, start=at(2), end=at(5))), taken("metoprolol")], ["high"]),
    Row(_RULE, "firing", [order("mr1", instruction("0.1", 6, start=at(2), end=at(5))), taken("metoprolol"),
                          order("mr2", instruction("0.1", 6, start=at(5)))], ["moderate", "moderate"]),
    Row(_RULE, "boundary", [TAPERED, taken("metoprolol", 1, 5)], ["moderate"]),
    Row(_RULE, "boundary", [TAPERED, taken("metoprolol", 1, 6)], ["high"]),
    Row(_RULE, "unknown", [order("o", drug={"text": "clonidine"}), taken("metoprolol")], ["moderate"]),
)  # fmt: skip

_RULE = "interaction-av-nodal"
NODAL = (
    *pairs(_RULE, "digoxin", "moderate"),
    Row(_RULE, "firing", [CLONIDINE, taken("digoxin"), pulse("hr", 52, at(4))], ["high"]),
    Row(
        _RULE, "firing", [CLONIDINE, taken("digoxin"), pulse("a", 52, at(4)), pulse("b", 80, at(9))], ["high"]
    ),
    Row(_RULE, "silent", [CLONIDINE, taken("digoxin", 1, 4), pulse("hr", 52, at(5))], ["moderate"]),
    Row(_RULE, "boundary", [CLONIDINE, taken("digoxin"), pulse("hr", 56, at(4))], ["moderate"]),
    Row(_RULE, "boundary", [CLONIDINE, taken("digoxin"), pulse("hr", "55.9", at(2))], ["high"]),
    Row(_RULE, "boundary", [CLONIDINE, taken("digoxin"), pulse("hr", 52, at(1, "00:01"))], ["high"]),
    Row(_RULE, "boundary", [CLONIDINE, taken("digoxin"), pulse("hr", 52, at(1))], ["moderate"]),
    Row(
        _RULE,
        "silent",
        [CLONIDINE, taken("digoxin"), pulse("a", 52, at(1, "20:00")), pulse("b", 56, at(1, "23:00"))],
        ["moderate"],
    ),
    Row(
        _RULE,
        "firing",
        [CLONIDINE, taken("digoxin", 4), pulse("a", 60, at(3)), pulse("b", 55, at(3, "23:00"))],
        ["high"],
    ),
    Row(_RULE, "boundary", [CLONIDINE, taken("digoxin", 1, 4), pulse("hr", 52, at(4))], ["moderate"]),
    Row(_RULE, "unknown", [CLONIDINE, taken("digoxin"), pulse("hr", 0, at(4))], ["moderate"]),
    Row(_RULE, "unknown", [CLONIDINE, taken("digoxin"), pulse("hr", 52, "2026-03-05")], ["moderate"]),
)

_RULE = "interaction-cns-depressant"
DEPRESSED = (
    *pairs(_RULE, "diazepam", "moderate"),
    Row(_RULE, "firing", [CLONIDINE, taken("diazepam"), symptom("s", DROWSY, at(4), "mild")], ["high"]),
    Row(_RULE, "silent", [CLONIDINE, taken("diazepam"), symptom("s", DROWSY, at(4), valueBoolean=False)], ["moderate"]),
    Row(_RULE, "boundary", [CLONIDINE, taken("diazepam"), symptom("s", DROWSY, at(1))], ["moderate"]),
    Row(_RULE, "boundary", [CLONIDINE, taken("diazepam"), symptom("s", DROWSY, at(1, "00:01"))], ["high"]),
    Row(_RULE, "boundary", [CLONIDINE, taken("diazepam", 1, 4), symptom("s", DROWSY, at(4))], ["moderate"]),
    Row(_RULE, "unknown", [CLONIDINE, taken("diazepam"), symptom("s", DROWSY, "2026-03-05")], ["moderate"]),
)  # fmt: skip

_RULE = "co-use-opioid-agonist"
OPIOID = (
    *pairs(_RULE, "methadone", "info"),
    *pairs(_RULE, "buprenorphine", "moderate", symptom("s", DROWSY, at(4), "severe"))[:1],
    Row(_RULE, "firing", [CLONIDINE, taken("methadone"), low(99, 70, at(4))], ["moderate"]),
    Row(_RULE, "firing", [CLONIDINE, taken("methadone"), pulse("hr", 50, at(4))], ["moderate"]),
    Row(_RULE, "firing", [order("o", drug=LOFEXIDINE), taken("methadone")], ["high"]),
    Row(_RULE, "silent", [order("o", drug=LOFEXIDINE), taken("buprenorphine")], ["info"]),
    Row(_RULE, "boundary", [CLONIDINE, taken("methadone"), low(100, 70, at(4), 56)], ["info"]),
    Row(
        _RULE,
        "firing",
        [CLONIDINE, taken("methadone"), low(99, 70, at(1, "12:00")), pulse("p", 70, at(1, "13:00"))],
        ["moderate"],
    ),
)

PATCH = {"route": concept(SNOMED, "45890007")}
_RULE = "duplicate-clonidine"


def second(since: int, until: int | None = None, **more: Any) -> Doc:
    given = instruction("0.1", 8, start=at(since), end=at(until) if until else None, **more)
    return order("second", given, authored=at(since))


DUPLICATE = (
    Row(_RULE, "firing", [CLONIDINE, second(4)], ["moderate"]),
    Row(_RULE, "firing", [CLONIDINE, second(4, **PATCH)], ["moderate"]),
    Row(_RULE, "silent", [CLONIDINE, {**second(4), "medicationCodeableConcept": LOFEXIDINE}], []),
    Row(_RULE, "silent", [CLONIDINE, second(4, asNeededBoolean=True)], []),
    Row(_RULE, "silent", [CLONIDINE, {**second(4), "priorPrescription": {"reference": "MedicationRequest/mr1"}}], []),
    Row(_RULE, "boundary", [order("mr1", instruction("0.1", 6, start=at(2), end=at(4))), second(4)], []),
    Row(_RULE, "boundary", [order("mr1", instruction("0.1", 6, start=at(2), end=at(7))), second(4, **PATCH)], []),
    Row(_RULE, "boundary", [order("mr1", instruction("0.1", 6, start=at(2), end=at(7, "00:01"))),
                            second(4, **PATCH)], ["moderate"]),
    Row(_RULE, "unknown", [CLONIDINE, order("second", drug={"text": "a new tablet"})], []),
)  # fmt: skip

PAIRS: tuple[Row, ...] = (
    *CONDUCTION, *START, *HYPERSENSITIVE, *CAUTIONS, *BLOCKED, *NODAL, *DEPRESSED, *OPIOID, *DUPLICATE,
    *pairs("interaction-tca-mirtazapine", "amitriptyline", "moderate"),
    *pairs("interaction-tca-mirtazapine", "mirtazapine", "moderate")[:1],
    *pairs("co-use-antihypertensive", "lisinopril", "moderate"),
    # what a beta-blocker makes worse
    Row("rebound-hypertension", "firing", [dose("d", "0.1", at(2)), panel("base", 130, 80, at(1, "23:00")),
                                           taken("metoprolol"), panel("x", 152, 88, at(3))], ["critical"]),
    Row("rebound-hypertension", "boundary", [dose("d", "0.1", at(2)), panel("base", 130, 80, at(1, "23:00")),
                                             taken("metoprolol", 1, 3), panel("x", 152, 88, at(3))], ["high"]),
)  # fmt: skip
