"""Codes of readings, positions and symptoms that the rules know, and how a document names them."""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://www.whocc.no/atc"
ROOT = "https://clonidine-watch.org/fhir"
ALERT_CATEGORY = f"{ROOT}/CodeSystem/observation-category"
ALERT_COMPONENT = f"{ROOT}/CodeSystem/alert-component"
DAILY_DOSE = "dose-in-24-hours"
BODY_POSITION = "http://hl7.org/fhir/StructureDefinition/observation-bodyPosition"
BODY_POSITION_CODE = "8361-8"

Position = Literal["lying", "sitting", "standing"]
Circulation = Literal["systolic", "diastolic", "mean", "heart_rate"]
"""What a blood pressure or heart rate is: a value that cannot be read is told to the ward."""
Quantity = Literal[Circulation, "mean_arterial", "respiratory_rate", "oxygen_saturation"]
"""What a rule asks a reading for; the mean arterial pressure is the one sent, or follows from the other two."""
BREATHING: frozenset[Quantity] = frozenset({"respiratory_rate", "oxygen_saturation"})


class Vital(NamedTuple):
    """What a LOINC code measures, and in which position where the code says so."""

    quantity: Quantity
    position: Position | None = None


VITALS: dict[str, Vital] = {
    "8480-6": Vital("systolic"),
    "8462-4": Vital("diastolic"),
    "8478-0": Vital("mean"),
    "8867-4": Vital("heart_rate"),
    "8459-0": Vital("systolic", "sitting"),
    "8460-8": Vital("systolic", "standing"),
    "8461-6": Vital("systolic", "lying"),
    "8453-3": Vital("diastolic", "sitting"),
    "8454-1": Vital("diastolic", "standing"),
    "8455-8": Vital("diastolic", "lying"),
    "68999-2": Vital("heart_rate", "lying"),
    "69000-8": Vital("heart_rate", "sitting"),
    "69001-6": Vital("heart_rate", "standing"),
    "9279-1": Vital("respiratory_rate"),
    "59408-5": Vital("oxygen_saturation"),
    "2708-6": Vital("oxygen_saturation"),
}
PRESSURE_PANELS = frozenset({"85354-9", "55284-4"})
PANELS = PRESSURE_PANELS | {"85353-1"}

POSITIONS: dict[str, Position] = {
    "10904000": "standing",
    "33586001": "sitting",
    "102538003": "lying",
    "40199007": "lying",
}

SYMPTOMS: dict[str, str] = {
    "404640003": "dizziness",
    "271594007": "syncope",
    "271782001": "drowsiness",
    "87715008": "dry-mouth",
    "29857009": "chest-pain",
    "25064002": "headache",
}
COWS = "763699005"
"""COWS score; the total's local code is `cows-total` in WITHDRAWAL_SCALE. LOINC has none."""
WITHDRAWAL_SCALE = f"{ROOT}/CodeSystem/withdrawal-scale"
COWS_TOTAL = "cows-total"
COWS_ITEMS: dict[str, tuple[int, ...]] = {
    "pulse": (0, 1, 2, 4),
    "sweating": (0, 1, 2, 3, 4),
    "restlessness": (0, 1, 3, 5),
    "pupil-size": (0, 1, 2, 5),
    "bone-joint-aches": (0, 1, 2, 4),
    "runny-nose-tearing": (0, 1, 2, 4),
    "gi-upset": (0, 1, 2, 3, 5),
    "tremor": (0, 1, 2, 4),
    "yawning": (0, 1, 2, 4),
    "anxiety-irritability": (0, 1, 2, 4),
    "gooseflesh": (0, 3, 5),
}
"""The items of COWS, by their local codes in WITHDRAWAL_SCALE, and the points that each can have."""
CONSCIOUSNESS = "80288-4"
Level = Literal["A", "C", "V", "P", "U"]
LEVELS: dict[str, Level] = {
    "248234008": "A",
    "130987000": "C",
    "300202002": "V",
    "450847001": "P",
    "422768004": "U",
}
"""Levels of consciousness (ACVPU) as UK Core codes them: https://fhir.hl7.org.uk/ValueSet/UKCore-ACVPU"""
GRADES: dict[str, str] = {
    "255604002": "mild",
    "6736007": "moderate",
    "24484000": "severe",
    "52101004": "present",
    "2667000": "absent",
    "373067005": "absent",  # no
    "260413007": "absent",  # none
}
COUNTED_STATUS = frozenset({"final", "amended", "corrected", "preliminary"})


def codings(concept: Any) -> Iterator[tuple[str, str]]:
    """(system, code) of each complete coding of a CodeableConcept."""
    entries = concept.get("coding") if isinstance(concept, dict) else None
    for coding in entries or ():
        if isinstance(coding, dict) and isinstance(coding.get("code"), str):
            yield str(coding.get("system") or ""), coding["code"]


def codes(concept: Any, system: str) -> list[str]:
    """The codes of a CodeableConcept in one code system."""
    entries = concept.get("coding") if isinstance(concept, dict) else None
    return [entry["code"] for entry in entries or () if entry.get("system") == system and entry.get("code")]
