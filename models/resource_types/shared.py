"""Search parameters that several types declare alike."""

from models.resource_types.declaration import SearchParam


def identifier() -> SearchParam:
    """`identifier`, the business identifier of the resource."""
    return SearchParam(
        "identifier",
        "token",
        "identifier",
        "A business identifier, as system|value or value.",
        rare=True,
        example="urn:oid:1.2.3|msg-17",
    )


def whose(path: str) -> SearchParam:
    """`patient`: whom the resource is about; `path` is the element that says so."""
    return SearchParam(
        "patient",
        "patient",
        path,
        "The patient: an id, Patient/id, or an absolute URL.",
        targets=("Patient",),
        rare=True,
        example="Patient/p1",
    )


def reference(name: str, path: str, about: str, *targets: str, example: str = "") -> SearchParam:
    """A reference of which few resources share one; without targets it leads to any type."""
    return SearchParam(name, "reference", path, about, targets, True, example or f"{targets[0]}/x1")


AGENTS = ("Practitioner", "PractitionerRole", "Organization", "Patient", "RelatedPerson", "Device")
"""Who can ask for something or take part in it."""


def encounter() -> SearchParam:
    """`encounter`: the stay or visit."""
    return reference("encounter", "encounter", "The encounter that it belongs to.", "Encounter")


def patient(path: str = "subject", *others: str) -> tuple[SearchParam, SearchParam]:
    """`patient` and `subject`: whom the resource is about; `others` are types that `subject` leads to as well."""
    return (
        whose(path),
        SearchParam(
            "subject",
            "patient",
            path,
            "The subject: Type/id or an absolute URL.",
            targets=("Patient", "Group", *others),
            rare=True,
            example="Patient/p1",
        ),
    )


def medicine() -> tuple[SearchParam, SearchParam]:
    """`code` and `medication`: the medicine, coded in place or as a resource of its own."""
    return (
        SearchParam(
            "code",
            "token",
            "medicationCodeableConcept",
            "The medicine's code.",
            example="http://www.nlm.nih.gov/research/umls/rxnorm|884173",
        ),
        SearchParam(
            "medication",
            "reference",
            "medicationReference",
            "The Medication resource referred to.",
            targets=("Medication",),
            rare=True,
            example="Medication/m1",
        ),
    )
