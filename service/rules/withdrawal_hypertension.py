"""High blood pressure in withdrawal.

What: systolic 160 or more, or diastolic 100 or more, below a crisis; silent only when the latest COWS of the
last 12 hours is below 5.
Why: pressure rises with withdrawal: the patient may need more, or the next, dose.
Evidence: systolic 160 in S2's order as needed and S16's second stage [F]; diastolic 100 and the 12 hours are ours
[E]; below 5 points is no withdrawal in S19 [F].
Limits: a site may move both, and the score; a patient's Goal moves the pressures.
"""

from datetime import timedelta

from service.record.facts import Reading, Score
from service.record.record import LAST, Record
from service.rules.rule import Finding, Limits, Reach, Rule, limit
from service.rules.sources import cite
from service.rules.threshold import above
from service.rules.wording import because, pressure, show

SCORED = timedelta(hours=12)


def judge(reading: Reading, record: Record, limits: Limits) -> Finding | None:
    found = (above(reading, "systolic", limits["systolic"]), above(reading, "diastolic", limits["diastolic"]))
    breaches = [breach for breach in found if breach]
    if not breaches:
        return None
    score = None if reading.day else next(record.scored((reading.at, LAST), SCORED), None)
    if score and score.total < limits["cows"].value:
        return None
    scored = f" COWS {show(score.total)}." if score else " Score the withdrawal (COWS)."
    return Finding(
        severity="moderate",
        side="high",
        text=f"{pressure(reading)}: {', '.join(breach.words() for breach in breaches)} mm[Hg].{scored} Ask when "
        f"the last dose was taken, recheck within an hour. {because(breach.limit for breach in breaches)}",
        evidence=tuple(breach.evidence() for breach in breaches),
        returns=tuple(breach.returns() for breach in breaches),
        sources=(score.source,) if score else (),
    )


RULE = Rule(
    id="withdrawal-hypertension",
    title="High blood pressure in withdrawal",
    trigger="systolic or diastolic at or above its limit, unless the latest COWS of 12 hours says no withdrawal",
    severity="moderate",
    judges=(Reading,),
    judge=judge,
    limits=(
        limit("systolic", "160", "mm[Hg]", cite("S2", "S16"), "F", ("140", "180"), "systolic-high"),
        limit("diastolic", "100", "mm[Hg]", cite("E"), "E", ("90", "120"), "diastolic-high"),
        limit("cows", "5", "{score}", cite("S19"), "F", ("1", "13")),
    ),
    repeat=timedelta(hours=4),
    reaches=(Reach(Score, Reading, ahead=SCORED),),
    seed="Q3",
)
