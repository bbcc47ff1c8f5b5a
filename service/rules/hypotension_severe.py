"""Very low blood pressure.

What: systolic below 80, or diastolic below 40 mm[Hg]. It stands in for `hypotension` on the same reading.
Why: at this pressure perfusion is in doubt, whatever the patient says.
Evidence: systolic 80 is the lower end of a published critical range (S17b) [F]; diastolic 40 is ours, from
how often it occurs [E].
Limits: the site's limits file alone moves them; systolic between 60 and 100.
"""

from datetime import timedelta

from service.record.facts import Reading
from service.record.record import Record
from service.rules.rule import Finding, Limits, Rule, limit
from service.rules.sources import cite
from service.rules.threshold import below
from service.rules.wording import because, pressure


def judge(reading: Reading, record: Record, limits: Limits) -> Finding | None:
    found = (below(reading, "systolic", limits["systolic"]), below(reading, "diastolic", limits["diastolic"]))
    breaches = [breach for breach in found if breach]
    if not breaches:
        return None
    return Finding(
        severity="critical",
        side="low",
        text=f"{pressure(reading)}: {', '.join(breach.words() for breach in breaches)} mm[Hg]. Lay the patient flat, "
        "call the prescriber now, give no further dose, and recheck within 5 minutes. "
        + because(breach.limit for breach in breaches),
        evidence=tuple(breach.evidence() for breach in breaches),
        returns=tuple(breach.returns() for breach in breaches),
    )


RULE = Rule(
    id="hypotension-severe",
    title="Very low blood pressure",
    trigger="systolic or diastolic below its limit",
    severity="critical",
    judges=(Reading,),
    judge=judge,
    limits=(
        limit("systolic", "80", "mm[Hg]", cite("S17b"), "F", ("60", "100")),
        limit("diastolic", "40", "mm[Hg]", cite("E"), "E", ("25", "50")),
    ),
    repeat=timedelta(minutes=15),
    over="hypotension",
    snomed="45007003",
    seed="Q1, Q2",
)
