"""Episodes and phases: one walk over a rule's breaches in order of time (decisions 3, 4, 25 and 26)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from heapq import merge
from typing import NamedTuple

from msgspec.structs import replace

from service.alerts.alert import Alert, Episode, Phase, Shadow
from service.alerts.ledger import Ledger
from service.record.facts import Key
from service.record.moments import BEGINNING
from service.record.record import LAST, Record
from service.rules.rule import Open, Return, Rule, Severity, rank

EXPIRY = timedelta(hours=24)
REPEAT: dict[Severity, timedelta] = {
    "critical": timedelta(minutes=15),
    "high": timedelta(minutes=60),
    "moderate": timedelta(hours=4),
    "low": timedelta(hours=24),
    "info": timedelta(hours=24),
}


class _Breach(NamedTuple):
    """A breach of the rule: by its own alert, or in the shadow of the rung above it."""

    alert: Alert
    severity: Severity
    returns: tuple[Return, ...]
    episode: Episode | None
    own: bool


def walk(
    rule: Rule, chain: str, above: str | None, ledger: Ledger, record: Record, start: Key, end: Key
) -> Iterator[Alert]:
    """Alerts of a chain of the rule whose phase or episode changes when everything from `start` to `end` may have.

    Resumes from the episode stored with the last breach before `start`, and stops behind `end` where the stored
    episode is met again.
    """
    if not (ledger.reaches(chain, start) or (above and ledger.reaches(above, start))):
        return
    previous = _before(chain, above, ledger, start)
    state, last = (previous.episode, previous.alert.key) if previous else (None, start)
    for breach in _since(chain, above, ledger, start):
        if state and _closed(state, last, breach.alert.key, record):
            state = None
        phase, state = _step(rule, state, breach)
        last = breach.alert.key
        if state != breach.episode or (breach.own and phase != breach.alert.phase):
            yield _moved(breach, phase, state)
        elif last > end:
            return


def standing(
    names: Iterable[str], above: Mapping[str, str], ledger: Ledger, record: Record, at: datetime
) -> Iterator[Open]:
    """Those of the rules whose episode is open at an instant; `above` gives the rung above a rule.

    A breach of which only the day is known does not tell whether it came before.
    """
    recent: Key = (at - EXPIRY, LAST) if at - BEGINNING > EXPIRY else (BEGINNING, "")
    after: Key = (at, LAST)
    for rule in names:
        over = above.get(rule)
        if not (ledger.reaches(rule, recent) or (over and ledger.reaches(over, recent))):
            continue
        previous = _before(rule, over, ledger, after, timed=True)
        state = previous.episode if previous else None
        if previous and state and not _closed(state, previous.alert.key, after, record):
            yield Open(rule, state.worst, state.breached)


def _step(rule: Rule, state: Episode | None, breach: _Breach) -> tuple[Phase, Episode]:
    at, severity = breach.alert.at, breach.severity
    if state is None:
        return "new", Episode(severity, at, at, _widest((), breach.returns))
    phase: Phase = "continuing"
    if rank(severity) > rank(state.worst):
        phase = "escalated"
    elif at - state.paged >= min(REPEAT[severity], rule.repeat or EXPIRY):
        phase = "reminder"
    return phase, Episode(
        worst=max(severity, state.worst, key=rank),
        paged=state.paged if phase == "continuing" else at,
        breached=at,
        returns=_widest(state.returns, breach.returns),
    )


def _closed(state: Episode, last: Key, now: Key, record: Record) -> bool:
    """Whether a day went by without a breach, or a reading in between has everything back beyond its margin."""
    if now[0] - state.breached >= EXPIRY:
        return True
    if not state.returns:
        return False
    for reading in record.readings.since(last):
        if reading.key >= now:
            return False
        if reading.key > last and not reading.late and not reading.day:
            sound = record.plausible.sound(reading)
            if all(margin.back(sound) for margin in state.returns):
                return True
    return False


def _widest(held: tuple[Return, ...], more: tuple[Return, ...]) -> tuple[Return, ...]:
    """One return a quantity and side: the one that is harder to reach."""
    if held == more:
        return held
    widest: dict[tuple[str, bool], Return] = {}
    for one in (*held, *more):
        other = widest.get((one.quantity, one.low))
        harder = other is None or (one.value > other.value if one.low else one.value < other.value)
        if harder:
            widest[one.quantity, one.low] = one
    return tuple(widest[side] for side in sorted(widest))


def _moved(breach: _Breach, phase: Phase, state: Episode) -> Alert:
    if breach.own:
        return replace(breach.alert, phase=phase, episode=state)
    return replace(breach.alert, lower=Shadow(breach.severity, breach.returns, state))


def _since(chain: str, above: str | None, ledger: Ledger, start: Key) -> Iterator[_Breach]:
    own = map(_own, ledger.chain(chain).since(start))
    if above is None or not ledger.reaches(above, start):
        return own
    shadows = (_shadow(alert, alert.lower) for alert in ledger.chain(above).since(start) if alert.lower)
    return merge(own, shadows, key=lambda breach: breach.alert.key)


def _before(chain: str, above: str | None, ledger: Ledger, start: Key, timed: bool = False) -> _Breach | None:
    """The last breach before `start`, if it is recent enough to matter; `timed` if its time must be known."""
    own = next(_recent(ledger, chain, start, timed), None)
    over = next((one for one in _recent(ledger, above, start, timed) if one.lower), None) if above else None
    if over and over.lower and (own is None or over.key > own.key):
        return _shadow(over, over.lower)
    return _own(own) if own else None


def _recent(ledger: Ledger, chain: str, start: Key, timed: bool = False) -> Iterator[Alert]:
    for alert in ledger.chain(chain).before(start):
        if start[0] - alert.at >= EXPIRY:
            return
        if not (timed and alert.until):
            yield alert


def _own(alert: Alert) -> _Breach:
    return _Breach(alert, alert.severity, alert.finding.returns, alert.episode, True)


def _shadow(alert: Alert, shadow: Shadow) -> _Breach:
    return _Breach(alert, shadow.severity, shadow.returns, shadow.episode, False)
