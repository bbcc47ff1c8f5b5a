"""Charts kept in memory between writes: the records of the patients that are being written about."""

from collections import OrderedDict
from typing import NamedTuple

from service.alerts.chart import Chart

MOST_FACTS = 200_000
"""Facts held by all charts together."""


class Kept(NamedTuple):
    """A chart as of change number `seq`, complete from `since` (microseconds) on."""

    seq: int
    since: int
    chart: Chart

    @property
    def weight(self) -> int:
        """Facts held."""
        return 1 + len(self.chart.record.facts)


class Charts:
    """The charts used last; each is held against the patient's head before it is trusted."""

    def __init__(self, most: int = MOST_FACTS) -> None:
        self._most = most
        self._held = 0
        self._charts: OrderedDict[str, Kept] = OrderedDict()

    def get(self, patient: str, seq: int) -> Kept | None:
        """The chart, if nobody has changed the record after it was kept."""
        kept = self._charts.get(patient)
        if kept is None or kept.seq != seq:
            return None
        self._charts.move_to_end(patient)
        return kept

    def keep(self, patient: str, kept: Kept) -> None:
        """Hold a chart; those unused for longest go."""
        old = self._charts.pop(patient, None)
        self._held += kept.weight - (old.weight if old else 0)
        self._charts[patient] = kept
        while self._held > self._most and len(self._charts) > 1:
            self._held -= self._charts.popitem(last=False)[1].weight
