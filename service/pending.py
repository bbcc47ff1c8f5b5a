"""A version on its way into the database."""

from dataclasses import dataclass
from typing import Any

from models.search.index import Extent, Indexed, Token
from models.stored import ALERT, ASKED, STANDING, Stored


@dataclass(slots=True, kw_only=True)
class Pending:
    """A version that will be written; `previous` is what it supersedes, `seq` is given last of all. `due` is when, in
    microseconds, the service has something to do about it by itself."""

    type: str
    id: str
    number: int
    method: str
    patient: str
    content: str
    indexed: Indexed | None
    kind: int
    lifted: str | None
    previous: "Pending | Stored | None" = None
    due: int | None = None
    seq: int = 0

    @property
    def reference(self) -> str:
        """`Type/id`."""
        return f"{self.type}/{self.id}"

    @property
    def is_alert(self) -> bool:
        """Whether it is an alert, which this service alone writes."""
        return self.kind in (ALERT, STANDING)

    @property
    def is_asked(self) -> bool:
        """Whether it is the Task of an alert, which clients take part in."""
        return self.kind == ASKED

    def stored(self) -> Stored:
        """As the database will give it."""
        low = self.indexed.span.low if self.indexed and self.indexed.span else None
        return Stored(
            self.seq,
            self.type,
            self.id,
            self.number,
            self.method,
            self.patient,
            low,
            self.kind,
            self.lifted,
            self.content,
        )

    def columns(self, at: int, current: bool) -> dict[str, Any]:
        """The row of the table `version`; `at` is the place of its change number in the batch."""
        span = self.indexed.span if self.indexed else None
        return {
            "at": at,
            "patient": self.patient,
            "type": self.type,
            "id": self.id,
            "number": self.number,
            "method": self.method,
            "current": current,
            "alert": self.indexed is not None and self.indexed.alert,
            "low": span.low if span else None,
            "high": span.high if span else None,
            "kind": self.kind,
            "lifted": self.lifted,
            "content": self.content,
            "due": self.due,
        }

    def tokens(self, at: int) -> list[tuple[int, str, Token]]:
        """The rows of the table `token`, with the place of the change number and the patient."""
        return [(at, self.patient, token) for token in (self.indexed.tokens if self.indexed else ())]

    def extents(self, at: int) -> list[tuple[int, str, Extent]]:
        """The rows of the table `extent`, likewise."""
        return [(at, self.patient, extent) for extent in (self.indexed.extents if self.indexed else ())]
