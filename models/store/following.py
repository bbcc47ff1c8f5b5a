"""Resources that others refer to, and those that refer to them: for _include and _revinclude."""

from collections.abc import Iterator, Sequence

from models.search.filters import Narrowing
from models.search.includes import Include
from models.store.conditions import Site, held
from models.store.statement import COLUMNS, Args, Statement, bind, rows_of

CHUNK = 400
"""Resources a statement, well below what a database takes as bound variables."""


def named(references: Sequence[str], narrowings: Sequence[Narrowing], limit: int) -> Iterator[Statement]:
    """The current versions of `Type/id`, for each type that is named, as far as they may be found."""
    by_type: dict[str, list[str]] = {}
    for reference in references:
        type, _, id = reference.partition("/")
        by_type.setdefault(type, []).append(id)
    for type, ids in by_type.items():
        for part in _chunks(ids):
            args: Args = {"limit": limit}
            where = f"v.current AND v.type = {bind(args, type)} AND v.id IN ({_list(part, args)})"
            where += _held(type, narrowings, args)
            yield Statement(f"SELECT {COLUMNS} FROM version v WHERE {where} LIMIT :limit", args)


def referring(
    include: Include, references: Sequence[str], narrowings: Sequence[Narrowing], limit: int
) -> Iterator[Statement]:
    """The current versions whose reference leads to one of `references`, in the order of commit."""
    for part in _chunks(references):
        args: Args = {"limit": limit}
        of = f"v.current AND v.type = {bind(args, include.type)}"
        if include.param.kind == "patient":
            led = f"v.patient IN ({_list(part, args)})"
        else:
            rows = rows_of("t", include.rows, args)
            led = f"v.seq IN (SELECT t.seq FROM token t WHERE {rows} AND t.code IN ({_list(part, args)}))"
        of += _held(include.type, narrowings, args)
        yield Statement(
            f"SELECT {COLUMNS} FROM version v WHERE {of} AND {led} ORDER BY v.seq + 0 LIMIT :limit", args
        )


def _held(type: str, narrowings: Sequence[Narrowing], args: Args) -> str:
    """What narrows a type, behind the other conditions."""
    tests = held([one for one in narrowings if one.type == type], Site(args))
    return "".join(f" AND {test}" for test in tests)


def _list(values: Sequence[str], args: Args) -> str:
    return ", ".join(bind(args, value) for value in values)


def _chunks(items: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
