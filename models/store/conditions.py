"""Filters of a search as conditions in SQL, the same text for both databases."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from models.patient import BY_IDENTIFIER, identifier_of
from models.search.elements import CONVERTED
from models.search.filters import Filter, Join, Narrowing, Ways
from models.search.index import fit
from models.search.numbers import number_key
from models.search.question import Query
from models.search.values import DateValue, PairValue, QuantityValue, TextValue, TokenValue, Value
from models.store.compartment import inside
from models.store.statement import Args, bind, rows_of
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


def conditions(query: Query, args: Args) -> list[str]:
    """What an answer meets, all of it."""
    where = ["v.current"]
    alerts = only_alerts(query)
    narrow = selective(query)
    if alerts:
        where.append("v.alert")
    if not alerts or narrow:  # without the type, a poll has but one index to walk: that of the alerts
        types = [bind(args, served.name) for served in query.searched]
        where.append(f"v.type = {types[0]}" if len(types) == 1 else f"v.type IN ({', '.join(types)})")
    if query.compartment:
        where.append(inside(query.compartment, args))
    where += [test(filter, args, "v", narrow) for filter in query.filters]
    where += held(query.narrowings, args, "v", narrow)
    return where + [_join(join, query, args) for join in query.joins]


def only_alerts(query: Query) -> bool:
    """Whether nothing but alerts can answer."""
    return any(_is_alert(filter) for filter in query.filters)


def held(narrowings: Iterable[Narrowing], args: Args, v: str, narrow: bool) -> list[str]:
    """What of each type may be found."""
    return [
        f"({v}.type <> {bind(args, one.type)} OR {_ways(one.ways, args, v, narrow)})" for one in narrowings
    ]


def _ways(ways: Ways, args: Args, v: str, narrow: bool) -> str:
    tests = [" AND ".join(test(filter, args, v, narrow) for filter in way) or "1 = 1" for way in ways]
    return f"({' OR '.join(tests) or '1 = 0'})"


def selective(query: Query) -> bool:
    """Whether a filter leaves so few that they are best found first and sorted then."""
    some = any(_rare(found) for found in query.filters) or any(_rare(join.inner) for join in query.joins)
    return some or query.compartment is not None


def _rare(found: Filter) -> bool:
    return (found.param.rare or found.param.name == "_id") and found.modifier not in ("missing", "not")


def _is_alert(filter: Filter) -> bool:
    return (
        filter.param.name == "category"
        and not filter.modifier
        and filter.rows == ("Observation.category",)
        and all(isinstance(value, TokenValue) and value.code == "alert" for value in filter.values)
    )


def test(filter: Filter, args: Args, v: str, narrow: bool) -> str:
    """One filter on the version `v`: some value of it must be met; `narrow` where others leave few."""
    if filter.modifier == "missing":
        return _any([_missing(filter, value == "true", args, v) for value in filter.values])
    if filter.modifier == "not":
        return _not(filter, args, v)
    if filter.parts:
        return _any([_composite(filter, value, args, v, narrow) for value in filter.values])
    if _in_version(filter):
        return _any([_column(filter, value, args, v) for value in filter.values])
    if filter.param.kind in ("quantity", "date"):
        return _extent(filter, filter.values, args, v, narrow)
    return _token(filter, args, v)


def _any(tests: Sequence[str]) -> str:
    return tests[0] if len(tests) == 1 else f"({' OR '.join(tests)})"


def _in_version(filter: Filter) -> bool:
    """Whether the value stands in a column of the version itself."""
    return filter.param.kind in ("special", "patient") or filter.clinical


def _column(filter: Filter, value: Value, args: Args, v: str) -> str:
    if isinstance(value, DateValue):
        low, high = (f"{v}.low", f"{v}.high") if filter.clinical else (f"{v}.seq", f"{v}.seq")
        a, b = bind(args, value.span.low), bind(args, value.span.high)
        return COMPARE[value.prefix].format(low=low, high=high, a=a, b=b)
    return f"{v}.id = {bind(args, value)}" if filter.param.name == "_id" else _patient(str(value), args, v)


def _patient(key: str, args: Args, v: str) -> str:
    """A patient of whom an identifier is given may be known by it, or by the Patient that bears it."""
    given = f"{v}.patient = {bind(args, key)}"
    if not key.startswith(BY_IDENTIFIER):
        return given
    system, value = (bind(args, fit(part)) for part in identifier_of(key))
    return (
        f"({given} OR {v}.patient IN (SELECT 'Patient/' || b.id FROM token t JOIN version b ON b.seq = t.seq "
        f"AND b.current WHERE t.param = 'Patient.identifier' AND t.code = {value} AND t.system = {system}))"
    )


def _token(filter: Filter, args: Args, v: str) -> str:
    """One subquery for all values, so that the planner can walk either way."""
    tests = " OR ".join(_words(filter, value, args) for value in filter.values)
    met = f"{rows_of('t', filter.rows, args)} AND ({tests})"
    # Where no code leads to a row of this version, the rows are gathered once.
    if filter.param.rare or filter.modifier == "text" or not all(map(_by_code, filter.values)):
        return f"{v}.seq IN (SELECT t.seq FROM token t WHERE {met})"
    return f"EXISTS (SELECT 1 FROM token t WHERE {met} AND t.seq = {v}.seq)"


def _by_code(value: Value) -> bool:
    return isinstance(value, TokenValue) and value.code is not None


def _words(filter: Filter, value: Value, args: Args) -> str:
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


def _extent(filter: Filter, values: Sequence[Value], args: Args, v: str, narrow: bool) -> str:
    """Where others leave few, each is looked at; else the rows that meet it are gathered once."""
    met = f"{rows_of('e', filter.rows, args)} AND ({' OR '.join(_reaches(value, args) for value in values)})"
    if narrow:
        return f"EXISTS (SELECT 1 FROM extent e WHERE {met} AND e.seq = {v}.seq)"
    return f"{v}.seq IN (SELECT e.seq FROM extent e WHERE {met})"


def _reaches(value: Value, args: Args) -> str:
    """What a row of `extent` must hold."""
    if isinstance(value, PairValue):
        assert isinstance(value.key, TokenValue)
        parts = [] if value.key.code is None else [f"e.code = {bind(args, value.key.code)}"]
        parts += [] if value.key.system is None else [f"e.system = {bind(args, value.key.system)}"]
        return f"({' AND '.join([*parts, _reaches(value.value, args)])})"
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


def _composite(filter: Filter, value: Value, args: Args, v: str, narrow: bool) -> str:
    """Where code and value stand side by side in a row, there; else both on the resource."""
    assert isinstance(value, PairValue)
    keyed = tuple(row for _, of in filter.parts if of.param.keyed for row in of.rows)
    tests = [_extent(filter._replace(rows=keyed), (value,), args, v, narrow)] if keyed else []
    for key, of in filter.parts:
        if not of.param.keyed:
            both = (key.met(value.key), of.met(value.value))
            tests.append(f"({' AND '.join(test(one, args, v, narrow) for one in both)})")
    return _any(tests)


def _not(filter: Filter, args: Args, v: str) -> str:
    """None of the values, and also what lacks the element."""
    tests = " OR ".join(f"({_words(filter, value, args)})" for value in filter.values)
    met = f"FROM token t WHERE {rows_of('t', filter.rows, args)} AND ({tests})"
    if all(map(_by_code, filter.values)):
        return f"NOT EXISTS (SELECT 1 {met} AND t.seq = {v}.seq)"
    return _without(filter, f"SELECT t.seq {met}", args, v)


def _missing(filter: Filter, missing: bool, args: Args, v: str) -> str:
    if filter.param.kind == "special":
        return "1 = 0" if missing else "1 = 1"
    if filter.param.kind == "patient":
        return f"{v}.patient {'=' if missing else '<>'} ''"
    if filter.clinical:
        return f"{v}.low IS {'' if missing else 'NOT '}NULL"
    table = "extent" if filter.param.kind in ("quantity", "date") else "token"
    present = f"SELECT t.seq FROM {table} t WHERE {rows_of('t', filter.rows, args)}"
    return _without(filter, present, args, v) if missing else f"{v}.seq IN ({present})"


def _without(filter: Filter, present: str, args: Args, v: str) -> str:
    """Not among the rows that are `present`; as a difference of sets, which both databases take in one pass."""
    types = sorted({row.partition(".")[0] for row in filter.rows})
    named = ", ".join(bind(args, type) for type in types)
    return (
        f"{v}.seq IN (SELECT x.seq FROM version x WHERE x.current AND x.type IN ({named}) EXCEPT {present})"
    )


def _join(join: Join, query: Query, args: Args) -> str:
    """A filter on another resource: its own conditions, then the way from it to here."""
    others = (
        f"c.current AND c.type = {bind(args, join.type)} AND {test(join.inner, args, 'c', _rare(join.inner))}"
    )
    if join.ways is not None:
        others += f" AND {_ways(join.ways, args, 'c', narrow=True)}"
    way = _BACK if join.reverse else _FORTH
    return way[join.link.param.kind](join, others, query, args)


def _patients(join: Join, others: str, *_: object) -> str:
    return f"v.patient IN (SELECT '{join.type}/' || c.id FROM version c WHERE {others})"


def _referred(join: Join, others: str, _: Query, args: Args) -> str:
    return (
        f"v.seq IN (SELECT t.seq FROM token t WHERE {rows_of('t', join.link.rows, args)} "
        f"AND t.code IN (SELECT '{join.type}/' || c.id FROM version c WHERE {others}))"
    )


def _patients_of(_: Join, others: str, query: Query, args: Args) -> str:
    type = query.served.name
    like = bind(args, f"{type}/%")
    return (
        f"v.id IN (SELECT substr(c.patient, {len(type) + 2}) FROM version c "
        f"WHERE {others} AND c.patient LIKE {like})"
    )


def _referring(join: Join, others: str, query: Query, args: Args) -> str:
    type = query.served.name
    like = bind(args, f"{type}/%")
    return (
        f"v.id IN (SELECT substr(t.code, {len(type) + 2}) FROM version c JOIN token t ON t.seq = c.seq "
        f"WHERE {others} AND {rows_of('t', join.link.rows, args)} AND t.code LIKE {like})"
    )


_Way = Callable[[Join, str, Query, Args], str]
_FORTH: Mapping[str, _Way] = {"patient": _patients, "reference": _referred}
_BACK: Mapping[str, _Way] = {"patient": _patients_of, "reference": _referring}
"""Kind of the link -> from the others to those that refer to them, or to those that they refer to."""
