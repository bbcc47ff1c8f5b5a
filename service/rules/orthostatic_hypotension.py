"""Blood pressure that falls on standing.

What: a standing reading against the latest lying one (else the latest sitting one) of the 10 minutes before:
systolic lower by 20 or more (by 30 where it was 160 or more lying), or diastolic lower by 10 or more, or a
standing systolic below 90 after one of 90 or more. High when the standing systolic is below 90 or the
patient felt it within the hour.
Why: the fall precedes the faint.
Evidence: 20/10 within 3 minutes, and 30 with supine hypertension, in S15 [F2]; S1 counted an orthostatic
fall [F]. Records carry the time of the reading and not of the standing up, hence the window of 10 minutes
[E].
Limits: a site may move all of them.
"""

from datetime import timedelta

from service.record.facts import Reading, Symptom
from service.record.record import Record
from service.rules.rule import Finding, Limits, Reach, Rule, limit
from service.rules.sources import cite
from service.rules.standing import PAIR, SAME_TIME, falls
from service.rules.wording import because, lasting, pressure

SYMPTOM = timedelta(hours=1)
PROMPT = timedelta(minutes=3)
_FELT = frozenset({"dizziness", "syncope"})


def judge(reading: Reading, record: Record, limits: Limits) -> Finding | None:
    found, before = falls(reading, record, limits)
    if not found:
        return None
    low = limits["systolic"].value
    faint = reading.systolic is not None and reading.systolic < low
    felt = [one.source for one in record.felt(reading.at, SYMPTOM, SYMPTOM) if one.kind in _FELT]
    gap = reading.at - min(other.at for other in before)
    return Finding(
        severity="high" if faint or felt else "moderate",
        side="low",
        text=f"{pressure(reading)} after {' and '.join(map(pressure, before))}"
        f"{', with symptoms' if felt else ''}"
        f"{f' (delayed: {lasting(gap)} after it)' if gap > PROMPT else ''}: on standing "
        f"{', '.join(one.words for one in found)}. Help the patient to sit or lie down, let them stand up slowly and "
        f"not alone, and ask the prescriber before the next dose. {because(one.limit for one in found)}",
        evidence=tuple(one.evidence for one in found),
        sources=(*(other.source for other in before), *felt),
    )


RULE = Rule(
    id="orthostatic-hypotension",
    title="Blood pressure falls on standing",
    trigger="standing against the latest lying (else sitting) reading of the 10 minutes before",
    severity="moderate; high with symptoms or a standing systolic below its limit",
    judges=(Reading,),
    judge=judge,
    limits=(
        limit("systolic-fall", "20", "mm[Hg]", cite("S15"), "F2", ("10", "40")),
        limit("diastolic-fall", "10", "mm[Hg]", cite("S15"), "F2", ("5", "20")),
        limit("supine-high", "160", "mm[Hg]", cite("S15"), "F2", ("140", "180")),
        limit("systolic-fall-supine-high", "30", "mm[Hg]", cite("S15"), "F2", ("20", "50")),
        limit("systolic", "90", "mm[Hg]", cite("S2", "S3"), "F", ("70", "110")),
    ),
    repeat=timedelta(minutes=60),
    reaches=(
        Reach(Reading, Reading, back=SAME_TIME, ahead=PAIR),
        Reach(Symptom, Reading, back=SYMPTOM, ahead=SYMPTOM),
    ),
    snomed="28651003",
    seed="Q2",
)
