"""What stands in an element that is searched: codes, references, quantities."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from models.patient import local
from models.search.numbers import FIRST, LAST, folded, number_key
from models.units import CANONICAL, EXACT, ONE, UCUM

CONVERTED = "="
"""The system of a unit in which nobody sent the value: it was converted for comparison."""
LONGEST_WORDS = 500
_SAMPLE = re.compile(r"-?\d{0,100}\.?\d{1,100}", re.ASCII)
_BOUNDS = {"<": "low", "<=": "low", ">": "high", ">=": "high"}


def codes(value: Any, words: str = "") -> list[tuple[str, str, str]]:
    """(system, code, words) of a code, boolean, Coding, CodeableConcept or Identifier; `words` are those around."""
    if not isinstance(value, dict):
        if isinstance(value, str):
            return [("", value, "")]
        return [("", "true" if value else "false", "")] if isinstance(value, bool) else []
    text = _folded(value["text"]) if "text" in value else ""
    if "coding" in value:
        return [one for coding in value["coding"] for one in codes(coding, text)]
    said = _said(_shown(value), text, words)
    code = value.get("code", value.get("value"))
    if isinstance(code, str):
        return [(value.get("system", ""), code, said)]
    return [("", "", said)] if said else []


@lru_cache(maxsize=10_000)
def _said(shown: str | None, *more: str) -> str:
    """All words for a coded value, each on a line of its own."""
    return "\n".join(dict.fromkeys(part for part in (_folded(shown), *more) if part))


def _folded(text: Any) -> str:
    return folded(text)[:LONGEST_WORDS] if isinstance(text, str) else ""


def _shown(value: Mapping[str, Any]) -> Any:
    """The display of a Coding, the words for the type of an Identifier."""
    type = value.get("type")
    return type.get("text") if isinstance(type, dict) else value.get("display")


def typed(value: Any) -> Iterator[tuple[str, str]]:
    """(`system|code` of the type, value) of an Identifier that says what type it is of."""
    type = value.get("type") if isinstance(value, dict) else None
    if isinstance(type, dict) and isinstance(value.get("value"), str):
        for system, code, _ in codes(type):
            yield f"{system}|{code}", value["value"]


def literal(value: Any, bases: Sequence[str]) -> str:
    """The literal reference of a Reference, relative where it points here; "" where it has none."""
    reference = value.get("reference") if isinstance(value, dict) else None
    return local(reference, bases) if isinstance(reference, str) else ""


def identifier(value: Any) -> tuple[str, str] | None:
    """(system, value) of the identifier in a Reference."""
    named = value.get("identifier") if isinstance(value, dict) else None
    if not isinstance(named, dict) or not isinstance(named.get("value"), str):
        return None
    return named.get("system", ""), named["value"]


def quantities(value: Any) -> Sequence[tuple[str, str, str, str]]:
    """(low, high, unit, system of the unit) of a Quantity, a Range or what SampledData reaches over, once for each
    unit that it can be found by."""
    if not isinstance(value, dict):
        return ()
    if "origin" in value:
        return tuple(_range(_sampled(value)))
    if "value" not in value:
        return tuple(_range(value))
    if not _is_number(value["value"]):
        return ()
    return _quantity(
        value["value"], value.get("comparator"), value.get("code"), value.get("unit"), value.get("system", "")
    )


@lru_cache(maxsize=10_000)
def _quantity(
    number: int | Decimal, comparator: str | None, code: str | None, unit: str | None, system: str
) -> Sequence[tuple[str, str, str, str]]:
    return tuple(
        (*_reach(number, factor, comparator), name, of) for factor, name, of in _units(code, unit, system)
    )


def _range(value: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    low, high = value.get("low") or {}, value.get("high") or {}
    units = (low if "value" in low else high) or {}
    named = _units(units.get("code"), units.get("unit"), units.get("system", ""))
    for factor, unit, system in named:
        ends = [
            number_key(_times(end["value"], factor)) if "value" in end else far
            for end, far in ((low, FIRST), (high, LAST))
        ]
        if ends != [FIRST, LAST]:
            yield ends[0], ends[1], unit, system


def _sampled(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """From the lowest to the highest value, as a Range; open where some were beyond what can be measured
    (https://hl7.org/fhir/R4/datatypes.html#SampledData)."""
    origin, factor = value["origin"], value.get("factor", 1)
    if not isinstance(origin, dict) or not _is_number(origin.get("value")) or not _is_number(factor):
        return {}
    data = str(value.get("data", "")).split()
    found = [EXACT.multiply(Decimal(one), Decimal(factor)) for one in data if _SAMPLE.fullmatch(one)]
    ends = {"low": (min, "L"), "high": (max, "U")} if found else {}
    return {
        end: {**origin, "value": EXACT.add(Decimal(origin["value"]), of(found))}
        for end, (of, beyond) in ends.items()
        if beyond not in data
    }


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _reach(number: int | Decimal, factor: Decimal, comparator: Any) -> tuple[str, str]:
    """From where to where: a comparator (`<60`) leaves one side open."""
    key = number_key(_times(number, factor))
    side = _BOUNDS.get(comparator)
    return FIRST if side == "low" else key, LAST if side == "high" else key


def _times(number: int | Decimal, factor: Decimal) -> int | Decimal:
    return number if factor is ONE else EXACT.multiply(Decimal(number), factor)


@lru_cache(maxsize=1_000)
def _units(code: str | None, text: str | None, system: str) -> Sequence[tuple[Decimal, str, str]]:
    """(factor, unit, system): as sent, and converted where the unit is one of ours and not the one compared in."""
    named = [(code, system)] if code else []
    if text and text != code:
        named.append((text, "" if code else system))
    found: dict[str, list[tuple[Decimal, str, str]]] = {}
    for name, of in named or [("", "")]:
        unit, factor = CANONICAL.get(name, (name, ONE)) if of in ("", UCUM) else (name, ONE)
        both = [(ONE, unit, of)] if factor is ONE else [(ONE, name, of), (factor, unit, CONVERTED)]
        found.setdefault(unit, both)
    return [one for rows in found.values() for one in rows]
