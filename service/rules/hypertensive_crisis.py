"""Very high blood pressure.

What: systolic 180 or more, or diastolic 120 or more. The first such reading is high and asks for a recheck;
it is critical when another lies 5 minutes to 24 hours before it, whatever was measured between, or with
chest pain or severe headache within an hour.
Why: stopping clonidine can make the pressure rebound.
Evidence: 180/120 inclusive and the recheck in S16 [F]; S22 says strictly above [F]: the safer one is taken.
The symptoms and times are ours [E].
Limits: a site may move both.
"""

from datetime import timedelta

from service.record.facts import Reading, Symptom
from service.record.record import Record
from service.rules.rule import Finding, Limits, Reach, Rule, limit
from service.rules.sources import cite
from service.rules.threshold import Breach, above
from service.rules.wording import because, pressure

RECHECKED = timedelta(minutes=5)
DAY = timedelta(hours=24)
SYMPTOM = timedelta(hours=1)


def judge(reading: Reading, record: Record, limits: Limits) -> Finding | None:
    breaches = _breaches(reading, limits)
    if not breaches:
        return None
    again = None if reading.day else _earlier(reading, record, limits)
    felt = (
        ()
        if reading.day
        else tuple(one for one in record.felt(reading.at, SYMPTOM, SYMPTOM) if _alarming(one))
    )
    critical = bool(again or felt)
    why = f" again, as {pressure(again)} before" if again else ""
    why += (
        f"{',' if again else ''} with {', '.join(dict.fromkeys(one.kind.replace('-', ' ') for one in felt))}"
        if felt
        else ""
    )
    acts = "Call the prescriber now." if critical else "Let the patient rest and recheck in 5 to 30 minutes."
    return Finding(
        severity="critical" if critical else "high",
        side="high",
        text=f"{pressure(reading)}{why}: {', '.join(breach.words() for breach in breaches)} mm[Hg]. {acts} Ask when "
        f"the last dose was taken. {because(breach.limit for breach in breaches)}",
        evidence=tuple(breach.evidence() for breach in breaches),
        returns=tuple(breach.returns() for breach in breaches),
        sources=(*((again.source,) if again else ()), *(one.source for one in felt)),
    )


def _breaches(reading: Reading, limits: Limits) -> list[Breach]:
    found = (above(reading, "systolic", limits["systolic"]), above(reading, "diastolic", limits["diastolic"]))
    return [breach for breach in found if breach]


def _earlier(reading: Reading, record: Record, limits: Limits) -> Reading | None:
    """The latest other breach of the last day that is not just the same measurement repeated."""
    for other in record.earlier(reading.key, DAY):
        if reading.at - other.at >= RECHECKED and _breaches(other, limits):
            return other
    return None


def _alarming(symptom: Symptom) -> bool:
    return symptom.kind == "chest-pain" or (
        symptom.kind == "headache" and symptom.graded and symptom.grade == "severe"
    )


RULE = Rule(
    id="hypertensive-crisis",
    title="Very high blood pressure",
    trigger="systolic or diastolic at or above its limit",
    severity="high; critical when it is found again, or with chest pain or severe headache",
    judges=(Reading,),
    judge=judge,
    limits=(
        limit("systolic", "180", "mm[Hg]", cite("S16"), "F", ("160", "220")),
        limit("diastolic", "120", "mm[Hg]", cite("S16"), "F", ("100", "140")),
    ),
    repeat=timedelta(minutes=15),
    reaches=(Reach(Reading, Reading, ahead=DAY), Reach(Symptom, Reading, back=SYMPTOM, ahead=SYMPTOM)),
    over="withdrawal-hypertension",
    snomed="706882009",
    seed="Q1, Q5",
)
