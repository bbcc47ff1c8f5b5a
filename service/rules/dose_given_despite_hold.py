"""A dose given although it should have been held.

What: a dose given while the newest systolic, diastolic or heart rate of the 60 minutes before it was below the hold
limits. A measurement of the same in between that is above them clears it.
Why: pressure and heart rate will fall further in the hours that follow, and nobody may have seen it.
Evidence: ours [E], from the sources of the hold limits.
Limits: those of `hold-dose-advised`.
"""

from service.record.facts import Dose, Reading
from service.record.record import Record
from service.rules.hold import FRESH, held
from service.rules.rule import Finding, Limits, Reach, Rule
from service.rules.wording import because

_HOLD = "hold-dose-advised"


def judge(dose: Dose, record: Record, limits: Limits) -> Finding | None:
    breaches = held(record, dose.at, limits, f"{_HOLD}.") if dose.given and not dose.day else []
    if not breaches:
        return None
    minutes = max(dose.at - one.reading.at for one in breaches).seconds // 60
    return Finding(
        severity="high",
        side="low",
        text=f"{dose.drug.capitalize()} was given {minutes} minutes after a reading that held it: "
        f"{', '.join(one.breach.words() for one in breaches)}. Take pressure and heart rate every 15 to 30 minutes for "
        f"the next 4 h, and tell the prescriber. {because(one.breach.limit for one in breaches)}",
        evidence=tuple(one.breach.evidence() for one in breaches),
        sources=tuple(
            dict.fromkeys((*(one.reading.source for one in breaches), *filter(None, [dose.order])))
        ),
    )


RULE = Rule(
    id="dose-given-despite-hold",
    title="Dose given although it should have been held",
    trigger="a dose given within 60 minutes after a reading below the hold limits",
    severity="high",
    judges=(Dose,),
    judge=judge,
    borrows=(_HOLD,),
    reaches=(Reach(Reading, Dose, ahead=FRESH),),
    seed="Q1",
)
