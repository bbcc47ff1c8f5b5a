"""Where R4 defines each search parameter (https://hl7.org/fhir/R4/searchparameter-registry.html)."""

HL7 = "http://hl7.org/fhir/SearchParameter/"
_ORDERED = ("MedicationRequest", "MedicationAdministration")
_CLINICAL = ("Observation", *_ORDERED, "Condition", "AllergyIntolerance")
_CONFORMANCE = (
    "CodeSystem", "ValueSet", "StructureDefinition", "OperationDefinition", "SearchParameter", "CompartmentDefinition",
)  # fmt: skip
_PERSON = (
    "address", "address-city", "address-country", "address-postalcode", "address-state", "address-use", "birthdate",
    "email", "family", "gender", "given", "phone", "phonetic", "telecom",
)  # fmt: skip
SHARED: dict[str, dict[str, tuple[str, ...]]] = {
    "clinical": {
        "code": (*_CLINICAL, "Medication"),
        "patient": (*_CLINICAL, "Goal"),
        "identifier": (*_CLINICAL, "Goal"),
        "date": ("Observation", "AllergyIntolerance"),
        "encounter": ("Observation",),
        "type": ("AllergyIntolerance",),
    },
    "medications": {
        "medication": _ORDERED,
        "status": _ORDERED,
        "date": ("MedicationRequest",),
        "encounter": ("MedicationRequest",),
    },
    "individual": dict.fromkeys(_PERSON, ("Patient",)),
    "conformance": dict.fromkeys(("url", "version", "name", "status"), _CONFORMANCE),
}
"""Parameters that several types of R4 share: group -> name -> those of our types."""


def definition(type: str, name: str) -> str:
    """The canonical address of a parameter's definition in R4."""
    if name.startswith("_"):
        return f"{HL7}Resource-{name[1:]}"
    group = next((group for group, names in SHARED.items() if type in names.get(name, ())), type)
    return f"{HL7}{group}-{name}"
