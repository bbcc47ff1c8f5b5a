"""What other rules change: alerts before and after, counted by rule and severity, by phase and by patient-day."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple

from msgspec.structs import replace

from service.alerts.alert import PAGEABLE, Alert, Phase
from service.alerts.chart import Chart, rejudged
from service.record.moments import BEGINNING, END
from service.rules import RULES
from service.rules.rule import SEVERITIES, Severity
from service.ruleset import Ruleset

Side = Literal["before", "after"]
Kind = Literal["added", "removed", "severity", "otherwise"]


class Difference(NamedTuple):
    """An alert that is otherwise than it was: `old` and `new` where they hold.

    `severity` is another one; `otherwise` another phase, another limit, another sentence.
    """

    kind: Kind
    old: Alert | None
    new: Alert | None

    @property
    def alert(self) -> Alert:
        """The alert as it is now, or last was."""
        alert = self.new or self.old
        assert alert is not None
        return alert


class Compared(NamedTuple):
    """One patient's alerts before and after, of those that hold; `chart` has the record."""

    chart: Chart
    before: tuple[Alert, ...]
    after: tuple[Alert, ...]
    differences: tuple[Difference, ...]

    @property
    def changes(self) -> int:
        """Alerts that came, went or have another severity."""
        return sum(one.kind != "otherwise" for one in self.differences)


class Row(NamedTuple):
    """Alerts of a rule at a severity. `came` and `left` are those that had, or have, another severity."""

    rule: str
    severity: Severity
    before: int
    after: int
    added: int
    removed: int
    came: int
    left: int
    otherwise: int


def what_if(chart: Chart, at: datetime, rules: Ruleset, other: Ruleset) -> Compared:
    """The alerts of a record under `rules` and, instead, under `other`, judged at `at`."""
    under = rejudged(chart, at, rules).chart
    return compared(under, rejudged(under, at, other).chart)


def compared(before: Chart, after: Chart) -> Compared:
    """The alerts of a record before and after it was judged anew."""
    old, new = (tuple(one for one in chart.alerts.values() if not one.retracted) for chart in (before, after))
    return Compared(after, old, new, tuple(_differences(old, new)))


def _differences(before: Iterable[Alert], after: Iterable[Alert]) -> Iterator[Difference]:
    old, new = ({alert.id: alert for alert in alerts} for alerts in (before, after))
    for id in {**old, **new}:
        was, now = old.get(id), new.get(id)
        if was is None or now is None:
            yield Difference("added" if now else "removed", was, now)
        elif was.severity != now.severity:
            yield Difference("severity", was, now)
        elif was is not now and _shown(was) != _shown(now):
            yield Difference("otherwise", was, now)


def _shown(alert: Alert) -> Alert:
    """The alert as far as its document tells it."""
    return replace(alert, episode=None, lower=None)


@dataclass(slots=True)
class Comparison:
    """The counts over many patients.

    `changed` are patients with any difference, `moved` those with more than another sentence or phase. `days` are
    patient-days: calendar days (UTC) on which a patient's record holds anything; `days_of` counts them by day of the
    record, the first is 1, and `by_day` their pageable alerts; `daily` counts them by how many of these they have.
    """

    patients: int = 0
    changed: int = 0
    moved: int = 0
    facts: int = 0
    days: int = 0
    phases: Counter[tuple[Side, Phase]] = field(default_factory=Counter)
    daily: Counter[tuple[Side, int]] = field(default_factory=Counter)
    by_day: Counter[tuple[Side, int]] = field(default_factory=Counter)
    days_of: Counter[int] = field(default_factory=Counter)
    counts: dict[tuple[str, Severity], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def take(self, one: Compared) -> None:
        """Count a patient in."""
        self.patients += 1
        self.changed += bool(one.differences)
        self.moved += bool(one.changes)
        self.facts += len(one.chart.record.facts)
        sides: Mapping[Side, tuple[Alert, ...]] = {"before": one.before, "after": one.after}
        for side, alerts in sides.items():
            for alert in alerts:
                self.counts[alert.rule, alert.severity][side] += 1
                self.phases[side, alert.phase] += 1
        for difference in one.differences:
            self._differ(difference)
        self._spread(one.chart, sides)

    def _differ(self, difference: Difference) -> None:
        kind, old, new = difference
        if kind == "severity" and old and new:
            self.counts[old.rule, old.severity]["left"] += 1
            self.counts[new.rule, new.severity]["came"] += 1
        else:
            self.counts[difference.alert.rule, difference.alert.severity][kind] += 1

    def _spread(self, chart: Chart, sides: Mapping[Side, tuple[Alert, ...]]) -> None:
        """The patient's pageable alerts over the days of the record."""
        times = [fact.at for fact in chart.record.facts.values()]
        times += [alert.at for alerts in sides.values() for alert in alerts]
        days = sorted({at.date() for at in times if BEGINNING < at < END})
        self.days += len(days)
        self.days_of.update(_number(day, days[0]) for day in days)
        for side, alerts in sides.items():
            paged = Counter(alert.at.date() for alert in alerts if alert.pageable)
            self.daily.update((side, paged[day]) for day in days)
            for day in days:
                self.by_day[side, _number(day, days[0])] += paged[day]

    def rows(self) -> list[Row]:
        """By rule in the order of their table, the severest first; rules that there are no more come last."""
        order = {rule.id: place for place, rule in enumerate(RULES)}
        keys = sorted(
            self.counts, key=lambda key: (order.get(key[0], len(order)), key[0], -SEVERITIES.index(key[1]))
        )
        return [Row(*key, *(self.counts[key][name] for name in Row._fields[2:])) for key in keys]

    def of_phases(self, side: Side, phases: Iterable[Phase] = PAGEABLE) -> int:
        """Alerts of these phases; without any named, of those that somebody is paged for."""
        return sum(self.phases[side, phase] for phase in phases)

    @property
    def changes(self) -> int:
        """Alerts that came, went or have another severity."""
        return sum(map(self.total, ("added", "removed", "came")))

    def total(self, name: str) -> int:
        """A column of all rows together."""
        return sum(counts[name] for counts in self.counts.values())

    def a_day(self, count: int) -> float:
        """So many alerts, a patient-day."""
        return count / self.days if self.days else 0.0


def _number(day: date, first: date) -> int:
    return (day - first).days + 1
