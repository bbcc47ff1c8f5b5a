"""All alerts of a patient: by id, by the resource that they are about, and by rule in order of time."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from service.alerts.alert import Alert
from service.record.facts import Key
from service.record.moments import BEGINNING
from service.record.timeline import Index, Timeline

_EMPTY: Timeline[Alert] = Timeline()


class Ledger(Mapping[str, Alert]):
    """An immutable mapping from id to alert, retracted ones included.

    A chain holds the alerts that count for the same episodes: final and not late; of those that stand alone, late ones
    too. No alert of an episode is effective after `latest`.
    """

    __slots__ = ("_about", "_by_id", "_chains", "latest")

    def __init__(
        self,
        by_id: Index[Alert] | None = None,
        about: Index[tuple[str, ...]] | None = None,
        chains: dict[str, Timeline[Alert]] | None = None,
        latest: datetime = BEGINNING,
    ) -> None:
        self._by_id: Index[Alert] = by_id or Index()
        self._about: Index[tuple[str, ...]] = about or Index()
        self._chains = chains or {}
        self.latest = latest

    @classmethod
    def of(cls, alerts: Mapping[str, Alert]) -> "Ledger":
        """The same if it is a ledger already."""
        if isinstance(alerts, Ledger):
            return alerts
        about: dict[str, tuple[str, ...]] = {}
        chains: dict[str, list[Alert]] = {}
        for alert in alerts.values():
            if not _timed(alert):
                about[alert.about] = (*about.get(alert.about, ()), alert.id)
            if _counts(alert):
                chains.setdefault(alert.chain, []).append(alert)
        return cls(
            Index.of(alerts.items()),
            Index.of(about.items()),
            {name: Timeline.of(chain) for name, chain in chains.items()},
            max((alert.at for alert in alerts.values() if not alert.alone), default=BEGINNING),
        )

    def __getitem__(self, id: str) -> Alert:
        alert = self._by_id.get(id)
        if alert is None:
            raise KeyError(id)
        return alert

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)

    def about(self, source: str) -> tuple[Alert, ...]:
        """Alerts about one resource, retracted ones included where they are not about an instant that was due."""
        held = tuple(map(self.__getitem__, self._about.get(source) or ()))
        if not source.startswith("Medication"):
            return held
        timed = (alert for chain in self._chains.values() for alert in chain if _timed(alert))
        return held + tuple(alert for alert in timed if alert.about == source)

    def chain(self, name: str) -> Timeline[Alert]:
        return self._chains.get(name, _EMPTY)

    def reaches(self, name: str, key: Key) -> bool:
        """Whether the chain has an alert at or after `key`."""
        chain = self._chains.get(name)
        return chain is not None and chain.last is not None and chain.last >= key

    def put(self, alerts: Iterable[Alert]) -> "Ledger":
        """With these alerts in the place of their earlier versions."""
        by_id, about, chains, latest = self._by_id, self._about, dict(self._chains), self.latest
        for alert in alerts:
            old = by_id.get(alert.id)
            by_id = by_id.put(alert.id, alert)
            if old is None and not _timed(alert):
                about = about.put(alert.about, (*(about.get(alert.about) or ()), alert.id))
            if old and old.chain != alert.chain and _counts(old):
                chains[old.chain], old = chains[old.chain].remove(old.key), None
            chains[alert.chain] = _rechained(chains.get(alert.chain, _EMPTY), old, alert)
            latest = latest if alert.alone else max(latest, alert.at)
        return Ledger(by_id, about, chains, latest)


def _rechained(chain: Timeline[Alert], old: Alert | None, new: Alert) -> Timeline[Alert]:
    counts = _counts(new)
    if old and _counts(old) and not (counts and old.key == new.key):
        chain = chain.remove(old.key)
    return chain.insert(new) if counts else chain


def _timed(alert: Alert) -> bool:
    """Whether it is about an instant that was due: of these an order can have thousands."""
    return alert.alone and not alert.standing and alert.about.startswith("Medication")


def _counts(alert: Alert) -> bool:
    return not alert.retracted and (alert.alone or not alert.late)
