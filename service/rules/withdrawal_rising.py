"""Withdrawal that rises in spite of a dose.

What: a COWS total 5 or more above the lowest of the last 24 hours, or in a higher band than it, with a dose
given between the two.
Why: the dose does not hold the withdrawal down.
Evidence: ours [E]; the bands in S19 [F].
Limits: a site may move the 5 points.
"""

from bisect import bisect_right
from datetime import datetime, timedelta
from decimal import Decimal

from service.record.facts import Dose, Score
from service.record.record import LAST, Record
from service.record.units import EXACT
from service.rules.rule import Finding, Limits, Reach, Rule, limit
from service.rules.sources import cite
from service.rules.threshold import score_evidence
from service.rules.wording import because, show

DAY = timedelta(hours=24)
_BANDS = (Decimal(5), Decimal(13), Decimal(25), Decimal(37))


def judge(score: Score, record: Record, limits: Limits) -> Finding | None:
    if score.day or not record.plausible.score(score):
        return None
    lowest = min(record.scored(score.key, DAY), key=lambda one: (one.total, one.key), default=None)
    if lowest is None:
        return None
    rise, least = EXACT.subtract(score.total, lowest.total), limits["rise"]
    if rise < least.value and _band(score) <= _band(lowest):
        return None
    dose = _given(record, lowest.at, score.at)
    if dose is None:
        return None
    far = rise >= least.value
    bound = EXACT.add(lowest.total, least.value) if far else _BANDS[_band(score) - 1]
    why = because((least,)) if far else f"It is in a higher band. Bands: {cite('S19')}."
    return Finding(
        severity="moderate",
        side="rising",
        text=f"COWS {show(score.total)} after {show(lowest.total)}, in spite of a dose at {dose.at:%H:%M} UTC. Ask the "
        f"prescriber whether the dose suffices. {why}",
        evidence=(score_evidence(score, None, bound, least.source if far else cite("S19")),),
        sources=(lowest.source, dose.source),
    )


def _band(score: Score) -> int:
    return bisect_right(_BANDS, score.total)


def _given(record: Record, after: datetime, until: datetime) -> Dose | None:
    """The last dose given after one instant and until another."""
    doses = record.regimen.doses
    end = bisect_right(doses, (until, LAST), key=lambda one: one.key)
    for number in range(end - 1, -1, -1):
        if doses[number].at <= after:
            return None
        if doses[number].given and not doses[number].day:
            return doses[number]
    return None


RULE = Rule(
    id="withdrawal-rising",
    title="Withdrawal rises in spite of a dose",
    trigger="a COWS total well above the lowest of 24 hours, or a band up, with a dose between",
    severity="moderate",
    judges=(Score,),
    judge=judge,
    limits=(limit("rise", "5", "{score}", cite("E"), "E", ("3", "15")),),
    reaches=(Reach(Score, Score, ahead=DAY), Reach(Dose, Score, ahead=DAY)),
    seed="Q3",
)
