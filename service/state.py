"""What a batch has read and will write, as far as it has come: what a transaction that fails gives back."""

from dataclasses import dataclass, field

from models.stored import Stored
from service.alerts.chart import Alert
from service.charts import Kept
from service.moves import Held
from service.pending import Pending


@dataclass(slots=True)
class State:
    """All that a failed transaction takes back.

    `amended` are stored versions whose patient or fact is another now, each with the patient it stands under;
    `alerts` those that changed, each with its patient; `names` the patients that identifiers stand for. `done` are
    stored versions about which nothing is left to do.
    """

    latest: dict[tuple[str, str], Held | None] = field(default_factory=dict)
    rows: list[Pending] = field(default_factory=list)
    amended: dict[int, tuple[str, Stored]] = field(default_factory=dict)
    alerts: dict[str, tuple[str, Alert]] = field(default_factory=dict)
    charts: dict[str, Kept] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    done: list[Stored] = field(default_factory=list)

    def copy(self) -> "State":
        """A state that further work does not touch."""
        return State(
            dict(self.latest),
            list(self.rows),
            dict(self.amended),
            dict(self.alerts),
            dict(self.charts),
            dict(self.names),
            list(self.done),
        )
