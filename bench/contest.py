"""How a goal is measured: contestants take turns, a row compares two, the median of the rounds counts."""

import statistics
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from bench.load import NotMeasured, Run
from bench.stage import Stage

MISSING = "not measured"


class Figures(NamedTuple):
    """What one turn of a contestant gave: events a second, seconds of latency, processor seconds an event."""

    rate: float = 0.0
    p50: float = 0.0
    p99: float = 0.0
    cpu: float = 0.0
    start: float = 0.0  # seconds until the first answer
    resident: float = 0.0  # bytes
    errors: int = 0
    first_error: str = ""

    @classmethod
    def of(cls, run: Run, events: int = 1) -> "Figures":
        """The figures of a run whose every answer stands for `events` readings."""
        first = run.errors[0][:600].decode("utf-8", "replace") if run.errors else ""
        cpu = run.cpu_a_request / events
        return cls(run.rate * events, run.p50, run.p99, cpu, errors=len(run.errors), first_error=first)


class Row(NamedTuple):
    """One goal: `figure` of `ours`, divided by that of `theirs` if there are any, against two bounds."""

    name: str
    what: str
    must: float
    goal: float
    figure: str
    ours: str
    theirs: str = ""
    unit: str = "times"
    scale: float = 1.0  # of `unit`, where nothing is divided

    @property
    def more_is_better(self) -> bool:
        return self.goal > self.must


Take = Callable[[Stage], Figures]


class Contest(NamedTuple):
    """Contestants that are measured in turns, and the rows that come of it."""

    name: str
    takes: Mapping[str, Take]
    rows: tuple[Row, ...]
    on_request: bool = False  # left out unless it is named


class Result(NamedTuple):
    """A row's outcome, one value a round; `trouble` says why there is none or why it does not count."""

    row: Row
    values: tuple[float, ...] = ()
    trouble: str = ""

    @property
    def value(self) -> float:
        return statistics.median(self.values)

    @property
    def verdict(self) -> str:
        if self.trouble or not self.values:
            return MISSING
        sign = 1 if self.row.more_is_better else -1
        reached = [name for name in ("goal", "must") if sign * self.value >= sign * getattr(self.row, name)]
        return reached[0] if reached else "missed"


class Turns(NamedTuple):
    """Everything that a contest saw: the figures of each contestant's rounds, and why some have none."""

    contest: Contest
    figures: dict[str, list[Figures]]
    trouble: dict[str, str]

    def results(self) -> Iterator[Result]:
        for row in self.contest.rows:
            parties = [party for party in (row.ours, row.theirs) if party]
            trouble = "; ".join(self.trouble[party] for party in parties if party in self.trouble)
            yield Result(row, () if trouble else tuple(self._values(row)), trouble)

    def _values(self, row: Row) -> Iterator[float]:
        for number, figures in enumerate(self.figures[row.ours]):
            ours = getattr(figures, row.figure)
            theirs = getattr(self.figures[row.theirs][number], row.figure) if row.theirs else 1 / row.scale
            yield ours / theirs


def run(contest: Contest, stage: Stage, rounds: int, say: Callable[[str], None]) -> Turns:
    """All rounds of one contest; who cannot be measured or answers with errors is out, with the reason."""
    turns = Turns(contest, {name: [] for name in contest.takes}, {})
    for number in range(rounds):
        for name, take in contest.takes.items():
            if name in turns.trouble:
                continue
            say(f"{contest.name} {number + 1}/{rounds}: {name}")
            try:
                figures = take(stage)
            except NotMeasured as reason:
                turns.trouble[name] = f"{name}: {reason}"
                continue
            turns.figures[name].append(figures)
            if figures.errors:
                turns.trouble[name] = (
                    f"{name}: {figures.errors} requests failed, first: {figures.first_error}"
                )
    return turns
