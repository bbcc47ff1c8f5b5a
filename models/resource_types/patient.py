"""Patient: who is watched."""

from models.resource_types.declaration import ResourceType, SearchParam
from models.resource_types.shared import identifier, reference

_NAME = "name.family|name.given|name.prefix|name.suffix|name.text"
_ADDRESS = (
    "address.line|address.city|address.district|address.state|address.country|address.postalCode|address.text"
)

PATIENT = ResourceType(
    "Patient",
    "The patients that are watched.",
    (
        identifier(),
        SearchParam("name", "string", _NAME, "Any part of a name.", rare=True, example="moreau"),
        SearchParam("family", "string", "name.family", "The family name.", rare=True, example="moreau"),
        SearchParam("given", "string", "name.given", "A given name.", rare=True, example="zoe"),
        SearchParam("birthdate", "date", "birthDate", "The date of birth.", example="1980-05-17"),
        SearchParam("death-date", "date", "deceasedDateTime", "When the patient died.", example="ge2026"),
        SearchParam("deceased", "token", "deceasedBoolean|deceasedDateTime?", "Whether the patient has died.",
                    example="true", absent="false"),
        SearchParam("gender", "token", "gender", "male, female, other, unknown", example="female"),
        SearchParam("active", "token", "active", "Whether the record is in use.", example="true"),
        SearchParam("telecom", "token", "telecom.value", "Any way to reach the patient.", rare=True, example="555"),
        SearchParam("phone", "token", "telecom[system=phone].value", "A telephone number.", rare=True,
                    example="555"),
        SearchParam("email", "token", "telecom[system=email].value", "An e-mail address.", rare=True,
                    example="a@example.org"),
        SearchParam("address", "string", _ADDRESS, "Any part of an address.", rare=True, example="main street"),
        SearchParam("address-city", "string", "address.city", "The city.", example="lyon"),
        SearchParam("address-state", "string", "address.state", "The state.", example="tn"),
        SearchParam("address-country", "string", "address.country", "The country.", example="us"),
        SearchParam("address-postalcode", "string", "address.postalCode", "The postal code.", example="37614"),
        SearchParam("address-use", "token", "address.use", "home, work, temp, old, billing", example="home"),
        SearchParam("language", "token", "communication.language", "A language spoken.", example="fr"),
        reference("general-practitioner", "generalPractitioner", "The practitioner in charge.", "Practitioner",
                  "Organization", "PractitionerRole"),
        reference("organization", "managingOrganization", "Who keeps the record.", "Organization"),
        reference("link", "link.other", "Another record of the same patient.", "Patient", "RelatedPerson"),
    ),
    compartment=("link",),
    left_out={"phonetic": "names are not kept by sound; `name` ignores case and accents"},
)  # fmt: skip
