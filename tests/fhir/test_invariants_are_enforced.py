"""The invariants of FHIR R4 for the types served, a row each."""

from decimal import Decimal
from typing import Any

import pytest

from tests.fhir.bodies import (
    GONE,
    concept,
    condition,
    dose,
    order,
    panel,
    patient,
    pulse,
    quantity,
)
from tests.fhir.refusal import RULE, Row, assert_acceptable_before, assert_refused, extended

OBS, MR, MA = "Observation", "MedicationRequest", "MedicationAdministration"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


def repeat(**parts: Any) -> Row:
    where = {"dosageInstruction.0.timing": {"repeat": parts}}
    return Row(order(), where, "MedicationRequest.dosageInstruction[0].timing.repeat", "", RULE)


def timing(rule: str, place: str, **parts: Any) -> Row:
    row = repeat(**parts)
    return row._replace(expression=row.expression + place, rule=rule)


INVARIANTS = {
    "ext-1: a value and extensions": Row(
        panel(),
        extended(valueString="x", extension=[{"url": "a", "valueString": "b"}]),
        "Observation.extension[0]",
        "ext-1",
        RULE,
    ),
    "ext-1: neither": Row(panel(), extended(), "Observation.extension[0]", "ext-1", RULE),
    "ext-1 on a modifier extension": Row(
        panel(), {"modifierExtension": [{"url": "a"}]}, "Observation.modifierExtension[0]", "ext-1", RULE
    ),
    "ext-1 on a primitive's extension": Row(
        panel(), {"_status": {"extension": [{"url": "a"}]}}, "Observation.status.extension[0]", "ext-1", RULE
    ),
    "obs-3": Row(
        panel(),
        {"component.0.referenceRange": [{"type": {"text": "normal"}}]},
        "Observation.component[0].referenceRange[0]",
        "obs-3",
        RULE,
    ),
    "obs-6": Row(pulse(), {"dataAbsentReason": {"text": "x"}}, "Observation.dataAbsentReason", "obs-6", RULE),
    "obs-6 with a value in an extension": Row(
        pulse(),
        {"valueQuantity": GONE, "_valueString": extended(valueCode="x"), "dataAbsentReason": {"text": "x"}},
        "Observation.dataAbsentReason",
        "obs-6",
        RULE,
    ),
    "obs-7": Row(panel(), {"valueString": "x", "component.1.code": concept("85354-9")}, OBS, "obs-7", RULE),
    "qty-3": Row(pulse(), {"valueQuantity.system": GONE}, "Observation.value.system", "qty-3", RULE),
    "sqty-1": Row(
        order(),
        {"dosageInstruction.0.doseAndRate.0.doseQuantity.comparator": "<"},
        f"{MR}.dosageInstruction[0].doseAndRate[0].doseQuantity.comparator",
        "sqty-1",
        RULE,
    ),
    "per-1": Row(
        panel(),
        {"effectiveDateTime": GONE, "effectivePeriod": {"start": "2026-11-22", "end": "2026-11-21"}},
        "Observation.effective",
        "per-1",
        RULE,
    ),
    "per-1 across zones": Row(
        panel(),
        {
            "effectiveDateTime": GONE,
            "effectivePeriod": {"start": "2026-11-22T08:00:00-05:00", "end": "2026-11-22T09:00:00+01:00"},
        },
        "Observation.effective",
        "per-1",
        RULE,
    ),
    "rng-2": Row(
        pulse(),
        {"valueQuantity": GONE, "valueRange": {"low": quantity("2"), "high": quantity("1")}},
        "Observation.value",
        "rng-2",
        RULE,
    ),
    "rat-1": Row(
        order(),
        {"dosageInstruction.0.maxDosePerPeriod.denominator": GONE},
        f"{MR}.dosageInstruction[0].maxDosePerPeriod",
        "rat-1",
        RULE,
    ),
    "rat-1 of nothing": Row(
        pulse(), {"valueQuantity": GONE, "valueRatio": {"id": "a"}}, "Observation.value", "rat-1", RULE
    ),
    "tim-1": timing("tim-1", ".durationUnit", duration=Decimal(1)),
    "tim-2": timing("tim-2", ".periodUnit", period=Decimal(1)),
    "tim-4": timing("tim-4", ".duration", duration=Decimal(-1), durationUnit="h"),
    "tim-5": timing("tim-5", ".period", period=Decimal("-0.5"), periodUnit="h"),
    "tim-6": timing("tim-6", ".period", periodMax=Decimal(1)),
    "tim-7": timing("tim-7", ".duration", durationMax=Decimal(1)),
    "tim-8": timing("tim-8", ".count", countMax=2),
    "tim-9": timing("tim-9", ".offset", offset=10, when=["CM"]),
    "tim-9 without an event": timing("tim-9", ".offset", offset=10),
    "tim-10": timing("tim-10", ".timeOfDay", timeOfDay=["08:00:00"], when=["HS"]),
    "att-1": Row(patient(), {"photo.0.contentType": GONE}, "Patient.photo[0].contentType", "att-1", RULE),
    "cpt-2": Row(patient(), {"telecom.0.system": GONE}, "Patient.telecom[0].system", "cpt-2", RULE),
    "pat-1": Row(patient(), {"contact": [{"gender": "male"}]}, "Patient.contact[0]", "pat-1", RULE),
    "mad-1": Row(dose(), {"dosage.dose": GONE}, f"{MA}.dosage", "mad-1", RULE),
    "con-1": Row(condition(), {"stage": [{"type": {"text": "x"}}]}, "Condition.stage[0]", "con-1", RULE),
    "con-2": Row(
        condition(),
        {"evidence": [{"extension": extended(valueCode="x")["extension"]}]},
        "Condition.evidence[0]",
        "con-2",
        RULE,
    ),
    "con-4": Row(condition(), {"abatementDateTime": "2026"}, "Condition.clinicalStatus", "con-4", RULE),
    "con-5": Row(
        condition(),
        {"verificationStatus": concept("entered-in-error", VERIFICATION)},
        "Condition.clinicalStatus",
        "con-5",
        RULE,
    ),
    "age-1": Row(
        condition(),
        {"onsetDateTime": GONE, "onsetAge": quantity("0", "a")},
        "Condition.onset",
        "age-1",
        RULE,
    ),
    "drt-1": Row(
        order(),
        {"dispenseRequest.expectedSupplyDuration": {"value": 1, "system": "http://x", "code": "d"}},
        f"{MR}.dispenseRequest.expectedSupplyDuration",
        "drt-1",
        RULE,
    ),
    "cnt-3": Row(
        panel(), extended(valueCount=quantity("1.5", "1")), "Observation.extension[0].value", "cnt-3", RULE
    ),
    "dis-1": Row(
        panel(), extended(valueDistance={"value": 1}), "Observation.extension[0].value", "dis-1", RULE
    ),
    "exp-1": Row(
        panel(),
        extended(valueExpression={"language": "text/cql"}),
        "Observation.extension[0].value",
        "exp-1",
        RULE,
    ),
    "drq-1": Row(
        panel(),
        extended(valueDataRequirement={"type": "Patient", "codeFilter": [{"path": "a", "searchParam": "b"}]}),
        "Observation.extension[0].value.codeFilter[0]",
        "drq-1",
        RULE,
    ),
    "trd-1": Row(
        panel(),
        extended(
            valueTriggerDefinition={"type": "periodic", "timingDate": "2026", "data": [{"type": "Patient"}]}
        ),
        "Observation.extension[0].value.timingDate",
        "trd-1",
        RULE,
    ),
    "trd-3": Row(
        panel(),
        extended(valueTriggerDefinition={"type": "named-event"}),
        "Observation.extension[0].value",
        "trd-3",
        RULE,
    ),
}

ROWS = INVARIANTS


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_it_is_refused_where_it_stands(row: Row) -> None:
    assert_refused(row)


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_the_body_is_acceptable_before_the_change(row: Row) -> None:
    assert_acceptable_before(row)
