"""The outcome of a run as tables: for the terminal, and for docs/reference/performance.md."""

import platform
import statistics
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench.contest import MISSING, Figures, Result, Turns

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def number(value: float) -> str:
    """Three digits that count, thousands with a comma."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def line(result: Result) -> list[str]:
    row, sense = result.row, "at least" if result.row.more_is_better else "at most"
    bounds = [f"{sense} {number(bound)} {row.unit}" for bound in (row.must, row.goal)]
    if result.verdict == MISSING:
        return [row.what, *bounds, "", "", MISSING]
    spread = f"{number(min(result.values))} to {number(max(result.values))}"
    return [row.what, *bounds, f"{number(result.value)} {row.unit}", spread, result.verdict]


def goals(turns: Iterable[Turns]) -> Iterator[list[str]]:
    yield ["measure", "must", "goal", "measured", "rounds", "verdict"]
    for contest in turns:
        yield from (line(result) for result in contest.results())


# Heading, figure, factor.
COLUMNS: tuple[tuple[str, str, float], ...] = (
    ("/s", "rate", 1),
    ("p50 ms", "p50", 1e3),
    ("p99 ms", "p99", 1e3),
    ("CPU µs each", "cpu", 1e6),
    ("start s", "start", 1),
    ("memory MB", "resident", 1e-6),
)


def cell(rounds: list[Figures], column: tuple[str, str, float]) -> str:
    _, figure, factor = column
    value = statistics.median(getattr(figures, figure) for figures in rounds) * factor
    return number(value) if value else ""


def absolute(turns: Iterable[Turns]) -> Iterator[list[str]]:
    """The medians behind the ratios; they hold for the machine and the hour of the run only."""
    yield ["contest", "contestant", *(heading for heading, _, _ in COLUMNS)]
    for contest in turns:
        for name, rounds in contest.figures.items():
            if rounds:
                yield [contest.contest.name, name, *(cell(rounds, column) for column in COLUMNS)]


def troubles(turns: Iterable[Turns]) -> list[str]:
    return [trouble for contest in turns for trouble in contest.trouble.values()]


def text(table: Iterable[list[str]]) -> str:
    """Columns of even width."""
    lines = list(table)
    widths = [max(len(cells[column]) for cells in lines) for column in range(len(lines[0]))]
    padded = (
        "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) for cells in lines
    )
    return "\n".join(one.rstrip() for one in padded)


def markdown(table: Iterable[list[str]]) -> str:
    heading, *lines = table
    rule = ["---"] * len(heading)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heading, rule, *lines))


def write(turns: list[Turns], how: str) -> None:
    """Put the tables of this run between the marks of the page."""
    page = PAGE.read_text()
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    when = f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {how}."
    parts = [BEGIN, when, markdown(goals(turns)), "Behind the ratios:", markdown(absolute(turns))]
    parts += [f"Not measured: {trouble}" for trouble in troubles(turns)]
    PAGE.write_text(before + "\n\n".join([*parts, END]) + after)
