"""Batches of prepared resources into the database, and how far that is."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from api.cli import CommandError
from api.commands.portions import File
from api.commands.preparing import Prepared, Ready, Rejected
from api.commands.tally import Tally
from models.errors import Refused, Unavailable
from models.problem import Problem
from models.store.positions import Positions, Reached
from service.commit import Answer, Intake
from service.intake import Write

BATCH = 500
"""Resources of a transaction."""
PAUSES = (1, 2, 4, 8, 15)
"""Seconds before each further attempt while the database does not answer."""


@dataclass(slots=True)
class Loading:
    """One run over `files`. After a batch it leaves the database to others for `share` of the time it took."""

    files: Sequence[File]
    intake: Intake
    positions: Positions
    tally: Tally
    share: float = 0.0
    _reached: dict[str, Reached] = field(init=False)

    def __post_init__(self) -> None:
        self._reached = {file.source: file.reached for file in self.files}

    def commit(self, parts: Sequence[Prepared]) -> None:
        """Write a batch, then note how far that is: killed between the two, its resources are put once more."""
        began = time.monotonic()
        ready: list[tuple[Prepared, Ready]] = []
        for part in parts:
            self.tally.skipped += part.skipped
            for item in part.items:
                if isinstance(item, Ready):
                    ready.append((part, item))
                else:
                    self._refuse(part, item)
        for start in range(0, len(ready), BATCH):
            self._write(ready[start : start + BATCH])
        self._note(parts)
        time.sleep((time.monotonic() - began) * self.share)

    def _write(self, ready: Sequence[tuple[Prepared, Ready]]) -> None:
        answers = patiently(self.intake, [item.write for _, item in ready])
        for (part, item), answer in zip(ready, answers, strict=True):
            if isinstance(answer, Exception):
                self._refuse(part, Rejected(item.line, _problems(answer), item.write.entries[0].doc))
            else:
                self.tally.take(self._place(part, item.line), answer[0])

    def _refuse(self, part: Prepared, rejected: Rejected) -> None:
        self.tally.refuse(self._place(part, rejected.line), rejected)
        source = self.files[part.file].source
        before = self._reached[source]
        self._reached[source] = before._replace(refused=before.refused + 1)

    def _note(self, parts: Sequence[Prepared]) -> None:
        touched: dict[str, Reached] = {}
        for part in parts:
            source = self.files[part.file].source
            touched[source] = self._reached[source] = self._reached[source]._replace(lines=part.line)
        self.tally.flush()
        self.positions.keep(touched)

    def _place(self, part: Prepared, line: int) -> str:
        return f"{self.files[part.file].path}:{line}"


def patiently(intake: Intake, writes: Sequence[Write]) -> list[Answer | Exception]:
    """Answers, asked for again as long as the database is away. Raises CommandError when it stays away."""
    answers = intake.commit(writes)
    for pause in PAUSES:
        left = [at for at, answer in enumerate(answers) if isinstance(answer, Unavailable)]
        if not left:
            return answers
        time.sleep(pause)
        for at, answer in zip(left, intake.commit([writes[at] for at in left]), strict=True):
            answers[at] = answer
    away = next((answer for answer in answers if isinstance(answer, Unavailable)), None)
    if away:
        raise CommandError(f"{away} Nothing is lost: run the same command again to go on from here.")
    return answers


def _problems(error: Exception) -> tuple[Problem, ...]:
    if isinstance(error, Refused):
        return error.problems
    return (
        Problem(
            "exception", f"The service failed on this resource ({type(error).__name__}); nothing was kept."
        ),
    )
