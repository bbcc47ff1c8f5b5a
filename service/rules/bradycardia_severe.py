"""Very low heart rate, or a low one that does harm.

What: heart rate below 40; or below 50 with syncope or dizziness in the last hour; or below 50 with a
systolic pressure below 90 within 15 minutes on either side. It belongs to the later of the two readings, and
stands in for `bradycardia` on its own reading.
Why: a slow heart that no longer keeps the pressure up, or the patient awake, is an emergency.
Evidence: NEWS2 gives 3 points at 40 and below (S17) [F]; the combinations are ours [E].
Limits: the site's limits file alone moves them.
"""

from datetime import timedelta

from service.record.facts import Reading, Symptom
from service.record.record import Record
from service.rules.rule import Finding, Limits, Reach, Rule, limit
from service.rules.sources import cite
from service.rules.threshold import Breach, below
from service.rules.wording import because, pressure, rate

SYMPTOM = timedelta(hours=1)
PAIR = timedelta(minutes=15)
_FAINT = frozenset({"syncope", "dizziness"})


def judge(reading: Reading, record: Record, limits: Limits) -> Finding | None:
    severe = below(reading, "heart_rate", limits["heart-rate"])
    if severe:
        return _finding(reading, (severe,), "")
    slow = below(reading, "heart_rate", limits["heart-rate-combined"])
    weak = below(reading, "systolic", limits["systolic"])
    if slow and weak:
        return _finding(reading, (slow, weak), "")
    if reading.day:
        return None
    if slow:
        return _with_symptom(reading, slow, record) or _with_pressure(reading, slow, record, limits)
    return _with_rate(reading, weak, record, limits) if weak else None


def _with_symptom(reading: Reading, slow: Breach, record: Record) -> Finding | None:
    for symptom in record.felt(reading.at, SYMPTOM):
        if symptom.kind in _FAINT:
            return _finding(reading, (slow,), f" with {symptom.kind}", symptom.source)
    return None


def _with_pressure(reading: Reading, slow: Breach, record: Record, limits: Limits) -> Finding | None:
    for other in record.earlier(reading.key, PAIR):
        weak = below(other, "systolic", limits["systolic"])
        if weak:
            return _finding(reading, (slow, weak), "", other.source)
    return None


def _with_rate(reading: Reading, weak: Breach, record: Record, limits: Limits) -> Finding | None:
    for other in record.earlier(reading.key, PAIR):
        slow = below(other, "heart_rate", limits["heart-rate-combined"])
        if slow:
            return _finding(reading, (slow, weak), "", other.source)
    return None


def _finding(reading: Reading, breaches: tuple[Breach, ...], beside: str, *sources: str) -> Finding:
    """The heart rate comes first in `breaches`, and alone closes the episode."""
    shown = breaches[0].words() + beside + "".join(f" and {one.words()} mm[Hg]" for one in breaches[1:])
    measured = rate(reading) if reading.heart_rate is not None else pressure(reading)
    return Finding(
        severity="critical",
        side="low",
        text=f"{measured}: {shown}. Call the prescriber now, give no further dose, take an ECG and watch "
        f"continuously. {because(one.limit for one in breaches)}",
        evidence=tuple(one.evidence() for one in breaches),
        returns=(breaches[0].returns(),),
        sources=sources,
    )


RULE = Rule(
    id="bradycardia-severe",
    title="Very low heart rate",
    trigger="heart rate below its limit, or below the combined limit with syncope or dizziness in the last hour "
    "or a low systolic pressure within 15 minutes",
    severity="critical",
    judges=(Reading,),
    judge=judge,
    limits=(
        limit("heart-rate", "40", "/min", cite("S17"), "F", ("30", "50")),
        limit("heart-rate-combined", "50", "/min", cite("E"), "E", ("40", "60")),
        limit("systolic", "90", "mm[Hg]", cite("E"), "E", ("70", "110")),
    ),
    repeat=timedelta(minutes=15),
    reaches=(Reach(Symptom, Reading, ahead=SYMPTOM), Reach(Reading, Reading, ahead=PAIR)),
    over="bradycardia",
    snomed="48867003",
    seed="Q10",
)
