"""Whatever is sent as a patch is worked or refused; a refusal changes nothing, and what is sent stays as it is."""

import copy
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import Refused
from models.patch import fhirpath_patch, json_patch
from tests.build import panel

READING = {**panel(120, 80, "2026-01-01"), "id": "o1", "note": [{"text": "a"}, {"text": "b"}]}
PERSON = {
    "resourceType": "Patient",
    "id": "p1",
    "name": [{"given": ["Ann", None], "_given": [None, {"id": "x"}], "family": "B"}],
}
POINTERS = [
    "",
    "/",
    "/status",
    "/note",
    "/note/0",
    "/note/-",
    "/note/9",
    "/note/01",
    "/note/0/text/x",
    "/component/1",
]
PATHS = [
    "Observation",
    "Observation.status",
    "Observation.note",
    "Observation.note[0]",
    "Observation.note[0].text",
    "Observation.value",
    "Observation.component.where(code.coding.code = '8480-6').value",
    "component.last()",
    "Observation.note.where(text = 'a' and text = 'b')",
    "Observation.contained.id",
    "Observation.extension('urn:x').value",
    "Patient.name.given",
    "Patient.name.given[1]",
    "Patient.name",
    "Observation..note",
    "Observation.note[",
    "'",
]
trees = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "x", "Observation"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["text", "code", "coding", "given", "resourceType"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)
operations = st.fixed_dictionaries(
    {"op": st.sampled_from([*json_patch.OPERATIONS, "x"]), "path": st.sampled_from(POINTERS)},
    optional={"from": st.sampled_from(POINTERS), "value": trees},
)
values = st.fixed_dictionaries(
    {},
    optional={
        "valueString": trees,
        "valueAnnotation": trees,
        "valueInteger": trees,
        "valueHumanName": trees,
        "part": st.lists(st.fixed_dictionaries({"name": st.sampled_from(["code", "text"])}), max_size=2)
        | trees,
    },
)


def _part(name: str) -> st.SearchStrategy[dict[str, Any]]:
    return values.map(lambda value: {"name": name, **value})


steps = st.builds(
    lambda kind, path, rest: {
        "name": "operation",
        "part": [{"name": "type", "valueCode": kind}, {"name": "path", "valueString": path}, *rest],
    },
    st.sampled_from([*fhirpath_patch.OPERATIONS, "x"]),
    st.sampled_from(PATHS),
    st.tuples(
        _part("value"),
        st.sampled_from(["note", "value", "given", "name", "x"]).map(
            lambda n: {"name": "name", "valueString": n}
        ),
        *(
            st.integers(-1, 3).map(lambda number, name=name: {"name": name, "valueInteger": number})
            for name in ("index", "source", "destination")
        ),
    ),
)


def _works(kind: Any, sent: Any) -> None:
    for kept in (READING, PERSON):
        before = copy.deepcopy(sent)
        with suppress(Refused):
            first, again = (kind.read(sent).apply(copy.deepcopy(kept)) for _ in range(2))
            assert first == again
        assert sent == before


@given(st.lists(operations, min_size=1, max_size=5) | trees)
def test_a_json_patch_is_worked_or_refused(sent: Any) -> None:
    _works(json_patch, sent)


@given(st.lists(steps, min_size=1, max_size=4) | trees)
def test_a_fhirpath_patch_is_worked_or_refused(sent: Any) -> None:
    _works(fhirpath_patch, {"resourceType": "Parameters", "parameter": sent})


RFC_6902 = [
    ({"foo": "bar"}, [{"op": "add", "path": "/baz", "value": "qux"}], {"foo": "bar", "baz": "qux"}),
    (
        {"foo": ["bar", "baz"]},
        [{"op": "add", "path": "/foo/1", "value": "qux"}],
        {"foo": ["bar", "qux", "baz"]},
    ),
    ({"foo": ["bar", "qux", "baz"]}, [{"op": "remove", "path": "/foo/1"}], {"foo": ["bar", "baz"]}),
    ({"foo": [1, 2, 3]}, [{"op": "move", "from": "/foo/0", "path": "/foo/2"}], {"foo": [2, 3, 1]}),
    ({"a": {"b": 1}}, [{"op": "move", "from": "/a/b", "path": "/c"}], {"a": {}, "c": 1}),
    ({"foo": {}}, [{"op": "add", "path": "/foo/~1~01", "value": 10}], {"foo": {"/~1": 10}}),
    ({"foo": ["bar"]}, [{"op": "add", "path": "/foo/-", "value": ["abc"]}], {"foo": ["bar", ["abc"]]}),
    (
        {"a": [1]},
        [{"op": "copy", "from": "/a", "path": "/b"}, {"op": "add", "path": "/b/-", "value": 2}],
        {"a": [1], "b": [1, 2]},
    ),
    (
        {"a": 1},
        [{"op": "test", "path": "/a", "value": 1}, {"op": "replace", "path": "/a", "value": None}],
        {"a": None},
    ),
]
"""Documents, patches and results in the manner of the RFC's appendix A."""


@pytest.mark.parametrize(("doc", "patch", "result"), RFC_6902)
def test_json_patch_does_what_its_standard_says(doc: Any, patch: Any, result: Any) -> None:
    assert json_patch.read(patch).apply(doc) == result


def test_true_is_not_one() -> None:
    for kept, asked in ((1, True), (True, 1), (0, False), ("1", 1), ([1], [1, 2]), ({}, [])):
        with pytest.raises(Refused):
            json_patch.read([{"op": "test", "path": "/a", "value": asked}]).apply({"a": kept})


def test_the_extensions_of_a_list_stay_beside_their_items() -> None:
    insert = {
        "name": "operation",
        "part": [
            {"name": "type", "valueCode": "insert"},
            {"name": "path", "valueString": "Patient.name.given"},
            {"name": "index", "valueInteger": 0},
            {"name": "value", "valueString": "Eve"},
        ],
    }
    patch = fhirpath_patch.read({"resourceType": "Parameters", "parameter": [insert]})
    (name,) = patch.apply(copy.deepcopy(PERSON))["name"]
    assert name["given"] == ["Eve", "Ann", None]
    assert name["_given"] == [None, None, {"id": "x"}]
