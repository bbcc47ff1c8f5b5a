"""What became of the resources of a load: counted, the first refusals shown, all of them kept if asked."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import IO

from api.commands.preparing import Rejected
from api.errors import outcome
from models.fhir.codec import dump
from models.problem import Problem
from service.commit import Written

SHOWN = 10
"""Refusals, and warnings, that are shown; the others are counted."""


class Tally:
    """Counts; `show` prints a line, `rejects` takes what was refused as NDJSON."""

    def __init__(self, show: Callable[[str], None], rejects: IO[bytes] | None) -> None:
        self._show, self._rejects = show, rejects
        self.outcomes: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.skipped: Counter[str] = Counter()
        self.refused = self.warned = self.raised = 0

    @property
    def written(self) -> int:
        """Resources taken, those included that were there before."""
        return sum(counts.total() for counts in self.outcomes.values())

    def take(self, place: str, written: Written) -> None:
        """A resource that is kept."""
        self.outcomes[written.stored.type][written.outcome] += 1
        self.raised += len(written.raised)
        for problem in written.warnings:
            self.warned += 1
            self._tell(self.warned, place, [problem])

    def refuse(self, place: str, rejected: Rejected) -> None:
        """A resource that is not."""
        self.refused += 1
        errors = [problem for problem in rejected.problems if problem.severity in ("error", "fatal")]
        self._tell(self.refused, place, errors or rejected.problems)
        if self._rejects:
            self._rejects.write(_line(place, rejected))

    def flush(self) -> None:
        """Have the rejects on disk."""
        if self._rejects:
            self._rejects.flush()

    def _tell(self, number: int, place: str, problems: Sequence[Problem]) -> None:
        if number <= SHOWN:
            for problem in problems:
                where = f" {problem.expression}:" if problem.expression else ""
                self._show(f"{place}: {problem.severity}:{where} {problem.text}")
        elif number == SHOWN + 1:
            self._show("More follow; they are counted.")

    def left_out(self) -> str:
        """What is not served, by type."""
        return _counts(self.skipped)

    def lines(self) -> list[str]:
        """The counts in words."""
        kept = [f"  {type:<26}{_counts(counts)}" for type, counts in sorted(self.outcomes.items())]
        told = [("Left out, not served here", self.left_out()), ("Alerts raised", f"{self.raised:,}")]
        told += [("Warnings", f"{self.warned:,}")] if self.warned else []
        return [*kept, *(f"{name}: {value}." for name, value in told if value), f"Refused: {self.refused:,}."]


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.most_common())


def _line(place: str, rejected: Rejected) -> bytes:
    """One line of the file of rejects: where it stood, why it was refused, what it was."""
    name, _, line = place.rpartition(":")
    body = (
        {"resource": rejected.doc}
        if rejected.doc is not None
        else {"text": rejected.raw.decode(errors="replace")}
    )
    return dump({"file": name, "line": int(line), "outcome": outcome(rejected.problems), **body}) + b"\n"
