"""Low mean arterial pressure.

What: a mean pressure below 65, as sent or as a third of the systolic and twice the diastolic.
Why: organs are supplied by the mean pressure; a reading can be low by it and by no other limit.
Evidence: 65 is recalled from the care of sepsis and shock [R]; it was broken by 19.6 % of readings of intensive care.
Limits: a site may move it. Off unless a site turns it on: it fires often.
"""

from datetime import timedelta
from decimal import ROUND_FLOOR, Decimal

from service.record.facts import Reading
from service.record.record import Record
from service.record.units import EXACT
from service.rules.rule import Finding, Limits, Rule, limit
from service.rules.sources import cite
from service.rules.threshold import below
from service.rules.wording import because, pressure

_TENTH = Decimal("0.1")


def judge(reading: Reading, record: Record, limits: Limits) -> Finding | None:
    breach = below(reading, "mean_arterial", limits["mean"])
    if breach is None:
        return None
    if reading.mean != breach.value:  # a third has digits without end
        breach = breach._replace(value=breach.value.quantize(_TENTH, ROUND_FLOOR, EXACT))
    return Finding(
        severity="high",
        side="low",
        text=f"{pressure(reading)}: {breach.words()} mm[Hg]. Recheck within 15 minutes, hold the next dose "
        f"until then, and look for confusion, cold skin and little urine. {because((breach.limit,))}",
        evidence=(breach.evidence(),),
        returns=(breach.returns(),),
    )


RULE = Rule(
    id="map-low",
    title="Low mean arterial pressure",
    trigger="mean pressure, as sent or computed, below its limit",
    severity="high",
    judges=(Reading,),
    judge=judge,
    limits=(limit("mean", "65", "mm[Hg]", cite("recalled"), "R", ("50", "80")),),
    repeat=timedelta(minutes=60),
    on=False,
    snomed="45007003",
    seed="Q1",
)
