"""A small world of resources and of searches over it, by chance: every kind of parameter, every modifier."""

import random
from typing import Any

SYSTEMS = ("http://loinc.org", "http://snomed.info/sct", None)
CODES = ("85354-9", "8867-4", "alert", "final", "a,b", "c|d", "e$f", "x" * 300)
TIMES = (
    "2025",
    "2025-12",
    "2025-12-31",
    "2025-12-31T10:00:00Z",
    "2025-12-31T10:00:00.250+01:00",
    "2026-01-01",
)
PATIENTS = (
    "Patient/p1",
    "Patient/p2",
    "http://test/fhir/Patient/p1",
    "http://other/fhir/Patient/p1/_history/3",
)
PREFIXES = ("", "eq", "ne", "gt", "ge", "lt", "le", "sa", "eb", "ap")
NUMBERS = (90, 89.5, 90.49, -3, 0, 12, 11.99, 120, 1e2, 0.1)
UNITS = (
    ("mm[Hg]", "http://unitsofmeasure.org", "mmHg"),
    ("kPa", "http://unitsofmeasure.org", "kPa"),
    (None, None, "bpm"),
    ("mg", "urn:other", "mg"),
    (None, None, None),
)
WORDS = ("Zoë", "zoe", "Moreau-Smith", "MOREAU", "50% off_!", "Straße", "  two  words ")
UCUM = "http://unitsofmeasure.org"


def concept(chance: random.Random) -> dict[str, Any]:
    coding = [
        {
            k: v
            for k, v in (
                ("system", chance.choice(SYSTEMS)),
                ("code", chance.choice(CODES)),
                ("display", chance.choice((*WORDS, None))),
            )
            if v
        }
        for _ in range(chance.randint(1, 2))
    ]
    return {"coding": coding, **({"text": chance.choice(WORDS)} if chance.random() < 0.3 else {})}


def quantity(chance: random.Random) -> dict[str, Any]:
    code, system, unit = chance.choice(UNITS)
    made = {"value": decimal(chance), "code": code, "system": system, "unit": unit}
    made["comparator"] = chance.choice(("<", ">=", None, None, None, None))
    return {key: value for key, value in made.items() if value is not None}


def decimal(chance: random.Random) -> Any:
    from decimal import Decimal

    number = chance.choice(NUMBERS)
    return number if isinstance(number, int) else Decimal(str(number))


def sampled(chance: random.Random) -> dict[str, Any]:
    data = " ".join(chance.choice(("0", "-1.5", "12", "90", "1e1", "E", "U", "L")) for _ in range(3))
    origin = {key: part for key, part in quantity(chance).items() if key != "comparator"}
    made = {"origin": origin, "period": 10, "dimensions": 1, "data": data, "lowerLimit": -3}
    return made | ({"factor": 2} if chance.random() < 0.5 else {})


def some(chance: random.Random, doc: dict[str, Any], optional: dict[str, Any]) -> dict[str, Any]:
    return doc | {key: value for key, value in optional.items() if chance.random() < 0.8}


def observation(chance: random.Random, at: int) -> dict[str, Any]:
    """An Observation with every searched element sometimes there."""
    doc = {"resourceType": "Observation", "id": f"o{at}", "status": chance.choice(("final", "amended"))}
    optional: dict[str, Any] = {
        "code": concept(chance),
        "category": [concept(chance)],
        "subject": {"reference": chance.choice(PATIENTS)},
        "effectiveDateTime": chance.choice(TIMES),
        "identifier": [
            {"system": "urn:s", "value": chance.choice(CODES), "type": concept(chance)},
            {"value": "bare"},
        ],
        "derivedFrom": [{"reference": f"Observation/o{chance.randint(0, 9)}"}],
        "performer": [
            {"reference": "Practitioner/d1"},
            {"identifier": {"system": "urn:s", "value": chance.choice(CODES)}},
            {"reference": chance.choice(PATIENTS)},
        ],
        "meta": {"tag": [{"code": "new"}], "profile": ["http://p/1|2", "http://p/2"], "source": "urn:m"},
        "component": [
            {"code": concept(chance), "valueQuantity": quantity(chance)},
            {"code": concept(chance), "valueCodeableConcept": concept(chance)},
        ],
    }
    values = (
        {"valueQuantity": quantity(chance)},
        {"valueSampledData": sampled(chance)},
        {"valueCodeableConcept": concept(chance)},
        {"valueString": chance.choice(WORDS)},
        {"valueDateTime": chance.choice(TIMES)},
        {"dataAbsentReason": concept(chance)},
    )
    if chance.random() < 0.2:
        del optional["effectiveDateTime"]
        optional["effectivePeriod"] = {"start": "2025-12-31T09:00:00Z"}
    return some(chance, doc, optional | chance.choice(values))


