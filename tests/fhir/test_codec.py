"""Reading and writing documents: what was sent is what is kept, and what is no document is refused with its place."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import Malformed
from models.fhir.codec import MAX_DEPTH, dump, parse

NUMBERS = (
    "1.00",
    "120.50",
    "1E-22",
    "1e5",
    "-0",
    "-0.0",
    "0.000",
    "0E+5",
    "1" * 30,
    "-" + "9" * 30,
    "0." + "1" * 40,
)


def exactly(raw: bytes) -> Any:
    """The standard library's reading, every digit kept."""
    return json.loads(raw, parse_float=Decimal)


@pytest.mark.parametrize("number", NUMBERS)
def test_every_digit_of_a_number_is_kept(number: str) -> None:
    raw = f'{{"value":{number}}}'.encode()
    kept = dump(parse(raw))
    assert str(json.loads(kept, parse_float=str, parse_int=str)["value"]) == str(Decimal(number))


@given(st.from_regex(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?", fullmatch=True))
def test_no_number_changes_on_its_way_through(number: str) -> None:
    value = parse(f'{{"value": {number} }}'.encode())["value"]
    assert str(value) == str(Decimal(number))
    assert parse(dump({"value": value}))["value"] == value


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda t: st.lists(t) | st.dictionaries(st.text(), t),
    )
)
def test_a_text_is_read_as_the_standard_library_reads_it(tree: Any) -> None:
    for raw in (
        json.dumps({"a": tree}),
        json.dumps({"a": tree}, ensure_ascii=False, indent=1, separators=(" ,", " : ")),
    ):
        assert parse(raw.encode()) == json.loads(raw)


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        (b'{"status":"final","status":"amended"}', '"status"'),
        (b'{"a":{"b":1,"c":{"d":2,"d":2}}}', '"d"'),
        (b'{"a":1, "\\u0061":2}', '"a"'),
        (b'{"a" : 1 , "b":"\\":\\"" , "a"\n:\t2}', '"a"'),
        (b'{"":1,"":2}', '""'),
        (b'{"a":[{"x":"\\\\","x":1}]}', '"x"'),
    ],
)
def test_a_repeated_key_is_refused_by_name(raw: bytes, key: str) -> None:
    with pytest.raises(Malformed, match=f"The key {key} stands twice"):
        parse(raw)


@given(st.dictionaries(st.text(max_size=4), st.text(max_size=6), min_size=1), st.booleans())
def test_a_key_repeated_anywhere_never_passes(body: dict[str, str], ascii_only: bool) -> None:
    first = json.dumps(body, ensure_ascii=ascii_only)
    key, value = next(iter(body.items()))
    again = json.dumps({key: value}, ensure_ascii=not ascii_only)
    with pytest.raises(Malformed):
        parse((first[:-1] + "," + again[1:]).encode())


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b'{\n "a": }', r"line 2, column 7 \(character 8\)"),
        (b"", "line 1, column 1"),
        (b'{"a":1}x', "Extra data"),
        (b'{"a":01}', "no JSON"),
        (b'{"a":1,}', "no JSON"),
        (b"{'a':1}", "no JSON"),
        (b'{"a":"\x01"}', "control character"),
        (b"[]", "one JSON object"),
        (b"null", "one JSON object"),
        (b'"Observation"', "one JSON object"),
        (b'{"a":NaN}', "NaN is no JSON"),
        (b'{"a":-Infinity}', "-Infinity is no JSON"),
        (b'{"a":"\xff"}', "not UTF-8: .* byte 6"),
        (b'{"a":"\xed\xa0\x80"}', "not UTF-8"),
        (b'{"a":"\\ud800"}', "unpaired surrogate"),
        (b'{"\\udc00":1}', "unpaired surrogate"),
        (b'{"a":1e99999999999999999999}', "beyond what any decimal can hold"),
        (b'{"a":' + b"1" * 5000 + b"}", "5000 digits"),
        (b"[" * 100_000, "nested deeper"),
        (b'{"a":' * MAX_DEPTH + b"{}" + b"}" * MAX_DEPTH, "nested deeper than 64"),
        ('{"a":1}'.encode("utf-16"), "not UTF-8"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_is_no_document_is_refused_in_words(raw: bytes, words: str) -> None:
    with pytest.raises(Malformed, match=words):
        parse(raw)


def test_a_document_may_be_as_deep_as_the_limit() -> None:
    raw = b'{"a":' * (MAX_DEPTH - 1) + b"{}" + b"}" * (MAX_DEPTH - 1)
    assert dump(parse(raw)) == raw


def test_a_byte_order_mark_is_dropped() -> None:
    assert parse(b'\xef\xbb\xbf{"a":"\xc3\xa9"}') == {"a": "é"}


def test_an_escaped_character_is_the_character() -> None:
    assert parse(b'{"a":"\\ud83d\\ude00 \\u00e9"}') == {"a": "😀 é"}


def test_a_thousand_repeated_keys_are_refused_at_once() -> None:
    keys = ",".join(f'"k{index}":1' for index in range(100_000))
    with pytest.raises(Malformed, match='"k9"'):
        parse(f'{{{keys},"k9":2}}'.encode())
