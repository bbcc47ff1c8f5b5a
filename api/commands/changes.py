"""What other rules change, as tables to print."""

from collections.abc import Iterator, Mapping, Sequence

from service.alerts.alert import PAGEABLE, PHASES, Phase
from service.comparison import Comparison, Row

IN_TWO: Mapping[str, str] = {
    "before": "IN FORCE",
    "after": "OTHER",
    "added": "ADDED",
    "removed": "REMOVED",
    "moved": "SEVERITY CHANGED",
}
"""Columns where the same data is judged by two sets of limits."""
IN_TIME: Mapping[str, str] = {
    "before": "BEFORE",
    "after": "AFTER",
    "added": "RAISED",
    "removed": "RETRACTED",
    "moved": "SEVERITY CHANGED",
    "otherwise": "REWORDED",
}
"""Columns where what is stored becomes something else."""


def changes(comparison: Comparison, columns: Mapping[str, str]) -> Sequence[tuple[str, ...]]:
    """By rule and severity; the last line counts all rules together."""
    lines = [(row.rule, row.severity, *(_cell(row, name) for name in columns)) for row in comparison.rows()]
    lines.append(("all rules", "", *(_total(comparison, name) for name in columns)))
    return _right([("RULE", "SEVERITY", *columns.values()), *lines], 2)


def phases(comparison: Comparison) -> Sequence[tuple[str, ...]]:
    """By phase, the pageable ones first and added up: how many, and how many a patient-day."""
    lines: list[tuple[str, ...]] = [("PHASE", "IN FORCE", "A PATIENT-DAY", "OTHER", "A PATIENT-DAY")]
    for names, phase in _groups():
        sides = comparison.of_phases("before", names), comparison.of_phases("after", names)
        lines.append((phase, *(cell for count in sides for cell in _counted(comparison, count))))
    return _right(lines, 1)


def _groups() -> Iterator[tuple[Sequence[Phase], str]]:
    paged: list[Phase] = [phase for phase in PHASES if phase in PAGEABLE]
    yield from (([phase], phase) for phase in paged)
    yield paged, "pageable"
    yield from (([phase], phase) for phase in PHASES if phase not in PAGEABLE)


def _counted(comparison: Comparison, count: int) -> tuple[str, str]:
    return f"{count:,}", f"{comparison.a_day(count):.2f}"


def _cell(row: Row, name: str) -> str:
    if name == "moved":
        return _moved(row.came, row.left)
    return f"{getattr(row, name):,}" if getattr(row, name) or name in ("before", "after") else ""


def _total(comparison: Comparison, name: str) -> str:
    return f"{comparison.total('came' if name == 'moved' else name):,}"


def _moved(came: int, left: int) -> str:
    parts = ((came, "came"), (left, "left"))
    return ", ".join(f"{count:,} {word}" for count, word in parts if count)


def _right(rows: Sequence[tuple[str, ...]], words: int) -> Sequence[tuple[str, ...]]:
    """Columns behind the first `words` hold counts: those end at the same place."""
    widths = [max(len(row[at]) for row in rows) if at >= words else 0 for at in range(len(rows[0]))]
    return [tuple(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
