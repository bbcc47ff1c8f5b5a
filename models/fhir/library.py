"""What the fhir.resources library knows; the only module that imports it.

Its models are FHIR R4B. For the types served they equal R4 but for the two data types that
`models.fhir.elements` takes out, and for the value sets that `models.fhir.bindings` gives in full.
"""

import types
import typing
from collections.abc import Iterator
from functools import cache

from fhir.resources.R4B import get_fhir_model_class
from fhir_core.constraints import FHIR_PRIMITIVES_MAPS
from fhir_core.fhirabstractmodel import FHIRAbstractModel
from pydantic import ValidationError
from pydantic.fields import FieldInfo


class Field(typing.NamedTuple):
    """One JSON property of a type: `choice` is the element's name without its type suffix, if it has one."""

    key: str
    type: str
    primitive: bool
    many: bool
    required: bool
    choice: str
    codes: tuple[str, ...]
    targets: tuple[str, ...]


class Complaint(typing.NamedTuple):
    """What the library says about one place; `where` holds JSON property names and indexes."""

    where: tuple[str | int, ...]
    text: str


def _peel(hint: typing.Any) -> tuple[typing.Any, bool]:
    """The type inside `X | None` and `list[X | None]`, and whether it was in a list."""
    if hint not in FHIR_PRIMITIVES_MAPS and typing.get_origin(hint) in (typing.Union, types.UnionType):
        return _peel(next(part for part in typing.get_args(hint) if part is not type(None)))
    if typing.get_origin(hint) is list:
        return _peel(typing.get_args(hint)[0])[0], True
    return hint, False


def _type_name(hint: typing.Any) -> tuple[str, bool]:
    if hasattr(hint, "get_model_klass"):
        return hint.__name__.removesuffix("Type"), False
    return FHIR_PRIMITIVES_MAPS[hint], True


def _field(name: str, info: FieldInfo) -> Field:
    extra = typing.cast(dict[str, typing.Any], info.json_schema_extra)
    hint, many = _peel(info.annotation)
    type_name, primitive = _type_name(hint)
    required = info.is_required() or extra.get("element_required") or extra.get("one_of_many_required")
    return Field(
        info.alias or name,
        type_name,
        primitive,
        many,
        bool(required),
        extra.get("one_of_many", ""),
        tuple(extra.get("enum_values", ())),
        tuple(extra.get("enum_reference_types", ())),
    )


@cache
def _model(type_name: str) -> type[FHIRAbstractModel]:
    return get_fhir_model_class(type_name)


def fields(type_name: str) -> Iterator[Field]:
    """The JSON properties of a type, without the `_` siblings; LookupError for a type it does not have."""
    try:
        model = _model(type_name)
    except ValueError as error:
        raise LookupError(type_name) from error
    for name, info in model.model_fields.items():
        extra = info.json_schema_extra
        if isinstance(extra, dict) and extra.get("element_property"):
            yield _field(name, info)


def _allowed_in_r4(kind: str, where: tuple[str | int, ...]) -> bool:
    """Whether the library complains of what R4 allows.

    That is a UUID of another version than 4, and in an extension `valueMeta` and the siblings of values.
    """
    last = where[-1] if where else ""
    unknown = kind == "extra_forbidden" and isinstance(last, str)
    return kind.startswith("uuid_") or (unknown and (last == "valueMeta" or str(last).startswith("_value")))


def complaints(doc: dict[str, typing.Any]) -> list[Complaint]:
    """What the library's own model of `doc["resourceType"]` says about the whole document."""
    try:
        _model(doc["resourceType"]).model_validate(doc)
    except ValidationError as refusal:
        found = refusal.errors(include_url=False, include_context=False, include_input=False)
        return [Complaint(e["loc"], e["msg"]) for e in found if not _allowed_in_r4(e["type"], e["loc"])]
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as failure:
        return [Complaint((), f"cannot be read ({type(failure).__name__})")]
    return []


@cache
def summary_elements(type_name: str) -> frozenset[str]:
    """The elements of a resource's summary (https://hl7.org/fhir/R4/search.html#summary)."""
    return frozenset(_model(type_name).summary_elements_sequence())


@cache
def required_elements(type_name: str) -> frozenset[str]:
    """The elements that a resource cannot be without."""
    return frozenset(field.key for field in fields(type_name) if field.required)


@cache
def choices(type_name: str) -> typing.Mapping[str, str]:
    """An element with a type in its name (`valueQuantity`) -> without (`value`)."""
    return {field.key: field.choice for field in fields(type_name) if field.choice}
