"""Breathing that fails.

What: a respiratory rate of 8 or less, or an oxygen saturation of 91 % or less.
Why: clonidine with opioids, benzodiazepines or alcohol can stop the breathing.
Evidence: both are the 3-point bands of NEWS2 in S17 [F]; the label lists respiratory depression among the signs of an
overdose (S5) [F]. The margins that close an episode are ours [E].
Limits: inclusive; a site may move both. Off unless a site turns it on: a chronic lung disease has other bands.
"""

from datetime import timedelta

from service.record.facts import Reading
from service.record.record import Record
from service.rules.rule import Finding, Limits, Rule, limit
from service.rules.sources import cite
from service.rules.threshold import at_or_below
from service.rules.wording import because


def judge(reading: Reading, record: Record, limits: Limits) -> Finding | None:
    found = (
        at_or_below(reading, "respiratory_rate", limits["respiratory-rate"]),
        at_or_below(reading, "oxygen_saturation", limits["oxygen-saturation"]),
    )
    breaches = [breach for breach in found if breach]
    if not breaches:
        return None
    return Finding(
        severity="critical",
        side="low",
        text=f"Breathing: {', '.join(breach.words() for breach in breaches)}. Call the prescriber now, rouse the "
        "patient, give oxygen and be ready to ventilate; give nothing that sedates, and think of naloxone. "
        + because(breach.limit for breach in breaches),
        evidence=tuple(breach.evidence() for breach in breaches),
        returns=tuple(breach.returns() for breach in breaches),
    )


RULE = Rule(
    id="respiratory-depression",
    title="Breathing that fails",
    trigger="respiratory rate or oxygen saturation at or below its limit",
    severity="critical",
    judges=(Reading,),
    judge=judge,
    limits=(
        limit("respiratory-rate", "8", "/min", cite("S17"), "F", ("6", "12")),
        limit("oxygen-saturation", "91", "%", cite("S17"), "F", ("80", "95")),
    ),
    repeat=timedelta(minutes=15),
    on=False,
    seed="Q7, Q9",
)
