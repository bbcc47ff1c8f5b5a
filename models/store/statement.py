"""What every search is made of: the columns of a version, names for values, names of the index."""

from collections.abc import Sequence
from typing import Any, NamedTuple

COLUMNS = "v.seq, v.type, v.id, v.number, v.method, v.patient, v.low, v.kind, v.lifted, v.content"
"""In the order of `models.stored.Stored`."""

Args = dict[str, Any]


class Statement(NamedTuple):
    """SQL with `:name` parameters, and their values."""

    sql: str
    args: Args


def bind(args: Args, value: object) -> str:
    """A name for a value."""
    name = f"p{len(args)}"
    args[name] = value
    return f":{name}"


def rows_of(alias: str, names: Sequence[str], args: Args) -> str:
    """Rows of the index under one of these names."""
    bound = [bind(args, name) for name in names]
    return f"{alias}.param = {bound[0]}" if len(bound) == 1 else f"{alias}.param IN ({', '.join(bound)})"
