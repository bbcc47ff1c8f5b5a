"""Pressure and pulse up together.

What: two or more of systolic above 160, diastolic above 90, heart rate above 100, in one reading or within 5
minutes. It belongs to the later reading.
Why: it is how withdrawal shows in the circulation; the protocol gives a dose as needed for it.
Evidence: S2 in these words [F]; that readings up to 5 minutes apart count as one set is in the clinical
specification. The margins that close an episode for the heart rate are ours [E].
Limits: strict; a site may move all three.
"""

from datetime import timedelta

from service.record.codes import Quantity
from service.record.facts import Reading
from service.record.record import Record
from service.rules.rule import Finding, Limits, Reach, Rule, limit
from service.rules.sources import cite
from service.rules.threshold import Breach
from service.rules.wording import because, pressure, rate

SET = timedelta(minutes=5)
_KEYS: tuple[tuple[Quantity, str], ...] = (
    ("systolic", "systolic"),
    ("diastolic", "diastolic"),
    ("heart_rate", "heart-rate"),
)


def judge(reading: Reading, record: Record, limits: Limits) -> Finding | None:
    found = _exceeded(reading, limits)
    if not found:
        return None
    sources: list[str] = []
    for other in () if reading.day else record.earlier(reading.key, SET):
        more = {name: breach for name, breach in _exceeded(other, limits).items() if name not in found}
        sources += [other.source] if more else []
        found |= more
    if len(found) < 2:
        return None
    breaches = [found[name] for name, _ in _KEYS if name in found]
    measured = [pressure(reading)] if reading.systolic or reading.diastolic else []
    measured += [rate(reading)] if reading.heart_rate else []
    return Finding(
        severity="moderate",
        side="high",
        text=f"{', '.join(measured)}: {', '.join(breach.words() for breach in breaches)}. Score the withdrawal, "
        f"and ask the prescriber about a dose as needed or a change of dose. {because(one.limit for one in breaches)}",
        evidence=tuple(breach.evidence() for breach in breaches),
        returns=tuple(breach.returns() for breach in breaches),
        sources=tuple(sources),
    )


def _exceeded(reading: Reading, limits: Limits) -> dict[Quantity, Breach]:
    """The quantities strictly above their limits."""
    values = ((name, getattr(reading, name), limits[key]) for name, key in _KEYS)
    return {
        name: Breach(name, value, bound, False, strict=True)
        for name, value, bound in values
        if value is not None and value > bound.value
    }


RULE = Rule(
    id="autonomic-surge",
    title="Pressure and pulse up together",
    trigger="two or more of systolic, diastolic and heart rate above their limits, in one set or within 5 minutes",
    severity="moderate",
    judges=(Reading,),
    judge=judge,
    limits=(
        limit("systolic", "160", "mm[Hg]", cite("S2"), "F", ("140", "180"), "systolic-high"),
        limit("diastolic", "90", "mm[Hg]", cite("S2"), "F", ("80", "120"), "diastolic-high"),
        limit("heart-rate", "100", "/min", cite("S2"), "F", ("90", "130"), "heart-rate-high"),
    ),
    repeat=timedelta(hours=4),
    reaches=(Reach(Reading, Reading, ahead=SET),),
    seed="Q3",
)
