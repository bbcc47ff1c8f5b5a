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

    __slots__ = ("_about", "_chains", "_where", "latest")

    def __init__(
        self,
        where: Index[str] | None = None,
        about: Index[tuple[Alert, ...]] | None = None,
        chains: dict[str, Timeline[Alert]] | None = None,
        latest: datetime = BEGINNING,
    ) -> None:
        self._where: Index[str] = where or Index()
        self._about: Index[tuple[Alert, ...]] = about or Index()
        self._chains = chains or {}
        self.latest = latest

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
                chains.setdefault(alert.chain, []).append(alert)
        return cls(
            Index.of((id, alert.about) for id, alert in alerts.items()),
            Index.of((source, tuple(held)) for source, held in about.items()),
            {name: Timeline.of(chain) for name, chain in chains.items()},
            max((alert.at for alert in alerts.values() if not alert.alone), default=BEGINNING),
        )

    def __getitem__(self, id: str) -> Alert:
        for alert in self.about(self._where.get(id) or ""):
            if alert.id == id:
                return alert
        raise KeyError(id)

    def __iter__(self) -> Iterator[str]:
        return iter(self._where)

    def __len__(self) -> int:
        return len(self._where)

    def about(self, source: str) -> tuple[Alert, ...]:
        """Alerts about one resource, retracted ones included."""
        return self._about.get(source) or ()

    def chain(self, name: str) -> Timeline[Alert]:
        return self._chains.get(name, _EMPTY)

    def reaches(self, name: str, key: Key) -> bool:
        """Whether the chain has an alert at or after `key`."""
        chain = self._chains.get(name)
        return chain is not None and chain.last is not None and chain.last >= key

    def put(self, alerts: Iterable[Alert]) -> "Ledger":
        """With these alerts in the place of their earlier versions."""
        where, about, chains, latest = self._where, self._about, dict(self._chains), self.latest
        for alert in alerts:
            held = about.get(alert.about) or ()
            old = next((one for one in held if one.id == alert.id), None)
            if old is None:
                where = where.put(alert.id, alert.about)
            about = about.put(alert.about, (*(one for one in held if one is not old), alert))
            if old and old.chain != alert.chain and _counts(old):
                chains[old.chain], old = chains[old.chain].remove(old.key), None
            chains[alert.chain] = _rechained(chains.get(alert.chain, _EMPTY), old, alert)
            latest = latest if alert.alone else max(latest, alert.at)
        return Ledger(where, about, chains, latest)


def _rechained(chain: Timeline[Alert], old: Alert | None, new: Alert) -> Timeline[Alert]:
    counts = _counts(new)
    if old and _counts(old) and not (counts and old.key == new.key):
        chain = chain.remove(old.key)
    return chain.insert(new) if counts else chain


def _counts(alert: Alert) -> bool:
    return not alert.retracted and (alert.alone or not alert.late)
