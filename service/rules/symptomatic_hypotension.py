"""Low pressure that is felt.

What: syncope, or dizziness graded moderate or severe, within an hour of a systolic below 100 or of an orthostatic
fall. Critical with syncope, else high. It belongs to the later of the two.
Why: pressure that would pass as a number is too low for this patient.
Evidence: S13 has the next dose reduced, delayed or skipped for symptomatic hypotension [F]. The 100 and the hour are
in the clinical specification without a source of their own [E].
Limits: a site may move the 100; what an orthostatic fall is follows `orthostatic-hypotension`.
"""

from collections.abc import Iterable
from datetime import timedelta

from service.record.facts import Reading, Symptom
from service.record.record import Record
from service.rules.rule import Finding, Limits, Reach, Rule, limit
from service.rules.sources import cite
from service.rules.standing import PAIR, SAME_TIME, Fall, falls
from service.rules.threshold import below
from service.rules.wording import because, pressure

HOUR = timedelta(hours=1)
_PAIRS = "orthostatic-hypotension"


def judge(fact: Reading | Symptom, record: Record, limits: Limits) -> Finding | None:
    if fact.day:
        return None
    if isinstance(fact, Symptom):
        for reading in record.earlier(fact.key, HOUR) if _counts(fact) else ():
            finding = _together(reading, fact, record, limits)
            if finding:
                return finding
        return None
    return _together(
        fact, _worst(one for one in record.felt(fact.at, HOUR) if one.key < fact.key), record, limits
    )


def _counts(symptom: Symptom) -> bool:
    if symptom.kind == "dizziness":
        return symptom.grade in ("moderate", "severe")
    return symptom.kind == "syncope" and symptom.present


def _worst(felt: Iterable[Symptom]) -> Symptom | None:
    """A syncope, else the latest dizziness that counts."""
    counted = [one for one in felt if _counts(one)]
    return next((one for one in counted if one.kind == "syncope"), counted[0] if counted else None)


def _together(reading: Reading, symptom: Symptom | None, record: Record, limits: Limits) -> Finding | None:
    if symptom is None:
        return None
    weak = below(reading, "systolic", limits["systolic"])
    own = {key.removeprefix(f"{_PAIRS}."): one for key, one in limits.items() if key.startswith(_PAIRS)}
    found: tuple[Fall, ...]
    found, before = (
        ((Fall(weak.evidence(), weak.words(), weak.limit),), ()) if weak else falls(reading, record, own)
    )
    if not found:
        return None
    after = f" after {' and '.join(map(pressure, before))}" if before else ""
    syncope = symptom.kind == "syncope"
    acts = "Call the prescriber now, and ask" if syncope else "Ask the prescriber"
    return Finding(
        severity="critical" if syncope else "high",
        side="low",
        text=f"{pressure(reading)}{after}, with {symptom.kind}: {', '.join(one.words for one in found)}. Lay the "
        f"patient down. {acts} whether the next dose is reduced, delayed or skipped. "
        f"{because(one.limit for one in found)}",
        evidence=tuple(one.evidence for one in found),
        sources=(reading.source, symptom.source, *(other.source for other in before)),
    )


RULE = Rule(
    id="symptomatic-hypotension",
    title="Low pressure that is felt",
    trigger="syncope, or moderate or severe dizziness, within an hour of a low systolic or an orthostatic fall",
    severity="high; critical with syncope",
    judges=(Reading, Symptom),
    judge=judge,
    limits=(limit("systolic", "100", "mm[Hg]", cite("S13", "E"), "E", ("80", "120")),),
    repeat=timedelta(minutes=60),
    reaches=(
        Reach(Symptom, Reading, ahead=HOUR),
        Reach(Reading, Symptom, ahead=HOUR + PAIR),
        Reach(Reading, Reading, back=SAME_TIME, ahead=PAIR),
    ),
    borrows=(_PAIRS,),
    snomed="45007003",
    seed="Q2, Q4",
)
