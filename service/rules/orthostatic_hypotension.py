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

from collections.abc import Sequence
from datetime import timedelta

from service.record.codes import Quantity
from service.record.facts import Reading, Symptom
from service.record.record import LAST, Record
from service.record.units import EXACT
from service.rules.rule import Evidence, Finding, Limits, Reach, Rule, limit
from service.rules.sources import cite
from service.rules.threshold import CODES
from service.rules.wording import because, pressure, show

PAIR = timedelta(minutes=10)
SAME_TIME = timedelta.resolution
"""A lying reading filed with the standing one's time came before it, whatever its id."""
SYMPTOM = timedelta(hours=1)
PROMPT = timedelta(minutes=3)
_PRESSURES: tuple[Quantity, ...] = ("systolic", "diastolic")
_FELT = frozenset({"dizziness", "syncope"})


def judge(reading: Reading, record: Record, limits: Limits) -> Finding | None:
    if reading.position != "standing" or reading.day:
        return None
    earlier = [*record.earlier((reading.at, LAST), PAIR)]
    pairs = [(quantity, other) for quantity in _PRESSURES if (other := _partner(quantity, reading, earlier))]
    evidence = tuple(one for quantity, other in pairs if (one := _fall(quantity, reading, other, limits)))
    if not evidence:
        return None
    low = limits["systolic"].value
    faint = reading.systolic is not None and reading.systolic < low
    felt = [one.source for one in record.felt(reading.at, SYMPTOM, SYMPTOM) if one.kind in _FELT]
    before = {other.source: other for _, other in pairs}
    gap = reading.at - min(other.at for other in before.values())
    return Finding(
        severity="high" if faint or felt else "moderate",
        side="low",
        text=f"{pressure(reading)} after {' and '.join(map(pressure, before.values()))}"
        f"{', with symptoms' if felt else ''}"
        f"{f' (delayed: {gap} after it)' if gap > PROMPT else ''}: pressure falls on standing. Help the patient to sit "
        "or lie down, let them stand up slowly and not alone, and ask the prescriber before the next dose. "
        + because((limits["systolic-fall"], limits["diastolic-fall"])),
        evidence=evidence,
        sources=(*before, *felt),
    )


def _partner(quantity: Quantity, reading: Reading, earlier: Sequence[Reading]) -> Reading | None:
    """What the standing quantity is compared with: both may come as Observations of their own."""
    if getattr(reading, quantity) is None:
        return None
    measured = [other for other in earlier if getattr(other, quantity) is not None]
    positions = ("lying", "sitting")
    return next((other for name in positions for other in measured if other.position == name), None)


def _fall(quantity: Quantity, reading: Reading, before: Reading, limits: Limits) -> Evidence | None:
    """The evidence of a fall at least as deep as the limit, or to below the standing systolic's own.

    The range shows what would have been one less.
    """
    value, was, low = getattr(reading, quantity), getattr(before, quantity), limits["systolic"]
    fall = limits[f"{quantity}-fall"]
    if quantity == "systolic" and was >= limits["supine-high"].value:
        fall = limits["systolic-fall-supine-high"]
    bound = EXACT.subtract(was, fall.value)
    if value <= bound:
        text = f"fall of {show(fall.value)} or more from {show(was)}"
        return Evidence(CODES[quantity], value, "mm[Hg]", low=bound, limit=text)
    if quantity == "systolic" and value < low.value <= was:
        return Evidence(CODES[quantity], value, "mm[Hg]", low=low.value, limit=low.source)
    return None


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
