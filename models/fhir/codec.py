"""FHIR JSON as bytes to a tree and back, without loss: https://hl7.org/fhir/R4/json.html.

Numbers with a fraction or an exponent become `decimal.Decimal` with the digits that were sent, others `int`.
msgspec reads faster than the standard library and drops repeated keys in silence; so its work is checked by
counting, and the standard library reads again whatever the count cannot settle, and words the errors.
"""

import json
import re
from collections import Counter
from decimal import Decimal
from typing import Any, NoReturn

import msgspec

from models.errors import Malformed
from models.problem import Problem

MAX_DEPTH = 64
"""How deep objects and arrays may be nested; every walk over a tree relies on it."""

BOM = b"\xef\xbb\xbf"
MINUS_ZERO = re.compile(rb"-0[,}\]\s]")

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")
_sorted = msgspec.json.Encoder(decimal_format="number", order="sorted")


def parse(raw: bytes) -> dict[str, Any]:
    """The document in `raw`; Malformed for anything but one JSON object, and for whatever `tree` refuses."""
    doc = tree(raw)
    if type(doc) is not dict:
        _refuse("The body has to be one JSON object, the resource.")
    return doc


def tree(raw: bytes) -> Any:
    """Whatever JSON there is in `raw`; Malformed, with the place if it can be told, for anything else.

    Refused are: broken JSON or UTF-8, NaN and Infinity, repeated keys, unpaired surrogates, numbers that no
    decimal can hold, and nesting beyond MAX_DEPTH. A byte order mark is dropped.
    """
    raw = raw.removeprefix(BOM)
    try:
        doc = _decoder.decode(raw)
        if _may_have_lost(raw, doc):
            doc = _exactly(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError, ArithmeticError):
        doc = _exactly(raw)
    if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH and _depth(doc) > MAX_DEPTH:
        _refuse_depth()
    return doc


def dump(doc: Any) -> bytes:
    """JSON text of a tree that `parse` gave, every number with the digits it has there."""
    return _encoder.encode(doc)


def alike(one: str, other: str) -> bool:
    """Whether two texts of `dump` are the same document, its keys in whichever order, its numbers to the digit.

    They are as long as each other then: what differs in length need not be read again.
    """
    if len(one) != len(other):
        return False
    return _sorted.encode(parse(one.encode())) == _sorted.encode(parse(other.encode()))


def _may_have_lost(raw: bytes, doc: Any) -> bool:
    r"""Whether a key was dropped or a digit changed.

    A dropped key takes at least two quotation marks with it and none can come in its place, unless the text
    writes one as an escape. The integer -0 has no sign as an `int`.
    """
    if b"\\u" in raw or MINUS_ZERO.search(raw):
        return True
    return raw.count(b'"') != _encoder.encode(doc).count(b'"')


def _depth(doc: Any) -> int:
    depth, level = 0, [doc]
    while level:
        depth += 1
        inner = (part for node in level for part in (node.values() if type(node) is dict else node))
        level = [part for part in inner if type(part) is dict or type(part) is list]
    return depth


def _exactly(raw: bytes) -> Any:
    """The same tree by the standard library, which calls back for keys, integers and constants."""
    try:
        doc = _EXACT.decode(raw.decode())
        _encoder.encode(doc)
    except UnicodeDecodeError as error:
        _refuse(f"The body is not UTF-8: {error.reason} at byte {error.start}.")
    except UnicodeEncodeError:
        _refuse("The body has an unpaired surrogate (\\ud800 to \\udfff); send whole characters.")
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno} (character {error.pos})"
        _refuse(f"The body is no JSON: {error.msg} at {place}.")
    except RecursionError:
        _refuse_depth()
    return doc


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    tree = dict(pairs)
    if len(tree) != len(pairs):
        repeated = Counter(key for key, _ in pairs).most_common(1)[0][0]
        _refuse(f"The key {json.dumps(repeated)[:80]} stands twice in one object; send it once.")
    return tree


def _integer(text: str) -> int | Decimal:
    try:
        return Decimal(text) if text == "-0" else int(text)
    except ValueError:
        _refuse(f"The whole number {text[:20]}… has {len(text)} digits; no element holds that many.")


def _fraction(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:
        _refuse(f"The number {text[:40]} is beyond what any decimal can hold.")


def _constant(text: str) -> NoReturn:
    _refuse(f"{text} is no JSON; leave the element out or give a dataAbsentReason.")


def _refuse(text: str) -> NoReturn:
    raise Malformed((Problem(Malformed.code, text, rule="json"),))


def _refuse_depth() -> NoReturn:
    _refuse(f"The body is nested deeper than {MAX_DEPTH} objects and arrays.")


_EXACT = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_float=_fraction, parse_int=_integer, parse_constant=_constant
)
