"""Seeded damage to valid bodies, as trees and as text: most of it no client sends in good faith."""

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from models import examples
from models.fhir.codec import dump
from models.resource_types import TYPES
from tests.fhir.mutations import KEYS, mutations

SEED = 20261124
DEPTHS = (5, 30, 63, 64, 65, 200, 3_000, 100_000)
LENGTHS = (300, 5_000, 70_000, 300_000)
RAW = (
    b"NaN", b"-Infinity", b"Infinity", b"1e999999999", b"-0", b"01", b"1.", b".5", b"0x1", b"1" * 5_000, b"'x'",
    b"tru", b"null", b"[]", b"{}", b'""', b'" "', b'"\\ud800"', b'"\\udc00\\ud800"', b'"\\u0000"', b'"\x00"',
    b'"\x1f"', b'"\\u001b[2J"', b'"\xff\xfe"', b'"\xc3"', b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"', b'"\\x"',
    b'"\xe2\x80\xae"', b'"\\uFEFF"', b"\xef\xbb\xbf", b"//", b"", b",", b'{"a":1,"a":2}', b'{"":{}}', b'{"a":}',
    b'{"__proto__":{}}', b"[[[[[[[[[[]]]]]]]]]]", b"[null,null]", b'[{"a":[null]}]', b'{"resourceType":"Bundle"}',
    b'{"resourceType":["Observation"]}', b'"Patient/' + b"x" * 3_000 + b'"', b'"<div>&nbsp;<script/></div>"',
)  # fmt: skip
"""What stands in the place of a value, as octets: much of it is no JSON."""

Damage = Callable[[bytes, random.Random], bytes]


def _value(text: bytes, chance: random.Random) -> bytes:
    """One value of the document becomes something raw."""
    mark = '"\u2603"'
    tree = json.loads(text)
    node, key = chance.choice(list(_places(tree)))
    node[key] = json.loads(mark)
    return json.dumps(tree, ensure_ascii=False).encode().replace(mark.encode(), chance.choice(RAW), 1)


def _deep(text: bytes, chance: random.Random) -> bytes:
    """A property is nested without end."""
    depth = chance.choice(DEPTHS)
    opened, closed = chance.choice(((b"[", b"]"), (b'{"extension":[', b"]}"), (b'{"a":', b"}")))
    inner = opened * depth + b"1" + closed * depth
    return _with(text, chance.choice(KEYS), inner)


def _huge(text: bytes, chance: random.Random) -> bytes:
    """A property is a very long string, or has a very long name."""
    long = "é" * chance.choice(LENGTHS)
    if chance.random() < 0.5:
        return _with(text, chance.choice(KEYS), json.dumps(long).encode())
    return _with(text, long, b"1")


def _many(text: bytes, chance: random.Random) -> bytes:
    """A property has very many items."""
    item = chance.choice(
        (b"{}", b"null", b'{"text":"x"}', b'{"url":"http://a","valueString":"x"}', b"1", b"[]")
    )
    return _with(text, chance.choice(KEYS), b"[" + b",".join([item] * chance.choice((100, 3_000))) + b"]")


def _twice(text: bytes, chance: random.Random) -> bytes:
    """A key stands twice."""
    return _with(text, chance.choice(list(json.loads(text))), b'"x"')


def _octets(text: bytes, chance: random.Random) -> bytes:
    """A few octets are others, or missing."""
    made = bytearray(text)
    for _ in range(chance.choice((1, 1, 2, 8))):
        at = chance.randrange(len(made))
        if chance.random() < 0.3:
            del made[at : at + chance.choice((1, 2, 40))]
        else:
            made[at] = chance.randrange(256)
        made = made or bytearray(b" ")
    return bytes(made)


def _cut(text: bytes, chance: random.Random) -> bytes:
    """The end is missing, or something stands behind it."""
    at = chance.randrange(len(text))
    return text[:at] if chance.random() < 0.7 else text + text[at:]


DAMAGES: tuple[Damage, ...] = (_value, _value, _value, _deep, _huge, _many, _twice, _octets, _cut)


def _with(text: bytes, key: str, value: bytes) -> bytes:
    """The object with one more property, at its end."""
    return text.rstrip()[:-1] + b"," + json.dumps(key).encode() + b":" + value + b"}"


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    for key, part in tree.items() if isinstance(tree, dict) else enumerate(tree):
        yield tree, key
        if isinstance(part, dict | list):
            yield from _places(part)


UNKNOWN = {
    "extension": [
        {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
    ]
}


def unknowns(type: str) -> Iterator[bytes]:
    """The examples of a type, in each of them another value that an extension says to be unknown, as FHIR allows of
    those that it requires too."""
    for example in examples.of(type):
        for number, (node, key) in enumerate(_places(example.document)):
            if isinstance(node, dict) and not isinstance(node[key], dict | list) and key != "resourceType":
                made = copy.deepcopy(example.document)
                inside, _ = [*_places(made)][number]
                del inside[key]
                inside[f"_{key}"] = UNKNOWN
                yield dump(made)


def bodies(count: int, type: str, seed: int = SEED) -> Iterator[bytes]:
    """That many bodies for a type, the same at every call: a third damaged as trees, the rest as text."""
    chance = random.Random(f"{type} {seed}")
    seeds = tuple(json.loads(example.text) for example in examples.of(type))
    trees = mutations(count, chance.randrange(2**32), copy.deepcopy(seeds))
    for tree in trees:
        if chance.random() < 0.33:
            yield dump(tree)
        else:
            whole = json.dumps(chance.choice(seeds)).encode()
            yield chance.choice(DAMAGES)(whole, chance)


WRITTEN = (*TYPES, "Bundle")
"""What bodies are posted: resources of each type, and Bundles."""
