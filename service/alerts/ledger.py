"""All alerts of a patient: by id, by the resource that they are about, and by rule in order of time."""

from collections.abc import Iterable, Iterator, Mapping

from service.alerts.alert import Alert
from service.record.timeline import Index, Timeline

_EMPTY: Timeline[Alert] = Timeline()


class Ledger(Mapping[str, Alert]):
    """An immutable mapping from id to alert, retracted ones included.

    A chain holds a rule's alerts that count for its episodes: final and not late.
    """

    __slots__ = ("_about", "_chains", "_ids")

    def __init__(
        self,
        ids: Index[Alert] | None = None,
        about: Index[tuple[Alert, ...]] | None = None,
        chains: dict[str, Timeline[Alert]] | None = None,
    ) -> None:
        self._ids: Index[Alert] = ids or Index()
        self._about: Index[tuple[Alert, ...]] = about or Index()
        self._chains = chains or {}

    @classmethod
    def of(cls, alerts: Mapping[str, Alert]) -> "Ledger":
        """The same if it is a ledger already."""
        if isinstance(alerts, Ledger):
            return alerts
        about: dict[str, list[Alert]] = {}
        chains: dict[str, list[Alert]] = {}
        for alert in alerts.values():
            about.setdefault(alert.about, []).append(alert)
            if _counts(alert):
                chains.setdefault(alert.rule, []).append(alert)
        return cls(
            Index.of(alerts.items()),
            Index.of((source, tuple(held)) for source, held in about.items()),
            {rule: Timeline.of(chain) for rule, chain in chains.items()},
        )

    def __getitem__(self, id: str) -> Alert:
        alert = self._ids.get(id)
        if alert is None:
            raise KeyError(id)
        return alert

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)

    def about(self, source: str) -> tuple[Alert, ...]:
        """Alerts about one resource, retracted ones included."""
        return self._about.get(source) or ()

    def chain(self, rule: str) -> Timeline[Alert]:
        return self._chains.get(rule, _EMPTY)

    def put(self, alerts: Iterable[Alert]) -> "Ledger":
        """With these alerts in the place of their earlier versions."""
        ids, about, chains = self._ids, self._about, dict(self._chains)
        for alert in alerts:
            old = ids.get(alert.id)
            ids = ids.put(alert.id, alert)
            held = about.get(alert.about) or ()
            about = about.put(alert.about, (*(one for one in held if one is not old), alert))
            chain = chains.get(alert.rule, _EMPTY)
            if old and _counts(old) and (old.key != alert.key or not _counts(alert)):
                chain = chain.remove(old.key)
            chains[alert.rule] = chain.insert(alert) if _counts(alert) else chain
        return Ledger(ids, about, chains)


def _counts(alert: Alert) -> bool:
    """An alert about an order, or about a rule that failed, is an event of its own."""
    return not (alert.retracted or alert.late or alert.cause or alert.about.startswith("MedicationRequest/"))
