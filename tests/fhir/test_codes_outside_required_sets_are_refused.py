"""Required bindings, a row a set: https://hl7.org/fhir/R4/terminologies.html#required."""

import pytest

from tests.fhir.bodies import (
    concept,
    condition,
    dose,
    medication,
    order,
    panel,
    patient,
    pulse,
)
from tests.fhir.refusal import RULE, Row, assert_acceptable_before, assert_refused, extended

OBS, MR, MA = "Observation", "MedicationRequest", "MedicationAdministration"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'


CODES = {
    f"{value!r} is outside {rule}": Row(body, {path: value}, expression, rule, RULE)
    for body, path, value, expression, rule in (
        (panel(), "status", "bogus", "Observation.status", "observation-status"),
        (panel(), "status", "+", "Observation.status", "observation-status"),
        (order(), "status", "final", f"{MR}.status", "medicationrequest-status"),
        (order(), "intent", "bogus", f"{MR}.intent", "medicationrequest-intent"),
        (order(), "priority", "soon", f"{MR}.priority", "request-priority"),
        (dose(), "status", "given", f"{MA}.status", "medication-admin-status"),
        (medication(), "status", "final", "Medication.status", "medication-status"),
        (patient(), "gender", "m", "Patient.gender", "administrative-gender"),
        (patient(), "contact.0.gender", "f", "Patient.contact[0].gender", "administrative-gender"),
        (patient(), "name.0.use", "first", "Patient.name[0].use", "name-use"),
        (patient(), "telecom.0.system", "tel", "Patient.telecom[0].system", "contact-point-system"),
        (patient(), "telecom.0.use", "night", "Patient.telecom[0].use", "contact-point-use"),
        (patient(), "identifier.0.use", "main", "Patient.identifier[0].use", "identifier-use"),
        (patient(), "address", [{"use": "x"}], "Patient.address[0].use", "address-use"),
        (patient(), "photo.0.contentType", "gif", "Patient.photo[0].contentType", "mimetypes"),
        (pulse(), "valueQuantity.comparator", "=", "Observation.value.comparator", "quantity-comparator"),
        (
            order(),
            "dosageInstruction.0.timing.repeat.periodUnit",
            "hours",
            f"{MR}.dosageInstruction[0].timing.repeat.periodUnit",
            "units-of-time",
        ),
        (
            order(),
            "dosageInstruction.0.timing.repeat.dayOfWeek",
            ["mon", "monday"],
            f"{MR}.dosageInstruction[0].timing.repeat.dayOfWeek[1]",
            "days-of-week",
        ),
        (
            order(),
            "dosageInstruction.0.timing.repeat.when",
            ["BEDTIME"],
            f"{MR}.dosageInstruction[0].timing.repeat.when[0]",
            "event-timing",
        ),
        (
            condition(),
            "clinicalStatus",
            concept("ill", CLINICAL),
            "Condition.clinicalStatus",
            "condition-clinical",
        ),
        (condition(), "clinicalStatus", {"text": "x"}, "Condition.clinicalStatus", "condition-clinical"),
        (
            condition(),
            "verificationStatus",
            concept("confirmed"),
            "Condition.verificationStatus",
            "condition-ver-status",
        ),
        (
            panel(),
            "text",
            {"status": "x", "div": DIV.format("a")},
            "Observation.text.status",
            "narrative-status",
        ),
        (
            panel(),
            "extension",
            extended(valueMoney={"currency": "euro"})["extension"],
            "Observation.extension[0].value.currency",
            "currencies",
        ),
    )
}

ROWS = CODES


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_it_is_refused_where_it_stands(row: Row) -> None:
    assert_refused(row)


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_the_body_is_acceptable_before_the_change(row: Row) -> None:
    assert_acceptable_before(row)
