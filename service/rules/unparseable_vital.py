"""A blood pressure or heart rate that cannot be read.

What: a unit that is neither listed nor convertible, a value missing without a reason, a value sent as a
bound or twice, or body positions that contradict each other. What could be read is judged all the same, the
position as unknown.
Why: a reading that no rule can judge must not look like one that is well.
Evidence: engineering choice [E].
Limits: none.
"""

from typing import get_args

from service.record.codes import Circulation
from service.record.facts import Reading
from service.record.record import Record
from service.rules.rule import Finding, Limits, Rule, Told


def judge(reading: Reading, record: Record, limits: Limits) -> Finding | None:
    if not reading.flaws:
        return None
    words = "; ".join(flaw.text for flaw in reading.flaws)
    return Finding(
        severity="low",
        side="unreadable",
        text=f"Part of this reading cannot be read: {words}. Check it and send it again.",
        reasons=tuple(dict.fromkeys(_reason(flaw.element, flaw.reason) for flaw in reading.flaws)),
    )


def _reason(element: str, fault: str) -> str:
    return f"{element.replace('_', '-')}-{fault}"


_FAULTS = {
    "unit": "has a unit that cannot be converted",
    "value": "has no value that can be read",
    "repeated": "is given twice, with different values",
}
_REASONS = (
    *(
        Told(_reason(name, fault), f"The {name.replace('_', ' ')} {words}.")
        for name in get_args(Circulation)
        for fault, words in _FAULTS.items()
    ),
    Told(_reason("value", "value"), "The reading has neither a value nor a reason why it is absent."),
    Told(_reason("position", "position"), "Body positions contradict each other."),
)


RULE = Rule(
    id="unparseable-vital",
    title="Reading cannot be read",
    trigger="unknown unit, a value that is missing without a reason, a bound or given twice, or conflicting positions",
    severity="low",
    judges=(Reading,),
    judge=judge,
    raw=True,
    seed="Q1",
    reasons=_REASONS,
)
