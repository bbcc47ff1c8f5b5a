"""Low heart rate.

What: heart rate below 50 a minute.
Why: clonidine lowers the heart rate as well as the pressure.
Evidence: below 50 in S1, contraindicated below 50 and to be avoided below 56 in S9 [F]; NEWS2 counts 41 to
50 (S17) [F]. Protocols that hold at 60 (S2) mean the dose, not the alarm.
Limits: between 40 and 60; between 35 and 65 by a patient's Goal.
"""

from datetime import timedelta

from service.record.facts import Reading
from service.record.record import Record
from service.rules.rule import Finding, Limits, Rule, limit
from service.rules.sources import cite
from service.rules.threshold import below
from service.rules.wording import because, rate


def judge(reading: Reading, record: Record, limits: Limits) -> Finding | None:
    breach = below(reading, "heart_rate", limits["heart-rate"])
    if breach is None:
        return None
    return Finding(
        severity="high",
        side="low",
        text=f"{rate(reading)}: {breach.words()} /min. Count the pulse for a minute, hold the next dose, ask "
        f"for dizziness and fainting, and take the blood pressure. {because((breach.limit,))}",
        evidence=(breach.evidence(),),
        returns=(breach.returns(),),
    )


RULE = Rule(
    id="bradycardia",
    title="Low heart rate",
    trigger="heart rate below its limit",
    severity="high",
    judges=(Reading,),
    judge=judge,
    limits=(limit("heart-rate", "50", "/min", cite("S1", "S9"), "F", ("40", "60"), "heart-rate-low"),),
    repeat=timedelta(minutes=60),
    snomed="48867003",
    seed="Q10",
)
