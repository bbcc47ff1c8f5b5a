"""The types of what this service publishes about itself: read-only, made from its own tables."""

from models.resource_types.declaration import ResourceType, SearchParam


def _published(name: str, about: str, example: str, *more: SearchParam) -> ResourceType:
    title = example.title().replace("-", "")
    address = f"https://clonidine-watch.org/fhir/{name}/{example}"
    params = (
        SearchParam("_id", "special", "id", "The logical id, several separated by commas.", example=example),
        SearchParam("url", "uri", "url", "The canonical address.", example=address),
        SearchParam("version", "token", "version", "The version of the ruleset.", example="1.0.0"),
        SearchParam("name", "string", "name", "What the name begins with.", example=title),
        SearchParam("status", "token", "status", "active, draft or retired.", example="active"),
    )
    return ResourceType(name, about, (*params, *more))


_SEARCHED = (
    SearchParam("base", "token", "base", "The type that it searches; Resource for every type.", example="Observation"),
    SearchParam("code", "token", "code", "Its name in an address.", example="value-quantity"),
    SearchParam("derived-from", "uri", "derivedFrom", "The definition of FHIR R4.",
                example="http://hl7.org/fhir/SearchParameter/clinical-code"),
)  # fmt: skip


PUBLISHED: dict[str, ResourceType] = {
    served.name: served
    for served in (
        _published("StructureDefinition", "The profile of our alerts.", "clonidine-alert-observation"),
        _published("CodeSystem", "The codes of our own that alerts and answers carry.", "clonidine-alert"),
        _published("OperationDefinition", "The operations of our own.", "evaluate"),
        _published("PlanDefinition", "The rules, with the limits in force on this server.", "hypotension"),
        _published("ValueSet", "The value sets over our own codes.", "alert-severity"),
        _published("SearchParameter", "The search parameters served.", "Observation-code", *_SEARCHED),
        _published("CompartmentDefinition", "What belongs to a patient.", "patient"),
    )
}
