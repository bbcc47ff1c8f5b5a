"""High heart rate.

What: heart rate above 120.
Why: withdrawal that is not held down, or something else that needs to be looked for.
Evidence: the top band of COWS item 1 lies above 120 in S19 [F]; a pulse above 120 excludes from lofexidine in S14 [F].
Limits: strict; a site may move it. Off unless a site turns it on: whether the patient rested is not known.
"""

from datetime import timedelta

from service.record.facts import Reading
from service.record.record import Record
from service.rules.rule import Finding, Limits, Rule, limit
from service.rules.sources import cite
from service.rules.threshold import Breach
from service.rules.wording import because, rate


def judge(reading: Reading, record: Record, limits: Limits) -> Finding | None:
    value, bound = reading.heart_rate, limits["heart-rate"]
    if value is None or value <= bound.value:
        return None
    breach = Breach("heart_rate", value, bound, False, strict=True)
    return Finding(
        severity="moderate",
        side="high",
        text=f"{rate(reading)}: {breach.words()}. Measure again after 5 minutes of rest, and score the withdrawal. "
        + because((bound,)),
        evidence=(breach.evidence(),),
        returns=(breach.returns(),),
    )


RULE = Rule(
    id="tachycardia",
    title="High heart rate",
    trigger="heart rate above its limit",
    severity="moderate",
    judges=(Reading,),
    judge=judge,
    limits=(limit("heart-rate", "120", "/min", cite("S19", "S14"), "F", ("100", "150"), "heart-rate-high"),),
    repeat=timedelta(hours=4),
    on=False,
    seed="Q3",
)
