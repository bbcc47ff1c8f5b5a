"""Rows as plain text in columns; the last column is wrapped."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

GAP = "  "
NARROW = 30
"""The last column is at least so wide, whatever the others take."""


def table(rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """Lines of at most `width` characters, where the columns allow it; the last cell of a short row runs on."""
    columns = max((len(row) for row in rows), default=0)
    widths = [max((len(row[at]) for row in rows if at < len(row) - 1), default=0) for at in range(columns)]
    for row in rows:
        cells = [cell.ljust(widths[at]) for at, cell in enumerate(row[:-1])]
        lead = "".join(f"{cell}{GAP}" for cell in cells)
        lines = wrap(row[-1], max(width - len(lead), NARROW), break_long_words=False) or [""]
        yield (lead + lines[0]).rstrip()
        yield from (f"{' ' * len(lead)}{line}" for line in lines[1:])
