"""A dose that should be held.

What: within 60 minutes before a scheduled dose that has not been given, the newest systolic, diastolic or heart rate of
the last 60 minutes is below the hold limits of the preset, or an episode of low pressure, slow heart, fainting or
sedation is open that was high or critical; once a slot.
A reading recorded more than a day late opens no episode.
Why: the next dose lowers pressure and heart rate further.
Evidence: hold below 90/60 in S2, S3 and S27 [F]; for lofexidine S13 [F]; the time windows are ours [E].
Limits: those of the preset's hold block; a site may move them, and a patient's Goal.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from service.record.facts import Goal, Reading, Symptom
from service.record.record import Record
from service.record.schedule import Slot, filling, slots
from service.rules.hold import FRESH, LIMITS, Held, held, opened
from service.rules.personal import in_force, personal
from service.rules.rule import Finding, Limits, Moment, Rule, View, in_time, silent
from service.rules.wording import because, clock_time

EXPIRY = timedelta(hours=24)
"""After its last alert an episode is open for no longer (decision 4)."""


def clock(view: View, limits: Limits, since: datetime) -> Iterator[Moment]:
    return in_time(_held(view, limits, since))


def _held(view: View, limits: Limits, since: datetime) -> Iterator[tuple[datetime, Moment | None]]:
    """For each slot the instant from which on it is looked at, and what is said of it."""
    until = _until(view)
    for slot in slots(view.record.regimen, since) if until else ():
        if until is None or slot.at - FRESH > until:
            return
        first = next(_holding(slot, view, limits), None)
        yield slot.at - FRESH, first if first and first.due >= since else None


def _until(view: View) -> datetime | None:
    """The last instant at which anything can hold a dose, if nothing more comes; None: there is none."""
    lines = (view.record.readings.last, view.record.symptoms.last)
    newest = max((last[0] for last in lines if last), default=None)
    if newest is None:
        return None
    return max([newest + FRESH, *(one.breached + EXPIRY for one in opened(view, newest))])


def _holding(slot: Slot, view: View, limits: Limits) -> Iterator[Moment]:
    """What holds the slot's dose, at each instant at which that can begin."""
    dose = filling(slot, view.record.regimen)
    for at in _instants(slot, view.record):
        if dose and dose.at < at:
            return
        breaches = held(view.record, at, personal(limits, in_force(view.record.goals, at)))
        episodes = [one.rule for one in opened(view, at)]
        if breaches or episodes:
            yield Moment(at, slot.order.source, partial(_finding, slot, at, breaches, episodes))


def _instants(slot: Slot, record: Record) -> list[datetime]:
    start = slot.at - FRESH
    found = {start}
    for line in (record.readings, record.symptoms):
        for fact in line.since((start, "")):
            if fact.at > slot.at:
                break
            found.add(fact.at)
    found.update(edge for goal in record.goals for edge in goal.edges() if start < edge <= slot.at)
    return sorted(found)


def _finding(slot: Slot, at: datetime, breaches: list[Held], episodes: list[str]) -> Finding:
    why = [one.breach.words() for one in breaches] + [f"open alert {rule}" for rule in episodes]
    return Finding(
        severity="high",
        side="low" if breaches else "other",
        text=f"Hold the dose of {slot.order.drug} due at {clock_time(slot.at)}: {', '.join(why)}. Measure again, "
        "record the dose as not done with the reason, and call the prescriber. "
        f"{because(one.breach.limit for one in breaches)}".rstrip(),
        evidence=tuple(one.breach.evidence() for one in breaches),
        sources=tuple(dict.fromkeys(one.reading.source for one in breaches)),
        at=at,
        cause=slot.at.isoformat(),
    )


RULE = Rule(
    id="hold-dose-advised",
    title="Hold the next dose",
    trigger="pressure or heart rate below the hold limits, or an open alert, within 60 minutes before a dose is due",
    severity="high",
    judges=(),
    judge=silent,
    clock=clock,
    heeds=(Reading, Symptom, Goal),
    limits=LIMITS,
    seed="Q1, Q4",
)
