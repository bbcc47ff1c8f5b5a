"""What a row of the index, or a column, must hold to meet a value of a search, the same text for both databases."""

from models.search.elements import CONVERTED
from models.search.filters import Filter
from models.search.numbers import number_key
from models.search.values import DateValue, PairValue, QuantityValue, TextValue, TokenValue, Value
from models.store.statement import Args, bind
from models.units import UCUM

COMPARE = {
    "eq": "({low} >= {a} AND {high} <= {b})",
    "ne": "NOT ({low} >= {a} AND {high} <= {b})",
    "gt": "{high} > {b}",
    "lt": "{low} < {a}",
    "ge": "({high} > {b} OR ({low} >= {a} AND {high} <= {b}))",
    "le": "({low} < {a} OR ({low} >= {a} AND {high} <= {b}))",
    "sa": "{low} > {b}",
    "eb": "{high} < {a}",
    "ap": "({low} <= {b} AND {high} >= {a})",
}
"""Prefix -> SQL; the same table as `models.search.matching.COMPARE`, in the other language."""
WEIGH = {
    **COMPARE,
    "eq": "({low} >= {a} AND {high} < {b})",
    "ne": "NOT ({low} >= {a} AND {high} < {b})",
    "ge": "{high} >= {b}",
    "le": "{low} <= {a}",
}
"""The same for numbers, whose implied range has no upper end."""


def by_code(value: Value) -> bool:
    """Whether a code leads to its rows."""
    return isinstance(value, TokenValue) and value.code is not None


def words(filter: Filter, value: Value, args: Args) -> str:
    """What a row of `token` must hold."""
    if isinstance(value, TokenValue):
        parts = [] if value.code is None else [f"t.code = {bind(args, value.code)}"]
        parts += [] if value.system is None else [f"t.system = {bind(args, value.system)}"]
        return " AND ".join(parts)
    assert isinstance(value, TextValue)
    if filter.modifier == "exact":
        return f"t.code = {bind(args, value.folded)} AND t.system = {bind(args, value.exact)}"
    pattern = "".join(f"!{c}" if c in "!%_" else c for c in value.folded)
    if filter.modifier == "text":
        first, later = bind(args, f"{pattern}%"), bind(args, f"%\n{pattern}%")
        return f"(t.text LIKE {first} ESCAPE '!' OR t.text LIKE {later} ESCAPE '!')"
    if filter.modifier == "contains":
        return f"t.code LIKE {bind(args, f'%{pattern}%')} ESCAPE '!'"
    return f"(t.code >= {bind(args, value.folded)} AND t.code < {bind(args, value.folded + chr(0x10FFFF))})"


def reaches(value: Value, args: Args) -> str:
    """What a row of `extent` must hold."""
    if isinstance(value, PairValue):
        assert isinstance(value.key, TokenValue)
        parts = [] if value.key.code is None else [f"e.code = {bind(args, value.key.code)}"]
        parts += [] if value.key.system is None else [f"e.system = {bind(args, value.key.system)}"]
        return f"({' AND '.join([*parts, reaches(value.value, args)])})"
    if isinstance(value, TokenValue):
        parts = [] if value.code is None else [f"e.unit = {bind(args, value.code)}"]
        parts += [] if value.system is None else [f"e.unit_system = {bind(args, value.system)}"]
        return f"({' AND '.join(parts)})"
    if isinstance(value, DateValue):
        a, b = bind(args, number_key(value.span.low)), bind(args, number_key(value.span.high))
        return COMPARE[value.prefix].format(low="e.low", high="e.high", a=a, b=b)
    assert isinstance(value, QuantityValue)
    a, b = bind(args, value.low), bind(args, value.high)
    number = WEIGH[value.prefix].format(low="e.low", high="e.high", a=a, b=b)
    return f"({number} AND {_unit(value, args)})"


def _unit(value: QuantityValue, args: Args) -> str:
    if value.unit is None:
        return f"e.unit_system <> '{CONVERTED}'"
    unit = f"e.unit = {bind(args, value.unit)}"
    if value.system is None:
        return unit
    systems = f"({bind(args, value.system)}{_CONVERTED if value.system == UCUM else ''})"
    return f"{unit} AND e.unit_system IN {systems}"


_CONVERTED = f", '{CONVERTED}'"
