"""Values that no primitive type has: https://hl7.org/fhir/R4/datatypes.html#primitive, a row each."""

from decimal import Decimal

import pytest

from tests.fhir.bodies import (
    order,
    panel,
    patient,
    pulse,
)
from tests.fhir.refusal import Row, assert_acceptable_before, assert_refused, extended

OBS, MR, MA = "Observation", "MedicationRequest", "MedicationAdministration"


VALUES = {
    f"{value!r} for {what}": Row(body, {path: value}, expression, "datatype")
    for what, body, path, expression, values in (
        (
            "a decimal",
            pulse(),
            "valueQuantity.value",
            "Observation.value.value",
            ("62", True, {}, Decimal("1E400"), Decimal("1E-400"), 10**300, Decimal("0E+999999999")),
        ),
        (
            "a dateTime",
            panel(),
            "effectiveDateTime",
            "Observation.effective",
            (
                "2026-02-30",
                "2026-04-31",
                "2025-02-29",
                "2026-13-01",
                "2026-00-01",
                "0000-01-01",
                "2026-1-1",
                "26",
                "2026-11-22T08:00:00",
                "2026-11-22T08:00Z",
                "2026-11-22T24:00:00Z",
                "2026-11-22T08:00:00+15:00",
                "2026-11-22 08:00:00Z",
                "2026-11-22Z",
                "2026-11-22\n",
                "now",
                20261122,
                Decimal("2026.5"),
            ),
        ),
        (
            "an instant",
            panel(),
            "issued",
            "Observation.issued",
            ("2026-11-22", "2026-11-22T08:00:00", "2026-02-30T08:00:00Z", "2026-11-22T08:00Z"),
        ),
        (
            "a date",
            patient(),
            "birthDate",
            "Patient.birthDate",
            ("1974-12-25T00:00:00Z", "1974-02-29", 1974, "")[:3],
        ),
        ("a boolean", patient(), "active", "Patient.active", ("true", 1, 0, "yes", {})),
        (
            "a positiveInt",
            order(),
            "dosageInstruction.0.timing.repeat.frequency",
            f"{MR}.dosageInstruction[0].timing.repeat.frequency",
            (0, -1, "1", Decimal("1.0"), True, 2**31),
        ),
        (
            "an unsignedInt",
            order(),
            "dispenseRequest.numberOfRepeatsAllowed",
            f"{MR}.dispenseRequest.numberOfRepeatsAllowed",
            (-1, Decimal("1.5"), "0"),
        ),
        (
            "an integer",
            order(),
            "dosageInstruction.0.sequence",
            f"{MR}.dosageInstruction[0].sequence",
            (2**31, -(2**31) - 1, Decimal("-0"), "1", False),
        ),
        (
            "a string",
            panel(),
            "code.text",
            "Observation.code.text",
            (" ", "\t\n", "a\x00b", "a\x1fb", "\x0b", 5, True, "x" * (1024 * 1024 + 1)),
        ),
        (
            "a code",
            panel(),
            "code.coding.0.code",
            "Observation.code.coding[0].code",
            (" a", "a ", "a  b", "a\x01b", 4),
        ),
        ("an id", panel(), "id", "Observation.id", ("x" * 65, "a b", "a_b", "é", 7)),
        (
            "a uri",
            panel(),
            "code.coding.0.system",
            "Observation.code.coding[0].system",
            ("http://a b", " http://a", "http://a\x01", 1),
        ),
        ("a canonical", panel("x"), "meta.profile.0", "Observation.meta.profile[0]", ("a b",)),
        ("a time", pulse(), "valueTime", "Observation.value", ()),
        (
            "base64",
            patient(),
            "photo.0.data",
            "Patient.photo[0].data",
            ("?", "abc", "a=bc", "=", 1),
        ),
        (
            "a markdown",
            panel() | {"note": [{"text": "x"}]},
            "note.0.text",
            "Observation.note[0].text",
            (" ", 1),
        ),
    )
    for value in values
}

EXTENDED_VALUES = {
    f"{value!r} for {key}": Row(
        panel(), extended(**{key: value}), "Observation.extension[0].value", "datatype"
    )
    for key, value in (
        ("valueTime", "24:00:00"),
        ("valueTime", "8:00"),
        ("valueOid", "1.2.3"),
        ("valueUuid", "c757873d-ec9a-4326-a141-556f43239520"),
        ("valueUrl", "a b"),
    )
}

ROWS = VALUES | EXTENDED_VALUES


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_it_is_refused_where_it_stands(row: Row) -> None:
    assert_refused(row)


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_the_body_is_acceptable_before_the_change(row: Row) -> None:
    assert_acceptable_before(row)
