"""Seeded changes to valid bodies: most break something, some do not, all are bodies that `parse` can give."""

import copy
import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tests.fhir.bodies import (
    HL7,
    LOINC,
    UCUM,
    US_CORE,
    Body,
    concept,
    dose,
    order,
    panel,
    pulse,
    quantity,
    standing,
)
from tests.fhir.enrichment import enrich

SEEDS: tuple[Body, ...] = (
    panel(),
    panel(HL7 + "vitalsigns"),
    panel(HL7 + "bp|4.0.1"),
    panel(US_CORE + "blood-pressure", "http://example.org/other"),
    standing(),
    pulse(),
    pulse(HL7 + "heartrate"),
    pulse(US_CORE + "heart-rate"),
    order(),
    order(US_CORE + "medicationrequest|9.0.0"),
    dose(),
)

VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    2**31,
    10**30,
    Decimal("1.0"),
    Decimal("0.5"),
    Decimal(-3),
    Decimal("0.000001"),
    Decimal("1E400"),
    Decimal("0E+999999"),
    Decimal("1E-400"),
    "",
    " ",
    "a",
    " a",
    "a b",
    "a\x00",
    "a\x01b",
    "ä",
    "a\n",
    "\u3000",
    "final",
    "bogus",
    "4",
    "2026",
    "2026-11",
    "2026-02-29",
    "2028-02-29",
    "2026-04-31",
    "2026-11-22T08:00:00Z",
    "2026-11-22T08:00:60.5+14:00",
    "2026-11-22T08:00:00",
    "Patient/p2",
    "Group/g1",
    "Device/d1",
    "Foo/1",
    "#a",
    "#",
    "urn:uuid:0B0C4B1E-96C1-4B07-9B1E-2F1C7A1F0A11",
    "urn:oid:1.2.3",
    "https://h/fhir/Patient/1/_history/2",
    "https://h/Patient/Slot/1",
    "Patient?identifier=a|b",
    "http://example.org",
    HL7 + "bp",
    HL7 + "vitalsigns|4.0.1",
    HL7 + "heartrate",
    US_CORE + "vital-signs",
    LOINC,
    UCUM,
    "85354-9",
    "8480-6",
    "mm[Hg]",
    "/min",
    "<",
    "kPa",
    [],
    {},
    ["a"],
    [None],
    [[]],
    [{}],
    {"id": "a"},
    {"text": "x"},
    {"reference": "Patient/p3"},
    {"coding": [{"code": "x"}]},
    {"start": "2026-11-22", "end": "2026-11-21"},
    {"start": "2026-11-22"},
    concept("85354-9"),
    quantity("5"),
    quantity("5", "h"),
    [{"url": "http://example.org/x", "valueString": "x"}],
    [{"url": "http://example.org/x", "valueDecimal": Decimal("1.50")}],
    [{"url": "http://example.org/x", "extension": [{"url": "y", "valueInteger": 3}]}],
    [{"url": "http://example.org/x"}],
    {"repeat": {"frequency": 1, "period": Decimal(6), "periodUnit": "h"}},
    {"repeat": {"count": Decimal("1.0")}},
    {"low": quantity("1"), "high": quantity("2")},
    {"numerator": quantity("1"), "denominator": quantity("2")},
)

KEYS = (
    "id meta text extension modifierExtension contained implicitRules language identifier basedOn partOf status "
    "category code subject focus encounter effectiveDateTime effectivePeriod effectiveTiming effectiveInstant issued "
    "performer valueQuantity valueCodeableConcept valueString valueBoolean valueInteger valueRange valueRatio "
    "valueSampledData valueTime valueDateTime valuePeriod dataAbsentReason interpretation note bodySite method "
    "specimen device referenceRange hasMember derivedFrom component value unit system comparator display version "
    "userSelected coding reference type assigner start end low high sequence timing repeat frequency period "
    "periodUnit periodMax duration durationUnit durationMax count countMax offset when timeOfDay dayOfWeek "
    "boundsPeriod boundsRange boundsDuration asNeededBoolean asNeededCodeableConcept doseQuantity doseRange "
    "rateRatio rateQuantity dose rate numerator denominator priority intent requester recorder reasonCode authoredOn "
    "doNotPerform reportedBoolean reportedReference statusReason medicationReference medicationCodeableConcept "
    "dispenseRequest quantity numberOfRepeatsAllowed expectedSupplyDuration substitution profile tag security "
    "versionId lastUpdated source resourceType fhir_comments url valueMeta route site text dosage request context"
).split()


def _places(tree: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every property and item."""
    parts = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for step, part in parts:
        yield (*way, step)
        yield from _places(part, (*way, step))


def _take_out(node: Any, last: Any, _chance: random.Random) -> None:
    del node[last]


def _replace(node: Any, last: Any, chance: random.Random) -> None:
    node[last] = copy.deepcopy(chance.choice(VALUES))


def _wrap(node: Any, last: Any, chance: random.Random) -> None:
    node[last] = [node[last]] if chance.random() < 0.5 else {"value": node[last]}


def _add(node: Any, last: Any, chance: random.Random) -> None:
    """Another property, or the same item once more."""
    if isinstance(node, dict):
        node[chance.choice(KEYS)] = copy.deepcopy(chance.choice(VALUES))
    else:
        node.append(copy.deepcopy(node[last]))


def _rename(node: Any, last: Any, chance: random.Random) -> None:
    if isinstance(node, dict):
        node[chance.choice(KEYS)] = node.pop(last)


def _pair(node: Any, last: Any, chance: random.Random) -> None:
    """A `_` sibling."""
    if isinstance(node, dict):
        sibling = {"extension": [{"url": "http://example.org/x", "valueCode": "y"}]}
        node[f"_{last}"] = chance.choice((sibling, [sibling], None, {"id": "a"}))


CHANGES = (_take_out, _replace, _replace, _wrap, _add, _rename, _pair)


def _change(tree: Any, chance: random.Random) -> None:
    """One change somewhere in the tree, in place."""
    *way, last = chance.choice(list(_places(tree)))
    node = tree
    for step in way:
        node = node[step]
    chance.choice(CHANGES)(node, last, chance)


def mutations(count: int, seed: int = 20261122, seeds: tuple[Body, ...] = SEEDS) -> Iterator[Body]:
    """That many changed bodies, the same at every call."""
    chance = random.Random(seed)
    for _ in range(count):
        body = copy.deepcopy(chance.choice(seeds))
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            if chance.random() < 0.5:
                enrich(body, chance)
            elif body:
                _change(body, chance)
        yield body
