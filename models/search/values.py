"""What a parameter's text asks for, by the parameter's kind (https://hl7.org/fhir/R4/search.html#ptypes)."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from models.patient import BY_IDENTIFIER, identifier_key, identifier_of, local
from models.resource_types import TYPES, SearchParam
from models.search.index import LONGEST_TEXT, fit
from models.search.numbers import folded, number_key
from models.times import Span, micros, span
from models.units import CANONICAL, EXACT, ONE, UCUM

PREFIXES = ("eq", "ne", "gt", "ge", "lt", "le", "sa", "eb", "ap")
_NUMBER = re.compile(r"[+-]?\d{1,100}(?:\.\d{1,100})?(?:[eE][+-]?\d{1,3})?", re.ASCII)
_HALF, _TENTH = Decimal("0.5"), Decimal("0.1")
LEAST_CONTAINED = 3
"""Characters that `:contains` and `:text` need: fewer stand in nearly every text."""


class TokenValue(NamedTuple):
    """`system` None: any; `code` None: any."""

    system: str | None
    code: str | None


class DateValue(NamedTuple):
    """A prefix and the span that the given date covers."""

    prefix: str
    span: Span


class QuantityValue(NamedTuple):
    """A prefix, the ends of what the number means (`number_key`), the unit; None: any."""

    prefix: str
    low: str
    high: str
    unit: str | None = None
    system: str | None = None


class TextValue(NamedTuple):
    """A string: `folded` is what it is compared by, `exact` what was given."""

    folded: str
    exact: str


Single = str | TokenValue | DateValue | QuantityValue | TextValue


class PairValue(NamedTuple):
    """Both values of a composite."""

    key: Single
    value: Single


Value = Single | PairValue


class Asked(NamedTuple):
    """What values are read against: our URLs, the present, the modifier of the parameter."""

    bases: Sequence[str]
    now: datetime | None
    modifier: str = ""


def read(param: SearchParam, text: str, asked: Asked) -> list[Single]:
    """The values that one text asks for: several where an id alone can be of several types."""
    if asked.modifier in _BY_MODIFIER:
        return [_BY_MODIFIER[asked.modifier](param, text, asked)]
    return _READERS[param.name if param.kind == "special" else param.kind](param, text, asked)


def split(text: str, by: str) -> list[str]:
    """The parts between separators that no backslash stands before."""
    return re.split(rf"(?<!\\){re.escape(by)}", text)


def plain(text: str) -> str:
    """`text` without the backslashes before separators."""
    return re.sub(r"\\([,|$\\])", r"\1", text)


def _token(_: SearchParam, text: str, _asked: Asked) -> list[Single]:
    parts = _parts(text)
    if len(parts) == 1:
        return [TokenValue(None, fit(parts[0]))]
    return [TokenValue(fit(parts[0]), fit(parts[1]) if parts[1] else None)]


def _parts(text: str) -> list[str]:
    parts = [plain(part) for part in split(text, "|")]
    if len(parts) > 2 or not any(parts):
        raise ValueError(f"{text!r} is none of code, system|code, |code, system|.")
    return parts


def _patient(param: SearchParam, text: str, asked: Asked) -> list[Single]:
    """A patient's key, which is kept at its whole length."""
    (key,) = _literals(param, text, asked)[:1]
    if key.startswith(BY_IDENTIFIER) and "\x00" in "".join(identifier_of(key)):
        raise ValueError("a NUL character can stand in no identifier.")
    return [key]


def _reference(param: SearchParam, text: str, asked: Asked) -> list[Single]:
    return [TokenValue(None, fit(literal)) for literal in _literals(param, text, asked)]


def _literals(param: SearchParam, text: str, asked: Asked) -> list[str]:
    reference = local(plain(text), asked.bases)
    if asked.modifier:
        type, _, id = reference.rpartition("/")
        if type not in ("", asked.modifier):
            raise ValueError(f"{text!r} is of another type than ':{asked.modifier}'.")
        return [f"{asked.modifier}/{id}"]
    if "/" in reference or reference.startswith(("urn:", BY_IDENTIFIER)):
        return [reference]
    return [f"{target}/{reference}" for target in param.targets or TYPES]


def _identified(param: SearchParam, text: str, _: Asked) -> Single:
    *system, code = _parts(text)
    if not code:
        raise ValueError(f"{text!r} is none of value, system|value, |value.")
    if param.kind == "patient":
        return identifier_key("".join(system), code)
    return TokenValue(fit("".join(system)) if system else None, fit(code))


def _of_type(_: SearchParam, text: str, _asked: Asked) -> Single:
    parts = [plain(part) for part in split(text, "|")]
    if len(parts) != 3 or not all(parts):
        raise ValueError(f"{text!r} is not system|code|value: the type's system and code, then the value.")
    return TokenValue(fit(f"{parts[0]}|{parts[1]}"), fit(parts[2]))


