"""The operations of our own as OperationDefinitions (https://hl7.org/fhir/R4/operationdefinition.html)."""

from typing import Any, NamedTuple

from service.conformance.heading import heading


class Parameter(NamedTuple):
    """What goes in or comes out."""

    name: str
    use: str
    type: str
    about: str
    minimum: int = 1


class Defined(NamedTuple):
    """An operation; `resource` is the type that it is asked at, "" for the system. `keeps`: it changes what is kept."""

    code: str
    title: str
    about: str
    resource: str
    keeps: bool
    parameters: tuple[Parameter, ...]


OPERATIONS = (
    Defined(
        "submit",
        "Post a reading, get its alerts",
        "Keeps a reading and answers with it and the alerts that it raised.",
        "Observation",
        True,
        (
            Parameter("resource", "in", "Observation", "The reading; it is the body itself."),
            Parameter("return", "out", "Bundle", "A collection: the reading as it is kept, then its alerts."),
        ),
    ),
    Defined(
        "evaluate",
        "Judge a record without keeping it",
        "The alerts that the rules raise over the resources of a Bundle.",
        "",
        False,
        (
            Parameter("resource", "in", "Bundle", "A collection; it is the body itself."),
            Parameter("at", "in", "dateTime", "Judge as of this instant; now where it is not given.", 0),
            Parameter("return", "out", "Bundle", "A collection of alert Observations."),
        ),
    ),
)


def operation_definition(made: Defined) -> dict[str, Any]:
    """The OperationDefinition resource."""
    return {
        **heading("OperationDefinition", made.code, made.title, made.about),
        "kind": "operation",
        "affectsState": made.keeps,
        "code": made.code,
        **({"resource": [made.resource]} if made.resource else {}),
        "system": not made.resource,
        "type": bool(made.resource),
        "instance": False,
        "parameter": [_parameter(one) for one in made.parameters],
    }


def _parameter(one: Parameter) -> dict[str, Any]:
    return {
        "name": one.name,
        "use": one.use,
        "min": one.minimum,
        "max": "1",
        "documentation": one.about,
        "type": one.type,
    }