def patient(chance: random.Random, at: int) -> dict[str, Any]:
    optional: dict[str, Any] = {
        "name": [{"family": chance.choice(WORDS), "given": [chance.choice(WORDS), chance.choice(WORDS)]}],
        "birthDate": chance.choice(TIMES)[:10],
        "gender": chance.choice(("male", "female")),
        "active": chance.random() < 0.5,
        "identifier": [{"system": "urn:mrn", "value": chance.choice(("1", "2"))}],
        "telecom": [{"system": chance.choice(("phone", "email")), "value": chance.choice(CODES[:4])}],
        "address": [{"city": chance.choice(WORDS), "use": "home"}],
    }
    dead = ({}, {"deceasedBoolean": False}, {"deceasedBoolean": True}, {"deceasedDateTime": "2025-12-31"})
    return some(chance, {"resourceType": "Patient", "id": f"p{at}", **chance.choice(dead)}, optional)


def order(chance: random.Random, at: int) -> dict[str, Any]:
    optional: dict[str, Any] = {
        "subject": {"reference": chance.choice(PATIENTS)},
        "medicationCodeableConcept": concept(chance),
        "medicationReference": {"reference": "Medication/m1"},
        "authoredOn": chance.choice(TIMES),
        "dosageInstruction": [{"timing": {"event": [chance.choice(TIMES), chance.choice(TIMES)]}}],
    }
    doc = {"resourceType": "MedicationRequest", "id": f"r{at}", "status": "active", "intent": "order"}
    return some(chance, doc, optional)


def world(seed: int) -> list[dict[str, Any]]:
    """Observations, patients, orders."""
    chance = random.Random(seed)
    return [
        *(patient(chance, at) for at in range(1, 13)),
        *(observation(chance, at) for at in range(60)),
        *(order(chance, at) for at in range(12)),
    ]


def escaped(text: str) -> str:
    for sign in "\\,|$":
        text = text.replace(sign, f"\\{sign}")
    return text


def token(chance: random.Random) -> str:
    system = chance.choice((*SYSTEMS, "urn:s", "urn:mrn")) or ""
    code = escaped(chance.choice((*CODES, "new", "bare", "true", "1", "home", "male")))
    return chance.choice((code, f"{system}|{code}", f"{system}|" if system else code, f"|{code}"))


def amount(chance: random.Random) -> str:
    number = chance.choice((90, "90.0", "9e1", "90.49", "-3", "0", 12, "12.0", "11.99", 120, "1e2", "0.1"))
    unit = chance.choice(
        ("", "", "||mm[Hg]", "||kPa", "||mmHg", f"|{UCUM}|mm[Hg]", f"|{UCUM}|kPa", "||bpm", "|urn:other|mg")
    )
    return f"{chance.choice(PREFIXES)}{number}{unit}"


def date(chance: random.Random) -> str:
    return chance.choice(PREFIXES) + chance.choice(TIMES)


def words(chance: random.Random) -> str:
    text = chance.choice(WORDS).strip()
    return escaped(text[: chance.randint(min(4, len(text)), len(text))].strip() or text)


def value(chance: random.Random, kind: str) -> str:
    """A value that means something to a kind of parameter."""
    made = {
        "token": token,
        "quantity": amount,
        "date": date,
        "string": words,
        "uri": lambda _: chance.choice(("http://p/1", "http://p/1|2", "http://p/2", "urn:m")).replace(
            "|", "\\|"
        ),
        "patient": lambda _: chance.choice((*PATIENTS, "p2")),
        "reference": lambda _: chance.choice(
            (f"Observation/o{chance.randint(0, 9)}", f"o{chance.randint(0, 9)}", "d1", "Medication/m1")
        ),
        "_id": lambda _: f"{chance.choice('opr')}{chance.randint(0, 70)}",
        "_lastUpdated": lambda _: (
            f"{chance.choice(PREFIXES)}2026-01-01T00:00:00.0000{chance.randint(10, 84)}Z"
        ),
    }
    return made[kind](chance)
