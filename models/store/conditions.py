"""Filters of a search as conditions in SQL, the same text for both databases."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from models.patient import BY_IDENTIFIER, identifier_of
from models.search.filters import Filter, Join, Narrowing, Ways
from models.search.index import fit
from models.search.question import Query
from models.search.values import DateValue, PairValue, TokenValue, Value
from models.store.compartment import inside
from models.store.statement import Args, bind, rows_of
from models.store.values import COMPARE, by_code, reaches, words


class Site(NamedTuple):
    """Where filters are asked: of the version `v`; `narrow` where others leave few. Nothing below the change number
    `since` can answer: said of the index too, so that no planner gathers all that there ever was for the few that a
    poll asks about."""

    args: Args
    v: str = "v"
    narrow: bool = True
    since: int = 0

    def rows(self, alias: str, names: Sequence[str]) -> str:
        """Rows of the index under one of these names."""
        named = rows_of(alias, names, self.args)
        return f"{named} AND {alias}.seq >= {bind(self.args, self.since)}" if self.since else named


def conditions(query: Query, args: Args, after: int = 0) -> list[str]:
    """What an answer meets, all of it; where only changes behind `after` are asked for, that comes with it."""
    where = ["v.current"]
    alerts = only_alerts(query)
    site = Site(args, "v", selective(query), max(after, _since(query)))
    if alerts:
        where.append("v.alert")
    if not alerts or site.narrow:  # without the type, a poll has but one index to walk: that of the alerts
        types = [bind(args, served.name) for served in query.searched]
        where.append(f"v.type = {types[0]}" if len(types) == 1 else f"v.type IN ({', '.join(types)})")
    if query.compartment:
        where.append(inside(query.compartment, args))
    where += [test(filter, site) for filter in query.filters if not _says_alert(filter)]
    where += held(query.narrowings, site)
    if after:
        where.append(f"v.seq > {bind(args, after)}")
    return where + [_join(join, query, args) for join in query.joins]


def _since(query: Query) -> int:
    """The change number below which nothing can answer: that of a cursor of the feed, or of a date."""
    lows = [
        min(value.span.low for value in found.values if isinstance(value, DateValue))
        for found in query.filters
        if found.param.name == "_lastUpdated" and not found.modifier and all(map(_from, found.values))
    ]
    return max([*lows, query.cursor.seq if query.cursor and query.feed else 0])


def _from(value: Value) -> bool:
    return isinstance(value, DateValue) and value.prefix in ("eq", "gt", "ge", "sa")


def only_alerts(query: Query) -> bool:
    """Whether nothing but alerts can answer."""
    return any(_is_alert(filter) for filter in query.filters)


def held(narrowings: Iterable[Narrowing], site: Site) -> list[str]:
    """What of each type may be found."""
    return [
        f"({site.v}.type <> {bind(site.args, one.type)} OR {_ways(one.ways, site)})" for one in narrowings
    ]


def _ways(ways: Ways, site: Site) -> str:
    tests = [" AND ".join(test(filter, site) for filter in way) or "1 = 1" for way in ways]
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


def _says_alert(filter: Filter) -> bool:
    """Whether the column `alert` says the same, which knows no system: looked up among the codes, all alerts that there
    ever were might be gathered for the few since the last poll."""
    everywhere = (isinstance(value, TokenValue) and value.system is None for value in filter.values)
    return _is_alert(filter) and any(everywhere)


def test(filter: Filter, site: Site) -> str:
    """One filter on the version: some value of it must be met."""
    if filter.modifier == "missing":
        return _any([_missing(filter, value == "true", site) for value in filter.values])
    if filter.modifier == "not":
        return _not(filter, site)
    if filter.parts:
        return _any([_composite(filter, value, site) for value in filter.values])
    if _in_version(filter):
        return _any([_column(filter, value, site) for value in filter.values])
    if filter.param.kind in ("quantity", "date"):
        return _extent(filter, filter.values, site)
    return _token(filter, site)


def _any(tests: Sequence[str]) -> str:
    return tests[0] if len(tests) == 1 else f"({' OR '.join(tests)})"


def _in_version(filter: Filter) -> bool:
    """Whether the value stands in a column of the version itself."""
    return filter.param.kind in ("special", "patient") or filter.clinical


def _column(filter: Filter, value: Value, site: Site) -> str:
    args, v = site.args, site.v
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


def _token(filter: Filter, site: Site) -> str:
    """One subquery for all values, so that the planner can walk either way."""
    tests = " OR ".join(words(filter, value, site.args) for value in filter.values)
    met = f"{site.rows('t', filter.rows)} AND ({tests})"
    # Where no code leads to a row of this version, the rows are gathered once.
    if filter.param.rare or filter.modifier == "text" or not all(map(by_code, filter.values)):
        return f"{site.v}.seq IN (SELECT t.seq FROM token t WHERE {met})"
    return f"EXISTS (SELECT 1 FROM token t WHERE {met} AND t.seq = {site.v}.seq)"


def _extent(filter: Filter, values: Sequence[Value], site: Site) -> str:
    """Where others leave few, each is looked at; else the rows that meet it are gathered once."""
    tests = " OR ".join(reaches(value, site.args) for value in values)
    met = f"{site.rows('e', filter.rows)} AND ({tests})"
    if site.narrow:
        return f"EXISTS (SELECT 1 FROM extent e WHERE {met} AND e.seq = {site.v}.seq)"
    return f"{site.v}.seq IN (SELECT e.seq FROM extent e WHERE {met})"


def _composite(filter: Filter, value: Value, site: Site) -> str:
    """Where code and value stand side by side in a row, there; else both on the resource."""
    assert isinstance(value, PairValue)
    keyed = tuple(row for _, of in filter.parts if of.param.keyed for row in of.rows)
    tests = [_extent(filter._replace(rows=keyed), (value,), site)] if keyed else []
    for key, of in filter.parts:
        if not of.param.keyed:
            both = (key.met(value.key), of.met(value.value))
            tests.append(f"({' AND '.join(test(one, site) for one in both)})")
    return _any(tests)


def _not(filter: Filter, site: Site) -> str:
    """None of the values, and also what lacks the element."""
    tests = " OR ".join(f"({words(filter, value, site.args)})" for value in filter.values)
    met = f"FROM token t WHERE {site.rows('t', filter.rows)} AND ({tests})"
    if all(map(by_code, filter.values)):
        return f"NOT EXISTS (SELECT 1 {met} AND t.seq = {site.v}.seq)"
    return _without(filter, f"SELECT t.seq {met}", site)


def _missing(filter: Filter, missing: bool, site: Site) -> str:
    v = site.v
    if filter.param.kind == "special":
        return "1 = 0" if missing else "1 = 1"
    if filter.param.kind == "patient":
        return f"{v}.patient {'=' if missing else '<>'} ''"
    if filter.clinical:
        return f"{v}.low IS {'' if missing else 'NOT '}NULL"
    table = "extent" if filter.param.kind in ("quantity", "date") else "token"
    present = f"SELECT t.seq FROM {table} t WHERE {site.rows('t', filter.rows)}"
    return _without(filter, present, site) if missing else f"{v}.seq IN ({present})"


def _without(filter: Filter, present: str, site: Site) -> str:
    """Not among the rows that are `present`; as a difference of sets, which both databases take in one pass."""
    types = sorted({row.partition(".")[0] for row in filter.rows})
    named = ", ".join(bind(site.args, type) for type in types)
    return f"{site.v}.seq IN (SELECT x.seq FROM version x WHERE x.current AND x.type IN ({named}) EXCEPT {present})"


def _join(join: Join, query: Query, args: Args) -> str:
    """A filter on another resource: its own conditions, then the way from it to here."""
    inner = test(join.inner, Site(args, "c", _rare(join.inner)))
    others = f"c.current AND c.type = {bind(args, join.type)} AND {inner}"
    if join.ways is not None:
        others += f" AND {_ways(join.ways, Site(args, 'c'))}"
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