def _words(_: SearchParam, text: str, asked: Asked) -> Single:
    given = plain(text)
    found = folded(given)
    if asked.modifier == "contains" and len(found) < LEAST_CONTAINED:
        raise ValueError(f"give at least {LEAST_CONTAINED} characters to look for inside of texts.")
    if not found:
        raise ValueError("a value is missing.")
    return TextValue(found[:LONGEST_TEXT], fit(given))


def _uri(_: SearchParam, text: str, _asked: Asked) -> list[Single]:
    return [TokenValue(None, fit(plain(text)))]


def _prefixed(text: str) -> tuple[str, str]:
    if not text[:2].isalpha():
        return "eq", text
    if text[:2] not in PREFIXES:
        raise ValueError(f"the prefix {text[:2]!r} is none of {', '.join(PREFIXES)}.")
    return text[:2], text[2:]


def _date(_: SearchParam, text: str, asked: Asked) -> list[Single]:
    prefix, rest = _prefixed(text)
    try:
        found = span(rest.replace(" ", "+"))
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{rest!r} is no date; give YYYY, YYYY-MM, YYYY-MM-DD or a dateTime.") from error
    if prefix == "ap" and asked.now:
        slack = abs(micros(asked.now) - found.low) // 10
        found = Span(found.low - slack, found.high + slack)
    return [DateValue(prefix, found)]


def _quantity(_: SearchParam, text: str, _asked: Asked) -> list[Single]:
    """number, number|system|unit, number||unit (https://hl7.org/fhir/R4/search.html#quantity)."""
    given, *rest = (plain(part) for part in split(text, "|"))
    prefix, number = _prefixed(given)
    if not _NUMBER.fullmatch(number) or len(rest) not in (0, 2) or (rest and not rest[1]):
        raise ValueError(
            f"{text!r} is none of number, number|system|unit, number||unit, with a prefix or none."
        )
    system, unit = rest or ("", "")
    name, factor = CANONICAL.get(unit, (unit, ONE)) if system in ("", UCUM) else (unit, ONE)
    low, high = (EXACT.multiply(end, factor) for end in _ends(prefix, Decimal(number)))
    return [
        QuantityValue(
            prefix,
            number_key(low),
            number_key(high),
            fit(name) if rest else None,
            fit(system) if system else None,
        )
    ]


def _ends(prefix: str, number: Decimal) -> tuple[Decimal, Decimal]:
    """What a number covers: `100` all that rounds to it; with most prefixes it is the very number
    (https://hl7.org/fhir/R4/search.html#number)."""
    if prefix in ("eq", "ne"):
        _, figures, exponent = number.as_tuple()
        # R4's own example: 1e2 is [95, 105), as 1.0e2 would be.
        lone = int(exponent) > 0 and len(figures) == 1
        slack = EXACT.multiply(_HALF, Decimal((0, (1,), int(exponent) - lone)))
    else:
        slack = EXACT.multiply(abs(number), _TENTH) if prefix == "ap" else Decimal(0)
    return EXACT.subtract(number, slack), EXACT.add(number, slack)


def pairs(key: SearchParam, value: SearchParam, text: str, asked: Asked) -> list[PairValue]:
    """The values of a composite: `code$value`."""
    parts = split(text, "$")
    if len(parts) != 2 or not all(parts):
        raise ValueError(f"{text!r} is not code$value, such as {key.example}${value.example}.")
    (of,) = read(key, parts[0], asked)
    return [PairValue(of, one) for one in read(value, parts[1], asked)]


def _id(_: SearchParam, text: str, _asked: Asked) -> list[Single]:
    if not re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", text):
        raise ValueError(f"{text!r} is no id: 1 to 64 letters, digits, '-' or '.'.")
    return [text]


def _missing(_: SearchParam, text: str, _asked: Asked) -> Single:
    if text not in ("true", "false"):
        raise ValueError(f"{text!r} is neither true nor false.")
    return text


_BY_MODIFIER: Mapping[str, Callable[[SearchParam, str, Asked], Single]] = {
    "missing": _missing,
    "identifier": _identified,
    "of-type": _of_type,
    "text": _words,
    "contains": _words,
    "exact": _words,
}
_READERS: Mapping[str, Callable[[SearchParam, str, Asked], list[Single]]] = {
    "token": _token,
    "string": lambda param, text, asked: [_words(param, text, asked)],
    "patient": _patient,
    "reference": _reference,
    "uri": _uri,
    "date": _date,
    "quantity": _quantity,
    "_id": _id,
    "_lastUpdated": _date,
}
