"""Whatever JSON comes, validation answers with problems and never with an exception."""

import json
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import Malformed
from models.fhir.codec import MAX_DEPTH, dump, parse
from models.fhir.names import RESOURCE_TYPES
from models.fhir.validation import validate, validate_bundle_shell
from tests.fhir.bodies import condition, dose, holding, medication, order, panel, patient, pulse, transaction
from tests.fhir.mutations import KEYS, VALUES

BODIES = (
    panel(),
    pulse(),
    order(),
    dose(),
    patient(),
    condition(),
    medication(),
    holding(medication()),
    transaction(),
)
ODD_KEYS = (
    "",
    "_",
    "_id",
    "_status",
    "__proto__",
    "a b",
    "entry",
    "resource",
    "Observation",
    "é",
    "fullUrl",
    "div",
)

keys = st.one_of(st.sampled_from(KEYS), st.sampled_from(ODD_KEYS), st.text(max_size=5))
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from([value for value in VALUES if not isinstance(value, list | dict)]),
    st.sampled_from(sorted(RESOURCE_TYPES)),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(keys, inner, max_size=5),
        st.builds(
            lambda kind, rest: {"resourceType": kind, **rest},
            leaves,
            st.dictionaries(keys, inner, max_size=4),
        ),
    ),
    max_leaves=12,
)


def _ways(tree: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    parts = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [found for step, part in parts for found in ((*way, step), *_ways(part, (*way, step)))]


@st.composite
def grafted(draw: st.DrawFn) -> dict[str, Any]:
    """A valid body with up to three of its parts replaced, or properties added, by any JSON at all."""
    body: dict[str, Any] = parse(dump(draw(st.sampled_from(BODIES))))
    for _ in range(draw(st.integers(1, 3))):
        ways = _ways(body)
        if not ways:
            break
        *way, last = draw(st.sampled_from(ways))
        node: Any = body
        for step in way:
            node = node[step]
        key = draw(keys) if isinstance(node, dict) and draw(st.booleans()) else last
        node[key] = draw(trees)
    return body


@settings(max_examples=200)
@given(grafted())
def test_any_json_in_a_valid_body_gives_problems_or_none(body: dict[str, Any]) -> None:
    for problem in validate(body) + validate_bundle_shell(body):
        assert problem.text.endswith(".")
        assert problem.expression
        assert json.loads(json.dumps(problem.text)).isprintable()


def test_the_deepest_document_is_judged() -> None:
    inner: dict[str, Any] = {"url": "http://example.org/x", "valueString": "x"}
    for _ in range((MAX_DEPTH - 4) // 2):
        inner = {"url": "http://example.org/x", "extension": [inner]}
    deep = parse(dump(panel() | {"extension": [inner]}))
    assert validate(deep) == []
    assert validate(deep | {"implicitRules": "http://example.org/rules"}) == []


@settings(max_examples=100)
@given(st.dictionaries(keys, trees, max_size=6))
def test_any_object_is_judged(tree: dict[str, Any]) -> None:
    validate(tree)


@settings(max_examples=200)
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_a_document_or_malformed(raw: bytes) -> None:
    with suppress(Malformed):
        assert isinstance(parse(raw), dict)
