"""Low blood pressure.

What: systolic pressure below 90, or diastolic below 60 mm[Hg], in any position. High when the systolic is
low or the diastolic below 50, else moderate.
Why: clonidine lowers pressure; inpatient protocols hold the dose below 90/60.
Evidence: 90/60 in S2, S3, S16 and S27 [F]; diastolic 50 in S1 and S14 [F]. The bounds of the limits are ours
[E].
Limits: a preset, or a patient's Goal, moves systolic and diastolic; the diastolic below which it is high is
never above the diastolic limit.
"""

from datetime import timedelta

from service.record.facts import Reading
from service.record.record import Record
from service.rules.rule import Finding, Limits, Rule, limit
from service.rules.sources import cite
from service.rules.threshold import below
from service.rules.wording import because, pressure


def judge(reading: Reading, record: Record, limits: Limits) -> Finding | None:
    low = limits["diastolic"]
    systolic = below(reading, "systolic", limits["systolic"])
    diastolic = below(reading, "diastolic", low)
    if systolic is None and diastolic is None:
        return None
    faint = min(limits["diastolic-high"], low, key=lambda one: one.value)
    diastolic = below(reading, "diastolic", faint, closing=low) or diastolic
    breaches = [breach for breach in (systolic, diastolic) if breach]
    high = systolic is not None or breaches[-1].limit is faint
    return Finding(
        severity="high" if high else "moderate",
        side="low",
        text=f"{pressure(reading)}: {', '.join(breach.words() for breach in breaches)} mm[Hg]. "
        f"Hold the next dose until it is rechecked, within {15 if high else 30} minutes. "
        + because(breach.limit for breach in breaches),
        evidence=tuple(breach.evidence() for breach in breaches),
        returns=tuple(breach.returns() for breach in breaches),
    )


RULE = Rule(
    id="hypotension",
    title="Low blood pressure",
    trigger="systolic below its limit, or diastolic below its limit; any position",
    severity="high; moderate when only the diastolic is low and not below its high limit",
    judges=(Reading,),
    judge=judge,
    limits=(
        limit("systolic", "90", "mm[Hg]", cite("S2", "S3", "S16", "S27"), "F", ("70", "110"), "systolic-low"),
        limit(
            "diastolic", "60", "mm[Hg]", cite("S2", "S3", "S16", "S27"), "F", ("40", "70"), "diastolic-low"
        ),
        limit("diastolic-high", "50", "mm[Hg]", cite("S1", "S14"), "F", ("30", "60")),
    ),
    repeat=timedelta(hours=4),  # a high one by its severity, every 60 minutes
    snomed="45007003",
    seed="Q1, Q2",
)
